package wire

import (
	"bytes"
	"encoding/binary"

	"github.com/stampede-load/stampede/internal/hpack"
)

// h2send is the half of a connection that sends.
type h2send struct {
	out      []byte // frames that are to be sent; lent
	enc      hpack.Encoder
	next     uint32 // id of the next stream
	cancels  uint32 // streams that were ended before the server knew
	uploads  int32  // streams with a body that is not sent yet
	maxFrame int    // payload of a frame that the peer takes
	window   int64  // of the connection: how much the peer takes
	initial  int64  // the window of a new stream

	again      blockMemo
	replies    int  // bytes of out by which the peer gets an answer to what it asks
	connects   bool // the peer takes extended CONNECT (RFC 8441)
	sendFailed bool // what the peer has said before it went may still be read
}

// outSize is how large the buffer for frames to be sent is at first. outMost is how much of a body is put into frames at once, beyond which
// it waits until the kernel took them.
//
// repliesMost is how much a peer can ask without reading the answers. It is more than fits what is understood in a round.
const (
	outSize     = 1 << 10
	outMost     = 64 << 10
	repliesMost = 4 * receiveRound
)

// borrow lends a buffer for frames.
func (h *h2conn) borrow() []byte {
	if b, _ := h.e.frames.Get().(*[outSize]byte); b != nil {
		return b[:0]
	}
	return make([]byte, 0, outSize)
}

// begin is the buffer in which the next frame is to be put.
func (h *h2conn) begin() []byte {
	if h.out == nil {
		return h.borrow()
	}
	return h.out
}

// room makes sure that n more bytes fit.
func (h *h2conn) room(n int) {
	b := h.begin()
	if h.out = b; cap(b)-len(b) < n {
		h.out = h.e.buffers.get(len(b) + n)[:len(b)]
		copy(h.out, b)
		h.release(b)
	}
}

// release ends the loan of a buffer for frames.
func (h *h2conn) release(b []byte) {
	if cap(b) == outSize {
		h.e.frames.Put((*[outSize]byte)(b[:outSize]))
	} else if b != nil {
		h.e.buffers.put(b)
	}
}

// giveBack ends the loan of all buffers.
func (h *h2conn) giveBack() {
	h.release(h.out)
	h.e.buffers.put(h.part)
	h.e.buffers.put(h.block)
	h.out, h.part, h.block = nil, nil, nil
}

// flush gives what is to be sent to the kernel.
func (h *h2conn) flush() {
	for len(h.out) > 0 && h.err == nil && !h.sendFailed && !h.line.full() {
		out := h.takeOut()
		_, err := h.rw.Write(out)
		h.release(out)
		if err != nil {
			h.cannotSend(err)
			return
		}
		h.pump()
	}
}

// takeOut gives the frames that are to be sent now.
func (h *h2conn) takeOut() []byte {
	out := h.out
	h.out, h.replies = nil, 0
	return out
}

// cannotSend is called when the kernel takes nothing more. The peer may have answered and closed before it read everything: the answer is
// worth more than this error, and the end of the connection will be read behind it.
func (h *h2conn) cannotSend(err error) {
	h.sendFailed = true
	if !isReset(err) {
		h.fail(transportError("write", h.origin, err), nil)
	}
}

// flushLast tries to send what explains the end to the peer.
func (h *h2conn) flushLast() {
	if len(h.out) > 0 && h.line != nil && !h.sendFailed {
		h.line.last(h.out)
	}
}

// send puts the request of x, which has just become the last stream, into frames.
func (h *h2conn) send(x *exchange) {
	s := &x.stream
	s.id, s.window = h.next, h.initial
	if h.next += 2; h.next > streamLimit {
		h.state.Or(h2Leaving)
	}
	body := x.body()
	from := len(h.out)
	b := h.appendHeaders(x, len(body) == 0 && !s.tunnel.writes())
	s.out = int64(len(b) - from)
	h.out = b
	if len(body) > 0 {
		s.unsent = body
		h.uploads++
		h.pump()
	}
	h.line.kick()
}

// pump puts as much of the bodies into frames as windows and kernel permit, a frame of each stream in turn.
func (h *h2conn) pump() {
	for moved := true; moved && h.uploads > 0; {
		moved = false
		for _, x := range h.streams {
			if len(x.stream.unsent) == 0 {
				continue
			}
			if h.window <= 0 || len(h.out) >= outMost || h.line.full() {
				return
			}
			moved = h.data(x) || moved
		}
	}
}

// data puts the next part of a body into a frame. It reports whether the windows permit that.
func (h *h2conn) data(x *exchange) bool {
	s := &x.stream
	n := int(min(int64(len(s.unsent)), int64(h.maxFrame), h.window, s.window))
	if n <= 0 {
		return false
	}
	flags := byte(0)
	if n == len(s.unsent) {
		h.uploads--
		if flags = flagEndStream; s.tunnel != nil {
			flags = 0
			s.tunnel.changed.Broadcast()
		}
	}
	h.room(n + frameHeader)
	h.out = append(appendFrame(h.out, n, frameData, flags, s.id), s.unsent[:n]...)
	s.unsent = s.unsent[n:]
	s.window -= int64(n)
	h.window -= int64(n)
	s.out += int64(n + frameHeader)
	return true
}

