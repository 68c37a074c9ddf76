package wire

import (
	"testing"

	"golang.org/x/net/http2"
)

// GOAWAY: what the server looked at is answered, what it did not is sent elsewhere, and it ends the old connection when it likes.
func TestGoAway(t *testing.T) {
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings()
		if p.n > 0 {
			p.serve()
			return
		}
		p.headers(p.request().StreamID, ok204, true)
		a, b := p.request().StreamID, p.request().StreamID
		p.WriteGoAway(1<<31-1, http2.ErrCodeNo, nil)
		p.WriteGoAway(a, http2.ErrCodeNo, nil)
		p.headers(a, ok204, true)
		p.headers(b, p.block(":status", "500"), true) // which nobody listens to
		for p.next() != nil {
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		retried := 0
		for _, r := range atOnce(t, c, 2, func(int) Request { return Request{Base: base, URL: "/", Method: "POST"} }) {
			if r.Status != 204 {
				t.Errorf("%+v", r)
			}
			if r.Retried {
				retried++
			}
			r.Release()
		}
		if n := e.Counters(); retried != 1 || n.Stale != 1 || n.Dials != 2 || e.inUse() != 0 || n.Open > 2 {
			t.Errorf("%d sent again, %+v", retried, n)
		}
	})
}

// What a server does not look at any more is sent again on one new connection, not on one for each request.
func TestGoAwayTogether(t *testing.T) {
	const all, answered = 40, 10
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings()
		if p.n > 0 {
			p.serve()
			return
		}
		p.headers(p.request().StreamID, ok204, true)
		var ids []uint32
		for range all {
			ids = append(ids, p.request().StreamID)
		}
		p.WriteGoAway(ids[answered-1], http2.ErrCodeNo, nil)
		for _, id := range ids[:answered] {
			p.headers(id, ok204, true)
		}
		for p.next() != nil {
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		do(t, c, Request{Base: base, URL: "/"})
		for _, r := range atOnce(t, c, all, func(int) Request { return Request{Base: base, URL: "/", Method: "POST"} }) {
			if r.Status != 204 {
				t.Errorf("%+v", r)
			}
			r.Release()
		}
		if n := e.Counters(); n.Dials != 2 || n.Stale != all-answered {
			t.Errorf("%+v", n)
		}
	})
}
