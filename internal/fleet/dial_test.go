package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	others "github.com/stampede-load/stampede/internal/testsite/peer"
)

// talker listens and says something to whoever comes; "" says nothing.
func talker(t *testing.T, text string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { c.Close() })
			if _, err := c.Write([]byte(text)); err != nil {
				return
			}
		}
	}()
	return l.Addr().String()
}

// Whoever dials and finds no controller is told what there is, what to look at and how long it was tried.
func TestNobodyToJoin(t *testing.T) {
	for what, tt := range map[string]struct {
		address string
		want    []string
		waits   bool // for it to become better
	}{
		"nobody":         {fmt.Sprintf("127.0.0.1:%d", others.FreePort(t)), []string{"tried for 100ms: nobody listens there: start the controller (run --fleet, serve --fleet) first"}, true},
		"silence":        {talker(t, ""), []string{"tried for 100ms: nothing came back: is the controller", "let TCP port "}, true},
		"something else": {talker(t, "SSH-2.0-OpenSSH_9.2\r\n"), []string{"what listens there is not what the URL says"}, false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var said []string
			u := JoinURL{Token: "token", Address: tt.address, Pin: strings.Repeat("ab", 32)}
			options := append(dialOptions(u.Pin, make(chan error, 1)), nats.Token(u.Token))
			if what == "silence" {
				options = append(options, nats.Timeout(50*time.Millisecond))
			}
			_, err := dial(t.Context(), u, options, 100*time.Millisecond, func(text string) { said = append(said, text) })
			if err == nil || strings.Contains(err.Error(), "nats: ") {
				t.Fatalf("%v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want something with %q", err, want)
				}
			}
			if waits := len(said) == 1 && strings.Contains(said[0], tt.address+": no answer yet") && strings.Contains(said[0], "trying for 100ms"); waits != tt.waits {
				t.Errorf("it said %q", said)
			}
		})
	}
}

// Ctrl-C ends the waiting.
func TestDialIsInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	u := JoinURL{Address: fmt.Sprintf("127.0.0.1:%d", others.FreePort(t)), Pin: strings.Repeat("ab", 32)}
	_, err := dial(ctx, u, dialOptions(u.Pin, make(chan error, 1)), time.Hour, func(string) { stop() })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What a connection says is said in plain words, and never in those of NATS.
func TestExplain(t *testing.T) {
	ours, theirs := JoinURL{Address: "load.example:7422", Pin: "ab"}, JoinURL{Address: "nats.example:4222", Outside: "nats://u@nats.example:4222"}
	for _, tt := range []struct {
		url  JoinURL
		err  error
		want string
	}{
		{ours, fmt.Errorf("tls: %w", errPin), "the URL is of an earlier controller"},
		{ours, nats.ErrAuthorization, "the controller does not accept the token"},
		{ours, &net.DNSError{Name: "load.example", Err: "no such host", IsNotFound: true}, "the name load.example has no address: correct the host in the URL"},
		{ours, context.DeadlineExceeded, "nothing came back: is the controller (run --fleet, serve --fleet) there and not held up, and does every firewall between let TCP port 7422 through?"},
		{ours, nats.ErrTimeout, "nothing came back"},
		{ours, nats.ErrSecureConnWanted, "compare host and port"},
		{theirs, nats.ErrNoServers, "nobody listens there: start the NATS server first"},
		{theirs, nats.ErrAuthorization, "the NATS server does not accept this user and password"},
	} {
		if got := explain(tt.url, tt.err); !strings.Contains(got.Error(), tt.want) || strings.Contains(got.Error(), "nats: ") {
			t.Errorf("%v: %v, want something with %q", tt.err, got, tt.want)
		}
	}
	for want, err := range map[string]error{
		"no controller is at this NATS server": nats.ErrNoResponders,
		"did not answer within 30s":            context.DeadlineExceeded,
	} {
		for _, u := range []JoinURL{ours, theirs} {
			if got := unanswered(t.Context(), u, err); !strings.Contains(got.Error(), want) {
				t.Errorf("%v, want something with %q", got, want)
			}
		}
	}
}
