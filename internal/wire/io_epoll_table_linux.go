package wire

import (
	"sync"
	"sync/atomic"
)

// linkTable finds links by descriptor without a lock. An event carries the descriptor and a mark: one that was fetched before its
// connection closed must not reach another that has the descriptor now.
type linkTable struct {
	mu    sync.Mutex
	parts atomic.Pointer[[]*linkPart]
	made  int32
	open  atomic.Int32
}

type linkPart [1024]atomic.Pointer[epollLink]

func (t *linkTable) add(l *epollLink) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var parts []*linkPart
	if p := t.parts.Load(); p != nil {
		parts = *p
	}
	i := int(l.fd) / len(linkPart{})
	if i >= len(parts) {
		grown := make([]*linkPart, i+1)
		for j := copy(grown, parts); j < len(grown); j++ {
			grown[j] = new(linkPart)
		}
		parts = grown
		t.parts.Store(&grown)
	}
	t.made++
	l.mark = t.made
	parts[i][int(l.fd)%len(linkPart{})].Store(l)
	t.open.Add(1)
}

func (t *linkTable) remove(l *epollLink) {
	t.slot(int(l.fd)).Store(nil)
	t.open.Add(-1)
}

func (t *linkTable) slot(fd int) *atomic.Pointer[epollLink] {
	return &(*t.parts.Load())[fd/len(linkPart{})][fd%len(linkPart{})]
}

func (t *linkTable) find(fd, mark int32) *epollLink {
	if l := t.slot(int(fd)).Load(); l != nil && l.mark == mark {
		return l
	}
	return nil
}
