package wire

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/fault"
)

// maze redirects as the query says and otherwise tells what it was asked.
func maze() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		code, err := strconv.Atoi(r.FormValue("code"))
		if err != nil {
			code = 200
		}
		http.SetCookie(w, &http.Cookie{Name: "hop", Value: strconv.Itoa(code), Path: "/"})
		if r.URL.Query().Has("where") {
			w.Header()["Location"] = []string{r.URL.Query().Get("where")}
		}
		w.WriteHeader(code)
		io.WriteString(w, "moved")
	})
	mux.HandleFunc("/count/{n}", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.PathValue("n"))
		if n > 0 {
			w.Header().Set("Location", strconv.Itoa(n-1))
			w.WriteHeader(302)
			return
		}
		io.WriteString(w, "there")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %q", r.Method, r.RequestURI, b)
		for _, name := range []string{"Authorization", "Cookie", "X-A", "Content-Type", "Content-Length"} {
			if v := r.Header.Get(name); v != "" {
				fmt.Fprintf(w, " %s=%s", name, v)
			}
		}
	})
	return mux
}

func TestRedirectMethods(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		s, _ := site(t, false, maze())
		e := newEngine(t, Config{IO: io})
		base := target(t, e, s.URL)
		for _, tt := range []struct {
			code         int
			method, want string
		}{
			{301, "GET", "GET"},
			{301, "POST", "GET"},
			{301, "PUT", "PUT"},
			{301, "HEAD", "HEAD"},
			{302, "GET", "GET"},
			{302, "POST", "GET"},
			{302, "DELETE", "DELETE"},
			{303, "GET", "GET"},
			{303, "POST", "GET"},
			{303, "PUT", "GET"},
			{303, "HEAD", "HEAD"},
			{307, "GET", "GET"},
			{307, "POST", "POST"},
			{308, "PUT", "PUT"},
			{308, "POST", "POST"},
		} {
			c := e.Client(0)
			req := Request{
				Method: tt.method, Base: base, URL: "/to?where=/end", Query: []Field{{"code", strconv.Itoa(tt.code)}},
				Header: []Field{{"X-A", "1"}, {"Content-Type", "text/x"}},
			}
			if tt.method == "POST" || tt.method == "PUT" {
				req.Body = []byte("data")
			}
			r := do(t, c, req)
			want := tt.want + ` /end ""`
			if tt.want == tt.method && req.Body != nil {
				want = tt.want + ` /end "data"`
			}
			cookie, content := fmt.Sprintf(" Cookie=hop=%d", tt.code), " Content-Type=text/x"
			want += cookie + " X-A=1"
			if tt.want == tt.method {
				want += content
			}
			if tt.want == tt.method && req.Body != nil {
				want += " Content-Length=4"
			}
			got := body(t, r)
			if tt.want == "HEAD" {
				want = ""
			}
			if got != want || r.Hops != 1 || r.URL != s.URL+"/end" || r.Status != 200 {
				t.Errorf("%d %s: %s, want %s; %+v", tt.code, tt.method, got, want, r)
			}
			c.Close()
		}
	})
}

