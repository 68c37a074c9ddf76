package wire

import (
	"bytes"
	"encoding/binary"

	"github.com/stampede-load/stampede/internal/hpack"
)

// h2receive is the half of a connection that receives. Between two frames it holds no buffer.
type h2receive struct {
	dec     hpack.Decoder
	head    [frameHeader]byte
	have    int    // bytes of head that came
	left    int    // bytes of the payload that are to come
	pad     int    // how many of them are padding; -1 while that is to come
	part    []byte // the payload so far of a frame that is read as a whole; lent
	block   []byte // a header block that goes on in another frame; lent
	expects uint32 // the stream of that block; 0 when there is none
	ends    bool   // the block belongs to a frame that ends its stream
	parts   int    // frames of the block
	settled bool   // the first frame came, which must be SETTINGS
	into    uint32 // the stream that the DATA frame under way belongs to; 0 for none that is open
	unacked int64  // bytes received that no WINDOW_UPDATE told
	idle    int    // frames since the last one that brought a request forward

	roomChanged bool // the peer permits more streams, or none any more
}

// Bounds for peers that mean harm, or do harm.
const (
	idleFrames   = 10_000   // frames in a row that are of no use to any request
	blockParts   = 64       // CONTINUATION frames of a header block
	blockLimit   = 64 << 10 // bytes of a header block that is larger than the limit for what it holds
	receiveRound = 64 << 10 // bytes of one connection that are understood before others get their turn
)

// h2workspace is what is needed to receive. It is lent for the time of one call.
type h2workspace struct {
	buf     [frameLimit + 512]byte
	ahead   [frameLimit]byte // smaller than buf: what needs no TLS goes straight to where it is understood
	scratch []byte
	headReader
}

// took understands what was received at a time now.
func (h *h2conn) took(d *h2workspace, b []byte, now int64) {
	for len(b) > 0 && h.err == nil {
		if h.have < frameHeader {
			n := copy(h.head[h.have:], b)
			h.have += n
			b = b[n:]
			if h.have < frameHeader {
				return
			}
			if !h.frameBegins() {
				return
			}
			if h.left == 0 {
				h.frameDone(d, nil, now)
				continue
			}
			if len(b) == 0 {
				return
			}
		}
		if h.head[3] == frameData {
			b = h.takeData(b, now)
			continue
		}
		n := min(h.left, len(b))
		if h.left -= n; h.left == 0 && h.part == nil {
			h.frameDone(d, b[:n], now)
		} else {
			if h.part == nil {
				h.part = h.e.buffers.get(n + h.left)[:0]
			}
			if h.part = append(h.part, b[:n]...); h.left == 0 {
				p := h.part
				h.part = nil
				h.frameDone(d, p, now)
				h.e.buffers.put(p)
			}
		}
		b = b[n:]
	}
}

// frameBegins looks at a frame's header.
func (h *h2conn) frameBegins() bool {
	h.left = int(h.head[0])<<16 | int(h.head[1])<<8 | int(h.head[2])
	kind, id := h.head[3], binary.BigEndian.Uint32(h.head[5:])&streamLimit
	switch {
	case !h.settled:
		if bytes.HasPrefix(h.head[:], []byte("HTTP/1.")) {
			h.fail(h.speaks1(), nil)
			return false
		}
		if kind != frameSettings || h.head[4]&flagAck != 0 {
			h.die(h2Protocol, "it does not begin with SETTINGS")
			return false
		}
	case h.left > frameLimit:
		h.die(h2FrameSize, "a frame is larger than permitted")
		return false
	case (h.expects != 0) != (kind == frameContinuation) || kind == frameContinuation && id != h.expects:
		h.die(h2Protocol, "a header block is interrupted, or goes on without a beginning")
		return false
	}
	if h.left > frameLimit {
		h.die(h2FrameSize, "a frame is larger than permitted")
		return false
	}
	if h.idle++; h.idle > idleFrames {
		h.die(h2Calm, "a flood of frames that are of no use")
		return false
	}
	if kind == frameData {
		return h.dataBegins(id)
	}
	return true
}

