package page

import "strings"

// frame is a document in a page: the page itself, or what an iframe, a frame, an object holds.
type frame struct {
	parent     *frame
	item       *Item
	spec       *frameSpec
	ctx        *context
	doc        *doc
	plan       *plan
	slots      []slotState
	pending    int // sheets that hold back the painting
	painted    bool
	paint      *paint
	failed     bool
	boxed      bool            // its own policy puts it into a sandbox without scripts
	ownImports [][]importUse   // what the sheets of the document itself import, by their place among plan.uses
	modules    map[string]bool // what modules imported, beside the requests of the plan
}

// slotState is one sheet of a frame: of a link, or imported.
type slotState struct {
	item    *Item
	sheet   *sheet
	url     address // where it came from in the end
	policy  string
	imports []importUse
	parent  int32 // the slot that imports it; -1 for none
	holding bool  // the painting waits for it
	done    bool
	gone    bool // it came and may not be kept: who imports it later asks again
}

// importUse is a place where a sheet is imported.
type importUse struct {
	slot  int32
	holds bool // its media match
	layer string
}

func (l *Load) newFrame(parent *frame, item *Item) *frame {
	f := &frame{parent: parent, item: item}
	if item != nil {
		f.spec = item.frame
	}
	l.frames = append(l.frames, f)
	return f
}

// openItem opens a frame.
func (l *Load) openItem(i *Item, f *frame) {
	if len(l.frames) >= maxFrames || !i.frame.hasDoc && f.repeats(&i.url) {
		return
	}
	child := l.newFrame(f, i)
	if i.frame.hasDoc {
		l.openInline(child)
		return
	}
	r := l.ask(i, f)
	if r == nil {
		return
	}
	r.into = child
	l.lookup(r)
}

// noScript reports whether scripts do not run in a frame: they are off, or it is in a sandbox that does not allow them.
func (f *frame) noScript(l *Load) bool {
	for p := f; p != nil; p = p.parent {
		if p.boxed || p.spec != nil && p.spec.sandbox && !p.spec.scripts {
			return true
		}
	}
	return l.set.NoScript
}

// repeats reports whether a frame of that address would be the second within itself.
func (f *frame) repeats(a *address) bool {
	n := 0
	for p := f; p != nil; p = p.parent {
		if p.ctx.url.url == a.url && (p.spec == nil || !p.spec.hasDoc) {
			n++
		}
	}
	return n >= 2
}

// openInline opens a frame whose document stands in the page: srcdoc, or a data URL.
func (l *Load) openInline(f *frame) {
	parent := f.parent.ctx
	text := f.spec.srcdoc
	c := context{
		set: l.set, url: parent.url, base: f.parent.plan.base, origin: parent.origin, topSite: parent.topSite, foreign: parent.foreign, apart: parent.apart,
		policy: f.parent.plan.policy, csp: f.parent.cspText(), self: parent.self, embedded: true, opaque: parent.opaque,
	}
	if u := f.item.url.url; u != "" {
		var ok bool
		if text, ok = dataURL(u); !ok {
			return
		}
		c.url, c.base = f.item.url, address{}
	}
	if f.spec.origin {
		c.ownOrigin()
	}
	c.set.NoScript = f.noScript(l)
	c.scanned = c.set.NoScript && !l.set.NoScript
	f.doc = l.mem.document([]byte(text), how{noscript: c.set.NoScript})
	l.begin(f, &c)
}

// cspText is the policies of a document, for those that inherit them.
func (f *frame) cspText() string { return f.ctx.csp }

// tookDocument shows a document that came.
func (l *Load) tookDocument(r *Request, s *stored) {
	f := r.into
	if f == nil {
		if r.item.Kind != Prerender || s.doc == nil || s.status >= 400 {
			return
		}
		f = l.newFrame(nil, nil)
		f.spec = &frameSpec{}
	}
	if f.parent == nil && f == l.top {
		l.v.current, l.v.policy = r.url.url, s.head.policy
		f.failed = s.status == 0
	}
	if s.doc == nil {
		l.mediaDocument(r, s)
		return
	}
	c := context{
		set: l.set, url: r.url, base: r.url, origin: r.url.origin, topSite: l.topSite, policy: s.head.policy, csp: s.head.csp, link: s.head.link, refresh: s.head.refresh,
		charset: s.doc.charset, self: r.url.origin, purpose: r.item.Kind == Prerender,
	}
	var own bool
	f.boxed, own = boxes(s.head.csp)
	c.set.NoScript = f.noScript(l)
	c.scanned = c.set.NoScript && !l.set.NoScript
	f.doc = s.doc
	if own {
		c.ownOrigin()
	}
	if f.parent != nil && !l.mayShow(f, r, s, &c) {
		return
	}
	l.begin(f, &c)
}

// mediaDocument asks for the video that was opened as a document once more, as what is made to play it does.
func (l *Load) mediaDocument(r *Request, s *stored) {
	typ := lower(s.head.contentType)
	if r.into == nil || s.status >= 300 || s.head.attachment || !strings.HasPrefix(typ, "video/") && !strings.HasPrefix(typ, "audio/") || l.set.Parts != AllParts {
		return
	}
	c := &context{set: l.set, url: r.url, origin: r.url.origin, topSite: l.topSite, foreign: siteOf(r.url.origin) != l.topSite, apart: siteOf(r.url.origin) != l.topSite}
	item := &Item{Kind: Video, Priority: VeryHigh, url: r.url, referrer: r.url.url}
	c.finish(item)
	for i := range item.fields {
		if item.fields[i].Name == "Sec-Fetch-Mode" {
			item.fields[i].Value = modeWords[cors]
		}
	}
	r.into.ctx, r.into.plan = c, &plan{ctx: c}
	if q := l.ask(item, r.into); q != nil {
		l.lookup(q)
	}
}

