package wire

import (
	"maps"
	"sync/atomic"
)

// vetted remembers the headers that are the same for many requests and were looked at, so that they are not
// read again for each. The map is replaced, never changed; it holds on to the fields, so that their address stays theirs.
type vetted struct {
	known atomic.Pointer[map[*Field]vettedHeader]
}

type vettedHeader struct {
	fields []Field
	own    overrides
}

// maxVetted bounds what is remembered.
const maxVetted = 4096

// vet checks a request, or finds that its header was checked before.
func (e *Engine) vet(method string, r *Request) (own overrides, err error) {
	if !r.Fixed || len(r.Header) == 0 || len(r.Body) > 0 || method != "GET" {
		return checkRequest(method, r.Header, len(r.Body))
	}
	known := e.vetted.known.Load()
	if known != nil {
		if h, ok := (*known)[&r.Header[0]]; ok && len(h.fields) == len(r.Header) {
			return h.own, nil
		}
	}
	if own, err = checkRequest(method, r.Header, 0); err != nil || known != nil && len(*known) >= maxVetted {
		return own, err
	}
	next := map[*Field]vettedHeader{}
	if known != nil {
		next = maps.Clone(*known)
	}
	next[&r.Header[0]] = vettedHeader{r.Header, own}
	e.vetted.known.CompareAndSwap(known, &next)
	return own, nil
}
