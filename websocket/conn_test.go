package websocket_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	other "github.com/coder/websocket"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/stampedetest"
	"github.com/stampede-load/stampede/websocket"
)

// fan is the user of these tests.
type fan struct {
	stampede.HTTPUser
	queue *websocket.Conn
}

// visit lets one user do something once.
func visit(t *testing.T, plan stampede.Plan, do func(f *fan, ctx context.Context) error) *stampede.Report {
	t.Helper()
	plan.Test = stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[fan]{Tasks: []stampede.Task[fan]{{Name: "visit", Do: do}}})}}
	plan.Iterations = max(plan.Iterations, 1)
	if plan.Users == nil {
		plan.Users = stampede.Level(1)
	}
	return stampedetest.Plan(t, plan)
}

// rows are those of the report, as "TYPE name: count, failures".
func rows(r *stampede.Report) string {
	var all []string
	for _, row := range r.Whole.Rows {
		all = append(all, fmt.Sprintf("%s %s: %d, %d failed", row.Type, row.Name, row.Count, row.Failures))
	}
	return strings.Join(all, "\n")
}

// failures are the texts of what failed.
func failures(r *stampede.Report) string {
	var all []string
	for _, e := range r.Whole.Errors {
		all = append(all, fmt.Sprintf("%s %s: %s", e.Type, e.Name, e.Text))
	}
	return strings.Join(all, "\n")
}

// echo is a site by others: it greets, sends everything back twice, and obeys.
func echo(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := other.Accept(w, r, &other.AcceptOptions{Subprotocols: []string{"queue.v1"}})
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(-1)
		ctx := t.Context()
		if r.URL.Path == "/greets" {
			c.Write(ctx, other.MessageText, []byte("welcome "+r.Header.Get("Origin")))
		}
		for {
			kind, b, err := c.Read(ctx)
			if err != nil {
				return
			}
			if code, ok := strings.CutPrefix(string(b), "close "); ok {
				var n int
				fmt.Sscan(code, &n)
				c.Close(other.StatusCode(n), "as you wish")
				return
			}
			if string(b) == "drop" {
				return
			}
			if string(b) == "nothing" {
				continue
			}
			c.Write(ctx, kind, []byte("before "+string(b)))
			c.Write(ctx, kind, b)
		}
	})
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestExchange(t *testing.T) {
	host := serve(t, echo(t))
	report := visit(t, stampede.Plan{Host: host, Iterations: 3}, func(f *fan, ctx context.Context) (err error) {
		if f.queue == nil {
			d := websocket.Dialer{Protocols: []string{"queue.v2", "queue.v1"}}
			if f.queue, err = d.Dial(ctx, f, "/greets?ticket=1"); err != nil {
				return err
			}
			if p := f.queue.Protocol(); p != "queue.v1" {
				t.Errorf("subprotocol %q", p)
			}
			m, err := f.queue.Expect(ctx, "welcome", nil)
			if err != nil || m.String() != "welcome "+host {
				t.Errorf("greeted with %q, %v", m, err)
			}
		}
		is := func(want string) func(websocket.Message) bool {
			return func(m websocket.Message) bool { return m.String() == want }
		}
		if _, err := f.queue.Exchange(ctx, "place", websocket.Text("one"), is("one")); err != nil {
			return err
		}
		if m, err := f.queue.Exchange(ctx, "first answer", websocket.Text("two"), nil); err != nil || m.String() != "before two" {
			t.Errorf("answered with %q, %v", m, err)
		}
		if m, err := f.queue.Receive(ctx); err != nil || m.String() != "two" {
			t.Errorf("then came %q, %v", m, err)
		}
		data := []byte(strings.Repeat("\x00\xff", 100_000))
		m, err := f.queue.Exchange(ctx, "bytes", websocket.Binary(data), is(string(data)))
		if err != nil || !m.Binary {
			t.Errorf("%d bytes came back, %v", len(m.Data), err)
		}
		if err := f.queue.Ping(ctx, "alive"); err != nil {
			return err
		}
		_, err = f.queue.Exchange(ctx, "judged", websocket.JSON([]int{1}), nil, func(websocket.Message) error { return errors.New("not what was wanted") })
		if err == nil {
			t.Error("a failed check is no failure")
		}
		if n := f.queue.Counts(); n.Sent%4 != 0 || n.Received < n.Sent || n.BytesIn < 400_000 || n.BytesOut < 200_000 || n.Pongs == 0 {
			t.Errorf("counted %+v", n)
		}
		return nil
	})
	want := "WS /greets: 1, 0 failed\nWS alive: 3, 0 failed\nWS bytes: 3, 0 failed\nWS first answer: 3, 0 failed\nWS judged: 3, 3 failed\nWS place: 3, 0 failed\nWS welcome: 1, 0 failed"
	if got := rows(report); got != want {
		t.Errorf("rows:\n%s\nwant:\n%s", got, want)
	}
	if got := failures(report); got != "WS judged: not what was wanted" {
		t.Errorf("failures: %s", got)
	}
	if b := report.Whole.Total.BytesIn; b < 1_200_000 {
		t.Errorf("%d bytes in the total: those of messages are missing", b)
	}
}