func TestRedirectTargets(t *testing.T) {
	s, _ := site(t, false, maze())
	e := newEngine(t, Config{})
	c := e.Client(0)
	for where, want := range map[string]string{
		"/a/b?c=d#frag":           "/a/b?c=d",
		"e":                       "/e",
		"?x=1":                    "/to?x=1",
		"../up":                   "/up",
		"./a/../b":                "/b",
		s.URL:                     "/",
		s.URL + "?q":              "/?q",
		s.URL + "/with space?a b": "/with%20space?a%20b",
		"/ümlaut":                 "/%C3%BCmlaut",
		"HTTP" + s.URL[4:] + "/X": "/X",
		s.URL[5:] + "/net":        "/net",
		`\back\slash`:             "/back/slash",
		`/search?user=CORP\bob`:   `/search?user=CORP\bob`,
		`dir\x?a\b`:               `/dir/x?a\b`,
	} {
		r := do(t, c, Request{URL: s.URL + "/to", Query: []Field{{"code", "302"}, {"where", where}}, NoCookies: true})
		if got := body(t, r); got != `GET `+want+` ""` && want != "/to?x=1" {
			t.Errorf("%s: %s, want %s", where, got, want)
		}
		if want == "/to?x=1" && (r.URL != s.URL+want || r.Hops != 1) {
			t.Errorf("%s: ended at %s", where, r.URL)
		}
	}
	for _, where := range []string{"mailto:a@example.org", "ftp://127.0.0.1/x", "javascript:alert(1)", "http://[::1"} {
		r := new(Response)
		err := c.Do(t.Context(), &Request{URL: s.URL + "/to", Query: []Field{{"code", "302"}, {"where", where}}}, r)
		if fault.Of(err) != fault.Redirect {
			t.Errorf("%s: %v", where, err)
		}
	}
	if r := do(t, c, Request{URL: s.URL + "/to?code=302&where=/50%25"}); r.URL != s.URL+"/50%" || r.Status != 400 {
		t.Errorf("a path with half an escape: %+v", r)
	}
	if r := do(t, c, Request{URL: s.URL + "/to?code=302"}); r.Status != 302 || r.Hops != 0 || body(t, r) != "moved" {
		t.Errorf("without Location: %+v", r)
	}
	if r := do(t, c, Request{URL: s.URL + "/to?code=302&where="}); r.Status != 302 || r.Hops != 0 || body(t, r) != "moved" {
		t.Errorf("with nothing in Location: %+v", r)
	}
	if r := do(t, c, Request{URL: s.URL + "/to?code=302&where=/x", Stay: true}); r.Status != 302 || r.URL != "" || r.Header("Location") != "/x" {
		t.Errorf("staying: %+v", r)
	}
	if r := do(t, c, Request{URL: s.URL + "/to?code=304&where=/x"}); r.Status != 304 {
		t.Errorf("304 is no redirect: %+v", r)
	}
}

func TestRedirectLimit(t *testing.T) {
	s, _ := site(t, false, maze())
	e := newEngine(t, Config{MaxRedirects: 5})
	c := e.Client(0)
	var hops []string
	req := Request{URL: s.URL + "/count/5", OnHop: func(from string, r *Response) {
		if r.Status != 302 || r.WireIn == 0 || r.Times.Done < r.Times.Sent || r.Header("Location") == "" || r.Hops != len(hops) {
			t.Errorf("hop %d: %+v", len(hops), r)
		}
		hops = append(hops, strings.TrimPrefix(from, s.URL))
	}}
	r := do(t, c, req)
	if r.Hops != 5 || body(t, r) != "there" || strings.Join(hops, " ") != "/count/5 /count/4 /count/3 /count/2 /count/1" {
		t.Errorf("%v, %+v", hops, r)
	}
	if whole := do(t, c, Request{URL: s.URL + "/count/5"}); whole.WireIn < 4*r.WireIn {
		t.Errorf("received %d in all, %d at the end", whole.WireIn, r.WireIn)
	}
	if _, f := doFail(t, c, Request{URL: s.URL + "/count/6"}, fault.Redirect); f.Text != "stopped after 5 redirects" {
		t.Error(f)
	}
	if n := e.Counters(); n.Dials != 1 {
		t.Errorf("hops do not share the connection: %+v", n)
	}
}

