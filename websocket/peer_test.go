package websocket_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/testsite/peer"
	"github.com/stampede-load/stampede/websocket"
)

// answers matches the answer to a question by its id.
func answers(id int) func(websocket.Message) bool {
	return func(m websocket.Message) bool {
		var got struct{ ID *int }
		return json.Unmarshal(m.Data, &got) == nil && got.ID != nil && *got.ID == id
	}
}

// Against a server that is not written in Go, alone and behind nginx: what comes in between, pings while nobody reads, bytes, messages that are
// large or in parts, and how it closes.
func TestAgainstPython(t *testing.T) {
	peer.Need(t, "python3-websockets", peer.Python, "-c", "import websockets")
	port := peer.FreePort(t)
	peer.Start(t, "ready", peer.Python, "testdata/server.py", fmt.Sprint(port))
	check := func(host, version string) func(t *testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			report := visit(t, stampede.Plan{Host: host, HTTP: stampede.HTTP{Version: version}}, talk(t, host))
			if got := failures(report); got != "WS end: reset: the site closed the socket with 4003: enough" {
				t.Errorf("failures: %s", got)
			}
		}
	}
	t.Run("alone", check(fmt.Sprintf("http://127.0.0.1:%d", port), ""))
	t.Run("behind nginx", check(peer.Nginx(t, port, "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"), ""))
	t.Run("over HTTP/2", check(peer.Nghttpx(t, port), "h2c"))
}

func talk(t *testing.T, host string) func(f *fan, ctx context.Context) error {
	return func(f *fan, ctx context.Context) error {
		f.SetCookies(host, []*http.Cookie{{Name: "fan", Value: "7"}})
		d := websocket.Dialer{Protocols: []string{"queue.v1"}}
		q, err := d.Dial(ctx, f, "/queue", stampede.Name("Join"))
		if err != nil {
			return err
		}
		m, err := q.Expect(ctx, "hello", nil)
		if want := fmt.Sprintf(`{"hello": "/queue", "cookie": "fan=7", "origin": "%s"}`, host); err != nil || m.String() != want || q.Protocol() != "queue.v1" {
			t.Errorf("greeted with %s (%s), %v; want %s", m, q.Protocol(), err, want)
		}
		for id := range 3 {
			m, err := q.Exchange(ctx, "place", websocket.JSON(map[string]int{"id": id}), answers(id))
			if want := fmt.Sprintf(`{"id": %d, "place": %d}`, id, 39-id); err != nil || m.String() != want {
				t.Errorf("answered with %s, %v; want %s", m, err, want)
			}
		}
		// It pings, and says so when all are answered: here nobody reads before they are.
		if err := q.Send(ctx, websocket.Text(`{"id": 9, "pings": 4}`)); err != nil {
			return err
		}
		for due := time.Now().Add(30 * time.Second); q.Counts().PingsAnswered < 4; f.Pause(ctx, 10*time.Millisecond) {
			if ctx.Err() != nil || time.Now().After(due) {
				t.Errorf("while nobody reads %d of 4 pings were answered", q.Counts().PingsAnswered)
				return nil
			}
		}
		if _, err := q.Expect(ctx, "alive", answers(9)); err != nil {
			return err
		}
		if m, err := q.Exchange(ctx, "bytes", websocket.Binary([]byte{1, 2, 3}), nil); err != nil || !bytes.Equal(m.Data, []byte{3, 2, 1}) {
			t.Errorf("bytes came back as %x, %v", m.Data, err)
		}
		if m, err := q.Exchange(ctx, "large", websocket.Text(`{"large": 900000}`), nil); err != nil || len(m.Data) != 900_000 {
			t.Errorf("%d bytes came, %v", len(m.Data), err)
		}
		_, err = q.Exchange(ctx, "end", websocket.Text(`{"close": 4003, "why": "enough"}`), nil)
		if err == nil {
			t.Error("a socket that the site closed gave no error")
		}
		return nil
	}
}
