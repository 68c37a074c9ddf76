package wire

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
)

// frames makes what a server says from what a fuzzer came up with: SETTINGS, and then in turn a kind of frame, its flags and so many bytes of
// payload, mostly on the stream of the request; the fuzzer finds out how to be right.
func framesOf(data []byte) (b []byte, windows bool) {
	b = appendFrame(nil, 0, frameSettings, 0, 0)
	for len(data) >= 4 {
		kind, flags, stream, n := data[0]%12, data[1], uint32(data[2]), min(int(data[3]), len(data)-4)
		if stream&0x80 == 0 { // the usual one of such a frame
			if stream = 1; kind == frameSettings || kind == framePing || kind == frameGoAway {
				stream = 0
			}
		}
		windows = windows || kind == frameWindow
		b = append(appendFrame(b, n, kind, flags, stream&0x7f), data[4:4+n]...)
		data = data[4+n:]
	}
	return b, windows
}

// says is a server that says that to whoever asks, and closes.
func says(what []byte) net.Conn {
	here, there := net.Pipe()
	go func() {
		head := make([]byte, len(http2.ClientPreface))
		io.ReadFull(there, head)
		f := http2.NewFramer(io.Discard, there)
		f.SetMaxReadFrameSize(1 << 20)
		for { // the request
			frame, err := f.ReadFrame()
			if err != nil {
				break
			}
			if h, ok := frame.(*http2.HeadersFrame); ok && h.HeadersEnded() {
				break
			}
		}
		go io.Copy(io.Discard, there)
		there.Write(what)
		there.Close()
	}()
	return here
}

// FuzzFrames holds the client against net/http's: it never hangs and never panics, and what both take means the same.
func FuzzFrames(f *testing.F) {
	frame := func(kind, flags byte, payload string) string {
		return string([]byte{kind, flags, 0, byte(len(payload))}) + payload
	}
	f.Add([]byte(frame(frameHeaders, flagEndHeaders|flagEndStream, "\x89")))
	f.Add([]byte(frame(frameHeaders, flagEndHeaders, "\x88\x5c\x015") + frame(frameData, flagPadded, "\x02hexx") + frame(frameData, flagEndStream, "llo")))
	f.Add([]byte(frame(frameHeaders, 0, "\x88") + frame(frameContinuation, flagEndHeaders, "\x40\x01a\x01b") + frame(frameData, 0, "x") +
		frame(frameHeaders, flagEndHeaders|flagEndStream, "\x00\x01t\x01v")))
	f.Add([]byte(frame(frameSettings, 0, "\x00\x03\x00\x00\x00\x01") + frame(framePing, 0, "12345678") + frame(frameWindow, 0, "\x00\x00\x00\x09") +
		frame(frameHeaders, flagEndHeaders, "\x48\x03103") + frame(frameHeaders, flagEndHeaders|flagEndStream|flagPriority, "\x00\x00\x00\x00\x00\x8d")))
	f.Add([]byte(frame(frameGoAway, 0, "\x00\x00\x00\x01\x00\x00\x00\x00") + frame(frameReset, 0, "\x00\x00\x00\x07") + frame(framePush, 4, "\x00\x00\x00\x02\x82")))
	f.Fuzz(func(t *testing.T, data []byte) {
		what, windows := framesOf(data)
		e, err := New(Config{HTTP: "h2c", Allow: []string{"example.org"}, MaxRedirects: 1, Timeout: 8 * time.Second, Dial: func(context.Context, string, string) (net.Conn, error) {
			return says(what), nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		var r Response
		begun := time.Now()
		err = e.Client(0).Do(t.Context(), &Request{URL: "http://example.org/", Stay: true}, &r)
		defer r.Release()
		if time.Since(begun) > 7*time.Second {
			t.Fatal("it hangs")
		}
		if windows {
			return // net/http never returns when a window overflows
		}
		var p http.Protocols
		p.SetUnencryptedHTTP2(true)
		oracle := &http.Transport{Protocols: &p, DisableCompression: true, DialContext: func(context.Context, string, string) (net.Conn, error) { return says(what), nil }}
		defer oracle.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond) // after a GOAWAY it tries again and again
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", "http://example.org/", nil)
		res, oerr := oracle.RoundTrip(req)
		if oerr != nil {
			return
		}
		defer res.Body.Close()
		body, oerr := io.ReadAll(res.Body)
		if oerr != nil || err != nil {
			return
		}
		if r.Status != res.StatusCode || !bytes.Equal(r.Raw(), body) {
			t.Errorf("status %d and %q, but net/http has %d and %q", r.Status, r.Raw(), res.StatusCode, body)
		}
		for name, values := range res.Header {
			if got := r.Values(name); strings.Join(got, "|") != strings.Join(values, "|") && name != "Trailer" && name != "Content-Length" {
				t.Errorf("%s: %q, but net/http has %q", name, got, values)
			}
		}
	})
}
