// Package wire is the HTTP engine: it moves requests and answers at the cost of a bare socket while behaving like a visitor's browser.
//
// # Flow
//
// An [Engine] is what a run shares. Each user has a [Client]: its connections, cookies and TLS sessions. [Client.Do] finds out where the
// request goes (locate, guard), takes one of the client's connections or dials one (pool, dial, resolve), writes the request into a pooled
// buffer (h1_request), lets the connection's link send it and wait (io_net, io_raw, io_epoll), and feeds what comes to a parser (answer,
// h1_response, h1_chunked) until the answer is complete; then it stores cookies and follows redirects.
//
//	Client.Do -> exchange.advance -> hop -> acquire -> conn.roundTrip -> link.ask, link.more -> answer.took
//	    |               ^             ^                                                             |
//	    +-> link.wait --+             +------------------------- redirect ---------------------------+
//
// Where the site has nothing to say yet, advance returns and Do waits, with nothing else on the goroutine's stack.
//
// HTTP/2 takes the same way as far as the connection (h2_conn), which several requests may share. Each hands itself over as a stream
// (h2_send) and sleeps until that has ended. Whoever reads the connection, its poller or a goroutine of its own (h2_epoll, h2_net),
// understands frames (h2_receive, h2_control) and header blocks (h2_head), and puts the answer into the request's exchange.
//
// [Client.Start] is Do for a request that needs no goroutine: where Do would wait, the exchange is left to the poller of the connection (park),
// which goes on with it and tells its follower of the end (start). What cannot go on without waiting goes on in a goroutine of its own.
//
// [Client.Open] makes a request whose answer goes on, or whose connection becomes one of another protocol (upgrade, h2_tunnel), and
// [Client.Dial] opens a connection without a request (dial_raw). Both give a [Stream], which nobody needs to read while nothing comes (idle_poller).
//
// # Memory and goroutines
//
// Between requests a client holds its cookies and for each connection one small struct: no buffer, no goroutine, no timer. All that a
// request needs is an exchange from a pool. It goes back with [Response.Release], until when header and body may be looked at: they are
// slices of the receive buffer as far as possible.
//
// Do runs on its caller's goroutine. What Start has begun runs on the pollers', or on one that its request gets when it must wait, and belongs to
// whoever began it, who is told. The engine's own are one poller per core (epoll only), one for idle streams (Linux), the wheel that watches the time limits, for
// each connection that is being made one that dials, and with the other back ends two for each HTTP/2 connection. Close ends and waits for
// all of them.
//
// # Time limits and cancelling
//
// A request in flight has its limit in conn.due. The wheel, a done context and Close set it to a cause and wake the connection; the
// goroutine of the request finds the cause and closes the connection itself, so no descriptor is ever closed under somebody's feet. Over
// HTTP/2 each stream has its own limit, conn.due is the nearest of them, and giving a stream up cancels it alone.
package wire
