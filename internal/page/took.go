package page

import "strings"

// maxHops is how many redirects Chromium follows.
const maxHops = 20

// settle looks at what was answered without a request, and begins what is left for the end of the page.
func (l *Load) settle() {
	for {
		for len(l.ready) > 0 {
			r := l.ready[0]
			l.ready = l.ready[1:]
			s := r.answer
			r.answer = nil
			l.took(r, s)
		}
		l.ready = l.ready[:0]
		if !l.Over() || !l.nextIcon() {
			return
		}
	}
}

// took goes on from an answer: after a redirect, with the sheet, the document.
func (l *Load) took(r *Request, s *stored) {
	if r.parentless() && l.stay {
		l.stay = false
	} else if s.location != "" {
		if r.parentless() {
			l.kept = false
			l.hops++
		}
		if l.follow(r, s) {
			return
		}
		l.fail(r)
		return
	}
	if r.item.mode == cors && !l.corsHolds(r, s) {
		l.fail(r)
		return
	}
	if s.body != "" && r.item.Kind != Prefetch {
		s = l.unfold(r, s)
	}
	switch k := r.item.Kind; {
	case k == Style:
		l.tookSheet(r, s)
	case k == Font && !s.good, (k == Video || k == Audio) && (s.status >= 400 || s.status == 0), k == Object && (s.status >= 400 || s.status == 0):
		if k == Object && s.head.contentType != "" && imageType(s.head.contentType) {
			l.release(r) // an image after all, though one of an error: it is not opened as a page
			return
		}
		l.fail(r)
		return
	case k == Script:
		l.tookModule(r, s)
	case k == Icon:
		if l.v.icons = append(l.v.icons, r.key); s.good {
			l.iconsLeft = nil
		}
	case k.Page():
		l.tookDocument(r, s)
	}
	l.release(r)
}

func (l *Load) release(r *Request) { l.free = append(l.free, r) }

// corsHolds reports whether an answer may be used by a page of another origin.
func (l *Load) corsHolds(r *Request, s *stored) bool {
	if r.url.origin == r.origin && r.origin != "" {
		return true
	}
	if s.status == 0 {
		return false
	}
	want := r.origin
	if want == "" {
		want = "null"
	}
	if r.item.creds == include {
		return s.head.allowOrigin == want && s.head.allowCredentials
	}
	return s.head.allowOrigin == "*" || s.head.allowOrigin == want
}

// follow sends a request to where a redirect leads. It reports false when it leads nowhere.
func (l *Load) follow(r *Request, s *stored) bool {
	if r.hops >= maxHops {
		return false
	}
	base := r.url
	to := resolve(&base, s.location, nil)
	if !to.web() || !r.frame.mayGo(r, &to) {
		return false
	}
	r.hops++
	copied := *r.item
	if sent := referer(copied.referrer, &base, copied.policy); sent != "" && sent != copied.referrer {
		copied.referrer = sent // what was cut off stays so
	}
	if s.head.policy != "" {
		copied.policy = s.head.policy
	}
	r.item = &copied
	if to.origin != base.origin && base.origin != r.origin && r.item.mode == cors {
		r.origin = "" // what led across origins twice is nobody's
	}
	r.url = to
	r.key = hashString(to.url, 0)
	if r.site != "none" {
		from := r.origin
		if r.parentless() && from == "none" {
			from = ""
		}
		r.site = worse(r.site, relation(from, to.origin))
	}
	if r.parentless() {
		set := l.set
		nav := Navigation{From: r.item.referrer, Policy: r.item.policy, Reload: r.reload}
		r.fields = navigationFields(&set, r.site, nav, r.item, &to)
		if top := siteOf(to.origin); top != l.topSite {
			l.topSite = top
			l.site = l.v.siteNumber(top)
		}
		r.into.ctx.url, r.into.ctx.topSite = to, l.topSite
	} else {
		r.fields = r.frame.ctx.fields(r.item, r.site, to, r.origin)
	}
	l.lookup(r)
	return true
}

// mayGo asks the policies of the document about a redirect.
func (f *frame) mayGo(r *Request, to *address) bool {
	if f.plan == nil || r.parentless() {
		return true
	}
	return f.plan.csp.follows(r.item.Kind, to, f.ctx.self, pass{r.item.nonce, r.item.integrity})
}

// fail is what to do when a request came to nothing: the next source, the fallback.
func (l *Load) fail(r *Request) {
	i := r.item
	switch {
	case i.Kind == Style:
		l.tookSheet(r, &failed)
	case len(i.next) > 0 && (i.Kind == Font || i.Kind == Video || i.Kind == Audio):
		next := *i
		next.url = resolve(&i.nextBase, i.next[0], r.frame.plan.encode())
		next.next = i.next[1:]
		if r.frame.plan.admit(&next) {
			if q := l.ask(&next, r.frame); q != nil {
				l.lookup(q)
			}
		} else if len(next.next) > 0 {
			l.fail(&Request{item: &next, frame: r.frame})
		}
	case i.fallback && i.Kind == Object:
		next := *i
		next.Kind, next.Priority, next.fallback, next.mode = ObjectPage, VeryHigh, false, noCORS
		next.url = i.url
		if r.frame.plan.admit(&next) {
			l.openItem(&next, r.frame)
		}
	case i.Kind.Page():
		if r.parentless() {
			l.top.failed = true
		}
	}
	l.release(r)
}

