package notify_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/notify"
)

func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}

func way(t *testing.T, text, dir string, values map[string]string) notify.Way {
	t.Helper()
	w, err := notify.Parse(text, dir, environment(values))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var worse = notify.Message{
	Event: notify.Regression, Schedule: "nightly", Run: "20261102-023000-3f9a", Due: time.Date(2026, 11, 2, 1, 30, 0, 0, time.UTC),
	Text: "p95 of Log In +38 % since 'cache off' (2026-11-02), 2 nights <!channel>\r\nBcc: all@example.org",
}

func TestWebhookIsSignedAndTriedAgain(t *testing.T) {
	var asked atomic.Int32
	first := ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			first = r.Header.Get("X-Stampede-Message")
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if id := r.Header.Get("X-Stampede-Message"); id == "" || id != first {
			t.Errorf("the message is %q, and was %q at first", id, first)
		}
		if got := r.Header.Get("X-Stampede-Signature"); got == "" || got != notify.Sign("s3cret", r.Header.Get("X-Stampede-Timestamp"), body) {
			t.Errorf("the signature is %q", got)
		}
		var m notify.Message
		if err := json.Unmarshal(body, &m); err != nil || m.Event != notify.Regression || m.Run != worse.Run || !m.Due.Equal(worse.Due) {
			t.Errorf("%v: %s", err, body)
		}
	}))
	defer s.Close()
	w := way(t, "webhook:${HOOK}", ".", map[string]string{"HOOK": s.URL, "STAMPEDE_NOTIFY_SECRET": "s3cret"})
	if err := w.Send(t.Context(), &worse); err != nil || asked.Load() != 2 {
		t.Errorf("%v after %d", err, asked.Load())
	}
	// By hand: printf '1.{}' | openssl dgst -sha256 -hmac key
	if got := notify.Sign("key", "1", []byte("{}")); got != "sha256=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224" {
		t.Error(got)
	}
}

func TestWhatIsRefusedIsNotTriedAgainAndNamesNoAddress(t *testing.T) {
	var asked atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		http.Error(w, "no_service", http.StatusNotFound)
	}))
	defer s.Close()
	w := way(t, "slack:"+s.URL+"/services/T0SECRET", ".", nil)
	err := w.Send(t.Context(), &worse)
	if err == nil || asked.Load() != 1 || !strings.Contains(err.Error(), "404") || strings.Contains(err.Error(), "T0SECRET") {
		t.Errorf("%v after %d", err, asked.Load())
	}
	s.Close()
	if err := w.Send(t.Context(), &worse); err == nil || strings.Contains(err.Error(), "T0SECRET") {
		t.Errorf("nobody there: %v", err)
	}
}

// Whoever does not answer is not waited for when nobody wants to wait any more, and what is said of that has no words of the library's.
func TestGivenUp(t *testing.T) {
	gone := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gone }))
	defer s.Close()
	defer close(gone)
	w := way(t, "slack:"+s.URL, ".", nil)
	ctx, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	if err := w.Send(ctx, &worse); err == nil || !strings.Contains(err.Error(), "no answer within") && !strings.Contains(err.Error(), "given up") {
		t.Error(err)
	}
}

