package page

// Early takes the Link field of an interim answer (103 Early Hints) to the request for the page at url: what it preloads is asked for at
// once. Chromium takes the first of a page, and over HTTP/2 only: both are up to the caller. What comes of it lies in the visitor's cache, as
// far as it may be kept there, when the document asks for it; an answer that may not be kept is fetched twice, as Chromium does.
func (l *Load) Early(url, link string) {
	a := parseAddress(url)
	if !a.web() || link == "" || l.set.Parts != AllParts {
		return
	}
	c := &context{set: l.set, url: a, base: a, origin: a.origin, self: a.origin, topSite: siteOf(a.origin), view: l.set.window(), link: link}
	p := newPlan(l.mem, &tree{nodes: make([]node, 1)}, c)
	f := &frame{ctx: c, plan: p}
	for i := range p.items {
		item := &p.items[i]
		if item.frame != nil || item.Kind == Prefetch {
			continue
		}
		if r := l.ask(item, f); r != nil {
			l.lookup(r)
			if r.state == stateQueued && r.url.origin == a.origin {
				l.pool(r).many = true // it came over HTTP/2
			}
		}
	}
	l.settle()
}
