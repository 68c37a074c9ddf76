package capture

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/gotest"
)

// shop is a little site with a form, a token, and a button whose script asks.
func shop() http.Handler {
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, body string) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!DOCTYPE html><title>Shop</title><link rel=stylesheet href=/style.css>%s", body)
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		page(w, `<a id=go href="/login">Log in</a>`)
	})
	mux.HandleFunc("GET /style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css")
		fmt.Fprint(w, "a{color:teal}")
	})
	mux.HandleFunc("GET /login", func(w http.ResponseWriter, _ *http.Request) {
		page(w, `<form method=post action="/login"><input type=hidden name=csrf value="f3a9c1d27be84460a5"><input name=email><input type=password name=password><button id=go>Log in</button></form>`)
	})
	mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("csrf") != "f3a9c1d27be84460a5" || r.FormValue("password") == "" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "s1", Path: "/"})
		http.Redirect(w, r, "/store", http.StatusSeeOther)
	})
	mux.HandleFunc("GET /store", func(w http.ResponseWriter, _ *http.Request) {
		page(w, `<button id=go onclick="fetch('/api/cart',{method:'POST',headers:{'Content-Type':'application/json'},body:'{&quot;id&quot;:7}'}).then(()=>{document.title='done';document.getElementById('go').id='was';document.getElementById('next').id='go'})">Add to cart</button>
<button id=next onclick="fetch('/api/buy',{method:'POST',keepalive:true,headers:{'Content-Type':'application/json'},body:'{&quot;n&quot;:1}'});location='/thanks'">Buy now</button>`)
	})
	mux.HandleFunc("POST /api/buy", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":true}`)
	})
	mux.HandleFunc("GET /thanks", func(w http.ResponseWriter, _ *http.Request) { page(w, `<p id=go>Thanks</p>`) })
	mux.HandleFunc("POST /api/cart", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":true}`)
	})
	return mux
}

// outline is a recording as text.
func outline(r *importer.Recording) string {
	var all []string
	for _, q := range r.Requests {
		u, _ := url.Parse(q.URL)
		line := fmt.Sprintf("%s %s %d", q.Method, u.Path, q.Response.Status)
		if len(q.Body) > 0 {
			line += " " + string(q.Body)
		}
		if q.Clicked != "" {
			line += " [" + q.Clicked + "]"
		}
		all = append(all, line)
	}
	return strings.Join(all, "\n")
}

// client asks through a proxy whose certificates it trusts.
func client(t *testing.T, p *Proxy) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(p.CA()) {
		t.Fatal("the certificate is none")
	}
	at, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

