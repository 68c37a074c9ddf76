package page

import "strings"

// link takes a link element.
func (p *planner) link(i int32, n *node) {
	rel := n.get("rel")
	if rel == "" {
		return
	}
	href := trim(n.get("href"))
	item := Item{node: i, policy: p.attrPolicy(n), nonce: n.get("nonce"), integrity: n.get("integrity")}
	item.mode, item.creds = corsOf(n)
	switch {
	case hasWord(rel, "stylesheet"):
		p.stylesheet(&item, n, href, hasWord(rel, "alternate"))
		if hasWord(rel, "prefetch") && href != "" {
			also := Item{node: i, policy: item.policy, Kind: Prefetch, Priority: VeryLow, url: p.resolve(href)}
			p.add(also)
		}
	case hasWord(rel, "modulepreload"):
		if href != "" && !p.ctx.set.NoScript && p.ctx.view.mediaMatches(n.get("media")) {
			item.Kind, item.Priority, item.url, item.mode = Script, High, p.resolve(href), cors
			item.creds, item.module, item.alone = max(item.creds, sameOriginOnly), scriptModule, true
			item.fetchPriority(n)
			p.add(item)
		}
	case hasWord(rel, "preload"):
		p.preload(item, preloadArgs{
			href: href, as: n.get("as"), typ: n.get("type"), media: n.get("media"), srcset: n.get("imagesrcset"), sizes: n.get("imagesizes"),
		}, n)
		if p.becomesSheet(n) && equalFold(n.get("as"), "style") {
			p.stylesheet(&item, n, href, false)
		}
	case hasWord(rel, "prefetch"):
		if href != "" {
			item.Kind, item.Priority, item.url = Prefetch, VeryLow, p.resolve(href)
			p.add(item)
		}
	case hasWord(rel, "prerender"):
		if href != "" && !p.ctx.embedded {
			item.Kind, item.Priority, item.url = Prerender, VeryLow, p.resolve(href)
			item.frame = &frameSpec{}
			p.add(item)
		}
	}
	if p.ctx.set.Icons && !p.ctx.embedded && href != "" && !p.bodySeen && p.ctx.view.mediaMatches(n.get("media")) {
		p.iconLink(rel, n, href)
	}
}

func (p *planner) iconLink(rel string, n *node, href string) {
	if hasWord(rel, "icon") {
		if a := p.resolve(href); a.ok() {
			p.iconItems = append(p.iconItems, iconLink{a, lower(n.get("sizes"))})
		}
	}
	if hasWord(rel, "manifest") && p.manifest == nil {
		item := Item{Kind: Manifest, Priority: Medium, url: p.resolve(href)}
		if equalFold(n.get("crossorigin"), "use-credentials") {
			item.mode, item.creds = cors, sameOriginOnly
		}
		if p.admit(&item) {
			p.manifest = &item
		}
	}
}

// stylesheet takes a link to a sheet. One whose media do not match is fetched last.
func (p *planner) stylesheet(item *Item, n *node, href string, alternate bool) {
	if t := n.get("type"); t != "" {
		if t, _, _ = strings.Cut(t, ";"); !equalFold(trim(t), "text/css") {
			return
		}
	}
	if href == "" || n.has("disabled") {
		return
	}
	applies := (p.ctx.view.mediaMatches(n.get("media")) || p.becomesSheet(n)) && p.chosen(n, alternate)
	if text, ok := dataText(href, "text/css"); ok {
		p.uses = append(p.uses, planSheet{own: p.mem.sheet(text), applies: applies, scope: n.shadow})
		return
	}
	late := alternate || !p.ctx.view.mediaMatches(n.get("media"))
	item.Kind, item.url, item.blocking, item.Priority = Style, p.resolve(href), applies || !late, VeryHigh
	switch {
	case late:
		item.Priority = VeryLow
	case p.sawImage:
		item.Priority = Medium
	}
	item.fetchPriority(n)
	if at := p.add(*item); at >= 0 {
		p.uses = append(p.uses, planSheet{item: at + 1, applies: applies, scope: n.shadow})
		if i := &p.items[at]; i.sheet == 0 {
			p.slots++
			i.sheet = p.slots
		}
	}
}

// becomesSheet reports whether a link is made a sheet in use by a script of its own as soon as it is there, in one of the two usual ways to load
// a sheet beside the page: onload="this.rel='stylesheet'" and media=print onload="this.media='all'".
func (p *planner) becomesSheet(n *node) bool {
	script := n.get("onload")
	if script == "" || p.ctx.set.NoScript || !p.csp.inlineScript() {
		return false
	}
	script = strings.NewReplacer(" ", "", `"`, "'", "`", "'").Replace(script)
	return strings.Contains(script, ".rel='stylesheet'") || strings.Contains(script, ".media='all'") || strings.Contains(script, ".media='screen'")
}

