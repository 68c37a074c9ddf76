package wire

import (
	"bufio"
	"net"
	"testing"
	"time"
)

// Requests that are launched one after another are on their way at once, whether they need connections or have them, on every back end.
func TestLaunch(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		const many = 3
		come, answer := make(chan bool, many), make(chan bool)
		addr := scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
			for readRequest(r) {
				come <- true
				<-answer
				if _, err := c.Write(fixedAnswer); err != nil {
					return
				}
			}
		})
		e := newEngine(t, Config{IO: io})
		base, c := target(t, e, "http://"+addr), e.Client(0)
		req := Request{URL: "/", Base: base}
		for round := range 3 { // the first one without connections
			var resp [many]Response
			ended := make(chan error, many)
			for i := range resp {
				if pending, err := c.Launch(t.Context(), &req, &resp[i], toldBy(ended), Loop{}); !pending {
					t.Fatalf("round %d: request %d is over: %v", round, i, err)
				}
			}
			for range resp {
				arrives(t, come)
			}
			for range resp {
				answer <- true
			}
			for range resp {
				if err := arrives(t, ended); err != nil {
					t.Fatal(err)
				}
			}
			for i := range resp {
				if resp[i].Status != 200 || resp[i].Reused != (round > 0) {
					t.Errorf("round %d: request %d: status %d, reused %v", round, i, resp[i].Status, resp[i].Reused)
				}
				resp[i].Release()
			}
		}
	})
}

// What cannot be sent at all is over at once, or told as any other end.
func TestLaunchRefused(t *testing.T) {
	eachBackend(t, func(t *testing.T, io string) {
		e := newEngine(t, Config{IO: io})
		var resp Response
		ended := make(chan error, 1)
		pending, err := e.Client(0).Launch(t.Context(), &Request{URL: "http://elsewhere.example/"}, &resp, toldBy(ended), Loop{})
		if pending {
			err = arrives(t, ended)
		}
		if err == nil {
			t.Error("a host that is not the run's was asked")
		}
	})
}

// toldBy is a follower that hands on how a request ended.
type toldBy chan error

func (c toldBy) Ended(err error, _ Loop) { c <- err }

// arrives waits for a value.
func arrives[T any](t *testing.T, c chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(time.Minute):
		t.Fatal("it does not come")
	}
	return v
}
