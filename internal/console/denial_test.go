package console_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/console"
)

const (
	token     = "a-long-enough-token"
	readToken = "for-those-who-look"
)

// denial is a request that must not do what it asks for.
type denial struct {
	what, method, path, body string
	header                   []string
	status                   int
}

const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Without a token only this machine's names count, and no other site may change anything.
func openDenials() []denial {
	start := func(what string, status int, header ...string) denial {
		return denial{what, "POST", "/api/v1/runs", `{"users":1}`, header, status}
	}
	return []denial{
		start("another origin", 403, "Origin", "http://evil.example"),
		start("an origin that looks like ours", 403, "Origin", "http://127.0.0.1.evil.example"),
		start("the origin of another port", 403, "Origin", "http://127.0.0.1:1"),
		start("no origin at all (a sandboxed frame)", 403, "Origin", "null"),
		start("a browser says cross-site", 403, "Sec-Fetch-Site", "cross-site"),
		start("a browser says same-site", 403, "Sec-Fetch-Site", "same-site"),
		start("a form's content type", 415, "Content-Type", "application/x-www-form-urlencoded"),
		start("plain text, which forms can send", 415, "Content-Type", "text/plain"),
		start("no content type", 415, "Content-Type", ""),
		start("JSON in disguise", 415, "Content-Type", "text/plain; application/json"),
		start("a DNS name that leads here", 421, "Host", "evil.example"),
		start("a DNS name with our port", 421, "Host", "evil.example:8089"),
		start("a name that begins like ours", 421, "Host", "localhost.evil.example"),
		start("an address in a name", 421, "Host", "127.0.0.1.nip.io"),
		start("another machine's address", 421, "Host", "192.168.1.5:8089"),
		{"reading by a DNS name", "GET", "/api/v1/runs", "", []string{"Host", "evil.example"}, 421},
		{"the page by a DNS name", "GET", "/", "", []string{"Host", "evil.example"}, 421},
		{"GET for a start", "GET", "/api/v1/runs/current/stop", "", nil, 404},
		{"GET for a change of load", "GET", "/api/v1/runs/current/load", "", nil, 404},
		{"GET for a pause", "GET", "/api/v1/runs/current/pause?confirm=1", "", nil, 404},
		{"HEAD for a stop", "HEAD", "/api/v1/runs/current/stop", "", nil, 404},
		{"PUT for a start", "PUT", "/api/v1/runs", `{"users":1}`, nil, 405},
		{"a method in a header", "GET", "/api/v1/runs/current/stop", "", []string{"X-HTTP-Method-Override", "POST"}, 404},
		{"OPTIONS from another site", "OPTIONS", "/api/v1/runs", "", []string{"Origin", "http://evil.example", "Access-Control-Request-Method", "POST"}, 405},
		{"ten megabytes", "POST", "/api/v1/runs", `{"users":"` + strings.Repeat("1", 10<<20) + `"}`, nil, 413},
		{"a sheet of 40 MB", "POST", "/api/v1/runs/import", strings.Repeat("a", 40<<20), []string{"Content-Type", "text/csv"}, 413},
		{"a sheet that is JSON", "POST", "/api/v1/runs/import", "{}", nil, 415},
		{"not JSON", "POST", "/api/v1/runs", `{"users":`, nil, 400},
		{"a list for settings", "POST", "/api/v1/runs", `[1]`, nil, 422},
		{"an object in a setting", "POST", "/api/v1/runs", `{"users":{"a":1}}`, nil, 422},
		{"a schedule where none are", "POST", "/api/v1/schedules", `{"name":"n","cron":"@daily"}`, nil, 409},
		{"a schedule without a name", "POST", "/api/v1/schedules", `{"cron":"@daily"}`, nil, 422},
		{"GET for a worker to leave", "GET", "/api/v1/fleet/worker-1/drain", "", nil, 404},
		{"a worker that is none", "POST", "/api/v1/fleet/worker-1/drain", "", nil, 404},
		{"GET for a run of a schedule", "GET", "/api/v1/schedules/n/run", "", nil, 404},
		{"a setting that is none", "POST", "/api/v1/runs", `{"xylophone":1}`, nil, 422},
		{"a run that is none", "POST", "/api/v1/runs/nothing/stop", "", nil, 409},
		{"a baseline that is none", "POST", "/api/v1/runs/nothing/baseline", "", nil, 404},
		{"deleting the last, whichever that is", "DELETE", "/api/v1/runs/last", "", nil, 409},
		{"writing into a column that says what happened", "PATCH", "/api/v1/runs/last", `{"users":5}`, nil, 422},
		{"a field that is none", "PATCH", "/api/v1/runs/last", `{"nots":"x"}`, nil, 422},
		{"a way out of the page's folder", "GET", "/../../etc/passwd", "", nil, 307},
		{"the same, encoded", "GET", "/..%2f..%2fetc%2fpasswd", "", nil, 404},
		{"a way round to the API", "POST", "/x/../api/v1/runs", `{"users":1}`, nil, 307},
		{"the API behind slashes", "POST", "//api/v1/runs", `{"users":1}`, nil, 307},
		{"the API, encoded", "POST", "/api%2fv1%2fruns", `{"users":1}`, nil, 405},
		{"a way out of a run", "GET", "/api/v1/runs/..%2f..%2fetc/page", "", nil, 404},
		{"a file that is none", "GET", "/api/v1/runs/last/report.exe", "", nil, 404},
		{"a span that is none", "GET", "/api/v1/runs/last/seconds?from=5&to=3", "", nil, 422},
		{"a number that is none", "GET", "/api/v1/runs/last/seconds?from=-1", "", nil, 422},
		{"an address that is none", "GET", "/api/v1/xylophone", "", nil, 404},
	}
}

