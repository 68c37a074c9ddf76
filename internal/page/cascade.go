package page

// sheetUse is a sheet in a document: one that its address brought, or one of the document itself.
type sheetUse struct {
	*sheet
	base     address // what its URLs are relative to
	referer  string  // the address that requests for what it names come from
	policy   string  // the referrer policy of the sheet
	external bool
	layer    string // that an import put the sheet into; "" for none
	scope    int32  // the shadow tree that it belongs to; 0 for the document
	owner    int32  // what its style element stands in; 0 for a sheet of its own address
	applies  bool   // its media, and those of the imports that lead to it, match
}

// painted is what an element's style makes a browser ask for.
type painted struct {
	sheet   int // of the URL, or ofStyle, ofAttribute
	slot    slot
	url     string
	sources []string // the further sources of a font
	node    int32
}

// Where a URL came from that is of no sheet.
const (
	ofStyle      = -1 // a style attribute
	unknownSheet = -9
	ofAttribute  = -2 // an old attribute, or a presentation attribute of SVG
)

// paint is what a document looks like once its sheets are there, as far as that decides what is asked for.
type paint struct {
	urls   []painted
	hidden []uint64 // a bit for each node that is not shown
	boxes  map[int32]box
	places map[int32]place // where what may be lazy stands; nil when nobody needs to know
}

// box is the size of a frame by its style; negative when the style says nothing.
type box struct{ width, height float64 }

func (p *paint) isHidden(n int32) bool { return p.hidden[n>>6]&(1<<(n&63)) != 0 }

// winner is the declaration that won, and where it came from.
type winner struct {
	d      *decl
	sheet  int
	weight uint64
}

// inherited is what an element has from those around it.
type inherited struct {
	family string
	weight int
	italic bool
	// stretch is the width of the font in percent; zero means 100. transform is how letters are changed.
	stretch   int
	transform string
	env       *env
	box       *container // the nearest one whose size can be asked for; nil for none
	unmarked  bool       // items of lists have no marker
	hidden    bool
}

// cascader computes the styles of a document.
type cascader struct {
	t          *matcher
	v          *viewport
	uses       []sheetUse
	live       [][]int8   // of each sheet, whether each condition holds: 0 unknown, 1, -1
	ranks      [][]uint64 // of each sheet's layers; 0 is no layer
	fonts      fontSet
	out        *paint
	seen       map[string]bool
	registered map[string]winner // the initial values of custom properties, as @property gives them
	order      []uint64          // where each sheet's rules begin in the order of all
	looks      []look            // how each element is laid out; nil when nobody needs to know
	rem        float64           // the size of the font of the root
}

// computePaint is the cascade of a document and its sheets in a viewport. layout says where things stand, too.
func computePaint(t *tree, v *viewport, uses []sheetUse, layout bool) *paint {
	c := &cascader{
		t: &matcher{tree: t, work: maxWork}, v: v, uses: uses, out: &paint{hidden: make([]uint64, len(t.nodes)/64+1), boxes: map[int32]box{}}, seen: map[string]bool{},
	}
	if layout {
		c.rem = 16
		c.looks = make([]look, len(t.nodes))
		c.looks[0] = look{size: c.rem, line: usualLine * c.rem, ratioOfLine: usualLine}
	}
	c.live = make([][]int8, len(uses))
	var n uint64
	for i := range uses {
		uses[i].compile()
		c.live[i] = make([]int8, len(uses[i].conds))
		c.register(i)
		c.order = append(c.order, n)
		n += uint64(len(uses[i].rules)) + 1
	}
	c.rankLayers()
	c.fonts.collect(c)
	for n := t.nodes[0].first; n != 0; n = t.nodes[n].next {
		c.element(n, inherited{family: "", weight: 400}, 0)
	}
	c.fonts.emit(c)
	if layout {
		c.place()
	}
	return c.out
}

const noLayer = 1 << 10