func TestRefusedHandshakes(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/forbidden", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "log in first", http.StatusForbidden) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a page") })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/page", http.StatusFound) })
	answer := func(fields string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			nc, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprintf(nc, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s\r\n", fields)
				nc.Close()
			}
		}
	}
	mux.HandleFunc("/wrong", answer("Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
	report := visit(t, stampede.Plan{Host: serve(t, mux)}, func(f *fan, ctx context.Context) error {
		for _, path := range []string{"/forbidden", "/page", "/moved", "/wrong", "ws://elsewhere.example/", "ws://127.0.0.1:1/"} {
			if c, err := websocket.Dial(ctx, f, path); err == nil {
				t.Errorf("%s: opened, %v", path, c)
			}
		}
		return nil
	})
	want := `WS /forbidden: 403 Forbidden
WS /moved: protocol: the answer was 302 and not a switch to websocket; is this the right path, and does every proxy before it let websocket through?
WS /page: protocol: the answer was 200 and not a switch to websocket; is this the right path, and does every proxy before it let websocket through?
WS /wrong: the answer to the WebSocket handshake has the wrong Sec-WebSocket-Accept: it is another one's, or comes from a cache
WS ws://127.0.0.1:1/: refused: nothing listens on 127.0.0.1:1; is the site up?
WS ws://elsewhere.example/: guard: elsewhere.example is not one of the run's hosts; nothing was sent; permit it with --allow-host elsewhere.example`
	if got := failures(report); got != want {
		t.Errorf("failures:\n%s\nwant:\n%s", got, want)
	}
}

func TestHowSocketsEnd(t *testing.T) {
	t.Parallel() // one of them waits for three seconds
	for _, c := range []struct{ say, want string }{
		{"close 1011", "WS ask: reset: the site closed the socket with 1011 (error inside): as you wish"},
		{"close 4001", "WS ask: reset: the site closed the socket with 4001: as you wish"},
		{"drop", "WS ask: reset: the site closed the connection"},
		{"nothing", "WS ask: timeout: no answer within 3s"},
	} {
		report := visit(t, stampede.Plan{Host: serve(t, echo(t))}, func(f *fan, ctx context.Context) error {
			d := websocket.Dialer{}
			if c.say == "nothing" {
				d.Timeout = 3 * time.Second
			}
			q, err := d.Dial(ctx, f, "/")
			if err != nil {
				return err
			}
			_, err = q.Exchange(ctx, "ask", websocket.Text(c.say), nil)
			if err == nil {
				t.Errorf("%s: answered", c.say)
			}
			if c.say == "nothing" { // the socket is as good as before
				if _, err := q.Exchange(ctx, "again", websocket.Text("now"), nil); err == nil {
					return q.Close()
				}
			}
			if closed, ok := errors.AsType[*websocket.CloseError](err); ok != strings.HasPrefix(c.say, "close") || ok && !strings.HasSuffix(c.say, fmt.Sprint(closed.Code)) {
				t.Errorf("%s: the code is lost: %v", c.say, err)
			}
			if err := q.Send(ctx, websocket.Text("anybody?")); err == nil && c.say != "nothing" {
				t.Errorf("%s: a dead socket took a message", c.say)
			}
			return q.Close()
		})
		if got := failures(report); got != c.want {
			t.Errorf("%s: failures %q, want %q", c.say, got, c.want)
		}
	}
}

// The end of a run is no failure of the site, and of the waits it cuts off none stays.
func TestTheRunEnds(t *testing.T) {
	begun := time.Now()
	report := visit(t, stampede.Plan{Host: serve(t, echo(t)), Duration: 300 * time.Millisecond, StopTimeout: 100 * time.Millisecond}, func(f *fan, ctx context.Context) error {
		q, err := websocket.Dial(ctx, f, "/")
		if err != nil {
			return err
		}
		_, err = q.Exchange(ctx, "for ever", websocket.Text("nothing"), nil)
		return err
	})
	if got := failures(report); got != "" {
		t.Errorf("failures: %s", got)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("the run took %v: a wait was not cut off", took)
	}
}

func TestGoodbye(t *testing.T) {
	code := make(chan other.StatusCode, 2)
	host := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if c, err := other.Accept(w, r, nil); err == nil {
			_, _, err = c.Read(t.Context())
			code <- other.CloseStatus(err)
		}
	}))
	visit(t, stampede.Plan{Host: host}, func(f *fan, ctx context.Context) error {
		_, err := websocket.Dial(ctx, f, "/")
		return err
	})
	if got := <-code; got != 1001 {
		t.Errorf("a user who stops says %d, want 1001", got)
	}
	visit(t, stampede.Plan{Host: host}, func(f *fan, ctx context.Context) error {
		c, err := websocket.Dial(ctx, f, "/")
		if err != nil {
			return err
		}
		return c.CloseWith(4002, "enough")
	})
	if got := <-code; got != 4002 {
		t.Errorf("the code arrived as %d, want 4002", got)
	}
}