// What the test put into the request for one host is not told to another, and not told again to the first.
func TestRedirectSecrets(t *testing.T) {
	other, _ := site(t, false, maze())
	s, _ := site(t, false, maze())
	e := newEngine(t, Config{})
	secrets := []Field{{"Authorization", "Bearer s3cret"}, {"Cookie", "mine=1"}, {"X-A", "1"}}
	c := e.Client(0)
	r := do(t, c, Request{URL: s.URL + "/to?code=302&where=/end", Header: secrets})
	if got := body(t, r); got != `GET /end "" Authorization=Bearer s3cret Cookie=mine=1 X-A=1` {
		t.Errorf("on the same host: %s", got)
	}
	r = do(t, c, Request{URL: s.URL + "/to", Query: []Field{{"code", "302"}, {"where", other.URL + "/end"}}, Header: secrets, NoCookies: true})
	if got := body(t, r); got != `GET /end "" X-A=1` {
		t.Errorf("on another host: %s", got)
	}
	back := other.URL + "/to?code=302&where=" + s.URL + "/end"
	r = do(t, c, Request{URL: s.URL + "/to", Query: []Field{{"code", "302"}, {"where", back}}, Header: secrets, NoCookies: true})
	if got := body(t, r); got != `GET /end "" X-A=1` || r.Hops != 2 {
		t.Errorf("there and back: %s", got)
	}
	login := strings.Replace(s.URL, "http://", "http://ann:pass@", 1)
	if got := body(t, do(t, c, Request{URL: login + "/to?code=302&where=/end", NoCookies: true})); !strings.Contains(got, "Authorization=Basic YW5uOnBhc3M=") {
		t.Errorf("credentials of the URL: %s", got)
	}
	r = do(t, c, Request{URL: login + "/to", Query: []Field{{"code", "302"}, {"where", other.URL + "/end"}}, NoCookies: true})
	if got := body(t, r); got != `GET /end ""` {
		t.Errorf("credentials of the URL on another host: %s", got)
	}
}

// Nobody looks at the body of a redirect that is followed: what is wrong with it keeps no visitor from going on, as it does not in a browser.
func TestRedirectWithABrokenBody(t *testing.T) {
	for name, answer := range map[string]string{
		"cut off":          "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nContent-Length: 50\r\n\r\nmoved",
		"no chunk":         "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nmoved",
		"half a chunk":     "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nmoved",
		"more than chunks": "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nmoved\r\n",
		"too large":        "HTTP/1.1 302 Found\r\nLocation: /there\r\nSet-Cookie: a=1\r\nContent-Length: 5000\r\n\r\nmoved",
	} {
		t.Run(name, func(t *testing.T) {
			eachBackend(t, func(t *testing.T, backend string) {
				addr := scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
					head, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					if head.URL.Path == "/there" {
						fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na=%v", head.Header.Get("Cookie") == "a=1")
						return
					}
					io.WriteString(c, answer)
				})
				e := newEngine(t, Config{IO: backend, MaxBody: 1000})
				c := e.Client(0)
				r := do(t, c, Request{URL: "http://" + addr + "/from"})
				if got := body(t, r); got != "a=t" || r.Hops != 1 {
					t.Errorf("%d %q after %d hops", r.Status, got, r.Hops)
				}
				var stay Response
				if err := c.Do(t.Context(), &Request{URL: "http://" + addr + "/from", Stay: true}, &stay); err == nil {
					t.Errorf("the body of an answer that was asked for: %d", stay.Status)
					stay.Release()
				}
			})
		})
	}
}

// Tabs and line ends are no part of a URL, wherever it comes from (WHATWG URL, 4.4), and spaces around it are none either.
func TestURLsWithLineEnds(t *testing.T) {
	s, _ := site(t, false, maze())
	e := newEngine(t, Config{})
	base := target(t, e, s.URL)
	for raw, want := range map[string]string{
		"/a\tb": "/ab", "/a\nb\r\n": "/ab", "/a ": "/a", "/a?q=1\t2": "/a?q=12", s.URL + "/a\tb": "/ab", "/to?code=302&where=/x%09y": "/xy",
	} {
		if got := body(t, do(t, e.Client(0), Request{Base: base, URL: raw})); !strings.HasPrefix(got, "GET "+want+" ") {
			t.Errorf("%q: %s, want %s", raw, got, want)
		}
	}
}