func TestSlack(t *testing.T) {
	var got map[string]string
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	w := way(t, "slack:"+s.URL, ".", nil)
	if err := w.Send(t.Context(), &worse); err != nil {
		t.Fatal(err)
	}
	want := "stampede: nightly: worse. p95 of Log In +38 % since 'cache off' (2026-11-02), 2 nights &lt;!channel&gt; Bcc: all@example.org"
	if len(got) != 1 || got["text"] != want {
		t.Errorf("it says %q", got)
	}
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\ncat > told.json\necho \"$STAMPEDE_EVENT $1\" > event\n"
	if err := os.WriteFile(filepath.Join(dir, "tell.sh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	w := way(t, "command:./tell.sh all", dir, nil)
	if err := w.Send(t.Context(), &worse); err != nil {
		t.Fatal(err)
	}
	var m notify.Message
	text, err := os.ReadFile(filepath.Join(dir, "told.json"))
	if err != nil || json.Unmarshal(text, &m) != nil || m.Text != worse.Text {
		t.Errorf("%v: %s", err, text)
	}
	if event, err := os.ReadFile(filepath.Join(dir, "event")); err != nil || string(event) != "regression all\n" {
		t.Errorf("%v: %q", err, event)
	}
	bad := way(t, "command:false", dir, nil)
	if err := bad.Send(t.Context(), &worse); err == nil || !strings.Contains(err.Error(), "exit status 1") {
		t.Errorf("%v", err)
	}
}

// office is a small SMTP server: it takes letters, and knows one password.
type office struct {
	starttls *tls.Config // nil has none
	implicit bool        // TLS from the start, by starttls
	auth     string      // the ways to log in; empty takes none
	letters  chan string
}

// open starts it, and gives its address.
func (o *office) open(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	o.letters = make(chan string, 4)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if o.implicit {
				conn = tls.Server(conn, o.starttls)
			}
			go o.serve(conn)
		}
	}()
	return l.Addr().String()
}

