package gotest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// conversation is a socket of the browser, which writes down what is said.
type conversation struct {
	b        *browser
	conn     *websocket.Conn
	messages []map[string]any
}

// dial opens a socket.
func (b *browser) dial(path string) *conversation {
	b.t.Helper()
	b.wait(50 * time.Millisecond)
	c, _, err := websocket.Dial(b.t.Context(), b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	s := &conversation{b: b, conn: c}
	b.entries = append(b.entries, map[string]any{
		"startedDateTime": b.now.Format(time.RFC3339Nano), "time": 9000, "_resourceType": "websocket",
		"request":  map[string]any{"method": "GET", "url": strings.Replace(b.base, "http", "ws", 1) + path, "headers": []any{}},
		"response": map[string]any{"status": 101},
	})
	entry := b.entries[len(b.entries)-1]
	b.t.Cleanup(func() { c.CloseNow() })
	entry["_webSocketMessages"] = &s.messages
	return s
}

func (s *conversation) note(typ, text string) {
	s.b.wait(20 * time.Millisecond)
	s.messages = append(s.messages, map[string]any{"type": typ, "time": float64(s.b.now.UnixMilli()) / 1000, "opcode": 1, "data": text})
}

func (s *conversation) say(text string) {
	s.b.t.Helper()
	s.b.wait(80 * time.Millisecond)
	if err := s.conn.Write(s.b.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		s.b.t.Fatal(err)
	}
	s.note("send", text)
}

// hear reads until a message holds a text, and gives what JSON has there.
func (s *conversation) hear(text string) (got struct {
	Session struct{ ID string }
	Pass    string
	Price   int
	raw     string
},
) {
	s.b.t.Helper()
	for {
		_, m, err := s.conn.Read(s.b.t.Context())
		if err != nil {
			s.b.t.Fatalf("waiting for %s: %v", text, err)
		}
		if s.note("receive", string(m)); strings.Contains(string(m), text) {
			_ = json.Unmarshal(m, &got)
			got.raw = string(m)
			return got
		}
	}
}

// waits goes through the waiting room: values that come only over its socket, or as events, are needed over the same socket, by a script of the same
// page, and by the next page, and the socket is open all the time.
func waits(t *testing.T, base string, day int) []byte {
	b := newBrowser(t, base, day)
	b.open("/")
	s := b.dial("/room")
	session := s.hear("hello").Session.ID
	s.say(fmt.Sprintf(`{"type":"join","id":1,"session":%q}`, session))
	s.hear("joined")
	pass := s.hear(`"place": 0`).Pass
	seat := b.script("GET", "/api/seat?pass="+pass, "", "").json("seat")
	for range 5 {
		s.hear("price")
	}
	s.say(fmt.Sprintf(`{"type":"bid","id":2,"price":%d,"seat":%q}`, s.hear("price").Price, seat))
	s.hear("sold")
	s.say(`42["confirm"]`)
	_, order, _ := strings.Cut(s.hear("confirmed").raw, `"order":"`)
	b.open("/buy?order=" + strings.TrimRight(order, `"}]`))
	news := b.script("GET", "/news", "", "", "Accept", "text/event-stream")
	b.open("/receipt?key=" + news.find(`"key":"([^"]+)`))
	return b.har()
}

// writeWaitingRoom writes tests of the waiting room, recorded twice and once.
func writeWaitingRoom(t *testing.T) (all []written, check func(out map[string]string)) {
	peer.Need(t, "python3-websockets", peer.Python, "-c", "import websockets")
	port := peer.FreePort(t)
	peer.Start(t, "ready", peer.Python, "testdata/waiting_room.py", fmt.Sprint(port))
	base := fmt.Sprintf("http://127.0.0.1:%d", port)
	one, two := waits(t, base, 20), waits(t, base, 21)
	count := func() (n int) {
		resp, err := http.Get(base + "/count")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		_, _ = fmt.Sscan(string(b), &n)
		return n
	}
	if n := count(); n != 2 {
		t.Fatalf("the recordings are not whole: %d", n)
	}
	all = []written{{"two_room", newSite(), base, makeTest(t, "room", one, two)}, {"one_room", newSite(), base, makeTest(t, "room", one)}}
	return all, func(out map[string]string) {
		if n := count(); n != 4 {
			t.Errorf("%d of 2 came through the waiting room", n-2)
		}
		for _, w := range all {
			if !strings.Contains(out[w.name], " 0 failed") || w.files["accounts.csv"] != nil {
				t.Errorf("%s:\n%s\n%s\n%s", w.name, out[w.name], w.files["main.go"], w.files["accounts.csv"])
			}
		}
	}
}
