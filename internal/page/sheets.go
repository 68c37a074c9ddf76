package page

// paintMemo is what a plan's sheets made of it.
type paintMemo struct {
	uses  []sheetUse
	paint *paint
	items []Item
	far   []bool // which of the plan's late items are lazy and too far from the window; nil for none
	late  []Item // those of the plan, with the sizes that they have
}

// holdSlots gives each sheet of the plan its slot.
func (f *frame) holdSlots() {
	p := f.plan
	n := 0
	for i := range p.items {
		if p.items[i].sheet > 0 {
			n++
		}
	}
	f.slots = make([]slotState, n, n+4)
	for i := range p.items {
		item := &p.items[i]
		if item.sheet == 0 {
			continue
		}
		s := &f.slots[item.sheet-1]
		*s = slotState{item: item, url: item.url, parent: -1, holding: item.blocking}
		if item.blocking {
			f.pending++
		}
	}
}

// tookSheet takes a sheet that came, or did not.
func (l *Load) tookSheet(r *Request, s *stored) {
	f := r.frame
	if r.slot == 0 {
		return
	}
	at := r.slot - 1
	st := &f.slots[at]
	if s.sheet != nil && f.typeHolds(r, s) {
		st.sheet, st.url, st.policy = s.sheet, r.url, s.head.policy
		l.importsOf(f, at)
	}
	st.gone = s.control.noStore
	l.sheetDone(f, at)
	l.maybePaint(f)
}

// typeHolds reports whether a sheet of that type counts: text/css, or, in a page without a doctype, any of the same origin.
func (f *frame) typeHolds(r *Request, s *stored) bool {
	typ := lower(s.head.contentType)
	for i := range len(typ) {
		if typ[i] == ';' {
			typ = typ[:i]
			break
		}
	}
	typ = trim(typ)
	if s.head.nosniff {
		return typ == "text/css"
	}
	return typ == "" || typ == "text/css" || f.doc.quirks && r.url.origin == f.ctx.origin
}

func (l *Load) sheetDone(f *frame, at int32) {
	s := &f.slots[at]
	if s.done {
		return
	}
	s.done = true
	if s.holding {
		f.pending--
	}
}

// importsOf asks for what a sheet imports.
func (l *Load) importsOf(f *frame, at int32) {
	sheet := f.slots[at].sheet
	for i := range sheet.imports {
		to, holds := l.importOne(f, at, &sheet.imports[i], &f.slots[at].url, f.slots[at].url.url, f.slots[at].policy, f.slots[at].holding)
		if to >= 0 {
			s := &f.slots[at]
			s.imports = append(s.imports, importUse{to, holds, sheet.imports[i].layer})
		}
	}
}

// imports asks for what a sheet of the document itself imports.
func (l *Load) imports(f *frame, use int32, own *sheet) {
	for i := range own.imports {
		to, holds := l.importOne(f, -1, &own.imports[i], &f.plan.uses[use].base, f.ctx.url.url, "", f.plan.uses[use].applies)
		if to < 0 {
			continue
		}
		if f.ownImports == nil {
			f.ownImports = make([][]importUse, len(f.plan.uses))
		}
		f.ownImports[use] = append(f.ownImports[use], importUse{to, holds, own.imports[i].layer})
	}
}

// importOne finds or asks for an imported sheet. It is -1 for one that leads back to itself, or that is not asked for.
func (l *Load) importOne(f *frame, parent int32, rule *importRule, base *address, referrer, policy string, holding bool) (to int32, holds bool) {
	if !importSupported(rule.supports) {
		return -1, false
	}
	item := &Item{Kind: Style, Priority: VeryHigh, url: resolve(base, rule.url, nil)}
	if parent >= 0 {
		item.referrer, item.policy = referrer, policy
	}
	if l.set.Parts == DocumentsOnly || !f.plan.admit(item) {
		return -1, false
	}
	holds = f.ctx.view.mediaMatches(rule.media) && supportsHoldsImport(rule.supports)
	for p := parent; p >= 0; p = f.slots[p].parent {
		if f.slots[p].item.url.url == item.url.url {
			return -1, false
		}
	}
	for i := range f.slots {
		if s := &f.slots[i]; s.item.url.url == item.url.url && s.item.mode == item.mode && !s.gone {
			return int32(i), holds
		}
	}
	if len(f.slots) >= maxImports {
		return -1, false
	}
	r := l.ask(item, f)
	if r == nil {
		return -1, false
	}
	to = int32(len(f.slots))
	f.slots = append(f.slots, slotState{item: item, url: item.url, parent: parent, holding: holding})
	if holding {
		f.pending++
	}
	r.slot = to + 1
	l.lookup(r)
	return to, holds
}

func supportsHoldsImport(s string) bool {
	if s == "" {
		return true
	}
	return supportsHolds(s) || supportsHolds("("+s+")")
}

