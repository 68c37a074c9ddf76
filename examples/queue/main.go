// Command queue is a waiting room: each fan opens a WebSocket, asks for its place every few seconds, and is told by the site, unasked, when it
// is let in. The site is in this program, so it runs as it is:
//
//	go run ./examples/queue run -u 50 -t 20s
//	go run ./examples/queue check
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	server "github.com/coder/websocket"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
	"github.com/stampede-load/stampede/websocket"
)

// word is what the fans and the waiting room say to each other.
type word struct {
	ID    int    `json:"id,omitempty"`
	Ask   string `json:"ask,omitempty"`
	Place int    `json:"place,omitempty"`
	Open  bool   `json:"open,omitempty"`
}

// Fan waits to be let in.
type Fan struct {
	stampede.HTTPUser
	queue *websocket.Conn
	asked int
}

// Join opens the socket. It is measured as "WS /queue".
func (f *Fan) Join(ctx context.Context) (err error) {
	f.queue, err = websocket.Dial(ctx, f, "/queue")
	return err
}

// Place asks for the fan's place. The answer is the message with the number of the question; whatever else the site says is passed over.
func (f *Fan) Place(ctx context.Context) error {
	f.asked++
	_, err := f.queue.Exchange(ctx, "place", websocket.JSON(word{ID: f.asked, Ask: "place"}), f.answered, plausible)
	return err
}

func (f *Fan) answered(m websocket.Message) bool {
	var w word
	return m.JSON(&w) == nil && w.ID == f.asked
}

// plausible is a check: it decides whether the answer is a success, before it is counted.
func plausible(m websocket.Message) error {
	var w word
	if err := m.JSON(&w); err != nil {
		return err
	}
	if w.Place < 1 {
		return errors.New("the place is not a place")
	}
	return nil
}

// LetIn waits until the site says that the doors are open: a message that nobody asked for.
func (f *Fan) LetIn(ctx context.Context) error {
	_, err := f.queue.Expect(ctx, "let in", func(m websocket.Message) bool {
		var w word
		return m.JSON(&w) == nil && w.Open
	})
	return err
}

// Leave closes the socket.
func (f *Fan) Leave(context.Context) error { return f.queue.Close() }

func test(host string) stampede.Test {
	return stampede.Test{
		Name: "Waiting room", Host: host,
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Fan]{
			Wait:    stampede.Between(time.Second, 3*time.Second),
			OnStart: (*Fan).Join,
			OnStop:  (*Fan).Leave,
			Tasks:   []stampede.Task[Fan]{{Weight: 4, Do: (*Fan).Place}, {Weight: 1, Do: (*Fan).LetIn}},
		})},
	}
}

// room is the site: it answers questions, and opens the doors every half second.
func room(w http.ResponseWriter, r *http.Request) {
	c, err := server.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	go func() {
		doors := time.NewTicker(500 * time.Millisecond)
		defer doors.Stop()
		for {
			select {
			case <-doors.C:
			case <-ctx.Done():
				return
			}
			if c.Write(ctx, server.MessageText, []byte(`{"open":true}`)) != nil {
				return
			}
		}
	}()
	for place := 40; ; place = max(1, place-1) {
		_, b, err := c.Read(ctx)
		var asked word
		if err != nil || json.Unmarshal(b, &asked) != nil {
			return
		}
		if c.Write(ctx, server.MessageText, fmt.Appendf(nil, `{"id":%d,"place":%d}`, asked.ID, place)) != nil {
			return
		}
	}
}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	site := &http.Server{Handler: http.HandlerFunc(room), ReadHeaderTimeout: 10 * time.Second}
	go site.Serve(l)
	launch.Main(test("http://" + l.Addr().String()))
}