// ownOrigin gives a document an origin that is nobody else's.
func (c *context) ownOrigin() { c.origin, c.opaque, c.foreign, c.apart = "", true, true, true }

// boxes reports what a policy's sandbox takes from its document: its scripts, its origin.
func boxes(csp string) (scripts, origin bool) {
	if !strings.Contains(csp, "sandbox") {
		return false, false
	}
	var p policies
	p.add(csp)
	words, boxed := p.has("sandbox")
	list := strings.Join(words, " ")
	return boxed && !hasWord(list, "allow-scripts"), boxed && !hasWord(list, "allow-same-origin")
}

// mayShow decides whether a document may be shown in its frame, and what it is then.
func (l *Load) mayShow(f *frame, r *Request, s *stored, c *context) bool {
	var csp policies
	csp.add(s.head.csp)
	var above []string
	for p := f.parent; p != nil; p = p.parent {
		above = append(above, p.ctx.origin)
		c.foreign = c.foreign || p.ctx.foreign
	}
	if !csp.framed(s.head.frameOptions, r.url.origin, above) {
		return false
	}
	if f.spec.mayCSP && s.head.csp == "" { // it would have to agree to the policy that the element demands
		return false
	}
	c.embedded = true
	c.apart = siteOf(r.url.origin) != l.topSite
	c.foreign = c.foreign || c.apart
	if f.spec.origin || c.origin == "" {
		c.ownOrigin()
	} else if f.parent.ctx.origin == "" && f.parent.ctx.opaque && (f.parent.spec == nil || f.parent.spec.sandbox) {
		c.ownOrigin() // a sandbox holds for all within
	}
	return true
}

// begin plans a document and asks for what it needs.
func (l *Load) begin(f *frame, c *context) {
	c.view = c.set.window()
	if f.parent != nil {
		l.size(f, c)
	} else if f != l.top {
		c.unseen = true // a prerender paints nothing
	}
	f.plan = f.doc.plan(l.mem, c)
	f.ctx = f.plan.ctx
	f.holdSlots()
	p := f.plan
	for i := range p.items {
		item := &p.items[i]
		if item.frame != nil && item.Kind != Prerender {
			l.openItem(item, f)
			continue
		}
		if r := l.ask(item, f); r != nil {
			if item.sheet > 0 {
				r.slot = item.sheet
			}
			l.lookup(r)
		} else if item.sheet > 0 {
			l.sheetDone(f, item.sheet-1)
		}
	}
	if p.manifest != nil {
		if r := l.ask(p.manifest, f); r != nil {
			l.lookup(r)
		}
	}
	for i := range p.uses {
		if own := p.uses[i].own; own != nil {
			l.imports(f, int32(i), own)
		}
	}
	l.maybePaint(f)
}

// size finds the viewport of a frame, and whether it is shown at all.
func (l *Load) size(f *frame, c *context) {
	parent := f.parent
	w, h := f.spec.width, f.spec.height
	if parent.paint != nil {
		c.unseen = parent.paint.isHidden(f.item.node)
		if at, ok := parent.paint.places[f.item.node]; ok && at.w > 0 && at.h > 0 && f.item.Kind != FrameSet {
			w, h = at.inner.width, at.inner.height
		} else if b, ok := parent.paint.boxes[f.item.node]; ok {
			if b.width >= 0 {
				w = b.width
			}
			if b.height >= 0 {
				h = b.height
			}
		}
	} else {
		c.unseen = parent.doc.notShown(f.item.node)
		if b := parent.ctx.view.styleBox(parent.doc.nodes[f.item.node].get("style")); b.width >= 0 {
			w = b.width
		}
	}
	c.unseen = c.unseen || parent.ctx.unseen
	if f.doc.lazy && f.doc.layoutWanted(&c.set) {
		at := parent.placeOf(f.item.node)
		if c.above = parent.ctx.above + at.y; !at.visible || parent.doc.offScreen(f.item.node) {
			c.above = 1e9
		}
	}
	if c.unseen {
		w, h = 0, 0
	}
	c.view.width, c.view.height = w, h
}

// placeOf is where an element of a frame's document stands. A document that has nothing lazy itself is laid out by what is there now.
func (f *frame) placeOf(n int32) place {
	if f.paint != nil && f.paint.places != nil {
		return f.paint.places[n]
	}
	return computePaint(f.doc.tree, &f.ctx.view, f.usesNow(), true).places[n]
}

// notShown reports whether attributes keep an element, or one around it, from being shown.
func (t *tree) notShown(n int32) bool {
	for ; n != 0; n = t.nodes[n].parent {
		node := &t.nodes[n]
		if node.has("hidden") {
			return true
		}
		if styleValue(node.get("style"), "display") == "none" {
			return true
		}
	}
	return false
}

// styleValue is the value of a property in a style attribute, in lower case.
func styleValue(style, property string) string {
	found := ""
	for _, d := range splitTop(style, ';') {
		name, value, _ := strings.Cut(d, ":")
		if lower(trim(name)) == property {
			found = lower(trim(value))
		}
	}
	return found
}

func (v *viewport) styleBox(style string) box {
	b := box{-1, -1}
	if s := styleValue(style, "width"); s != "" {
		b.width = v.boxLength(s, v.width)
	}
	if s := styleValue(style, "height"); s != "" {
		b.height = v.boxLength(s, v.height)
	}
	return b
}
