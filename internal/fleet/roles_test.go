package fleet

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// controllerFor starts a controller on a free port.
func controllerFor(t *testing.T, o Options) *Controller {
	t.Helper()
	o.Version, o.Folder = "1", t.TempDir()
	c, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// guest connects somebody, who notes what it is denied.
type guest struct {
	*nats.Conn
	denied chan error
}

func connect(t *testing.T, c *Controller, options ...nats.Option) (*guest, error) {
	t.Helper()
	g := &guest{denied: make(chan error, 16)}
	options = append([]nats.Option{
		nats.Secure(pinned(c.JoinURL().Pin)), nats.NoReconnect(), nats.Timeout(10 * time.Second),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { g.denied <- err }),
	}, options...)
	nc, err := nats.Connect("tls://"+c.JoinURL().Address, options...)
	if err != nil {
		return nil, err
	}
	t.Cleanup(nc.Close)
	g.Conn = nc
	return g, nil
}

// worker lets somebody in and connects it with its key.
func worker(t *testing.T, c *Controller, name string) (*guest, int) {
	t.Helper()
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	w := c.welcome(Hello{Protocol: Protocol, Version: "1", Key: public, Name: name, Cores: 1})
	if w.Problem != "" {
		t.Fatal(w.Problem)
	}
	g, err := connect(t, c, nats.Nkey(public, key.Sign), nats.CustomInboxPrefix(workerInbox(w.Number)))
	if err != nil {
		t.Fatal(err)
	}
	return g, w.Number
}

// may tries to publish or to subscribe.
func (g *guest) may(t *testing.T, verb, subject string) bool {
	t.Helper()
	switch verb {
	case "pub":
		if err := g.Publish(subject, []byte("x")); err != nil {
			t.Fatal(err)
		}
	case "sub":
		if _, err := g.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
	}
	if err := g.Publish(denied, nil); err != nil { // errors come in order
		t.Fatal(err)
	}
	may := true
	for err := range g.denied {
		switch {
		case !strings.Contains(strings.ToLower(err.Error()), "permissions violation"):
			t.Fatal(err)
		case strings.Contains(err.Error(), denied):
			return may
		}
		may = false
	}
	return may
}

// denied is a subject that nobody may use.
const denied = "denied.to.everybody"

// The table of denials: each role, and each subject there is.
func TestWhoMayWhat(t *testing.T) {
	c := controllerFor(t, Options{})
	one, n := worker(t, c, "one")
	_, other := worker(t, c, "other")
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	joiner, err := connect(t, c, nats.Token(c.JoinURL().Token), nats.Name(public))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		verb, subject          string
		joinerMay, workerMayIt bool
	}{
		{"pub", joinSubject(), true, false},
		{"pub", fileSubject(), true, true},
		{"pub", operatorSubject(), false, false},
		{"sub", operatorInbox + ".>", false, false},
		{"pub", beatSubject(n), false, true},
		{"pub", snapSubject(n, "a"), false, true},
		{"pub", snapSubject(n, "b"), false, true}, // a run that it is not in: the controller does not count it
		{"pub", endSubject(n, "a"), false, true},
		{"pub", callSubject(n), false, false},
		{"pub", beatSubject(other), false, false},
		{"pub", snapSubject(other, "a"), false, false},
		{"pub", endSubject(other, "a"), false, false},
		{"pub", callSubject(other), false, false},
		{"pub", workerInbox(other) + ".x", false, false},
		{"pub", "$JS.API.STREAM.PURGE." + streamName, false, false},
		{"pub", "$JS.API.STREAM.DELETE." + streamName, false, false},
		{"pub", "$JS.API.CONSUMER.CREATE." + streamName, false, false},
		{"pub", "$SYS.REQ.SERVER.PING", false, false},
		{"pub", "anything", false, false},
		{"sub", ">", false, false},
		{"sub", prefix + ".>", false, false},
		{"sub", joinSubject(), false, false},
		{"sub", fileSubject(), false, false},
		{"sub", callSubject(n), false, true},
		{"sub", callSubject(other), false, false},
		{"sub", workerInbox(n) + ".>", false, true},
		{"sub", workerInbox(other) + ".>", false, false},
		{"sub", joinerInbox(public) + ".>", true, false},
		{"sub", joinerInbox("U") + ".>", false, false},
		{"sub", snapSubject(n, "a"), false, false},
		{"sub", "$SYS.>", false, false},
		{"sub", "_INBOX.>", false, false},
	} {
		if got := joiner.may(t, row.verb, row.subject); got != row.joinerMay {
			t.Errorf("a joiner may %s %s: %v, want %v", row.verb, row.subject, got, row.joinerMay)
		}
		if got := one.may(t, row.verb, row.subject); got != row.workerMayIt {
			t.Errorf("a worker may %s %s: %v, want %v", row.verb, row.subject, got, row.workerMayIt)
		}
	}
}

