package gotest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// live is a site whose page keeps a WebSocket open: it greets, ticks by itself, and wants a token of the page and one of the API in what is sent.
func live() *site {
	s := newSite()
	s.mux.HandleFunc("GET /queue", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		me["key"] = s.token()
		page(w, `<form method=post action="/login"><input name=email><input type=password name=password></form><meta name="socket-key" content="%s">`, me["key"])
	})
	s.mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if logIn(w, r.FormValue("email"), r.FormValue("password")) {
			me["user"] = r.FormValue("email")
			http.Redirect(w, r, "/queue", http.StatusSeeOther)
		}
	})
	s.mux.HandleFunc("POST /api/ticket", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		me["ticket"] = s.token()
		data(w, 200, map[string]any{"ticket": me["ticket"]})
	})
	s.mux.HandleFunc("GET /socket", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if !want(w, me["key"], r.FormValue("key")) {
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		say := func(text string, args ...any) {
			_ = c.Write(r.Context(), websocket.MessageText, fmt.Appendf(nil, text, args...))
		}
		say(`{"type":"hello"}`)
		joined := false
		for {
			_, b, err := c.Read(r.Context())
			var v map[string]any
			if err != nil || json.Unmarshal(b, &v) != nil {
				return
			}
			say(`{"type":"tick","n":1}`)
			switch {
			case v["op"] == "join" && v["ticket"] == me["ticket"]:
				joined = true
				say(`{"type":"joined","id":%v}`, v["id"])
			case v["op"] == "place" && joined:
				s.done[me["user"]]++
				say(`{"type":"place","id":%v,"place":12}`, v["id"])
			default:
				say(`{"type":"error"}`)
			}
		}
	})
	return s
}

func liveFlow(b *browser, user, password string) {
	b.open("/queue")
	p := b.submit("/login", "email", user, "password", password)
	ticket := b.script("POST", "/api/ticket", "application/json", "{}").json("ticket")
	b.talk("/socket?key="+p.find(`socket-key" content="([^"]+)`), `{"op":"join","id":1,"ticket":"`+ticket+`"}`, `{"op":"place","id":2}`)
}

// talk opens a socket and sends messages, each after a while and when the one before was answered: after a tick.
func (b *browser) talk(path string, send ...string) {
	b.t.Helper()
	b.wait(50 * time.Millisecond)
	began := b.now
	c, resp, err := websocket.Dial(b.t.Context(), b.base+path, &websocket.DialOptions{HTTPClient: &http.Client{Jar: b.client.Jar}})
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close(websocket.StatusNormalClosure, "")
	var messages []map[string]any
	note := func(typ, text string) {
		b.wait(20 * time.Millisecond)
		messages = append(messages, map[string]any{"type": typ, "time": float64(b.now.UnixMilli()) / 1000, "opcode": 1, "data": text})
	}
	read := func() {
		_, m, err := c.Read(b.t.Context())
		if err != nil {
			b.t.Fatal(err)
		}
		note("receive", string(m))
	}
	read()
	for _, one := range send {
		b.wait(100 * time.Millisecond)
		if err := c.Write(b.t.Context(), websocket.MessageText, []byte(one)); err != nil {
			b.t.Fatal(err)
		}
		note("send", one)
		read()
		read()
	}
	b.entries = append(b.entries, map[string]any{
		"startedDateTime": began.Format(time.RFC3339Nano), "time": 9000, "_resourceType": "websocket", "_webSocketMessages": messages,
		"request":  map[string]any{"method": "GET", "url": strings.Replace(b.base, "http", "ws", 1) + path, "headers": []any{map[string]string{"name": "Sec-WebSocket-Key", "value": "x"}, map[string]string{"name": "Origin", "value": b.base}}},
		"response": map[string]any{"status": resp.StatusCode},
	})
}