// maybePaint paints a frame once nothing holds it back.
func (l *Load) maybePaint(f *frame) {
	if f.painted || f.pending > 0 {
		return
	}
	f.painted = true
	p := f.plan
	if l.set.Parts == NoParts {
		return
	}
	var far []bool
	late := p.late
	if !f.ctx.unseen {
		memo := f.paintMemo()
		f.paint, far, late = memo.paint, memo.far, memo.late
		for i := range memo.items {
			if r := l.ask(&memo.items[i], f); r != nil {
				l.lookup(r)
			}
		}
	}
	for i := range late {
		item := &late[i]
		if f.ctx.unseen || f.paint != nil && f.paint.isHidden(item.node) || far != nil && far[i] {
			continue
		}
		if (item.Kind == Object || item.Kind == Embed) && p.seen[seenKey(item)] != 0 {
			continue // it shows an image of the page
		}
		if item.frame != nil {
			l.openItem(item, f)
			continue
		}
		if r := l.ask(item, f); r != nil {
			l.lookup(r)
		}
	}
}

// usesNow is the cascade as it stands.
func (f *frame) usesNow() []sheetUse {
	p := f.plan
	var out []sheetUse
	var addAll func(list []importUse, u sheetUse, depth int)
	add := func(u sheetUse, imports []importUse, depth int) {
		if u.early != nil {
			first := u
			first.sheet = u.early
			out = append(out, first)
		}
		addAll(imports, u, depth+1)
		out = append(out, u)
	}
	addAll = func(list []importUse, outer sheetUse, depth int) {
		for _, i := range list {
			s := &f.slots[i.slot]
			if s.sheet == nil || depth > 32 || len(out) > maxImports {
				continue
			}
			u := sheetUse{sheet: s.sheet, base: s.url, referer: s.url.url, policy: s.policy, external: true, applies: outer.applies && i.holds, scope: outer.scope}
			if u.layer = outer.layer; i.layer != "" {
				u.layer = joinLayers(u.layer, i.layer)
			}
			add(u, s.imports, depth)
		}
	}
	for i := range p.uses {
		u := &p.uses[i]
		if u.item > 0 {
			addAll([]importUse{{slot: p.items[u.item-1].sheet - 1, holds: true}}, sheetUse{applies: u.applies, scope: u.scope}, 0)
			continue
		}
		var imports []importUse
		if f.ownImports != nil {
			imports = f.ownImports[i]
		}
		add(sheetUse{sheet: u.own, base: u.base, applies: u.applies, scope: u.scope, owner: u.owner}, imports, 0)
	}
	return out
}

// paintMemo is what the sheets make of the document; what was computed before for the same sheets is used again.
func (f *frame) paintMemo() *paintMemo {
	uses := f.usesNow()
	list := f.plan.painted.Load()
	if list != nil {
		for _, m := range *list {
			if sameUses(m.uses, uses) {
				return m
			}
		}
	}
	view := f.ctx.view
	view.unstyled = !f.plan.csp.inlineStyle(false, "", "")
	m := &paintMemo{uses: uses, paint: computePaint(f.doc.tree, &view, uses, f.doc.layoutWanted(&f.ctx.set))}
	m.items, m.far, m.late = f.plan.paintItems(m), f.plan.farOff(m.paint), f.plan.sized(m.paint)
	var next []*paintMemo
	if list != nil && len(*list) < maxPlans {
		next = append(next, *list...)
	}
	next = append(next, m)
	f.plan.painted.CompareAndSwap(list, &next)
	return m
}

func sameUses(a, b []sheetUse) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// paintItems are the requests that the painting makes, but for those that the document has made already.
func (p *plan) paintItems(m *paintMemo) []Item {
	var out []Item
	if p.ctx.set.Parts != AllParts {
		return nil
	}
	seen := map[string]bool{}
	styles := p.csp.inlineStyle(false, "", "")
	for i := range m.paint.urls {
		u := &m.paint.urls[i]
		item := Item{Kind: Image, Priority: Low, node: u.node}
		base := p.baseAt(u.node)
		if u.sheet >= 0 {
			s := &m.uses[u.sheet]
			base = &s.base
			switch {
			case s.external:
				item.referrer, item.policy = s.referer, s.policy
			case !s.base.ok(): // a data URL is no address that could be told
				item.policy = policyWord("no-referrer")
			}
		} else if u.sheet == ofStyle && !styles {
			continue
		}
		switch u.slot {
		case slotFamily:
			item.Kind, item.Priority, item.next, item.nextBase = Font, VeryHigh, u.sources, *base
		case slotMask, slotShape, slotClip, slotFill, slotStroke, slotMarker:
			item.mode, item.creds = cors, sameOriginOnly
		case slotFilter, slotBackdrop:
			item.mode, item.creds = sameOrigin, sameOriginOnly
		}
		item.url = resolve(base, u.url, nil)
		if !p.admit(&item) || item.mode == sameOrigin && item.url.origin != p.ctx.origin {
			if item.Kind == Font && len(item.next) > 0 {
				item.url = resolve(base, item.next[0], nil)
				item.next = item.next[1:]
				if !p.admit(&item) {
					continue
				}
			} else {
				continue
			}
		}
		key := seenKey(&item)
		if p.seen[key] != 0 || seen[key] {
			continue
		}
		seen[key] = true
		out = append(out, item)
	}
	return out
}
