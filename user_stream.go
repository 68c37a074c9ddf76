package stampede

import (
	"context"
	"net"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/weburl"
	"github.com/stampede-load/stampede/internal/wire"
)

// Upgrade asks for a URL and for another protocol on the connection (RFC 9110, 7.8), as packages for such protocols do: stampede/websocket
// does it for you. The request is measured, checked and shown like every other, under the type "WS" for websocket and else the protocol in
// capitals; it carries the visitor's cookies and, for websocket, the Origin that a page of the site would send. When the site has switched
// (101) the connection is returned, whose bytes are the new protocol's. It has nothing to do with the user's other connections and is closed
// when the user stops; no time limit but its own deadlines holds for it.
func (u *HTTPUser) Upgrade(ctx context.Context, protocol, url string, opts ...Option) (net.Conn, *Response, error) {
	typ := strings.ToUpper(protocol)
	if protocol == "websocket" {
		typ = "WS"
	}
	c := u.take()
	err := u.prepare(c, typ, url, opts)
	var s *wire.Stream
	if err == nil {
		c.req.Method, c.req.Upgrade, c.req.Stay = "GET", protocol, true
		if protocol == "websocket" && !named(c.fields, "Origin") {
			c.header("Origin", originOf(u.Host(), url))
			c.req.Header = c.fields
		}
		s, err = u.client.Open(ctx, &c.req, &c.resp.wire)
	}
	if err = u.finish(c, opts, err); err == nil && s == nil {
		err = &fault.Error{Kind: fault.Other, Text: "there is no connection: the status that was expected is that of a refusal"}
	}
	if err != nil {
		if s != nil {
			s.Close()
		}
		return nil, &c.resp, err
	}
	return s, &c.resp, nil
}

// originOf is the site of the first of these addresses that has one.
func originOf(urls ...string) string {
	for _, raw := range urls {
		if u, err := weburl.Parse(raw); err == nil {
			return u.Site()
		}
	}
	return "null"
}
