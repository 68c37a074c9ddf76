package wire

import (
	"context"
	"errors"
)

// Follower is told of the end of a request that Client.Start has begun and that went on without the goroutine that began it.
type Follower interface {
	// Ended is called once. err is what Do would have returned; the Response is filled in as Do would have done. Where on is a loop, many
	// other requests are served by the goroutine that calls it, so it must not wait for anything.
	Ended(err error, on Loop)
}

// Loop is what serves many requests by one goroutine. The zero value is none: who has it may wait.
type Loop struct{ p *poller }

// Waits reports whether whoever runs there may wait.
func (l Loop) Waits() bool { return l.p == nil }

// errBlocks says that a request cannot go on without waiting, where nobody may wait: it must go on elsewhere.
var errBlocks = errors.New("wire: this has to wait")

// errLeft says that a request goes on by itself: it belongs to the connection now, and nobody else may look at it.
var errLeft = errors.New("wire: the request is on its way")

// outcome is how far a request got.
type outcome uint8

const (
	over   outcome = iota // it has ended; exchange.err says how
	waits                 // link.wait, then go on
	left                  // somebody else goes on with it
	blocks                // it must go on where it may wait
)

// Start is Do for a request that needs no goroutine while it waits for its answer. pending says that it goes on, and that f will be told of its
// end, perhaps before Start returns: until then req and resp, and f itself, belong to the engine. Else the request is over already, and err is
// what Do would have returned; f is not told.
//
// On a loop, which is that of the call of Ended in which a user begins its next request, Start does not wait. Else it may: for the name, the
// connection, and where this engine or its connection cannot do without a goroutine, for the answer.
func (c *Client) Start(ctx context.Context, req *Request, resp *Response, f Follower, on Loop) (pending bool, err error) {
	x := c.begin(ctx, req, resp)
	if c.e.follows {
		x.follower = f
	}
	if on.p != nil {
		return x.advanceOn(on.p)
	}
	return x.run()
}

// Launch is Start for whoever waits for nothing, on a loop or not: what has to wait does so on a goroutine of its own. So several requests can be
// begun one after another as if each had a goroutine.
func (c *Client) Launch(ctx context.Context, req *Request, resp *Response, f Follower, on Loop) (pending bool, err error) {
	if !c.e.follows {
		go func() { f.Ended(c.Do(ctx, req, resp), Loop{}) }()
		return true, nil
	}
	x := c.begin(ctx, req, resp)
	x.follower = f
	if on.p == nil {
		on.p = c.e.nowhere
	}
	return x.advanceOn(on.p)
}

// run follows the request where it may wait.
func (x *exchange) run() (pending bool, err error) {
	for {
		switch x.advance() {
		case over:
			return false, x.end()
		case left:
			return true, nil
		}
		if x.follower != nil && park(x) {
			return true, nil
		}
		x.conn.link.wait(x)
	}
}

// advanceOn follows the request on the goroutine of a poller.
func (x *exchange) advanceOn(p *poller) (pending bool, err error) {
	x.loop, x.budget = p, receiveRound
	if x.workspace != nil {
		x.budget += x.wireIn
	}
	for {
		switch x.advance() {
		case over:
			return false, x.end()
		case left:
			return true, nil
		case waits:
			if park(x) {
				return true, nil
			}
			if at(x, p) {
				continue
			}
		}
		go x.elsewhere()
		return true, nil
	}
}

// serve goes on with a request that was left to the poller, and tells its follower of its end.
func (x *exchange) serve(p *poller) {
	x.parked = false
	f := x.follower // the exchange is another one's when it has ended
	if pending, err := x.advanceOn(p); !pending {
		f.Ended(err, Loop{p})
	}
}

// elsewhere is serve on a goroutine of its own, which may wait.
func (x *exchange) elsewhere() {
	x.parked, x.loop = false, nil
	f := x.follower
	if pending, err := x.run(); !pending {
		f.Ended(err, Loop{})
	}
}

// awaiter is a follower that waits, for tests of Do.
type awaiter chan error

func (a awaiter) Ended(err error, _ Loop) { a <- err }

// awaited is what Start does, and a wait for the end.
func (x *exchange) awaited() error {
	a := make(awaiter, 1)
	if x.e.follows {
		x.follower = a
	}
	pending, err := x.run()
	if pending {
		return <-a
	}
	return err
}
