package wire

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// h2peer is a server of HTTP/2 that does to its client what a test says. It reads what the client sends as it goes.
type h2peer struct {
	*http2.Framer
	c    net.Conn
	n    int // number of the connection
	enc  *hpack.Encoder
	dec  *hpack.Decoder // nil until something is decompressed
	text bytes.Buffer
}

// ok is the header block of an answer with status 204, from the static table.
var ok204 = []byte{0x89}

// block compresses fields, given in turn as name and value.
func (p *h2peer) block(fields ...string) []byte {
	p.text.Reset()
	for i := 0; i < len(fields); i += 2 {
		p.enc.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	return bytes.Clone(p.text.Bytes())
}

// headers sends a header block in one frame.
func (p *h2peer) headers(stream uint32, block []byte, end bool) {
	p.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: block, EndHeaders: true, EndStream: end})
}

// raw sends a frame of any kind.
func (p *h2peer) raw(kind http2.FrameType, flags http2.Flags, stream uint32, payload ...byte) {
	p.WriteRawFrame(kind, flags, stream, payload)
}

// atOnce sends frames that arrive together.
func (p *h2peer) atOnce(frames func(f *http2.Framer)) error {
	var all bytes.Buffer
	f := http2.NewFramer(&all, nil)
	f.AllowIllegalWrites = true
	frames(f)
	_, err := p.c.Write(all.Bytes())
	return err
}

// next reads the next frame; nil when there is none.
func (p *h2peer) next() http2.Frame {
	f, err := p.ReadFrame()
	if err != nil {
		return nil
	}
	return f
}

// request reads up to the next HEADERS frame; nil when none comes.
func (p *h2peer) request() *http2.HeadersFrame {
	for {
		switch f := p.next().(type) {
		case nil:
			return nil
		case *http2.HeadersFrame:
			return f
		}
	}
}

// serve answers every further request with 204.
func (p *h2peer) serve() {
	for {
		f := p.request()
		if f == nil {
			return
		}
		p.headers(f.StreamID, ok204, true)
	}
}

// newPeer begins to speak HTTP/2 on a connection; settings may be nil.
func newPeer(n int, c net.Conn, r *bufio.Reader) *h2peer {
	preface := make([]byte, len(http2.ClientPreface))
	if _, err := io.ReadFull(r, preface); err != nil || string(preface) != http2.ClientPreface {
		return nil
	}
	p := &h2peer{Framer: http2.NewFramer(c, r), c: c, n: n}
	p.AllowIllegalWrites, p.AllowIllegalReads = true, true
	p.enc = hpack.NewEncoder(&p.text)
	return p
}

// eachPeer runs a test on every back end against a server whose connections do what script says.
func eachPeer(t *testing.T, cfg Config, script func(p *h2peer), test func(t *testing.T, e *Engine, base *Target)) {
	cfg.HTTP = "h2c"
	eachHostile(t, cfg, func(n int, c net.Conn, r *bufio.Reader) {
		if p := newPeer(n, c, r); p != nil {
			script(p)
		}
	}, test)
}