// Over TLS, and through a proxy, what comes while nobody reads is taken and answered too.
func TestOverTLSAndByProxy(t *testing.T) {
	pongs := make(chan error, 2)
	site := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := other.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		c.CloseRead(ctx)
		pongs <- c.Ping(ctx) // while the user does nothing
		c.Write(ctx, other.MessageText, []byte("for later"))
		<-ctx.Done()
	}))
	defer site.Close()
	var tunnels atomic.Int64
	proxy, _ := url.Parse(serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect {
			http.Error(w, "only CONNECT", http.StatusMethodNotAllowed)
			return
		}
		tunnels.Add(1)
		tunnel(w, r.Host)
	})))
	plan := stampede.Plan{Host: site.URL, HTTP: stampede.HTTP{Insecure: true}}
	for range 2 {
		report := visit(t, plan, func(f *fan, ctx context.Context) error {
			c, err := websocket.Dial(ctx, f, "/")
			if err != nil {
				return err
			}
			if err := <-pongs; err != nil {
				t.Errorf("a ping was not answered: %v", err)
			}
			_, err = c.Expect(ctx, "later", func(m websocket.Message) bool { return m.String() == "for later" })
			return err
		})
		if got := failures(report); got != "" {
			t.Errorf("failures: %s", got)
		}
		plan.HTTP.Proxy = proxy
	}
	if tunnels.Load() != 1 {
		t.Errorf("%d tunnels through the proxy, want 1", tunnels.Load())
	}
}

func tunnel(w http.ResponseWriter, to string) {
	there, err := net.Dial("tcp", to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		there.Close()
		return
	}
	io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		io.Copy(there, here)
		there.Close()
	}()
	io.Copy(here, there)
	here.Close()
}

// What is said is printed by check.
func TestCheckShowsMessages(t *testing.T) {
	var out strings.Builder
	users := stampede.Users(stampede.Spec[fan]{Tasks: []stampede.Task[fan]{{Name: "ask", Do: func(f *fan, ctx context.Context) error {
		q, err := websocket.Dial(ctx, f, "/")
		if err == nil {
			_, err = q.Exchange(ctx, "place", websocket.Text("where am I?"), nil)
		}
		return err
	}}}})
	plan := stampede.Plan{Host: serve(t, echo(t)), Test: stampede.Test{Users: []stampede.UserType{users}}}
	if err := stampede.Try(t.Context(), plan, &out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"WS " + plan.Host + "/", "101 Switching Protocols", "WS place", "> where am I?", "< before where am I?", "17 B sent"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
}

// A check that panics has failed, and one that ends its goroutine too: what was measured is counted in either case.
func TestChecksThatPanic(t *testing.T) {
	for way, broken := range map[string]func(){"in a check: no place": func() { panic("no place") }, "runtime.Goexit": runtime.Goexit} {
		report := visit(t, stampede.Plan{Host: serve(t, echo(t))}, func(f *fan, ctx context.Context) error {
			c, err := websocket.Dial(ctx, f, "/")
			if err != nil {
				return err
			}
			_, err = c.Exchange(ctx, "place", websocket.Text("hello"), nil, func(websocket.Message) error { broken(); return nil })
			return err
		})
		if got := rows(report); got != "WS /: 1, 0 failed\nWS place: 1, 1 failed" {
			t.Errorf("%s: %s", way, got)
		}
		if got := failures(report); !strings.Contains(got, "WS place: ") || !strings.Contains(got, way) {
			t.Errorf("failures: %s, not of %s", got, way)
		}
	}
}
