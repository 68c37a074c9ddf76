package stats

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/mask"
)

// errKey is what makes failures one group.
type errKey struct {
	Key
	kind fault.Kind
	text string
}

// errGroup counts one group of failures between two drains.
type errGroup struct {
	errKey
	stack  string // shown once, with the first drain
	detail string // as stack

	explained atomic.Bool // a detail was given, or there is none to give
	shards    []errCell
}

// errCell is the part of one shard, on a cache line of its own.
type errCell struct {
	mu          sync.Mutex
	count       int64
	first, last int64
	_           [32]byte
}

func (c *errCell) add(at int64) {
	c.mu.Lock()
	if c.count == 0 {
		c.first, c.last = at, at
	}
	c.count++
	c.first, c.last = min(c.first, at), max(c.last, at)
	c.mu.Unlock()
}

// failures finds groups the way names finds slots.
type failures struct {
	max    int
	shards int
	known  atomic.Pointer[map[errKey]*errGroup] // by the text as it came, cut to maxText+1; all plain ones are here
	full   atomic.Bool

	mu      sync.Mutex
	groups  map[errKey]*errGroup // by the text as it is shown
	aliases int                  // keys in known that are shown differently
}

func newFailures(limit, shards int) *failures {
	f := &failures{max: limit, shards: shards, groups: map[errKey]*errGroup{}}
	f.known.Store(&map[errKey]*errGroup{})
	return f
}

// add counts one failure. k must be clean.
func (f *failures) add(shard int, k Key, kind fault.Kind, text, stack string, at int64) {
	if text == "" {
		text = kind.String()
	}
	text = text[:min(len(text), maxText+1)] // one more than is shown, so that it is cut visibly
	g := f.find(errKey{k, kind, text}, stack)
	g.shards[shard&(len(g.shards)-1)].add(at)
}

// wants reports whether a group lacks a detail. It says so once: whoever was told yes is to explain it.
func (f *failures) wants(k Key, kind fault.Kind, text string) bool {
	g := f.find(errKey{k, kind, text[:min(len(text), maxText+1)]}, "")
	return !g.explained.Load() && g.text != OtherErrors && g.explained.CompareAndSwap(false, true)
}

func (f *failures) explain(k Key, kind fault.Kind, text, detail string) {
	g := f.find(errKey{k, kind, text[:min(len(text), maxText+1)]}, "")
	f.mu.Lock()
	defer f.mu.Unlock()
	g.detail = clean(detail, maxDetail)
}

func (f *failures) find(k errKey, stack string) *errGroup {
	known := *f.known.Load()
	if g := known[k]; g != nil {
		return g
	}
	if f.full.Load() && plain(k.text, maxText) {
		if g := known[foldedError(k.Key)]; g != nil {
			return g
		}
	}
	return f.enter(k, stack)
}

// enter finds or makes the group of a key that is not known.
func (f *failures) enter(k errKey, stack string) *errGroup {
	shown := k
	shown.text = clean(mask.Text(k.text), maxText)
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := (*f.known.Load())[k]; g != nil {
		return g
	}
	g := f.groups[shown]
	if g == nil {
		if len(f.groups) >= f.max {
			f.full.Store(true)
			k = foldedError(k.Key)
			if f.groups[k] == nil && len(f.groups) >= 2*f.max { // errors that are no request can have any key
				k = foldedError(Key{Name: OtherNames})
			}
			shown, stack = k, ""
		}
		g = f.make(shown, stack)
	}
	if k == shown || f.aliases < f.max {
		if k != shown {
			f.aliases++
		}
		f.learn(k, g)
	}
	return g
}

// make finds or makes the group of a key that is fit to be shown.
func (f *failures) make(shown errKey, stack string) *errGroup {
	g := f.groups[shown]
	if g == nil {
		shown.text = strings.Clone(shown.text)
		g = &errGroup{errKey: shown, stack: cleanStack(mask.Text(stack)), shards: make([]errCell, f.shards)}
		f.groups[shown] = g
	}
	return g
}

func (f *failures) learn(k errKey, g *errGroup) {
	grown := maps.Clone(*f.known.Load())
	k.text = strings.Clone(k.text)
	grown[k] = g
	f.known.Store(&grown)
}

// foldedError is the group of all failures of a name that came after the groups were used up.
func foldedError(k Key) errKey { return errKey{Key: k, kind: fault.Other, text: OtherErrors} }

// drain is what was counted since the last drain, sorted.
func (f *failures) drain(worker int) []ErrorRow {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rows []ErrorRow
	for _, g := range f.groups {
		row := ErrorRow{Key: g.Key, Kind: g.kind, Text: g.text}
		for i := range g.shards {
			g.shards[i].drain(&row)
		}
		if row.Count == 0 {
			continue
		}
		row.Workers = []int{worker}
		row.Stack, g.stack = g.stack, ""
		row.Detail, g.detail = g.detail, ""
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b ErrorRow) int { return a.compare(&b) })
	return rows
}

func (c *errCell) drain(row *ErrorRow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == 0 {
		return
	}
	first, last := time.Duration(c.first), time.Duration(c.last)
	if row.Count == 0 {
		row.First, row.Last = first, last
	}
	row.Count += c.count
	row.First, row.Last = min(row.First, first), max(row.Last, last)
	c.count = 0
}