// Over http and https the site's requests are recorded as they were made, with what came back; those to others pass unseen, over TLS that is theirs.
func TestProxy(t *testing.T) {
	other := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a counter") }))
	defer other.Close()
	for _, secure := range []bool{false, true} {
		site := httptest.NewServer(shop())
		if secure {
			site.Close()
			site = httptest.NewTLSServer(shop())
		}
		defer site.Close()
		var store importer.Store
		defer store.Close()
		p, err := Start(Options{Host: site.URL, Insecure: true}, &store)
		if err != nil {
			t.Fatal(err)
		}
		c := client(t, p)
		resp, err := c.PostForm(site.URL+"/login", url.Values{"csrf": {"f3a9c1d27be84460a5"}, "password": {"p"}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || !strings.Contains(string(body), "Add to cart") {
			t.Errorf("through the proxy came %q, %v", body, err)
		}
		c.Transport.(*http.Transport).TLSClientConfig.RootCAs.AddCert(other.Certificate())
		theirs := strings.Replace(other.URL, "127.0.0.1", "localhost", 1)
		if _, err := c.Get(theirs); err == nil || !strings.Contains(err.Error(), "certificate is valid for") {
			t.Errorf("a host of others did not show its own certificate: %v", err)
		}
		if resp, err := http.Get(p.URL()); err != nil || resp.StatusCode != http.StatusBadRequest {
			t.Errorf("asked as if it were a site, the proxy says %v, %v", resp, err)
		}
		rec := p.Close()
		const want = "POST /login 303 csrf=f3a9c1d27be84460a5&password=p\nGET /store 200"
		if got := outline(rec); got != want {
			t.Errorf("recorded:\n%s\nwant:\n%s", got, want)
		}
		if b := rec.Requests[1].Response.Body.Bytes(); !strings.Contains(string(b), "Add to cart") {
			t.Errorf("of the page %q was kept", b)
		}
		if got := strings.Join(rec.Left.Lines(), "\n"); got != "1 connections to hosts of others, which were passed on unseen: localhost" {
			t.Errorf("left out: %s", got)
		}
	}
}

func TestOurs(t *testing.T) {
	p := &Proxy{hosts: []string{"example.org", "cdn.example.net"}}
	for host, want := range map[string]bool{
		"example.org": true, "EXAMPLE.org": true, "www.example.org": true, "badexample.org": false, "example.net": false, "cdn.example.net": true, "org": false,
	} {
		if p.ours(host) != want {
			t.Errorf("%s: %v", host, !want)
		}
	}
}

// A visit in a real Chromium becomes a recording, what was clicked in it becomes steps, and those a test.
func TestChromium(t *testing.T) {
	program := FindBrowser()
	if program == "" || exec.Command(program, "--version").Run() != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is missing: apt-get install chromium")
		}
		t.Skip("chromium is missing: apt-get install chromium")
	}
	site := httptest.NewTLSServer(shop())
	defer site.Close()
	var store importer.Store
	defer store.Close()
	p, err := Start(Options{Host: site.URL, Insecure: true}, &store)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	b, err := p.Open(ctx, program, "--headless=new", "--disable-gpu")
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, step := range []struct{ line, then string }{
		{"", "location.pathname == '/' && !!document.getElementById('go') && !!window.__stampedeTells"},
		{"document.querySelector('[name=email]').value = 'a@b.example'; document.querySelector('[name=password]').value = 'secret'", "location.pathname == '/login' && !!document.getElementById('go')"},
		{"", "location.pathname == '/store' && !!document.getElementById('go')"},
		{"", "document.title == 'done' && !!document.getElementById('go')"},
		{"", "location.pathname == '/thanks' && !!document.getElementById('go')"},
	} {
		if err := visit(b, step.line, step.then); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(step.then, "/thanks") {
			if err := b.press(); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.Close()
	rec := p.Close()
	for _, want := range []string{
		"GET / 200\n", "GET /login 200 [Log in]\n", "GET /style.css 200\n", "POST /login 303 csrf=f3a9c1d27be84460a5&email=a%40b.example&password=secret [Log in]\n", "GET /store 200\n",
		`POST /api/cart 200 {"id":7} [Add to cart]`, `POST /api/buy 200 {"n":1}`, "GET /thanks 200",
	} {
		if got := outline(rec) + "\n"; !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	// The page is left as soon as it was clicked: which of the two that come of it is first is for the network to say.
	if got := outline(rec); strings.Count(got, " [Buy now]") != 1 || strings.Count(got, "[Add to cart]") != 1 {
		t.Errorf("a click that leaves the page is not told once:\n%s", got)
	}
	test, err := flow.Make([]*importer.Recording{rec}, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := gotest.Files(test, "shop")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"func (v *Visitor) LogIn(", "func (v *Visitor) AddToCart(", `"csrf"`} {
		if !strings.Contains(string(files["main.go"]), want) {
			t.Errorf("%q is missing in:\n%s", want, files["main.go"])
		}
	}
	if strings.Contains(string(files["main.go"]), "f3a9c1d27be84460a5") {
		t.Error("the token of the recording is in the test")
	}
}

// visit waits until a page shows something, and does something on it.
func visit(b *Browser, line, then string) error {
	for due := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		got, err := b.tools.evaluate(then)
		if err == nil && string(got) == "true" {
			break
		}
		if time.Now().After(due) {
			return fmt.Errorf("%s did not come true: %s, %v", then, got, err)
		}
	}
	if line == "" {
		return nil
	}
	_, err := b.tools.evaluate(line)
	return err
}

// press clicks as a mouse does.
func (b *Browser) press() error {
	got, err := b.tools.evaluate("(()=>{const r=document.getElementById('go').getBoundingClientRect();return [r.x+r.width/2,r.y+r.height/2].join(' ')})()")
	if err != nil {
		return err
	}
	var x, y float64
	if _, err := fmt.Sscanf(strings.Trim(string(got), `"`), "%f %f", &x, &y); err != nil {
		return err
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		if _, err := b.tools.ask("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1}); err != nil {
			return err
		}
	}
	return nil
}

// A recording that is over stays as it is, whatever the browser still reads.
func TestOverIsOver(t *testing.T) {
	var store importer.Store
	defer store.Close()
	p, err := Start(Options{Host: "http://shop.example"}, &store)
	if err != nil {
		t.Fatal(err)
	}
	q := &importer.Request{Start: time.Now().Add(-time.Second)}
	late := &tee{ReadCloser: io.NopCloser(strings.NewReader("late")), entry: &entry{proxy: p, request: q}, worth: true}
	p.Close()
	if b, err := io.ReadAll(late); string(b) != "late" || err != nil || q.Took != 0 || q.Response.Body.Len() != 0 {
		t.Errorf("%q, %v, %+v", b, err, q)
	}
}