// dataBegins accounts for a DATA frame, whose payload is then taken as it comes.
func (h *h2conn) dataBegins(id uint32) bool {
	if !h.known(id, "DATA") {
		return false
	}
	n := int64(h.left)
	h.pad = 0
	if h.head[4]&flagPadded != 0 {
		if h.pad = -1; n == 0 {
			h.die(h2FrameSize, "a DATA frame is too short for its padding")
			return false
		}
	}
	if h.unacked += n; h.unacked > connWindow {
		h.die(h2Flow, "more data than the window of the connection permits")
		return false
	}
	h.into = 0
	if i := h.find(id); i >= 0 {
		s := &h.streams[i].stream
		s.in += n + frameHeader
		s.unacked += n
		switch {
		case !s.headed:
			h.cancelStream(i, h2Protocol, h.wrong("the body comes before the header"))
		case s.unacked > streamWindow:
			h.cancelStream(i, h2Flow, h.wrong("more data than the window of the stream permits"))
		default:
			if h.into = id; n > 0 {
				h.idle = 0
			}
		}
	}
	return h.renewConn()
}

// renewConn gives the window of the connection back when half of it is used.
func (h *h2conn) renewConn() bool {
	if h.unacked > connWindow/2 {
		h.renew(0, h.unacked)
		h.unacked = 0
		h.line.kick()
	}
	return h.err == nil
}

// known refuses frames on streams that cannot be: none of ours, or long over.
func (h *h2conn) known(id uint32, what string) bool {
	switch {
	case id == 0:
		h.die(h2Protocol, what+" without a stream")
	case id&1 == 0 || id >= h.next:
		h.die(h2Protocol, what+" on a stream that nobody opened")
	case h.cancels == 0 && h.find(id) < 0:
		// A peer cannot know at once that a stream was cancelled; but where none was, it ended the stream itself.
		h.die(h2StreamClosed, what+" on a stream that has ended")
	default:
		return true
	}
	return false
}

// takeData takes what is there of a DATA frame, and gives the rest.
func (h *h2conn) takeData(b []byte, now int64) []byte {
	if h.pad < 0 {
		h.pad = int(b[0])
		b = b[1:]
		if h.left--; h.pad > h.left {
			h.die(h2Protocol, "the padding is longer than its frame")
			return nil
		}
	}
	n := min(h.left-h.pad, len(b))
	if n > 0 && h.into != 0 {
		if i := h.find(h.into); i >= 0 {
			h.deliver(i, b[:n], now)
		}
	}
	h.left -= n
	if h.left == h.pad { // what remains is padding
		k := min(h.pad, len(b)-n)
		n += k
		h.left -= k
		h.pad -= k
	}
	if h.left == 0 && h.err == nil {
		h.dataDone(now)
	}
	return b[n:]
}

// deliver gives bytes of a body to the answer.
func (h *h2conn) deliver(i int, b []byte, now int64) {
	x := h.streams[i]
	if t := tunnelOf(x); t != nil {
		t.took(b)
		return
	}
	x.resp.Times.Done = now
	if x.answer.headless {
		h.cancelStream(i, h2Protocol, h.wrong("the answer to a HEAD request has a body"))
		return
	}
	for len(b) > 0 {
		n := copy(x.answer.room(), b)
		b = b[n:]
		if _, err := x.answer.took(n); err != nil {
			h.cancelStream(i, h2Cancel, err)
			return
		}
	}
}

// dataDone is called at the end of a DATA frame.
func (h *h2conn) dataDone(now int64) {
	h.have = 0
	if h.into == 0 {
		return
	}
	i := h.find(h.into)
	if h.into = 0; i < 0 { // it was given up meanwhile
		return
	}
	if h.head[4]&flagEndStream != 0 {
		h.answered(i, now)
		return
	}
	if s := &h.streams[i].stream; s.unacked > streamWindow/2 && tunnelOf(h.streams[i]) == nil {
		h.renew(s.id, s.unacked)
		s.unacked = 0
		h.line.kick()
	}
}

// answered is called when an answer is complete.
func (h *h2conn) answered(i int, now int64) {
	x := h.streams[i]
	if t := tunnelOf(x); t != nil {
		t.ended = true
		t.tell()
		return
	}
	s := &x.stream
	x.resp.Times.Done = now
	a := &x.answer
	if s.length >= 0 && s.length != a.size && !a.headless && a.status != 204 && a.status != 304 {
		if a.size < s.length {
			h.end(i, h.wrong("the body is shorter than its Content-Length"))
		} else {
			h.end(i, h.wrong("the body is longer than its Content-Length"))
		}
		return
	}
	a.eof()
	if len(s.unsent) > 0 || s.tunnel.writes() { // it answered without waiting for the whole request: there is no use in sending the rest
		h.cancelStream(i, h2NoError, nil)
		return
	}
	h.end(i, nil)
}
