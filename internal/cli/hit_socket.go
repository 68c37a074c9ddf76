package cli

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/websocket"
)

// fitsSockets says what of a request makes no sense for a WebSocket.
func (r *request) fitsSockets(targets []target, given *setting.Set) error {
	for i := range targets {
		if !targets[i].socket {
			return errors.New("WebSocket (ws, wss) and http URLs cannot be asked by one hit: give each its own")
		}
	}
	for _, name := range []string{"request", "form", "get", "page"} {
		if given.Given(name) {
			return errors.New("--" + name + " says nothing to a WebSocket: -d is its message, -H goes with its handshake")
		}
	}
	return nil
}

// socketUser is a user of a hit on WebSockets: it keeps one for each URL.
type socketUser struct {
	stampede.HTTPUser
	open []*websocket.Conn
}

// socketTest makes a test of WebSockets: open one, and from then on say something and wait for what comes.
func (r *request) socketTest(targets []target, timeout time.Duration) stampede.Test {
	dialer := &websocket.Dialer{Timeout: timeout}
	var turn atomic.Uint64
	say := func(s *socketUser, ctx context.Context) (err error) {
		i := (turn.Add(1) - 1) % uint64(len(targets))
		t := &targets[i]
		if s.open == nil {
			s.open = make([]*websocket.Conn, len(targets))
		}
		c := s.open[i]
		if c == nil {
			if c, err = dialer.Dial(ctx, s, t.url, r.handshake(t)...); err != nil {
				return err
			}
			s.open[i] = c
		}
		if !r.hasBody && !t.hasBody {
			err = c.Ping(ctx, t.label+" ping")
		} else {
			_, err = c.Exchange(ctx, t.label+" message", r.message(t), nil)
		}
		if err != nil && ctx.Err() == nil {
			_ = c.Close() // the next message opens another one
			s.open[i] = nil
		}
		return err
	}
	start := func(s *socketUser, _ context.Context) error {
		for _, c := range r.cookies {
			s.SetCookies(c.url, []*http.Cookie{c.cookie})
		}
		return nil
	}
	return stampede.Test{Name: "hit", Users: []stampede.UserType{stampede.Users(stampede.Spec[socketUser]{
		Name: "hit", OnStart: start, Tasks: []stampede.Task[socketUser]{{Name: "ask", Do: say}},
	})}}
}

// handshake are the options of the request that opens a socket.
func (r *request) handshake(t *target) []stampede.Option {
	all := []stampede.Option{stampede.Name(t.label)}
	for _, h := range append(r.header[:len(r.header):len(r.header)], t.header...) {
		all = append(all, stampede.WithHeader(h.Name, h.Value))
	}
	return all
}

func (r *request) message(t *target) websocket.Message {
	if t.hasBody {
		return websocket.Text(string(t.body))
	}
	return websocket.Text(string(r.joined))
}
