package wire

import (
	"io"
	"net"
	"testing"
)

// quietLine sends nothing.
type quietLine struct{}

func (quietLine) kick()       {}
func (quietLine) last([]byte) {}
func (quietLine) full() bool  { return false }
func (quietLine) look()       {}
func (quietLine) close()      {}

// Frames that come cut at any place, and byte by byte, are understood as when they come whole.
func TestFramesCutAnywhere(t *testing.T) {
	e := newEngine(t, Config{HTTP: "h2c"})
	here, there := net.Pipe()
	go io.Copy(io.Discard, there)
	defer here.Close()
	o := e.origin(false, "127.0.0.1:80")
	what := appendFrame(nil, 6, frameSettings, 0, 0)
	what = append(what, 0, settingStreams, 0, 0, 0, 9)
	what = append(appendFrame(what, 1, frameHeaders, 0, 1), 0x88)
	what = append(appendFrame(what, 4, frameContinuation, flagEndHeaders, 1), 0x0f, 0x0d, 1, '5')
	what = append(appendFrame(what, 6, frameData, flagPadded, 1), 3, 'h', 'e', 0, 0, 0)
	what = append(appendFrame(what, 8, framePing, 0, 0), "12345678"...)
	what = append(appendFrame(what, 1, frameData, flagPadded, 1), 0)
	what = append(appendFrame(what, 3, frameData, flagEndStream, 1), "llo"...)
	take := func(cuts ...int) {
		t.Helper()
		c := e.Client(0)
		var r Response
		req := Request{URL: "http://127.0.0.1:80/"}
		x := c.begin(t.Context(), &req, &r)
		if err := x.prepare(); err != nil {
			t.Fatal(err)
		}
		x.acquire()
		h := newH2(&dialing{e: e, client: c, origin: o}, here)
		h.line = quietLine{}
		h.belongs(&conn{client: c, origin: o})
		if _, err := h.ask(x); err != errWait {
			t.Fatal(err)
		}
		d := new(h2workspace)
		from := 0
		for _, cut := range append(cuts, len(what)) {
			h.took(d, what[from:cut], 1)
			from = cut
		}
		select {
		case <-x.stream.done:
		default:
			t.Fatalf("cut at %v: no answer", cuts)
		}
		e.wheel.forget(h.c)
		x.acquire()
		if _, err := h.more(x); err != nil || string(x.answer.body) != "hello" || x.answer.status != 200 {
			t.Fatalf("cut at %v: %v, %d %q", cuts, err, x.answer.status, x.answer.body)
		}
		x.end()
		r.Release()
	}
	take()
	var all []int
	for i := 1; i < len(what); i++ {
		take(i)
		for k := i + 1; k < len(what); k += 3 {
			take(i, k)
		}
		all = append(all, i)
	}
	take(all...)
}