// ofOwn is the weight of a style attribute; with important on top it weighs more than all that sheets say of their own tree.
const (
	important = uint64(1) << 63
	ofOwn     = 1<<61 | (1<<61 - 1)
)

// weight orders declarations: importance, the tree that they come from, layer, specificity, order. What is outside of a shadow tree wins over what is
// within, but for what is important.
func (c *cascader) weight(n int32, sheet int, r *rule, s *selector, at int32, must bool) uint64 {
	layer, tree := uint64(noLayer), uint64(1)
	if rank := c.ranks[sheet][r.layer]; rank != 0 {
		layer = min(rank, noLayer-1)
	}
	switch {
	case c.uses[sheet].scope == c.t.nodes[n].shadow:
	case s.shown != nil:
		tree = 2
	default:
		tree = 0 // the host, or what is in a slot
	}
	var w uint64
	if must {
		w = important
		layer, tree = noLayer-layer, 2-tree
	}
	return w | tree<<61 | layer<<50 | uint64(min(s.specificity, 1<<30-1))<<20 | (c.order[sheet]+uint64(at))&(1<<20-1)
}

// holds reports whether a condition of a sheet holds.
func (c *cascader) holds(sheet int, i int32) bool {
	if i == 0 {
		return true
	}
	if known := c.live[sheet][i]; known != 0 {
		return known > 0
	}
	q := &c.uses[sheet].conds[i]
	ok := c.holds(sheet, q.outer)
	if ok {
		switch q.kind {
		case "media":
			ok = c.v.mediaMatches(q.text)
		case "supports":
			ok = supportsHolds(q.text)
		}
	}
	c.live[sheet][i] = -1
	if ok {
		c.live[sheet][i] = 1
	}
	return ok
}

// style is what was decided for one element, or one of its pseudo-elements.
type style struct {
	won  [slots]winner
	vars map[string]winner
}

func (s *style) offer(d *decl, sheet int, weight uint64) {
	if d.value == "revert-layer" {
		return // what a lower layer says
	}
	w := winner{d, sheet, weight}
	if d.slot == slotCustom {
		if old, ok := s.vars[d.name]; !ok || old.weight <= weight {
			if s.vars == nil {
				s.vars = map[string]winner{}
			}
			s.vars[d.name] = w
		}
		return
	}
	if old := &s.won[d.slot]; old.d == nil || old.weight <= weight {
		*old = w
	}
}

// collect finds the declarations that hold for an element in a container, with the custom properties of what is around it. pseudos gets those of its pseudo-elements.
func (c *cascader) collect(n int32, main *style, box *container, e *env) map[string]*style {
	var pseudos map[string]*style
	node := &c.t.nodes[n]
	c.eachRule(n, (*sheet).mainIndex, box, e, func(i int, r *rule, s *selector, at int32) {
		into := main
		if s.pseudo != "" {
			if into = pseudos[s.pseudo]; into == nil {
				if pseudos == nil {
					pseudos = map[string]*style{}
				}
				into = new(style)
				pseudos[s.pseudo] = into
			}
		}
		for j := range r.decls {
			into.offer(&r.decls[j], i, c.weight(n, i, r, s, at, r.decls[j].important))
		}
	})
	if text := node.get("style"); text != "" && !c.v.unstyled {
		decls := parseBlock(text).decls
		for j := range decls {
			w := uint64(ofOwn)
			if decls[j].important {
				w |= important
			}
			main.offer(&decls[j], ofStyle, w)
		}
	}
	return pseudos
}

