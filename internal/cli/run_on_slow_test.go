package cli

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// slow answers after a while, unless whoever asked gives up.
type slow time.Duration

func (s slow) RoundTrip(r *http.Request) (*http.Response, error) {
	read, write := io.Pipe()
	go func() {
		var err error
		select {
		case <-r.Context().Done():
			err = r.Context().Err()
		case <-time.After(time.Duration(s)):
			_, err = write.Write([]byte("{}"))
		}
		write.CloseWithError(err)
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: read, Request: r}, nil
}

// A large result over a slow line has its time; other answers do not, and nothing waits for ever.
func TestSlowController(t *testing.T) {
	for d, want := range map[time.Duration]bool{5 * time.Minute: true, time.Hour: false} {
		synctest.Test(t, func(t *testing.T) {
			r, err := remoteAt("--on", "http://load.example", "")
			if err != nil {
				t.Fatal(err)
			}
			r.client.Transport = slow(d)
			all := func(from io.Reader) error { _, err := io.Copy(io.Discard, from); return err }
			if err := r.read(t.Context(), "x", "", all); (err == nil) != want {
				t.Errorf("a result after %s: %v", d, err)
			}
			if err := r.ask(t.Context(), http.MethodGet, "/api/v1/status", nil, new(any)); err == nil {
				t.Errorf("an answer after %s is waited for", d)
			}
		})
	}
}

// away never answers, and counts how often it was asked.
type away int

func (n *away) RoundTrip(*http.Request) (*http.Response, error) {
	*n++
	return nil, io.ErrUnexpectedEOF
}

// A result is not lost with one answer that is.
func TestResultIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := new(away)
		run := &distant{remote: &remote{url: "http://load.example", client: http.Client{Transport: asked}}, id: "x", over: true, done: make(chan struct{})}
		run.watch(t.Context())
		if *asked != lookTrials || run.report != nil || run.wrong == nil {
			t.Errorf("asked %d times: %v", *asked, run.wrong)
		}
	})
}

// Whoever gives up does not wait for a result that does not come.
func TestGivingUpAResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := &distant{remote: &remote{url: "http://load.example", client: http.Client{Transport: slow(time.Hour)}}, id: "x", over: true, done: make(chan struct{})}
		begun := time.Now()
		go run.watch(t.Context())
		time.Sleep(time.Minute)
		run.Cancel(stoppedByPerson)
		<-run.Done()
		if took := time.Since(begun); took > 2*time.Minute || run.report != nil || run.wrong == nil {
			t.Errorf("after %s: %v", took, run.wrong)
		}
	})
}
