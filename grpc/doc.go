// Package grpc lets a user of a test call gRPC services, by generated code or by the name of a method and JSON.
//
//	func (b *Buyer) Connect(ctx context.Context) (err error) {
//		b.conn, err = grpc.Dial(ctx, b, "") // the user's host
//		return err
//	}
//
//	func (b *Buyer) Seats(ctx context.Context) error {
//		_, err := b.conn.Call(ctx, "shop.Seats/Find", `{"row": 7}`)
//		return err
//	}
//
// A [Conn] is what generated clients take: shop.NewSeatsClient(b.conn). Each call is a sample under the type GRPC and the method's name, with
// bytes, the time to the header and a status; so are the messages of streams. Thresholds, charts, checks and reports have them as they have
// requests. What is not OK is a failure that groups by its code; status.Code of google.golang.org/grpc finds it in the error.
//
// A connection belongs to the user that made it: a thousand users are a thousand connections, as a thousand apps are. It is dialled as the
// user's requests are: only to the run's own hosts, by its name lookup, source addresses, proxy and TLS. Conn.For lets other users share one.
//
// Unary calls go over HTTP/2 of the engine that makes a run's requests, and are understood as grpc-go understands them. Streams go over grpc-go, on
// a connection of their own, and so do calls with options that it alone knows and whatever a Dialer with Options makes. It is told to ask for no
// proxy of the environment, to send no keep-alive pings, to write no log, and to wait at most a second between two attempts to connect. What fails
// because there is no connection returns a tenth of a second later, so that users without a wait do not spin.
package grpc