// eachRule calls f for each rule of an index that holds for an element, once for each of its selectors that does.
func (c *cascader) eachRule(n int32, of func(*sheet) *index, box *container, e *env, f func(i int, r *rule, s *selector, at int32)) {
	node := &c.t.nodes[n]
	for i := range c.uses {
		u := &c.uses[i]
		if !u.applies || len(u.rules) == 0 {
			continue
		}
		host := u.scope != 0 && c.t.nodes[u.scope].parent == n
		slotted := u.scope != 0 && u.slots && node.shadow != u.scope && node.parent == c.t.nodes[u.scope].parent
		if u.parts && node.shadow != 0 && node.has("part") {
			c.shownRules(n, i, of, box, e, f)
		}
		if node.shadow != u.scope && !host && !slotted {
			continue
		}
		c.t.owner = u.owner
		of(u.sheet).each(u.sheet, c.t, n, u.scope, func(r *rule, s *selector, at int32) {
			if host && !s.host || slotted != (s.slotted != nil) || slotted && !c.t.matches(n, s.slotted, node.shadow) || !c.holds(i, r.cond) || r.cond != 0 && u.queries && !c.holdsFor(n, i, r.cond, box, e) {
				return
			}
			f(i, r, s, at)
		})
	}
}

// element computes an element and those in it.
func (c *cascader) element(n int32, in inherited, depth int) {
	node := &c.t.nodes[n]
	if node.tag == "" || node.inert || depth > maxDepth+2 {
		return
	}
	var s style
	pseudos := c.collect(n, &s, in.box, in.env)
	if s.vars != nil {
		in.env = &env{outer: in.env, vars: s.vars}
	}
	if !in.hidden && c.isNone(node, &s, in.env) {
		in.hidden = true
	}
	if in.hidden {
		c.out.hidden[n>>6] |= 1 << (n & 63)
	} else {
		c.inherit(node, &s, &in)
		c.draw(n, &s, &in)
		c.attributes(n, &s, in.env)
		c.drawPseudos(n, pseudos, &in)
		c.text(n, &in)
	}
	if c.looks != nil && !in.hidden {
		if c.look(n, in.box, in.env); n == c.t.html {
			c.rem = c.looks[n].size
		}
	}
	if node.tag == "iframe" || node.tag == "frame" || node.tag == "object" || node.tag == "embed" {
		c.frameBox(n, &s, in.env)
	}
	if w := s.won[slotVisibility]; w.d != nil && w.d.value == "hidden" {
		in.hidden = true
	}
	c.contain(&s, &in)
	within := in
	within.hidden = in.hidden || hidesContent(node)
	for k := node.first; k != 0; k = c.t.nodes[k].next {
		if node.tag == "details" && c.t.nodes[k].tag == "summary" {
			c.element(k, in, depth+1)
			continue
		}
		c.element(k, within, depth+1)
	}
}

// hidesContent reports whether an element does not show what is in it: it is folded, or that is for browsers that do not know it.
func hidesContent(node *node) bool {
	switch node.tag {
	case "details":
		return !node.has("open")
	case "video", "audio":
		return !node.foreign
	}
	return equalFold(node.get("hidden"), "until-found")
}

// isNone reports whether an element is not shown.
func (c *cascader) isNone(node *node, s *style, e *env) bool {
	if w := s.won[slotDisplay]; w.d != nil {
		v := w.d.value
		if w.d.hasVar {
			v, _ = c.expand(v, e)
		}
		switch lower(trim(v)) {
		case "none":
			return true
		case "revert", "revert-layer":
		default:
			return false
		}
	}
	if node.foreign {
		return node.tag == "script" || node.tag == "style" || node.tag == "title" || node.tag == "desc" || node.tag == "metadata"
	}
	switch node.tag {
	case "template":
		return node.inert
	case "head", "script", "style", "title", "meta", "link", "base", "noframes", "noembed", "param", "datalist", "area", "rp":
		return true
	case "audio":
		return !node.has("controls")
	case "dialog":
		return !node.has("open")
	case "input":
		return equalFold(node.get("type"), "hidden")
	}
	return node.has("hidden") && node.tag != "embed" && !equalFold(node.get("hidden"), "until-found") || node.has("popover")
}