// chosen reports whether a sheet is in use by its title: one that has none always is, unless it is an alternate; of the others the set that
// was named first, or by a meta element.
func (p *planner) chosen(n *node, alternate bool) bool {
	title := n.get("title")
	if title == "" {
		return !alternate
	}
	if p.styleSet == "" && !alternate {
		p.styleSet = title
	}
	return p.styleSet == title
}

type preloadArgs struct{ href, as, typ, media, srcset, sizes string }

// preload takes a preload of an element or of a Link field.
func (p *planner) preload(item Item, a preloadArgs, n *node) {
	if !p.ctx.view.mediaMatches(a.media) {
		return
	}
	typeOK := true
	href := a.href
	switch lower(trim(a.as)) {
	case "style":
		item.Kind, item.Priority = Style, VeryHigh
		t, _, _ := strings.Cut(lower(a.typ), ";")
		typeOK = t == "" || trim(t) == "text/css"
	case "script":
		item.Kind, item.Priority = Script, High
		if typeOK, _ = scriptType(a.typ); p.ctx.set.NoScript {
			return
		}
	case "image":
		item.Kind, item.Priority = Image, Low
		if typeOK = imageType(a.typ); trim(a.srcset) != "" {
			href = p.ctx.view.pickImage(href, a.srcset, a.sizes)
		}
	case "font":
		item.Kind, item.Priority, typeOK = Font, High, fontType(a.typ)
	case "track":
		item.Kind, item.Priority = Track, Low
	case "fetch":
		item.Kind, item.Priority = Fetch, High
	default:
		return
	}
	if href == "" || !typeOK {
		return
	}
	item.url = p.resolve(href)
	if n != nil {
		item.fetchPriority(n)
	}
	if item.mode == noCORS && item.Kind != Style && item.Kind != Image && item.Kind != Script {
		p.addPlain(item) // although its kind is asked for otherwise by what uses it
		return
	}
	p.add(item)
}

// addPlain is add for a request without CORS of a kind that has it.
func (p *planner) addPlain(item Item) {
	at := p.add(item)
	if at < 0 || at != int32(len(p.items)-1) {
		return
	}
	i := &p.items[at]
	delete(p.seen, seenKey(i))
	i.mode, i.creds = noCORS, include
	p.seen[seenKey(i)] = at + 1
	p.ctx.finish(i)
}

// linkField takes the Link fields of the answer.
func (p *planner) linkField() {
	for _, l := range splitLinks(p.ctx.link) {
		item := Item{node: 0, Priority: Low}
		if c, ok := l.args["crossorigin"]; ok {
			item.mode, item.creds = cors, sameOriginOnly
			if equalFold(c, "use-credentials") {
				item.creds = include
			}
		}
		item.policy = policyWord(l.args["referrerpolicy"])
		item.nonce, item.integrity = l.args["nonce"], l.args["integrity"]
		rel := l.args["rel"]
		switch {
		case hasWord(rel, "preload"):
			p.preload(item, preloadArgs{
				href: l.href, as: l.args["as"], typ: l.args["type"], media: l.args["media"], srcset: l.args["imagesrcset"], sizes: l.args["imagesizes"],
			}, nil)
		case hasWord(rel, "modulepreload"):
			if !p.ctx.set.NoScript {
				item.Kind, item.Priority, item.url, item.mode = Script, High, p.resolve(l.href), cors
				item.creds, item.module, item.alone = max(item.creds, sameOriginOnly), scriptModule, true
				p.add(item)
			}
		case hasWord(rel, "prefetch"):
			item.Kind, item.Priority, item.url = Prefetch, VeryLow, p.resolve(l.href)
			p.add(item)
		}
	}
}

type linkValue struct {
	href string
	args map[string]string
}

// splitLinks reads Link fields (RFC 8288).
func splitLinks(s string) []linkValue {
	var out []linkValue
	for len(out) < 1000 {
		start := strings.IndexByte(s, '<')
		if start < 0 {
			return out
		}
		end := strings.IndexByte(s[start:], '>')
		if end < 0 {
			return out
		}
		l := linkValue{href: trim(s[start+1 : start+end]), args: map[string]string{}}
		s = s[start+end+1:]
		rest := 0
		for rest < len(s) && s[rest] != ',' {
			if s[rest] == '"' {
				rest = skipQuoted(s, rest)
			}
			rest++
		}
		rest = min(rest, len(s))
		for _, arg := range splitTop(s[:rest], ';') {
			name, value, _ := strings.Cut(arg, "=")
			if name = lower(trim(name)); name != "" {
				if _, twice := l.args[name]; !twice {
					l.args[name] = unquote(value)
				}
			}
		}
		after := trim(s[:rest])
		if _, elsewhere := l.args["anchor"]; !elsewhere && (after == "" || after[0] == ';') {
			out = append(out, l)
		}
		s = s[rest:]
	}
	return out
}
