// Package websocket lets a user of a test keep a WebSocket open, as a page does that shows its visitor's place in a queue.
//
//	func (f *Fan) Join(ctx context.Context) (err error) {
//		f.queue, err = websocket.Dial(ctx, f, "/queue")
//		return err
//	}
//
//	func (f *Fan) Ask(ctx context.Context) error {
//		_, err := f.queue.Exchange(ctx, "position", websocket.Text(`{"ask":"position"}`), nil)
//		return err
//	}
//
// The handshake is a request of the user: its cookies, TLS, source address and proxy are the same, only the run's own hosts are asked, and
// it is measured as "WS /queue". Each Exchange, Expect and Ping is a sample of its own, under the type WS and the name that the test gives
// it, so thresholds, charts, checks and reports have them as they have requests. Bytes that come and go between two samples are part of the
// next one, so that none is lost.
//
// Pings are answered and messages received whether somebody waits for them or not. On Linux that takes no goroutine and no buffer while
// nothing comes: an idle socket takes some 4 KB. Elsewhere each socket has a goroutine that reads.
//
// Frames are understood as RFC 6455 has them; no extension is offered, so nothing is compressed.
package websocket