// With a token everything of the API needs it, and the read-only one changes nothing.
func lockedDenials() []denial {
	bearer := func(t string) []string { return []string{"Authorization", "Bearer " + t} }
	all := []denial{
		{"no token", "GET", "/api/v1/status", "", nil, 401},
		{"no token for the description", "GET", "/api/openapi.json", "", nil, 401},
		{"no token for metrics", "GET", "/metrics", "", nil, 401},
		{"no token for a stream", "GET", "/api/v1/runs/last/stream", "", nil, 401},
		{"no token for a start", "POST", "/api/v1/runs", `{"users":1}`, nil, 401},
		{"a wrong token", "GET", "/api/v1/status", "", bearer("wrong"), 401},
		{"an empty token", "GET", "/api/v1/status", "", bearer(""), 401},
		{"the beginning of the token", "GET", "/api/v1/status", "", bearer(token[:10]), 401},
		{"another scheme", "GET", "/api/v1/status", "", []string{"Authorization", "Basic " + token}, 401},
		{"a token in the address", "GET", "/api/v1/status?token=" + token, "", nil, 401},
		{"a cookie of somebody's own making", "GET", "/api/v1/status", "", []string{"Cookie", "stampede_session=2.99999999999.00"}, 401},
		{"the token as cookie", "GET", "/api/v1/status", "", []string{"Cookie", "stampede_session=" + token}, 401},
		{"a wrong token beside a good cookie", "GET", "/api/v1/status", "", append(bearer("wrong"), "Cookie", "stampede_session=x"), 401},
		{"logging in with a wrong token", "POST", "/api/v1/login", `{"token":"wrong"}`, nil, 401},
		{"logging in from another site", "POST", "/api/v1/login", `{"token":"` + token + `"}`, []string{"Origin", "http://evil.example"}, 403},
		{"logging in with a form", "POST", "/api/v1/login", "token=" + token, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415},
		{"a good token from another site", "POST", "/api/v1/runs", `{"users":1}`, append(bearer(token), "Origin", "http://evil.example"), 403},
	}
	for _, change := range []struct{ method, path, body string }{
		{"POST", "/api/v1/runs", `{"users":1}`},
		{"POST", "/api/v1/runs/last/stop", ""},
		{"POST", "/api/v1/runs/last/pause", ""},
		{"POST", "/api/v1/runs/last/resume", ""},
		{"POST", "/api/v1/runs/last/load", `{"users":1}`},
		{"POST", "/api/v1/runs/last/annotate", `{"text":"x"}`},
		{"PATCH", "/api/v1/runs/last", `{"notes":"x"}`},
		{"DELETE", "/api/v1/runs/last", ""},
		{"POST", "/api/v1/runs/last/baseline", ""},
		{"POST", "/api/v1/runs/import", "x"},
		{"POST", "/api/v1/plan", `{}`},
		{"POST", "/api/v1/schedules", `{"name":"n","cron":"@daily"}`},
		{"POST", "/api/v1/schedules/n/run", ""},
		{"POST", "/api/v1/schedules/n/accept", ""},
		{"DELETE", "/api/v1/schedules/n", ""},
	} {
		header := bearer(readToken)
		if change.body == "x" {
			header = append(header, "Content-Type", xlsx)
		}
		all = append(all, denial{"the read-only token: " + change.method + " " + change.path, change.method, change.path, change.body, header, 403})
	}
	return all
}

func TestDenials(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		access  console.Access
		denials []denial
	}{
		"open":   {console.Access{}, openDenials()},
		"locked": {console.Access{Token: token, Read: readToken}, lockedDenials()},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, func(cfg *console.Config) { cfg.Access = c.access })
			run, notes := r.past(c.access.Token)
			for _, d := range c.denials {
				if len(c.denials) < 15 {
					t.Fatal("the table is too short")
				}
				resp, text := r.askFresh(d)
				if resp.StatusCode != d.status {
					t.Errorf("%s: %d, want %d: %.200s", d.what, resp.StatusCode, d.status, text)
				}
				if strings.HasPrefix(d.path, "/api") && d.method != "HEAD" && resp.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("%s: the answer is %s", d.what, resp.Header.Get("Content-Type"))
				}
				if resp.Header.Get("Access-Control-Allow-Origin") != "" || resp.Header.Get("Set-Cookie") != "" {
					t.Errorf("%s: %v", d.what, resp.Header)
				}
				if strings.Contains(text, "1111111") || strings.Contains(text, "secret") || strings.Contains(text, token) {
					t.Errorf("%s: the answer repeats what it was given: %.300s", d.what, text)
				}
				if s := r.console.Status(); s.Run != run || s.State != "done" {
					t.Fatalf("%s: it was done: %+v", d.what, s)
				}
				if r.ledger.notes(t) != notes {
					t.Fatalf("%s: it was written", d.what)
				}
			}
		})
	}
}