func (o *office) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	in := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	secure := o.implicit
	envelope := ""
	if secure {
		envelope = "TLS\n"
	}
	ask := func(text string) string {
		say("334 " + base64.StdEncoding.EncodeToString([]byte(text)))
		line, err := in.ReadString('\n')
		if err != nil {
			return ""
		}
		said, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		if err != nil {
			return ""
		}
		return string(said)
	}
	say("220 post.example ESMTP")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		switch verb := strings.ToUpper(strings.SplitN(line, " ", 2)[0]); verb {
		case "EHLO":
			if line != "EHLO [127.0.0.1]" {
				say("501 who are you")
				continue
			}
			say("250-post.example")
			if o.starttls != nil && !secure {
				say("250-STARTTLS")
			}
			if o.auth != "" {
				say("250-AUTH " + o.auth)
			}
			say("250 HELP")
		case "STARTTLS":
			say("220 go on")
			conn, secure = tls.Server(conn, o.starttls), true
			in, envelope = bufio.NewReader(conn), "TLS\n"
		case "AUTH":
			known := line == "AUTH PLAIN AG1lAHB3" // \0me\0pw
			if line == "AUTH LOGIN" {
				known = ask("Username:") == "me" && ask("Password:") == "pw"
			}
			if !known {
				say("535 no")
				continue
			}
			say("235 welcome")
		case "MAIL", "RCPT":
			envelope += line + "\n"
			if strings.Contains(line, "nobody@") {
				say("550 no such person")
				continue
			}
			say("250 ok")
		case "DATA":
			say("354 go on")
			text, whole := letterFrom(in)
			if !whole {
				return
			}
			o.letters <- envelope + "\n" + text
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func letterFrom(in *bufio.Reader) (text string, whole bool) {
	for {
		one, err := in.ReadString('\n')
		if err != nil {
			return text, false
		}
		if one == ".\r\n" {
			return text, true
		}
		text += one
	}
}

// With TLS from the start, and by STARTTLS; a certificate that is not the server's, and a password where there is no TLS, are refused in plain words.
func TestMailWithTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.NotFoundHandler()) // whose certificate is one of 127.0.0.1
	defer s.Close()
	known := x509.NewCertPool()
	known.AddCert(s.Certificate())
	with := &tls.Config{Certificates: s.TLS.Certificates}
	to := "?from=load@example.org&to=team@example.org"
	for name, one := range map[string]struct {
		office office
		text   string // of the way, for an address
		roots  *x509.CertPool
		want   string // of the error; empty has it delivered through TLS
	}{
		"STARTTLS":               {office{starttls: with, auth: "PLAIN LOGIN"}, "mail:smtp://me:pw@%s" + to, known, ""},
		"LOGIN alone":            {office{starttls: with, auth: "LOGIN XOAUTH2"}, "mail:smtp://me:pw@%s" + to, known, ""},
		"from the start":         {office{starttls: with, implicit: true, auth: "PLAIN"}, "mail:smtps://me:pw@%s" + to, known, ""},
		"another certificate":    {office{starttls: with, auth: "PLAIN"}, "mail:smtp://me:pw@%s" + to, x509.NewCertPool(), "STARTTLS: the server's certificate is not taken, and nothing was sent"},
		"another from the start": {office{starttls: with, implicit: true}, "mail:smtps://me:pw@%s" + to, x509.NewCertPool(), "TLS: the server's certificate is not taken, and nothing was sent"},
		"no TLS there":           {office{auth: "PLAIN"}, "mail:smtps://me:pw@%s" + to, known, "does not speak TLS from the start"},
		"no log-in there":        {office{starttls: with}, "mail:smtp://me:pw@%s" + to, known, "takes no log-in on this port"},
		"another way":            {office{starttls: with, auth: "XOAUTH2"}, "mail:smtp://me:pw@%s" + to, known, "takes XOAUTH2, and here there are PLAIN and LOGIN"},
		"a wrong password":       {office{starttls: with, auth: "LOGIN"}, "mail:smtp://me:other@%s" + to, known, "log in: the server says 535"},
	} {
		t.Run(name, func(t *testing.T) {
			w := way(t, fmt.Sprintf(one.text, one.office.open(t)), ".", nil)
			w.Trust(one.roots)
			begun := time.Now()
			err := w.Send(t.Context(), &worse)
			if one.want != "" {
				if err == nil || !strings.Contains(err.Error(), one.want) || strings.Contains(err.Error(), "pw") || time.Since(begun) > 30*time.Second {
					t.Errorf("after %s: %v", time.Since(begun), err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if letter := <-one.office.letters; !strings.HasPrefix(letter, "TLS\nMAIL FROM:<load@example.org>") {
				t.Errorf("it came as %q", letter)
			}
		})
	}
}

// A password does not leave this machine without TLS.
func TestMailWithoutTLS(t *testing.T) {
	o := office{auth: "PLAIN"}
	addr := o.open(t)
	for host, want := range map[string]string{"mail.example.org": "a password is sent over TLS only", "10.0.0.1": "a password is sent over TLS only", "localhost": "", "127.0.0.1": "", "[::1]": ""} {
		w := way(t, "mail:smtp://me:pw@"+host+"?from=load@example.org&to=team@example.org", ".", nil)
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		c, err := smtp.NewClient(conn, strings.Trim(host, "[]"))
		if err == nil {
			err = c.Hello("[127.0.0.1]")
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.LogIn(c); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v", host, err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestMail(t *testing.T) {
	o := office{auth: "PLAIN"}
	addr := o.open(t)
	w := way(t, "mail:smtp://me:${PW}@"+addr+"?from=load@example.org&to=team@example.org,%22Ann%22+%3Cann@example.org%3E", ".", map[string]string{"PW": "pw"})
	if err := w.Send(t.Context(), &worse); err != nil {
		t.Fatal(err)
	}
	envelope, text, _ := strings.Cut(<-o.letters, "\n\n")
	if envelope != "MAIL FROM:<load@example.org>\nRCPT TO:<team@example.org>\nRCPT TO:<ann@example.org>" {
		t.Errorf("the envelope is %q", envelope)
	}
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Subject") != "stampede: nightly: worse" || m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Message-Id") == "" {
		t.Errorf("the headers are %v", m.Header)
	}
	if body, err := io.ReadAll(m.Body); err != nil || !strings.Contains(string(body), "p95 of Log In +38 %") || !strings.Contains(string(body), "run 20261102-023000-3f9a") {
		t.Errorf("%v: %s", err, body)
	}
	for text, want := range map[string]string{
		"mail:smtp://me:wrong@" + addr + "?from=load@example.org&to=team@example.org": "log in: the server says 535",
		"mail:smtp://" + addr + "?from=load@example.org&to=nobody@example.org":        "recipient: the server says 550",
	} {
		w := way(t, text, ".", nil)
		if err := w.Send(t.Context(), &worse); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "wrong") {
			t.Errorf("%v", err)
		}
	}
}
