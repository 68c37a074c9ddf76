package stats

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// Place is where the samples under one key are counted: the key and its cells, one for each shard that ever recorded it. It is valid as
// long as its Recorder, and safe for concurrent use.
type Place struct {
	key   Key
	cells []atomic.Pointer[cell]
}

func (s *Place) cell(shard int) *cell {
	p := &s.cells[shard&(len(s.cells)-1)]
	if c := p.Load(); c != nil {
		return c
	}
	p.CompareAndSwap(nil, new(cell))
	return p.Load()
}

// names finds the slot of a key. Known keys are found in a map that never changes: a new name replaces the whole map. Names come in the
// first seconds and at most max of them ever, so that is cheaper than any lock on each request. Once the names are used up, a key that is
// not known is a new name, and needs no lock either.
type names struct {
	max    int
	shards int
	known  atomic.Pointer[map[Key]*Place] // by the key as the test wrote it; all plain ones are here
	full   atomic.Bool

	mu      sync.Mutex
	slots   map[Key]*Place // by the key as it is shown
	aliases int            // keys in known that are shown differently
}

func newNames(limit, shards int) *names {
	n := &names{max: limit, shards: shards, slots: map[Key]*Place{}}
	n.known.Store(&map[Key]*Place{})
	return n
}

func (n *names) find(k Key) *Place {
	known := *n.known.Load()
	if s := known[k]; s != nil {
		return s
	}
	if n.full.Load() && plain(k.Type, maxName) && plain(k.Name, maxName) {
		if s := known[folded(k)]; s != nil {
			return s
		}
	}
	return n.enter(k)
}

// enter finds or makes the slot of a key that is not known.
func (n *names) enter(k Key) *Place {
	shown := cleanKey(k)
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := (*n.known.Load())[k]; s != nil {
		return s
	}
	s := n.slots[shown]
	if s == nil {
		if len(n.slots) >= n.max {
			n.full.Store(true)
			k = folded(k)
			shown = k
		}
		s = n.make(shown)
	}
	if k == shown || len(k.Type)+len(k.Name) <= 4*maxName && n.aliases < n.max { // others are found here each time
		if k != shown {
			n.aliases++
		}
		n.learn(k, s)
	}
	return s
}

// make finds or makes the slot of a key that is fit to be shown.
func (n *names) make(shown Key) *Place {
	s := n.slots[shown]
	if s == nil {
		s = &Place{key: cloneKey(shown), cells: make([]atomic.Pointer[cell], n.shards)}
		n.slots[s.key] = s
	}
	return s
}

func (n *names) learn(k Key, s *Place) {
	grown := maps.Clone(*n.known.Load())
	grown[cloneKey(k)] = s
	n.known.Store(&grown)
}

// cloneKey keeps a key without keeping what its strings may have been cut from.
func cloneKey(k Key) Key { return Key{Type: strings.Clone(k.Type), Name: strings.Clone(k.Name)} }

// all is every slot, in no order.
func (n *names) all() []*Place {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]*Place, 0, len(n.slots))
	for _, s := range n.slots {
		all = append(all, s)
	}
	return all
}
