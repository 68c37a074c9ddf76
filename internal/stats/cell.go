package stats

import (
	"sync"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/hist"
)

// cell is what one shard counts of one name between two drains. Successes take no lock: they are the hot path, and a user must not
// wait for another whose thread was taken away inside. Everything that is rarer goes through the lock into a plain row, so that its
// parts agree with each other in every second.
type cell struct {
	touched atomic.Bool // something may be there to drain

	// Successes that nothing planned: service and response are one.
	service   hist.Atomic
	firstByte hist.Atomic // of planned ones too
	planned   atomic.Pointer[plannedCell]

	bytesIn, bytesOut, decoded atomic.Int64

	mu   sync.Mutex
	rest Row // failures and dropped arrivals
}

// plannedCell is the times of successes that a plan said when to send.
type plannedCell struct {
	service, response, lag hist.Atomic
}

func (c *cell) success(s *Sample) {
	if s.planned() {
		p := c.planned.Load()
		if p == nil {
			p = c.plan()
		}
		p.service.Record(s.Done - s.Sent)
		p.response.Record(s.Done - s.intended())
		p.lag.Record(s.Sent - s.intended())
	} else {
		c.service.Record(s.Done - s.Sent)
	}
	if s.FirstByte != 0 {
		c.firstByte.Record(s.FirstByte - s.Sent)
	}
	addBytes(&c.bytesIn, s.BytesIn)
	addBytes(&c.bytesOut, s.BytesOut)
	addBytes(&c.decoded, s.Decoded)
	c.touch()
}

// maxBytes is the most that one sample counts for, 1 TiB: a test may report anything.
const maxBytes = 1 << 40

func addBytes(to *atomic.Int64, n int64) {
	if n > 0 {
		to.Add(clampBytes(n))
	}
}

func clampBytes(n int64) int64 { return min(max(n, 0), maxBytes) }

// touch must come after what was recorded: a drain clears the mark before it looks.
func (c *cell) touch() {
	if !c.touched.Load() {
		c.touched.Store(true)
	}
}

func (c *cell) plan() *plannedCell {
	c.planned.CompareAndSwap(nil, new(plannedCell))
	return c.planned.Load()
}

func (c *cell) failure(s *Sample) {
	c.mu.Lock()
	c.rest.fail(s)
	c.mu.Unlock()
	c.touch()
}

func (c *cell) drop(n int64) {
	c.mu.Lock()
	c.rest.Dropped = addSat(c.rest.Dropped, n)
	c.mu.Unlock()
	c.touch()
}

// drainUnplanned must come before drainOthers, for every shard of a name: the caller copies service to response in between.
func (c *cell) drainUnplanned(r *Row) { c.service.Drain(&r.Service) }

func (c *cell) drainOthers(r *Row) {
	if p := c.planned.Load(); p != nil {
		p.service.Drain(&r.Service)
		p.response.Drain(&r.Response)
		p.lag.Drain(&r.Lag)
	}
	c.firstByte.Drain(&r.FirstByte)
	r.BytesIn += c.bytesIn.Swap(0)
	r.BytesOut += c.bytesOut.Swap(0)
	r.Decoded += c.decoded.Swap(0)
}

func (c *cell) drainRest(r *Row) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.rest.IsEmpty() {
		r.Add(&c.rest)
		c.rest.reset()
	}
}
