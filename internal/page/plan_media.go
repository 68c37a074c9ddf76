package page

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// img takes an img element, with the source elements of a picture around it.
func (p *planner) img(i int32, n *node) {
	p.image(i, n, p.source(i, n, func(sizes string) string { return p.ownSizes(i, n, sizes) }))
}

// source is the address that an img element shows, as written. own turns the sizes that it states into those that count.
func (p *plan) source(i int32, n *node, own func(sizes string) string) string {
	if parent := &p.doc.nodes[n.parent]; parent.tag == "picture" && !parent.foreign {
		for k := parent.first; k != 0 && k != i; k = p.doc.nodes[k].next {
			s := &p.doc.nodes[k]
			if s.tag == "source" && trim(s.get("srcset")) != "" && imageType(s.get("type")) && p.ctx.view.mediaMatches(s.get("media")) {
				return p.ctx.view.pickImage("", s.get("srcset"), own(s.get("sizes")))
			}
		}
	}
	return p.ctx.view.pickImage(n.get("src"), n.get("srcset"), own(n.get("sizes")))
}

// autoSizes reports whether the sizes of an image begin with auto.
func autoSizes(sizes string) bool {
	s := trim(sizes)
	return len(s) >= 4 && equalFold(s[:4], "auto") && (len(s) == 4 || s[4] == ',')
}

// sized are the late items once it is known where they stand: lazy images with sizes=auto are chosen by the width that they have there.
func (p *plan) sized(m *paint) []Item {
	late := p.late
	for i := range p.late {
		item := &p.late[i]
		n := &p.doc.nodes[item.node]
		at, ok := m.places[item.node]
		if !item.lazy || item.Kind != Image || !ok || at.w <= 0 {
			continue
		}
		auto := false
		src := p.source(item.node, n, func(sizes string) string {
			if auto = autoSizes(sizes); !auto {
				return sizes
			}
			return strconv.FormatFloat(at.w, 'f', -1, 64) + "px"
		})
		if !auto || trim(src) == "" {
			continue
		}
		other := *item
		if other.url = resolve(p.baseAt(item.node), src, p.encode()); other.url.url == item.url.url || !p.admit(&other) {
			continue
		}
		if &late[0] == &p.late[0] {
			late = slices.Clone(p.late)
		}
		late[i] = other
	}
	return late
}

// ownSizes takes the place of sizes=auto, which is the width that a lazy image has on the page: the one that its attributes state, or else what
// stands behind auto for browsers that do not know it. For any other image auto is no size at all.
func (p *planner) ownSizes(i int32, n *node, sizes string) string {
	if !autoSizes(sizes) {
		return sizes
	}
	if !equalFold(n.get("loading"), "lazy") {
		return ""
	}
	if w, ok := p.statedWidth(i); ok {
		return strconv.FormatFloat(w, 'f', -1, 64) + "px"
	}
	return strings.TrimPrefix(trim(sizes)[4:], ",")
}

// statedWidth is the width in pixels that attributes give to an element: its style, of an image also its width, in percent of what they give to
// those around it.
func (p *planner) statedWidth(i int32) (float64, bool) {
	n := &p.t.nodes[i]
	width := ""
	if n.tag == "img" {
		width = n.get("width")
	}
	for _, d := range splitTop(n.get("style"), ';') {
		if name, value, _ := strings.Cut(d, ":"); equalFold(trim(name), "width") {
			width = trim(value)
		}
	}
	v, unit := number(width)
	switch {
	case width == "" || unit == "?" || v <= 0:
		return 0, false
	case unit != "%":
		return p.ctx.view.pixels(v, unit)
	}
	for up := n.parent; up != 0; up = p.t.nodes[up].parent {
		if w, ok := p.statedWidth(up); ok {
			return w * v / 100, true
		}
	}
	return p.ctx.view.width * v / 100, true
}

// image adds a request for an image that an element shows.
func (p *planner) image(i int32, n *node, src string) {
	if trim(src) == "" {
		return
	}
	item := Item{Kind: Image, url: p.resolve(src), node: i, policy: p.attrPolicy(n), Priority: Low}
	item.mode, item.creds = corsOf(n)
	p.sawImage = true
	if p.images < 5 && !smallImage(n) {
		item.Priority = Medium
		p.images++
	}
	if n.tag == "img" && equalFold(n.get("loading"), "lazy") {
		item.Priority = Low
		if p.keepLazy(&item) {
			return
		}
	}
	item.fetchPriority(n)
	p.add(item)
}

