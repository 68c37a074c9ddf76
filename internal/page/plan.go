package page

import (
	"strings"
	"sync/atomic"
)

// plan is what a document asks for in one context, without what its sheets add. It never changes.
type plan struct {
	ctx       *context
	doc       *tree
	items     []Item // at once, in order
	late      []Item // when the document is painted, if they are shown
	uses      []planSheet
	csp       policies
	base      address // after the <base> so far
	last      address // after all <base>: objects and the sources of media are resolved when the document has been read
	rebased   int32   // the base element that counted
	policy    string
	refresh   refresh
	iconItems []iconLink
	manifest  *Item
	modules   importMap
	seen      map[string]int32 // requests of the document: index + 1 into items
	painted   atomic.Pointer[[]*paintMemo]
}

// planSheet is a place in the cascade: the sheet of an item, or one of the document's own.
type planSheet struct {
	item    int32 // index into items + 1; 0 for one of the document's own
	own     *sheet
	applies bool
	scope   int32
	owner   int32   // what the style element stands in
	base    address // of one of the document's own: none for a data URL, where nothing can be relative
}

type refresh struct {
	ok      bool
	seconds float64
	url     address
}

type iconLink struct {
	url   address
	sizes string
}

// maxItems bounds what one document may ask for by itself.
const maxItems = 20_000

// planner walks over a document.
type planner struct {
	*plan
	t        *tree
	mem      *Memory
	images   int // that may be large, so far
	sawImage bool
	bodySeen bool
	encode   func(string) string
	sawBase  bool
	styleSet string // the title of the sheets that are in use
	slots    int32  // of sheets
}

// newPlan finds what a document asks for.
func newPlan(mem *Memory, t *tree, ctx *context) *plan {
	p := &planner{plan: &plan{ctx: ctx, doc: t, base: ctx.base, policy: ctx.policy, seen: map[string]int32{}}, t: t, mem: mem}
	p.encode = encoderOf(ctx.charset)
	p.last = p.lastBase()
	if ctx.csp != "" {
		for _, one := range strings.Split(ctx.csp, "\n") {
			p.csp.add(one)
		}
	}
	if ctx.set.Parts == NoParts {
		return p.plan
	}
	p.linkField()
	if ctx.refresh != "" {
		p.readRefresh(ctx.refresh)
	}
	for i := 1; i < len(t.nodes) && len(p.items)+len(p.late) < maxItems; i++ {
		n := &t.nodes[i]
		if n.tag == "" || n.inert {
			continue
		}
		if n.tag == "body" {
			p.bodySeen = true
		}
		p.node(int32(i), n)
	}
	return p.plan
}

// node takes one element.
func (p *planner) node(i int32, n *node) {
	if n.foreign {
		p.svg(i, n)
		return
	}
	switch n.tag {
	case "base":
		p.setBase(i, n)
	case "meta":
		p.meta(n)
	case "link":
		p.link(i, n)
	case "style":
		p.style(i, n)
	case "script":
		p.script(i, n)
	case "img":
		p.img(i, n)
	case "input":
		if equalFold(n.get("type"), "image") {
			p.image(i, n, n.get("src"))
		}
	case "video", "audio":
		p.media(i, n)
	case "track":
		p.track(i, n)
	case "iframe":
		p.iframe(i, n, IFrame)
	case "frame":
		p.iframe(i, n, FrameSet)
	case "object", "embed":
		p.object(i, n)
	}
}

func (p *planner) resolve(raw string) address { return resolve(&p.base, raw, p.encode) }

// add takes a request, unless the document has made it already. It is the index into items, or -1.
func (p *planner) add(i Item) int32 {
	if p.ctx.set.Parts == DocumentsOnly && !i.Kind.Page() {
		return -1
	}
	if !p.admit(&i) {
		return -1
	}
	if !i.Kind.Page() {
		key := seenKey(&i)
		if at := p.seen[key]; at != 0 {
			if old := &p.items[at-1]; i.Kind == Style {
				old.blocking = old.blocking || i.blocking
				old.Priority = max(old.Priority, i.Priority)
			} else if i.module != noModule {
				old.alone = i.alone && (old.alone || old.module == noModule)
				old.module = i.module
			}
			return at - 1
		}
		p.seen[key] = int32(len(p.items) + 1)
	}
	p.items = append(p.items, i)
	return int32(len(p.items) - 1)
}

// admit completes a request and reports whether it may be made.
func (p *planner) admit(i *Item) bool { return p.plan.admit(i) }

// admit completes a request and reports whether it may be made: its address is one of the web, and no policy is against it.
func (p *plan) admit(i *Item) bool {
	if !i.url.web() {
		return false
	}
	if p.ctx.url.secure && !i.url.secure && !trustworthy(i.url.origin) {
		switch i.Kind {
		case Image, Video, Audio, Icon:
			i.url = parseAddress("https" + i.url.url[len("http"):])
		default:
			return false // mixed content
		}
	} else if _, ok := p.csp.has("upgrade-insecure-requests"); ok && !i.url.secure && !trustworthy(i.url.origin) {
		i.url = parseAddress("https" + i.url.url[len("http"):])
	}
	if !p.csp.allows(i.Kind, &i.url, p.ctx.self, pass{i.nonce, i.integrity}) {
		return false
	}
	if i.referrer == "" {
		i.referrer = p.ctx.url.url
		if i.policy == "" {
			i.policy = p.policy
		}
	}
	if i.mode == noCORS {
		i.mode = kindTraits[i.Kind].mode
	}
	if i.Kind == Font || i.Kind == Track || i.Kind == Manifest && i.creds == include {
		switch i.Kind {
		case Manifest:
			i.creds = omit
		default:
			i.creds = max(i.creds, sameOriginOnly)
		}
	}
	p.ctx.finish(i)
	return true
}