// askFresh asks on behalf of an address of its own, so that wrong tokens of one case do not lock out the next.
func (r *rig) askFresh(d denial) (*http.Response, string) {
	r.console.Forgive()
	return r.ask(d.method, d.path, d.body, d.header...)
}

// past makes a run that is over.
func (r *rig) past(token string) (id, notes string) {
	r.t.Helper()
	var started struct{ ID string }
	var header []string
	if token != "" {
		header = []string{"Authorization", "Bearer " + token}
	}
	r.into(&started, http.StatusCreated, "POST", "/api/v1/runs", `{"users":1,"run-time":0.3}`, header...)
	r.until("done")
	return started.ID, ""
}

// A token is not found by trying.
func TestTries(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(cfg *console.Config) { cfg.Access = console.Access{Token: token} })
	var last int
	for i := range 12 {
		resp, _ := r.ask("POST", "/api/v1/login", fmt.Sprintf(`{"token":"guess-%d"}`, i))
		last = resp.StatusCode
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("the twelfth wrong token: %d", last)
	}
	if resp, _ := r.ask("GET", "/api/v1/status", "", "Authorization", "Bearer "+token); resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the right one while locked out tells that it is right: %d", resp.StatusCode)
	}
}

// Sessions: who logs in may do what the token says, also after a restart of the server, and not after logging out.
func TestSessions(t *testing.T) {
	t.Parallel()
	access := func(cfg *console.Config) { cfg.Access = console.Access{Token: token, Read: readToken} }
	r := newRig(t, access)
	for who, want := range map[string]struct {
		token string
		start int
	}{"operator": {token, 201}, "reader": {readToken, 403}} {
		resp, text := r.ask("POST", "/api/v1/login", `{"token":"`+want.token+`"}`)
		cookie := resp.Header.Get("Set-Cookie")
		if resp.StatusCode != 200 || !strings.Contains(text, who) || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") {
			t.Fatalf("%s: %d %s %s", who, resp.StatusCode, text, cookie)
		}
		pair, _, _ := strings.Cut(cookie, ";")
		later := newRig(t, access) // restarted
		if resp, text := later.ask("GET", "/api/v1/me", "", "Cookie", pair); resp.StatusCode != 200 || !strings.Contains(text, who) {
			t.Errorf("%s after a restart: %d %s", who, resp.StatusCode, text)
		}
		if resp, text := later.ask("POST", "/api/v1/runs", `{"users":1,"run-time":0.2}`, "Cookie", pair); resp.StatusCode != want.start {
			t.Errorf("%s starts: %d %s", who, resp.StatusCode, text)
		}
		other := newRig(t, func(cfg *console.Config) { cfg.Access = console.Access{Token: token + "2", Read: readToken} })
		if resp, _ := other.ask("GET", "/api/v1/me", "", "Cookie", pair); resp.StatusCode != 401 {
			t.Errorf("%s with a session of another token: %d", who, resp.StatusCode)
		}
	}
	resp, _ := r.ask("DELETE", "/api/v1/login", "")
	if c := resp.Header.Get("Set-Cookie"); !strings.Contains(c, "Max-Age=0") {
		t.Errorf("logging out: %s", c)
	}
}

// No more streams are open than there may be, and those that nobody reads end.
func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	id := r.start(`{"users":1}`)
	open, refused := 0, 0
	var conns []net.Conn
	for range 1000 {
		conn, err := net.Dial("tcp", r.server.Listener.Addr().String())
		if err != nil {
			break
		}
		conns = append(conns, conn)
		fmt.Fprintf(conn, "GET /api/v1/runs/%s/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", id)
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		line, err := bufio.NewReader(conn).ReadString('\n')
		switch {
		case err != nil:
			t.Fatal(err)
		case strings.Contains(line, "200"):
			open++
		case strings.Contains(line, "429"):
			refused++
		}
	}
	if open != 256 || refused != 744 {
		t.Errorf("%d streams are open, %d were refused", open, refused)
	}
	if resp, _ := r.ask("POST", "/api/v1/runs/"+id+"/stop", ""); resp.StatusCode != 200 {
		t.Errorf("stop beside so many: %d", resp.StatusCode)
	}
	for _, c := range conns {
		c.Close()
	}
}

// What goes wrong inside is told to the log, and not to whoever asked.
func TestFaultsStayInside(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.past("")
	if resp, text := r.ask("GET", "/api/v1/trend?run=last", ""); resp.StatusCode != 500 || strings.Contains(text, "secret") {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
	req, err := http.NewRequest("GET", r.server.URL+"/api/v1/runs/last/report.torn", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("a file that was cut looks whole")
	}
}