// keepLazy decides what becomes of something with loading=lazy. It reports whether it was taken care of.
func (p *planner) keepLazy(item *Item) bool {
	if p.ctx.set.Parts == DocumentsOnly && !item.Kind.Page() {
		return true
	}
	switch p.ctx.set.lazy() {
	case LazyAll:
		return false
	case LazyNone:
		return true
	}
	if !p.t.offScreen(item.node) && p.admit(item) {
		item.lazy = true
		p.late = append(p.late, *item)
	}
	return true
}

// smallImage reports whether the attributes of an image say that it is small. Chromium asks for the first five others sooner.
func smallImage(n *node) bool {
	w, err1 := strconv.Atoi(trim(n.get("width")))
	h, err2 := strconv.Atoi(trim(n.get("height")))
	return err1 == nil && err2 == nil && w*h < 10_000
}

// media takes a video or audio element.
func (p *planner) media(i int32, n *node) {
	kind := Video
	if n.tag == "audio" {
		kind = Audio
	} else if poster := n.get("poster"); trim(poster) != "" {
		p.add(Item{Kind: Image, url: p.resolve(poster), node: i, Priority: Medium})
	}
	if equalFold(n.get("preload"), "none") && !(n.has("autoplay") && n.has("muted")) { // nobody clicked yet: what makes a sound does not start
		return
	}
	item := Item{Kind: kind, node: i, Priority: Low, nextBase: p.last}
	item.mode, item.creds = corsOf(n)
	if n.has("src") {
		if item.url = p.resolve(n.get("src")); trim(n.get("src")) != "" {
			p.addEach(item)
		}
		return
	}
	for k := n.first; k != 0; k = p.t.nodes[k].next {
		s := &p.t.nodes[k]
		if s.tag != "source" || trim(s.get("src")) == "" || !mediaType(s.get("type")) || !p.ctx.view.mediaMatches(s.get("media")) {
			continue
		}
		if item.url.ok() {
			item.next = append(item.next, s.get("src"))
		} else {
			item.url = resolve(&p.last, s.get("src"), p.encode)
		}
	}
	p.addEach(item)
}

// addEach adds a request that each element makes for itself.
func (p *planner) addEach(item Item) {
	if p.ctx.set.Parts == AllParts && p.admit(&item) {
		p.items = append(p.items, item)
	}
}

func (p *planner) track(i int32, n *node) {
	parent := p.t.nodes[n.parent].tag
	if !n.has("default") || trim(n.get("src")) == "" || parent != "video" && parent != "audio" {
		return
	}
	item := Item{Kind: Track, url: p.resolve(n.get("src")), node: i, Priority: Low}
	if media := &p.t.nodes[n.parent]; media.has("crossorigin") {
		item.mode, item.creds = corsOf(media)
	}
	if item.mode == noCORS && item.url.origin != p.ctx.origin {
		return // it would be refused
	}
	p.add(item)
}

// iframe takes a frame.
func (p *planner) iframe(i int32, n *node, kind Kind) {
	spec := &frameSpec{width: 300, height: 150, scripts: true, mayCSP: trim(n.get("csp")) != ""}
	if kind == FrameSet {
		spec.width, spec.height = p.ctx.view.width/2, p.ctx.view.height
	}
	p.frameSize(spec, n)
	if n.has("sandbox") && kind == IFrame {
		spec.sandbox = true
		spec.origin = !hasWord(n.get("sandbox"), "allow-same-origin")
		spec.scripts = hasWord(n.get("sandbox"), "allow-scripts")
	}
	item := Item{Kind: kind, node: i, policy: p.attrPolicy(n), Priority: VeryHigh, frame: spec}
	switch src := trim(n.get("src")); {
	case n.has("srcdoc") && kind == IFrame:
		spec.hasDoc, spec.srcdoc = true, n.get("srcdoc")
	case len(src) > 5 && equalFold(src[:5], "data:"):
		spec.hasDoc, spec.origin = true, true
		item.url = address{url: src}
	case src == "":
		return
	default:
		if item.url = p.resolve(src); !item.url.web() {
			return
		}
	}
	if spec.hasDoc {
		p.items = append(p.items, item)
		return
	}
	if kind == IFrame && equalFold(n.get("loading"), "lazy") && p.keepLazy(&item) {
		return
	}
	p.add(item)
}

