package wire

import (
	"fmt"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A header block that is made of what is remembered says what one says that is made for the first time, whatever changed in between: the path,
// the cookies, a field, the method, the server's table.
func TestHeaderBlockAgain(t *testing.T) {
	said := make(chan string, 1)
	eachPeer(t, Config{}, func(p *h2peer) {
		p.WriteSettings()
		dec := hpack.NewDecoder(4096, nil)
		for n := 0; ; n++ {
			f := p.request()
			if f == nil {
				return
			}
			fields, err := dec.DecodeFull(f.HeaderBlockFragment())
			said <- fmt.Sprint(fields, err)
			if n == 12 { // from here on nothing can be remembered, and later again
				p.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 0})
			} else if n == 15 {
				p.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 4096})
			}
			p.headers(f.StreamID, ok204, true)
		}
	}, func(t *testing.T, e *Engine, base *Target) {
		c := e.Client(0)
		again := 0
		ask := func(c *Client, cookie string, req Request) string {
			req.Base = base
			if cookie != "" {
				c.SetCookies(base.String()+"/", cookieOf("session", cookie))
			}
			do(t, c, req)
			return <-said
		}
		plain, own := Request{URL: "/a?x"}, Request{URL: "/b", Header: []Field{{"X-One", "1"}, {"User-Agent", "me"}}}
		for i, step := range []struct {
			cookie string
			req    Request
		}{
			{"", plain},
			{"", plain},
			{"", Request{URL: "/"}},
			{"1", plain},
			{"1", plain},
			{"1", Request{URL: "/other"}},
			{"2", plain},
			{"2", plain},
			{"2", own},
			{"2", own},
			{"2", own},
			{"2", Request{Method: "PUT", URL: "/c", Body: []byte("x")}},
			{"2", Request{Method: "PUT", URL: "/c", Body: []byte("xy")}},
			{"2", plain},
			{"2", plain},
			{"2", plain},
			{"2", plain},
			{"2", plain},
			{"2", plain},
			{"2", Request{URL: "/h", Header: []Field{{"Host", "elsewhere.example"}}}},
			{"2", plain},
			{"2", plain},
		} {
			before := c.memo()
			got := ask(c, step.cookie, step.req)
			first := e.Client(1)
			if want := ask(first, step.cookie, step.req); got != want {
				t.Errorf("step %d: %s, want %s", i, got, want)
			}
			first.Close()
			if m := c.memo(); m.key != 0 && m.key == before.key && m.state == before.state {
				again++
			}
		}
		if again < 5 {
			t.Errorf("what was remembered was used %d times", again)
		}
	})
}

// memo is that of the client's connection.
func (c *Client) memo() blockMemo {
	if c.conns == nil || c.conns.h2 == nil {
		return blockMemo{}
	}
	c.conns.h2.mu.Lock()
	defer c.conns.h2.mu.Unlock()
	return c.conns.h2.again
}