// seenKey tells requests of one document apart that one answer cannot serve.
func seenKey(i *Item) string {
	group := i.Kind
	switch group {
	case Object, Embed, Icon:
		group = Image
	}
	return string(rune('a'+group)) + string(rune('a'+i.mode)) + i.url.url
}

// corsOf reads a crossorigin attribute.
func corsOf(n *node) (mode, credentials) {
	switch {
	case !n.has("crossorigin"):
		return noCORS, include
	case equalFold(n.get("crossorigin"), "use-credentials"):
		return cors, include
	}
	return cors, sameOriginOnly
}

// lastBase is the base that holds at the end of the document.
func (p *planner) lastBase() address {
	for i := range p.t.nodes {
		if n := &p.t.nodes[i]; n.tag == "base" && !n.inert && !n.foreign && n.has("href") {
			if a := resolve(&p.ctx.base, n.get("href"), p.encode); a.web() {
				return a
			}
			break
		}
	}
	return p.ctx.base
}

// baseAt is the base that held where an element stands.
func (p *plan) baseAt(n int32) *address {
	if n < p.rebased {
		return &p.ctx.base
	}
	return &p.base
}

func (p *planner) setBase(i int32, n *node) {
	if p.sawBase || !n.has("href") {
		return
	}
	p.sawBase = true
	if a := resolve(&p.ctx.base, n.get("href"), p.encode); a.web() {
		p.base, p.rebased = a, i
	}
}

func (p *planner) meta(n *node) {
	content := n.get("content")
	if equalFold(n.get("name"), "referrer") {
		if w := policyWord(content); w != "" {
			p.policy = w
		}
	}
	switch lower(trim(n.get("http-equiv"))) {
	case "content-security-policy":
		if !p.bodySeen { // Chromium takes no notice of one in the body
			p.csp.add(content)
		}
	case "default-style":
		if content != "" {
			p.styleSet = content
		}
	case "refresh":
		p.readRefresh(content)
	}
}

// readRefresh reads "1; url=/next".
func (p *planner) readRefresh(s string) {
	s = trim(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.') {
		end++
	}
	n, unit := number(s[:end])
	if unit == "?" || n < 0 || p.refresh.ok && n > p.refresh.seconds {
		return
	}
	s = strings.TrimLeft(s[end:], "; ,\t\n\r\f")
	if len(s) >= 3 && equalFold(s[:3], "url") {
		if rest := trim(s[3:]); strings.HasPrefix(rest, "=") {
			s = trim(rest[1:])
		}
	}
	if s != "" && (s[0] == '"' || s[0] == '\'') {
		q := s[:1]
		s = s[1:]
		if i := strings.Index(s, q); i >= 0 {
			s = s[:i]
		}
	}
	to := p.resolve(s)
	if s == "" {
		to = p.ctx.url
	}
	if to.web() {
		p.refresh = refresh{ok: true, seconds: n, url: to}
	}
}

func (p *planner) style(i int32, n *node) {
	if t := n.get("type"); t != "" && !equalFold(t, "text/css") {
		return
	}
	text := n.text
	if n.foreign || p.t.nodes[0].first != p.t.html && p.t.html == 0 {
		text = p.t.childText(i) + text
	}
	if strings.HasPrefix(trim(text), "<![CDATA[") {
		text = strings.TrimSuffix(strings.TrimPrefix(trim(text), "<![CDATA["), "]]>")
	}
	if trim(text) == "" || !p.csp.inlineStyle(true, n.get("nonce"), n.text) {
		return
	}
	p.uses = append(p.uses, planSheet{own: p.mem.sheet(text), base: p.base, applies: p.ctx.view.mediaMatches(n.get("media")) && p.chosen(n, false), scope: n.shadow, owner: n.parent})
}

// childText is the text in an element.
func (t *tree) childText(i int32) string {
	var b strings.Builder
	for k := t.nodes[i].first; k != 0; k = t.nodes[k].next {
		b.WriteString(t.nodes[k].text)
	}
	return b.String()
}

func (p *planner) script(i int32, n *node) {
	if p.ctx.set.NoScript && !p.ctx.scanned {
		return
	}
	typ := n.get("type")
	if lang := n.get("language"); lang != "" && !n.has("type") {
		typ = "text/" + lang
	}
	script, module := scriptType(typ)
	src := n.get("src")
	if n.foreign {
		src = n.svgHref()
	}
	if src == "" && !n.has("src") && !p.ctx.scanned {
		p.inlineModule(i, n, typ, module)
	}
	if !script || !module && n.has("nomodule") || trim(src) == "" {
		return
	}
	item := Item{Kind: Script, url: p.resolve(src), node: i, policy: p.attrPolicy(n), nonce: n.get("nonce"), integrity: n.get("integrity"), Priority: High}
	item.mode, item.creds = corsOf(n)
	if module {
		if n.foreign {
			p.add(item) // Chromium's look-ahead scanner takes it for an ordinary script
		}
		if item.mode = cors; !n.has("crossorigin") {
			item.creds = sameOriginOnly
		}
		item.module, item.alone = scriptModule, p.ctx.scanned
	}
	switch {
	case n.has("async"), n.has("defer"), module:
		item.Priority = Low
	case p.sawImage:
		item.Priority = Medium
	}
	item.fetchPriority(n)
	p.add(item)
}

func (i *Item) fetchPriority(n *node) {
	switch lower(n.get("fetchpriority")) {
	case "high":
		i.Priority = max(i.Priority, High)
	case "low":
		i.Priority = min(i.Priority, Low)
	}
}

func (p *planner) attrPolicy(n *node) string { return policyWord(n.get("referrerpolicy")) }
