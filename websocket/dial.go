package websocket

import (
	"context"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/weburl"
	"github.com/stampede-load/stampede/internal/wire"
)

// User is who opens a socket: whatever embeds [stampede.HTTPUser].
type User interface {
	Upgrade(ctx context.Context, protocol, url string, opts ...stampede.Option) (net.Conn, *stampede.Response, error)
	Measure(typ, name string, f func(*stampede.Sample) error) error
	Host() string
}

// Dialer says how sockets are opened and used. The zero value is what [Dial] uses.
type Dialer struct {
	Protocols []string      // subprotocols that are offered, the best one first; see Conn.Protocol
	Limit     int64         // bytes of the largest message that is taken; 0 means 16 MiB
	Timeout   time.Duration // for how long Receive, Expect, Exchange and Ping wait; 0 means 30 s
	Inbox     int           // messages kept while nobody waits for one, of which the oldest are dropped; 0 means 256

	// Keep, when set, says which messages wait for an Expect that is for them, though others are passed over: what the site sends at a time of its own.
	// Receive gives them too. It must be quick, and runs on a goroutine that is not the task's.
	Keep func(Message) bool

	// OnMessage, when set, sees every message as it comes, also while the user does nothing: it must be quick, may not use the socket, and runs
	// on a goroutine that is not the task's.
	OnMessage func(Message)
}

// Dial opens a socket with the zero Dialer.
func Dial(ctx context.Context, u User, url string, opts ...stampede.Option) (*Conn, error) {
	return new(Dialer).Dial(ctx, u, url, opts...)
}

// Dial opens a socket: url is absolute (ws, wss, http or https), or a path on the user's host. opts are those of a request, such as
// [stampede.Name], [stampede.WithHeader], [stampede.Timeout] and [stampede.Check]; without a name the path is the name. The error is counted
// already: a task may just return it. The socket is closed when the user stops.
func (d *Dialer) Dial(ctx context.Context, u User, url string, opts ...stampede.Option) (*Conn, error) {
	key := newKey()
	address, name := addressOf(url, u.Host())
	all := []stampede.Option{
		stampede.Name(name), stampede.WithHeader("Sec-WebSocket-Version", "13"), stampede.WithHeader("Sec-WebSocket-Key", key),
		stampede.Check(func(r *stampede.Response) error { return d.agreed(r, key) }),
	}
	if len(d.Protocols) > 0 {
		all = append(all, stampede.WithHeader("Sec-WebSocket-Protocol", strings.Join(d.Protocols, ", ")))
	}
	nc, resp, err := u.Upgrade(ctx, "websocket", address, append(all, opts...)...)
	if err != nil {
		return nil, err
	}
	line, ok := nc.(*wire.Stream)
	if !ok {
		nc.Close()
		return nil, fmt.Errorf("websocket: a %T is no connection of a stampede.HTTPUser", nc)
	}
	return newConn(d, u, line, resp.Header("Sec-WebSocket-Protocol")), nil
}

// addressOf is the address of the handshake and its name in every table.
func addressOf(raw, host string) (address, name string) {
	address = raw
	if rest, ok := strings.CutPrefix(raw, "ws:"); ok {
		address = "http:" + rest
	} else if rest, ok := strings.CutPrefix(raw, "wss:"); ok {
		address = "https:" + rest
	}
	name, _, _ = strings.Cut(raw, "?")
	u, err := weburl.Parse(address)
	if err != nil {
		return address, name
	}
	name = "ws" + strings.TrimPrefix(u.Site(), "http") + u.Path
	if own, err := weburl.Parse(host); err == nil && own.Site() == u.Site() {
		name = u.Path
	}
	return address, name
}

func newKey() string {
	var b [16]byte
	rand.Read(b[:])
	return base64.StdEncoding.EncodeToString(b[:])
}

// acceptFor is what a server answers that has understood the handshake with this key (RFC 6455, 4.2.2).
func acceptFor(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// agreed is the check of the handshake's answer. Over HTTP/2 there is no key (RFC 8441, 5.1).
func (d *Dialer) agreed(r *stampede.Response, key string) error {
	if !r.OK() {
		return nil // its status says it
	}
	switch p := r.Header("Sec-WebSocket-Protocol"); {
	case r.Proto() != "HTTP/2.0" && r.Header("Sec-WebSocket-Accept") != acceptFor(key):
		return errors.New("the answer to the WebSocket handshake has the wrong Sec-WebSocket-Accept: it is another one's, or comes from a cache")
	case r.Header("Sec-WebSocket-Extensions") != "":
		return errors.New("the site uses a WebSocket extension that was not offered")
	case p != "" && !slices.ContainsFunc(d.Protocols, func(own string) bool { return strings.EqualFold(own, p) }):
		return errors.New("the site chose the subprotocol " + p + ", which was not offered")
	}
	return nil
}