// frameSize reads the attributes that give a frame its size.
func (p *planner) frameSize(spec *frameSpec, n *node) {
	size := func(s string, around, usual float64) float64 {
		if s == "" {
			return usual
		}
		v, unit := number(s)
		switch {
		case unit == "%":
			return v * around / 100
		case unit == "?":
			return usual
		}
		return v
	}
	spec.width = size(n.get("width"), p.ctx.view.width, spec.width)
	spec.height = size(n.get("height"), p.ctx.view.height, spec.height)
}

// object takes an object or embed element. What it asks for depends on the type it names, or on that which its address ends with; it does so
// only when it is shown.
func (p *planner) object(i int32, n *node) {
	src, kind, page := n.get("data"), Object, ObjectPage
	if n.tag == "embed" {
		src, kind, page = n.get("src"), Embed, EmbedPage
	}
	if trim(src) == "" {
		return
	}
	a := resolve(&p.last, src, p.encode)
	if !a.web() {
		return
	}
	typ, _, _ := strings.Cut(lower(trim(n.get("type"))), ";")
	if typ = trim(typ); typ == "" {
		typ = typeByName(a.url)
	}
	item := Item{Kind: page, url: a, node: i, Priority: VeryHigh, frame: &frameSpec{width: 300, height: 150, scripts: true}}
	p.frameSize(item.frame, n)
	switch {
	case typ == "" || typ == "text/html" || typ == "application/xhtml+xml" || typ == "image/svg+xml" || typ == "application/pdf" || typ == "text/plain" ||
		typ == "text/xml" || typ == "application/xml" || typ == "application/json" || typ == "text/css" ||
		(strings.HasPrefix(typ, "video/") || strings.HasPrefix(typ, "audio/")) && mediaType(typ):
	case imageType(typ):
		item.Kind, item.Priority, item.fallback = kind, Low, n.tag == "object"
	default:
		return
	}
	if p.ctx.set.Parts == DocumentsOnly && !item.Kind.Page() {
		return
	}
	if p.admit(&item) {
		p.late = append(p.late, item)
	}
}

// typeByName is the MIME type that the end of an address suggests; "" when it says nothing.
func typeByName(url string) string {
	url, _, _ = strings.Cut(url, "?")
	switch lower(path.Ext(url)) {
	case ".png", ".apng":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".jxl":
		return "image/jxl"
	case ".bmp":
		return "image/bmp"
	case ".ico":
		return "image/x-icon"
	case ".svg":
		return "image/svg+xml"
	case ".swf":
		return "application/x-shockwave-flash"
	case ".bin", ".exe", ".com", ".zip", ".gz", ".tgz", ".doc", ".xls", ".ppt", ".docx", ".xlsx", ".pptx", ".rtf", ".ps", ".eps":
		return "application/octet-stream"
	}
	return ""
}

// svgHref is the address that an element of SVG names.
func (n *node) svgHref() string {
	if n.has("href") {
		return n.get("href")
	}
	return n.get("xlink:href")
}

// svg takes an element of SVG.
func (p *planner) svg(i int32, n *node) {
	href := n.svgHref()
	switch n.tag {
	case "style":
		p.style(i, n)
	case "link":
		if p.t.html == 0 { // the style sheet of an XML document
			p.link(i, n)
		}
	case "script":
		p.script(i, n)
	case "image":
		if trim(href) != "" && href[0] != '#' {
			item := Item{Kind: Image, url: p.resolve(href), node: i, Priority: Low}
			if p.images < 5 {
				item.Priority = Medium
				p.images++
			}
			if n.has("crossorigin") {
				p.add(item) // Chromium's look-ahead scanner does not see that
			}
			item.mode, item.creds = corsOf(n)
			p.add(item)
		}
	case "feimage":
		if trim(href) != "" && href[0] != '#' {
			p.add(Item{Kind: Image, url: p.resolve(href), node: i, Priority: Low})
		}
	case "use":
		if trim(href) != "" && href[0] != '#' {
			item := Item{Kind: Image, url: p.resolve(href), node: i, Priority: Low, mode: sameOrigin, creds: sameOriginOnly}
			if item.url.origin == p.ctx.origin {
				p.add(item)
			}
		}
	}
}
