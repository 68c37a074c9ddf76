package page

import (
	"hash/maphash"
	"strings"
)

// module is what is known of a module by its text.
type module struct {
	text    string
	imports []imported
}

// module is a module by its text. A text that was seen before is not copied.
func (m *Memory) module(body []byte) *module {
	h := maphash.Bytes(m.seed, body)
	if s, ok := m.modules.get(h); ok && s.text == string(body) {
		return s
	}
	text := string(body)
	return m.modules.put(h, &module{text, importsIn(strings.TrimPrefix(text, "\ufeff"))}, len(text))
}

// readModule takes what came for a module, if its type is that of what was imported.
func (l *Load) readModule(r *Request, a *Answer, typ string) *module {
	if a.Status < 200 || a.Status > 299 || !r.item.module.holds(typ) || !integrityHolds(r.item.integrity, a.Body) {
		return nil
	}
	if r.item.module != scriptModule {
		return nil // it imports nothing
	}
	return l.mem.module(a.Body)
}

// holds reports whether a Content-Type is one of a module of that kind.
func (k moduleKind) holds(contentType string) bool {
	typ, _, _ := strings.Cut(lower(contentType), ";")
	switch typ = trim(typ); k {
	case jsonModule:
		return typ == "application/json" || typ == "text/json" || strings.HasSuffix(typ, "+json")
	case styleModule:
		return typ == "text/css"
	}
	return scriptMIME(typ)
}

// tookModule asks for what a module imports. If one of its names leads nowhere the module is of no use, and nothing of it is asked for.
func (l *Load) tookModule(r *Request, s *stored) {
	f := r.frame
	if s.module == nil || r.item.alone || len(s.module.imports) == 0 || f.plan == nil {
		return
	}
	policy := s.head.policy
	if policy == "" {
		policy = r.item.policy
	}
	items, ok := f.plan.importItems(s.module.imports, &r.url, &Item{nonce: r.item.nonce, creds: r.item.creds, policy: policy, Priority: r.item.Priority, referrer: r.url.url})
	if !ok {
		return
	}
	for i := range items {
		item := &items[i]
		if !f.newModule(item) {
			continue
		}
		if q := l.ask(item, f); q != nil {
			l.lookup(q)
		}
	}
}

// newModule reports whether a module is new to a document, and notes it.
func (f *frame) newModule(i *Item) bool {
	key := seenKey(i)
	if f.plan.seen[key] != 0 || f.modules[key] {
		return false
	}
	if f.modules == nil {
		f.modules = map[string]bool{}
	}
	f.modules[key] = true
	return true
}

// importItems are the requests for what a module at base imports; the rest of each is as in like. It is not ok when a name leads nowhere.
func (p *plan) importItems(list []imported, base *address, like *Item) (items []Item, ok bool) {
	for i := range list {
		to, ok := p.modules.resolve(base, list[i].name, p.encode())
		if !ok {
			return nil, false
		}
		item := *like
		item.Kind, item.mode, item.module, item.url = Script, cors, list[i].kind, to
		item.integrity = p.modules.integrity[to.url]
		switch item.module {
		case jsonModule:
			item.Kind = JSON
		case styleModule:
			item.Kind = Style
		}
		if to.web() && p.admit(&item) {
			items = append(items, item)
		}
	}
	return items, true
}

// inlineModule takes a script that stands in the document: a module has imports, and an import map says where their names lead.
func (p *planner) inlineModule(i int32, n *node, typ string, module bool) {
	isMap := equalFold(trim(typ), "importmap")
	if !module && !isMap || !p.csp.inlineElement(n.get("nonce"), n.text) {
		return
	}
	if isMap {
		p.modules.merge(n.text, &p.base)
		return
	}
	like := Item{nonce: n.get("nonce"), creds: sameOriginOnly, node: i, Priority: High, policy: p.attrPolicy(n), referrer: p.base.url}
	if like.policy == "" {
		like.policy = p.policy
	}
	if equalFold(n.get("crossorigin"), "use-credentials") {
		like.creds = include
	}
	items, ok := p.importItems(importsIn(n.text), &p.base, &like)
	if !ok {
		return
	}
	for _, item := range items {
		p.add(item)
	}
}

// asksForMore reports whether what stands in a script decides what a document asks for.
func (n *node) asksForMore() bool {
	typ := trim(n.get("type"))
	return equalFold(typ, "module") || equalFold(typ, "importmap")
}
