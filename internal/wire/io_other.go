//go:build !unix

package wire

import "net"

var backends = []backendMaker{{"net", openNet}}

// waiter is what a back end needs per request; the portable one needs nothing.
type waiter struct{}

func (*waiter) init(*exchange) {}

// quiet cannot look at a connection here: a stale one is noticed when the request fails.
func quiet(net.Conn, bool) bool { return true }