func (p *plan) encode() func(string) string { return encoderOf(p.ctx.charset) }

// nextIcon asks for the icon of the page once everything else is there. It reports whether there was one to ask for.
func (l *Load) nextIcon() bool {
	f := l.top
	if !l.set.Icons || f == nil || f.plan == nil {
		return false
	}
	if !l.iconsDone {
		l.iconsDone = true
		l.iconsLeft = chooseIcons(f.plan.iconItems, &f.ctx.url)
	}
	for len(l.iconsLeft) > 0 {
		at := l.iconsLeft[0].url
		l.iconsLeft = l.iconsLeft[1:]
		item := &Item{Kind: Icon, Priority: High, url: at}
		if !at.web() || !f.plan.admit(item) || l.hasIcon(item.key) && !l.reload {
			if !at.web() {
				l.iconsLeft = nil
			}
			continue
		}
		if r := l.ask(item, f); r != nil {
			l.lookup(r)
			return true
		}
	}
	return false
}

func (l *Load) hasIcon(key uint64) bool {
	for _, k := range l.v.icons {
		if k == key {
			return true
		}
	}
	return false
}

// chooseIcons orders the icons of a page as Chromium tries them: those without a size, then from the largest that is not too large.
func chooseIcons(links []iconLink, page *address) []iconLink {
	if len(links) == 0 {
		return []iconLink{{url: build(page.origin, "", "/favicon.ico", nil)}}
	}
	var out []iconLink
	links = append([]iconLink{links[len(links)-1]}, links[:len(links)-1]...) // the last one takes precedence
	for _, i := range links {
		if i.sizes == "" || i.sizes == "any" {
			out = append(out, i)
		}
	}
	for _, limit := range []int{32, 16} {
		for _, i := range links {
			if n := iconSize(i.sizes); n > 0 && n <= limit && n > limit/2 {
				out = append(out, i)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, links[0])
	}
	return out
}

func iconSize(s string) int {
	for w := range words(s) {
		a, _, _ := strings.Cut(w, "x")
		if n, unit := number(a); unit == "" {
			return int(n)
		}
	}
	return 0
}

// Refresh is where a refresh of the page leads, and after how long; ok is false without one.
func (l *Load) Refresh() (url string, seconds float64, ok bool) {
	if l.top == nil || l.top.plan == nil || !l.top.plan.refresh.ok {
		return "", 0, false
	}
	r := &l.top.plan.refresh
	return r.url.url, r.seconds, true
}

// Policy is the referrer policy of the page, for the links in it.
func (l *Load) Policy() string {
	if l.top == nil || l.top.plan == nil {
		return l.v.policy
	}
	return l.top.plan.policy
}

// unfold reads what a prefetch brought, now that it is used.
func (l *Load) unfold(r *Request, s *stored) *stored {
	u := *s
	switch {
	case r.item.Kind == Style && strings.HasPrefix(lower(s.head.contentType), "text/css"):
		u.sheet = l.mem.sheet(s.body)
	case r.item.Kind.Page() && strings.HasPrefix(lower(s.head.contentType), "text/html"):
		u.doc = l.mem.document([]byte(s.body), how{contentType: s.head.contentType, noscript: l.noScript(r), exact: true})
	}
	return &u
}

// Waiting reports whether requests wait for a connection.
func (l *Load) Waiting() bool { return l.queued > 0 }

// Drop gives up the requests that wait: the page's time is over. They count as skipped.
func (l *Load) Drop() {
	for i := range l.pools {
		p := &l.pools[i]
		l.Counts.Skipped += len(p.queue)
		l.queued -= len(p.queue)
		clear(p.queue)
		p.queue = p.queue[:0]
	}
	clear(l.locked)
	l.dropped = true
}

// Return gives a request back that Next gave, and that was not sent.
func (l *Load) Return(r *Request) {
	l.flying--
	l.Counts.Requests--
	l.pool(r).flying--
	seq := l.seq
	l.seq = r.seq - 1
	l.push(r)
	l.seq = max(seq, l.seq)
}

// NoFollow takes the next answer to the document's request for the page, redirect or not.
func (l *Load) NoFollow() { l.stay = true }

// DocumentHops is how many redirects led to the document.
func (l *Load) DocumentHops() int { return l.hops }

// Kept is the document as the visitor had it, when it was not sent again; ok is false when it was.
func (l *Load) Kept() (raw string, status int, ok bool) {
	if !l.kept {
		return "", 0, false
	}
	if l.top.doc != nil {
		raw = l.top.doc.raw
	}
	return raw, l.keptStatus, true
}
