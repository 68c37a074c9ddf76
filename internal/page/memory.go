package page

import (
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"
)

// Memory is what all visitors of a run share: documents and sheets that were read already, by their content. It is safe for concurrent use.
type Memory struct {
	seed    maphash.Seed
	docs    table[uint64, *doc]
	latest  table[uint64, *doc] // by address: the last document that came from there
	sheets  table[uint64, *sheetText]
	modules table[uint64, *module]
	stored  table[uint64, *stored]
}

// NewMemory makes an empty memory.
func NewMemory() *Memory {
	m := &Memory{seed: maphash.MakeSeed()}
	m.docs.limit, m.latest.limit, m.sheets.limit, m.modules.limit, m.stored.limit = 512, 512, 2048, 2048, 16384
	m.docs.heaviest, m.latest.heaviest, m.sheets.heaviest, m.modules.heaviest = maxText, maxText, maxText, maxText
	return m
}

// maxText is how many bytes of documents, and of sheets, are remembered. Read, they take more.
const maxText = 32 << 20

// table is a map with a bound: when it is full it begins anew.
type table[K comparable, V any] struct {
	m        atomic.Pointer[sync.Map]
	n        atomic.Int64
	limit    int64
	weight   atomic.Int64
	heaviest int64 // of all values together; zero means that weights do not count
}

func (t *table[K, V]) get(k K) (v V, ok bool) {
	if m := t.m.Load(); m != nil {
		if x, found := m.Load(k); found {
			return x.(V), true
		}
	}
	return v, false
}

// put adds a value of a weight; the one that is there already stays, and is given back.
func (t *table[K, V]) put(k K, v V, weight int) V {
	m := t.m.Load()
	if m == nil || t.n.Load() >= t.limit || t.heaviest > 0 && t.weight.Load()+int64(weight) > t.heaviest {
		fresh := new(sync.Map)
		if t.m.CompareAndSwap(m, fresh) {
			t.n.Store(0)
			t.weight.Store(0)
		}
		m = t.m.Load()
	}
	x, loaded := m.LoadOrStore(k, v)
	if !loaded {
		t.n.Add(1)
		t.weight.Add(int64(weight))
	}
	return x.(V)
}

// set adds a value, or puts it in the place of another one, which counts for as much.
func (t *table[K, V]) set(k K, v V, weight int) {
	if m := t.m.Load(); m != nil {
		if old, ok := m.Load(k); ok {
			if old != any(v) {
				m.Store(k, v)
			}
			return
		}
	}
	t.put(k, v, weight)
}

// doc is a document that was read, with the plans that were made of it.
type doc struct {
	*tree
	raw      string // as it came
	charset  string
	xml      bool
	noscript bool
	plans    atomic.Pointer[[]*plan]
}

type sheetText struct {
	text  string
	sheet *sheet
}

// sheet is a style sheet by its text.
func (m *Memory) sheet(text string) *sheet {
	h := maphash.String(m.seed, text)
	if s, ok := m.sheets.get(h); ok && s.text == text {
		return s.sheet
	}
	return m.sheets.put(h, &sheetText{text, parseSheet(text)}, len(text)).sheet
}

// sheetBytes is sheet for a body; a body that was seen before is not copied.
func (m *Memory) sheetBytes(body []byte) *sheet {
	h := maphash.Bytes(m.seed, body)
	if s, ok := m.sheets.get(h); ok && s.text == string(body) {
		return s.sheet
	}
	text := string(body)
	if len(text) >= 3 && text[:3] == "\xef\xbb\xbf" {
		text = text[3:]
	}
	return m.sheets.put(h, &sheetText{string(body), parseSheet(text)}, len(body)).sheet
}

// knowsSheet reports whether a sheet was read already.
func (m *Memory) knowsSheet(body []byte) bool {
	s, ok := m.sheets.get(maphash.Bytes(m.seed, body))
	return ok && s.text == string(body)
}

// how says how a document is to be read.
type how struct {
	contentType string
	address     string
	noscript    bool
	xml         bool
	exact       bool // what stands in its texts matters too
}

// document is a document by its body. One that differs from the last of its address only in what does not matter is that one.
func (m *Memory) document(body []byte, w how) *doc {
	at := maphash.String(m.seed, w.address)
	last, ok := m.latest.get(at)
	if ok = ok && last.noscript == w.noscript && last.xml == w.xml; ok && last.raw == string(body) {
		return last // comparing costs less than a hash
	}
	h := maphash.Bytes(m.seed, body)
	if w.noscript {
		h ^= 0x9e3779b97f4a7c15
	}
	if d, ok := m.docs.get(h); ok && d.noscript == w.noscript && d.xml == w.xml && d.raw == string(body) {
		return d
	}
	if ok && !w.exact && len(last.raw) == len(last.src) && last.sameBytes(body) {
		return last
	}
	raw := string(body)
	text, charset := decode(raw, w.contentType)
	d := &doc{raw: raw, tree: parseTree(text, w.noscript, w.xml), charset: charset, noscript: w.noscript, xml: w.xml}
	d = m.docs.put(h, d, len(raw))
	m.latest.set(at, d, len(raw))
	return d
}

// maxPlans bounds the contexts in which one document is remembered.
const maxPlans = 64

// plan is the plan of a document in a context.
func (d *doc) plan(m *Memory, ctx *context) *plan {
	list := d.plans.Load()
	if list != nil {
		for _, p := range *list {
			if *p.ctx == *ctx {
				return p
			}
		}
	}
	kept := *ctx
	kept.csp, kept.link, kept.refresh = strings.Clone(kept.csp), strings.Clone(kept.link), strings.Clone(kept.refresh) // they may live in the buffer of an answer
	p := newPlan(m, d.tree, &kept)
	var next []*plan
	if list != nil && len(*list) < maxPlans {
		next = append(next, *list...)
	}
	next = append(next, p)
	d.plans.CompareAndSwap(list, &next)
	return p
}

// hashString is a hash of s on top of another one, the same in every run.
func hashString(s string, h uint64) uint64 {
	h ^= 14695981039346656037
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h ^ h>>29
}