// Nobody comes in with nothing, with a guess, or with somebody else's key.
func TestWhoComesIn(t *testing.T) {
	c := controllerFor(t, Options{})
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	thief, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	if w := c.welcome(Hello{Protocol: Protocol, Version: "1", Key: public}); w.Problem != "" {
		t.Fatal(w.Problem)
	}
	token := c.JoinURL().Token
	for what, options := range map[string][]nats.Option{
		"nothing":                         nil,
		"a wrong token":                   {nats.Token("wrong" + token[5:]), nats.Name(public)},
		"a token and no key":              {nats.Token(token)},
		"the controller's name":           {nats.UserInfo(insider, "guess")},
		"a key that is not known":         {nats.Nkey(must(thief.PublicKey()), thief.Sign)},
		"a known key, and another's sign": {nats.Nkey(public, thief.Sign)},
	} {
		if _, err := connect(t, c, options...); err == nil {
			t.Errorf("%s came in", what)
		}
	}
	if _, err := connect(t, c, nats.Nkey(public, key.Sign)); err != nil {
		t.Errorf("the right key: %v", err)
	}
	if _, err := nats.Connect("nats://"+c.JoinURL().Address, nats.Token(token), nats.Name(public), nats.NoReconnect()); err == nil {
		t.Error("somebody came in without TLS")
	}
	u := c.JoinURL()
	u.Pin = strings.Repeat("00", 32)
	if _, err := Join(t.Context(), WorkerConfig{URL: u, Version: "1"}); !errors.Is(err, errPin) {
		t.Errorf("with a wrong pin: %v", err)
	}
	u = c.JoinURL()
	u.Token = strings.Repeat("0", 36)
	if _, err := Join(t.Context(), WorkerConfig{URL: u, Version: "1"}); err == nil || !strings.Contains(err.Error(), "does not accept the token") {
		t.Errorf("with a wrong token: %v", err)
	}
}

func must(s string, err error) string {
	if err != nil {
		panic(err)
	}
	return s
}

// What differs is said with both values.
func TestWhoIsRefused(t *testing.T) {
	c := controllerFor(t, Options{Test: "aaaa"})
	good := Hello{Protocol: Protocol, Version: "1", Key: "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4", Test: "aaaa", OS: "linux", Arch: "amd64"}
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	good.Key = must(key.PublicKey())
	for want, change := range map[string]func(*Hello){
		"protocol 7":                                        func(h *Hello) { h.Protocol = 7 },
		"of stampede 9 and the controller of 1":             func(h *Hello) { h.Version = "9" },
		"has the hash bbbb and that of the controller aaaa": func(h *Hello) { h.Test = "bbbb" },
		"has no test, and the controller offers none":       func(h *Hello) { h.Test = "" },
		"key of this worker is none":                        func(h *Hello) { h.Key = "x" },
		"make no sense":                                     func(h *Hello) { h.Weight = -1 },
	} {
		h := good
		change(&h)
		if w := c.welcome(h); !strings.Contains(w.Problem, want) {
			t.Errorf("%q, want something with %q", w.Problem, want)
		}
	}
	if w := c.welcome(good); w.Problem != "" {
		t.Error(w.Problem)
	}
	// A program that can be fetched is for one system and processor, and two builds of one test are two programs.
	c.bundle, c.local = &Bundle{Program: File{Name: "tour"}}, strings.Repeat("ab", 32)
	for want, change := range map[string]func(*Hello){
		"GOOS=plan9 GOARCH=mips go build, copy it here and start that": func(h *Hello) { h.Test, h.OS, h.Arch = "", "plan9", "mips" },
		"has the hash cdcdcdcdcdcd and that of the controller abababababab: copy the controller's program there": func(h *Hello) {
			h.Binary, h.OS, h.Arch = strings.Repeat("cd", 32), runtime.GOOS, runtime.GOARCH
		},
	} {
		h := good
		change(&h)
		if w := c.welcome(h); !strings.Contains(w.Problem, want) || w.Fetch != nil {
			t.Errorf("%q, want something with %q", w.Problem, want)
		}
	}
	h := good
	h.Test, h.OS, h.Arch = "", runtime.GOOS, runtime.GOARCH
	if w := c.welcome(h); w.Problem != "" || w.Fetch == nil {
		t.Errorf("a stock worker of the same system got %+v", w)
	}
}

func TestJoinURL(t *testing.T) {
	pin := strings.Repeat("ab", 32)
	u := JoinURL{Token: "secret-token-0000", Address: "10.0.0.2:7422", Pin: pin}
	if back, err := ParseJoinURL(" " + u.String() + "\n"); err != nil || back != u {
		t.Errorf("%v, %v", back, err)
	}
	for _, bad := range []string{
		"", "http://secret-token@h:1?pin=sha256:" + pin, "stampede://h:1?pin=sha256:" + pin, "stampede://secret-token@h?pin=sha256:" + pin,
		"stampede://secret-token@h:1", "stampede://secret-token@h:1?pin=sha256:ab", "stampede://secret-token@h:1?pin=md5:" + pin, "%",
	} {
		_, err := ParseJoinURL(bad)
		if err == nil || strings.Contains(err.Error(), "secret-token") || !strings.Contains(err.Error(), joinHelp) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if strings.Contains(u.Redacted(), "secret-token") {
		t.Error(u.Redacted())
	}
}

// Two controllers never share a folder, and a port in use is said.
func TestOneControllerEach(t *testing.T) {
	folder := t.TempDir()
	c, err := Listen(t.Context(), Options{Version: "1", Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := Listen(t.Context(), Options{Version: "1", Folder: folder}); err == nil || !strings.Contains(err.Error(), "another controller uses") {
		t.Errorf("a second one in the same folder: %v", err)
	}
	if _, err := Listen(t.Context(), Options{Version: "1", Folder: t.TempDir(), Addr: c.JoinURL().Address}); err == nil || !strings.Contains(err.Error(), "cannot listen on") {
		t.Errorf("a second one on the same port: %v", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	if _, err := c.Await(ctx, 2, 10*time.Millisecond); err == nil || !strings.Contains(err.Error(), "0 of 2 workers came within") {
		t.Errorf("nobody came: %v", err)
	}
}
