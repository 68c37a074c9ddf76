package wire

import "sync/atomic"

// Counters are totals since New, except the gauge Open.
type Counters struct {
	Open             int64 // connections
	Dials, DialFails int64 // connections asked for, and those that did not come to be
	Lookups          int64 // names asked of the resolver
	LookupNS         int64 // how long the resolver took, in all
	BytesIn          int64 // received, headers and framing included, TLS not
	BytesOut         int64 // sent
	Decoded          int64 // bytes of bodies after decompression
	Stale            int64 // requests sent again after a stale connection
	BlockedNS        int64 // time clients waited for one of their own connections
}

const stripes = 16

// stripe is one part of the counters. Clients are spread over the stripes, so that cores do not fight over one cache line.
type stripe struct {
	open, dials, dialFails, in, out, decoded, stale, blocked atomic.Int64
	_                                                        [64]byte
}

func (e *Engine) stripe(number int) *stripe { return &e.stripes[uint(number)%stripes] }

// Counters adds up what happened since New. Requests in flight go on meanwhile: the parts are each exact, but not of one instant.
func (e *Engine) Counters() Counters {
	c := Counters{Lookups: e.lookups.Load(), LookupNS: e.lookupNS.Load()}
	for i := range e.stripes {
		s := &e.stripes[i]
		c.Open += s.open.Load()
		c.Dials += s.dials.Load()
		c.DialFails += s.dialFails.Load()
		c.BytesIn += s.in.Load()
		c.BytesOut += s.out.Load()
		c.Decoded += s.decoded.Load()
		c.Stale += s.stale.Load()
		c.BlockedNS += s.blocked.Load()
	}
	return c
}
