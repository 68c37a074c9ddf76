package stats

import (
	"maps"
	"strings"
	"sync"
	"sync/atomic"
)

// slot is a name and its cells, one for each shard that ever recorded it.
type slot struct {
	key   Key
	cells []atomic.Pointer[cell]
}

func (s *slot) cell(shard int) *cell {
	p := &s.cells[shard&(len(s.cells)-1)]
	if c := p.Load(); c != nil {
		return c
	}
	p.CompareAndSwap(nil, new(cell))
	return p.Load()
}

// names finds the slot of a key. Known keys are found in a map that never changes: a new name replaces the whole map. Names come in the
// first seconds and at most max of them ever, so that is cheaper than any lock on each request.
type names struct {
	max    int
	shards int
	known  atomic.Pointer[map[Key]*slot] // by the key as the test wrote it

	mu    sync.Mutex
	slots map[Key]*slot // by the key as it is shown
}

func newNames(limit, shards int) *names {
	n := &names{max: limit, shards: shards, slots: map[Key]*slot{}}
	n.known.Store(&map[Key]*slot{})
	return n
}

func (n *names) find(k Key) *slot {
	if s := (*n.known.Load())[k]; s != nil {
		return s
	}
	return n.enter(k)
}

// enter finds or makes the slot of a key that is not in the map. Long keys and, once the names are used up, new ones never get there:
// the map would grow with them.
func (n *names) enter(k Key) *slot {
	shown := cleanKey(k)
	n.mu.Lock()
	defer n.mu.Unlock()
	known := *n.known.Load()
	if s := known[k]; s != nil {
		return s
	}
	s := n.slots[shown]
	if s == nil && len(n.slots) >= n.max {
		shown = folded(k)
		s = n.slots[shown]
	}
	if s == nil {
		s = &slot{key: Key{strings.Clone(shown.Type), strings.Clone(shown.Name)}, cells: make([]atomic.Pointer[cell], n.shards)}
		n.slots[s.key] = s
	}
	if len(k.Type)+len(k.Name) <= 2*maxName && len(known) < 2*n.max && s.key != folded(k) {
		grown := maps.Clone(known)
		grown[Key{strings.Clone(k.Type), strings.Clone(k.Name)}] = s
		n.known.Store(&grown)
	}
	return s
}

// all is every slot, in no order.
func (n *names) all() []*slot {
	n.mu.Lock()
	defer n.mu.Unlock()
	all := make([]*slot, 0, len(n.slots))
	for _, s := range n.slots {
		all = append(all, s)
	}
	return all
}