// appendHeaders appends the HEADERS frame of a request, and CONTINUATION frames when it is large.
func (h *h2conn) appendHeaders(x *exchange, end bool) []byte {
	h.room(len(x.out) + 1024)
	b := h.out
	flags := byte(flagEndHeaders)
	if end {
		flags |= flagEndStream
	}
	from := len(b)
	b = appendFrame(b, 0, frameHeaders, flags, x.stream.id)
	b = h.appendBlock(b, x)
	n := len(b) - from - frameHeader
	if n <= h.maxFrame {
		b[from], b[from+1], b[from+2] = byte(n>>16), byte(n>>8), byte(n)
		return b
	}
	block := bytes.Clone(b[from+frameHeader:])
	b = b[:from]
	kind := byte(frameHeaders)
	flags &^= flagEndHeaders // the last one has it
	for len(block) > 0 {
		part := block[:min(len(block), h.maxFrame)]
		if block = block[len(part):]; len(block) == 0 {
			flags |= flagEndHeaders
		}
		b = append(appendFrame(b, len(part), kind, flags, x.stream.id), part...)
		kind, flags = frameContinuation, 0
	}
	return b
}

// Names of the fields that every request has.
var (
	nameMethod    = []byte(":method")
	nameScheme    = []byte(":scheme")
	nameAuthority = []byte(":authority")
	namePath      = []byte(":path")
	nameProtocol  = []byte(":protocol")
	valueHTTP     = []byte("http")
	valueHTTPS    = []byte("https")
)

// appendBlock appends the header block of a request that build2 has prepared.
func (h *h2conn) appendBlock(b []byte, x *exchange) []byte {
	end := bytes.IndexByte(x.out, '\n')
	path, text := x.out[:end], x.out[end+1:]
	key := h.blockKey(x, text)
	if m := &h.again; m.fits(key, &h.enc) {
		b = append(b, m.before()...)
		b = h.enc.Field(b, h.e.seed, namePath, path, hpack.Once)
		return append(b, m.behind()...)
	}
	state, settled := h.enc.State()
	from := len(b)
	b = h.appendBefore(b, x)
	before := len(b)
	b = h.enc.Field(b, h.e.seed, namePath, path, hpack.Once)
	behind := len(b)
	b = h.appendBehind(b, x, text)
	if now, _ := h.enc.State(); key != 0 && settled && now == state {
		h.again.keep(key, state, b[from:before], b[behind:])
	}
	return b
}

// appendBefore appends what stands before the path.
func (h *h2conn) appendBefore(b []byte, x *exchange) []byte {
	seed := h.e.seed
	b = h.enc.Begin(b)
	b = h.enc.Field(b, seed, nameMethod, x.methodName(), hpack.Remember)
	scheme := valueHTTP
	if x.at.origin.secure {
		scheme = valueHTTPS
	}
	b = h.enc.Field(b, seed, nameAuthority, x.authority(), hpack.Remember)
	b = h.enc.Field(b, seed, nameScheme, scheme, hpack.Remember)
	if t := x.stream.tunnel; t.writes() {
		b = h.enc.Field(b, seed, nameProtocol, t.protocol, hpack.Remember)
	}
	return b
}

// appendBehind appends what stands behind it: the usual fields, and those of this request, which are lines of text.
func (h *h2conn) appendBehind(b []byte, x *exchange, text []byte) []byte {
	seed, o := h.e.seed, x.at.origin
	for i := range o.fields {
		if x.own&(ownAgent<<i) == 0 {
			b = h.enc.Field(b, seed, o.fields[i].name, o.fields[i].value, hpack.Remember)
		}
	}
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n')
		line := text[:end-1]
		text = text[end+1:]
		colon := bytes.IndexByte(line, ':')
		name, value := line[:colon], line[colon+2:]
		for i := range name {
			name[i] = lower(name[i])
		}
		if how, sent := fieldOf(name, value); sent {
			b = h.enc.Field(b, seed, name, value, how)
		}
	}
	return b
}

// fieldOf says how a field of a request is sent over HTTP/2, and whether: those that speak of the connection are not (RFC 9113, 8.2.2).
func fieldOf(name, value []byte) (how hpack.How, sent bool) {
	switch string(name) {
	case "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "sec-websocket-key":
		return 0, false
	case "te":
		return hpack.Remember, string(value) == "trailers"
	case "content-length", "if-modified-since", "if-none-match", "range":
		return hpack.Once, true // they differ from one request to the next
	}
	return hpack.Remember, true
}

// build2 writes what is particular to the request of this hop into x.out: the path, and below it the lines of the header that are not the
// same for every request, as HTTP/1.1 would send them.
func (x *exchange) build2() {
	b := append(x.appendPath(x.out[:0]), '\n')
	b = x.appendFields(b, x.own)
	if x.req.Priority != "" {
		b = addLine(b, "priority", x.req.Priority)
	}
	x.out = x.appendLength(b, x.own)
}

// authority is the host that the request asks for: that of the URL, unless the caller's own Host field replaces it.
func (x *exchange) authority() []byte {
	if x.own&ownHost != 0 && !x.foreign {
		for i := range x.req.Header {
			if f := &x.req.Header[i]; overriding(f.Name) == ownHost {
				return []byte(f.Value)
			}
		}
	}
	return x.at.origin.authorityBytes
}

// reply answers what the peer asks: a PING, with what that brought, or SETTINGS.
func (h *h2conn) reply(kind byte, payload []byte) {
	h.out = append(appendFrame(h.begin(), len(payload), kind, flagAck, 0), payload...)
	if h.replies += frameHeader + len(payload); h.replies > repliesMost {
		h.die(h2Calm, "it asks again and again, and does not read the answers")
		return
	}
	h.line.kick()
}

// renew permits the peer to send n more bytes, on a stream or, with id 0, on the connection.
func (h *h2conn) renew(id uint32, n int64) {
	h.out = binary.BigEndian.AppendUint32(appendFrame(h.begin(), 4, frameWindow, 0, id), uint32(n))
}
