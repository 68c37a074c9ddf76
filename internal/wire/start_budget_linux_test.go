//go:build !race

package wire

import (
	"context"
	"testing"
)

// tireless is a visitor that asks again and again on the poller, and counts.
type tireless struct {
	ctx  context.Context
	c    *Client
	req  Request
	resp Response
	left int
	t    *testing.T
	done chan struct{}
}

func (u *tireless) begin(on Loop) {
	if pending, err := u.c.Start(u.ctx, &u.req, &u.resp, u, on); !pending {
		u.t.Errorf("a request was over at once: %v", err)
		close(u.done)
	}
}

func (u *tireless) Ended(err error, on Loop) {
	if b, berr := u.resp.Body(); err != nil || berr != nil || len(b) != 1024 || u.resp.Status != 200 {
		u.t.Errorf("%d, %d bytes, %v, %v", u.resp.Status, len(b), err, berr)
	}
	if u.left--; u.left == 0 {
		u.done <- struct{}{}
		return
	}
	u.begin(on)
}

// A request that goes on without a goroutine allocates nothing.
func TestStartAllocations(t *testing.T) {
	child := "http://" + childServer(t)
	h2, cfg2 := fixed2(t, false)
	cfg2.IO = "epoll"
	for _, tt := range []struct {
		name, url string
		cfg       Config
	}{{"1", child, Config{IO: "epoll"}}, {"h2c", h2, cfg2}} {
		t.Run(tt.name, func(t *testing.T) {
			e := newEngine(t, tt.cfg)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			u := &tireless{ctx: ctx, c: e.Client(0), t: t, done: make(chan struct{}, 1), req: Request{URL: "/page", Base: target(t, e, tt.url)}}
			u.c.SetCookies(tt.url+"/", cookieOf("session", "0123456789abcdef"))
			const each = 500
			n := testing.AllocsPerRun(5, func() {
				u.left = each
				u.begin(Loop{})
				<-u.done
			})
			if n > each/10 {
				t.Errorf("%v allocations for %d requests", n, each)
			}
			u.resp.Release()
			u.c.Close()
		})
	}
}
