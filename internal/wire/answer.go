package wire

import (
	"bytes"

	"github.com/stampede-load/stampede/internal/fault"
)

// stage is what an answer waits for next.
type stage uint8

const (
	atStatus stage = iota
	atHeader
	atLength    // a body of known length
	atClose     // a body that ends with the connection
	atChunk     // the line with the size of a chunk
	atChunkData // a chunk
	atChunkEnd  // the line break behind a chunk
	atTrailer   // lines behind the last chunk
	atEnd       // complete
)

// answer takes the bytes of one response in whatever pieces they come, finds its end and keeps its parts.
//
// A small response stays where it was received: head and body are slices of buf, and chunks are moved together in place. A body that does
// not fit moves to a buffer of its own that grows, into which bodies of known length are then received directly.
//
// It knows nothing of connections: room says where to receive, took what came, eof that nothing more will.
type answer struct {
	pool      *buffers
	maxHeader int
	maxBody   int64
	headless  bool   // the answer to HEAD: never a body
	discard   bool   // count the body, do not keep it
	opening   bool   // what follows the header of a success is a stream, and somebody else's
	opened    bool   // that is so
	glimpse   []byte // of a failure's body that is not kept: the beginning

	buf   []byte // receive buffer; nil until something can be received
	kept  []byte // of the response before, for the next one; the usual size
	old   []byte // an earlier receive buffer that the head still lives in
	have  int    // bytes of buf received
	at    int    // bytes of buf understood
	floor int    // where the body may begin in buf
	seen  int    // bytes of buf searched for a line end
	spent int    // header bytes so far, those of interim answers included

	stage    stage
	status   int
	minor    byte // of HTTP/1.x
	headAt   int  // where the header fields begin in buf
	fields   []byte
	cookies  bool // a Set-Cookie is among them
	encoded  bool // a Content-Encoding is among them
	hop      bool // a Location is among them
	keep     bool // the connection can be used again
	interims bool // an interim answer came, and nobody has looked at this yet
	framing

	fieldAt int   // where in buf the header field begins that was read last
	folds   int   // lines that went on in the next one
	wrong   error // what is wrong with it, as far as it was read
	before  marks // what was known before it, in case that it goes on in the next line

	body   []byte
	big    bool // body has a buffer of its own
	size   int64
	left   int64 // of the body, or of the chunk
	excess int64 // bytes of chunk framing beyond what honest servers need

	memo memo

	behind []byte // fields behind the body, of an answer to a call
}

// begin makes a ready for the next response. Buffers must have been given back.
func (a *answer) begin(headless, discard bool) {
	a.headless, a.discard, a.opening, a.opened = headless, discard, false, false
	a.have, a.at, a.floor, a.seen, a.spent, a.headAt = 0, 0, 0, 0, 0, 0
	a.stage, a.status, a.minor = atStatus, 0, 0
	a.fields, a.body = nil, nil
	a.cookies, a.encoded, a.hop, a.keep, a.big, a.interims = false, false, false, false, false, false
	a.framing = framing{length: -1}
	a.size, a.left, a.excess = 0, 0, 0
	a.fieldAt, a.folds, a.wrong = 0, 0, nil
	a.glimpse = a.glimpse[:0]
	if a.behind = a.behind[:0]; cap(a.behind) > smallBuffer {
		a.behind = nil
	}
}

// release gives the buffers back.
func (a *answer) release() {
	if a.buf != nil {
		if len(a.buf) <= smallBuffer && a.kept == nil {
			a.kept = a.buf
		} else {
			a.pool.put(a.buf)
		}
		a.buf = nil
	}
	if a.old != nil {
		a.pool.put(a.old)
		a.old = nil
	}
	if a.big {
		a.pool.put(a.body)
		a.big = false
	}
	a.fields, a.body = nil, nil
}

// direct reports whether body bytes can be received where they belong.
func (a *answer) direct() bool { return a.big && (a.stage == atLength || a.stage == atClose) }

// room is where the next bytes are to be received; never empty.
func (a *answer) room() []byte {
	if a.buf == nil {
		a.takeBuffer(smallBuffer)
	}
	if a.have == len(a.buf) && !a.direct() {
		a.makeRoom()
	}
	if !a.direct() {
		return a.buf[a.have:]
	}
	if len(a.body) == cap(a.body) {
		a.grow(1)
	}
	return a.body[len(a.body):cap(a.body)]
}

// takeBuffer takes the buffer of the answer before, or one from the pool where that has another size.
func (a *answer) takeBuffer(size int) {
	if a.buf, a.kept = a.kept, nil; len(a.buf) == size {
		return
	}
	if a.buf != nil {
		a.pool.put(a.buf)
	}
	a.buf = a.pool.get(size)
}

// makeRoom is called when the receive buffer is full.
func (a *answer) makeRoom() {
	if a.stage <= atHeader {
		bigger := a.pool.get(2 * len(a.buf))
		copy(bigger, a.buf[:a.have])
		a.pool.put(a.buf)
		a.buf = bigger
		return
	}
	if !a.big && len(a.body) > 0 {
		a.spill(len(a.body))
	}
	if a.floor > 0 && len(a.buf)-a.floor < smallBuffer/2 {
		// A large header leaves too little: it keeps its buffer, and receiving goes on in another.
		fresh := a.pool.get(smallBuffer)
		a.have = copy(fresh, a.buf[a.at:a.have])
		a.old, a.buf = a.buf, fresh
		a.at, a.floor, a.seen = 0, 0, 0
		return
	}
	a.have = a.floor + copy(a.buf[a.floor:], a.buf[a.at:a.have])
	a.at, a.seen = a.floor, a.floor
	if a.have == len(a.buf) { // unfinished framing fills a whole buffer; its limits are near
		bigger := a.pool.get(2 * len(a.buf))
		copy(bigger, a.buf[:a.have])
		if a.old == nil && a.floor > 0 {
			a.old = a.buf
		} else {
			a.pool.put(a.buf)
		}
		a.buf = bigger
	}
}

// spill moves the body out of the receive buffer into one of its own.
func (a *answer) spill(want int) {
	big := a.pool.get(max(want, 2*smallBuffer))
	n := copy(big, a.body)
	a.body, a.big = big[:n], true
}

// grow makes place for n more bytes of a body that has its own buffer.
func (a *answer) grow(n int) {
	bigger := a.pool.get(max(2*cap(a.body), len(a.body)+n))
	k := copy(bigger, a.body)
	a.pool.put(a.body)
	a.body = bigger[:k]
}

// took tells that n bytes were received into room. It reports whether the answer is complete.
func (a *answer) took(n int) (done bool, err error) {
	if !a.direct() {
		a.have += n
		return a.advance()
	}
	if a.stage == atLength && int64(n) > a.left {
		n, a.keep = int(a.left), false // more than announced: drop it, and the connection with it
	}
	a.body = a.body[:len(a.body)+n]
	a.size += int64(n)
	if a.size > a.maxBody && !a.discard {
		return false, a.bodyTooLarge()
	}
	if a.stage == atClose {
		return false, nil
	}
	if a.left -= int64(n); a.left == 0 {
		a.stage = atEnd
	}
	return a.stage == atEnd, nil
}

// eof tells that the peer will send no more. It reports whether that is how this answer ends.
func (a *answer) eof() bool {
	if a.stage == atClose {
		a.stage, a.keep = atEnd, false
	}
	return a.stage == atEnd
}

// started reports whether anything came.
func (a *answer) started() bool { return a.have > 0 || a.stage != atStatus || a.spent > 0 }

// begun reports whether something of the answer itself came, and not of interim ones only.
func (a *answer) begun() bool { return a.stage != atStatus || a.have > a.at }

// advance understands as much as there is.
func (a *answer) advance() (done bool, err error) {
	for {
		var more bool
		switch a.stage {
		case atStatus, atHeader:
			more, err = a.header()
		case atLength:
			more = a.takeBody()
		case atClose:
			a.left = int64(a.have - a.at)
			a.takeBody()
			a.stage = atClose
		case atChunk:
			more, err = a.chunkSize()
		case atChunkData:
			if more = a.takeBody(); more {
				a.stage = atChunkEnd
			}
		case atChunkEnd:
			more, err = a.chunkEnd()
		case atTrailer:
			more, err = a.trailer()
		case atEnd:
			if a.have > a.at {
				a.keep = false // nobody asked for more
			}
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if a.size > a.maxBody && !a.discard {
			return false, a.bodyTooLarge()
		}
		if !more {
			return false, nil
		}
	}
}

// takeBody takes what is there of the body or chunk. It reports whether that was the last of it, and then the stage is atEnd.
func (a *answer) takeBody() bool {
	n := a.have - a.at
	if int64(n) > a.left {
		n = int(a.left)
	}
	a.keepBytes(a.buf[a.at : a.at+n])
	a.at += n
	a.size += int64(n)
	a.left -= int64(n)
	if a.at == a.have && (a.discard || a.big) {
		a.at, a.have = a.floor, a.floor // nothing is kept there: receive from the top again
		a.seen = a.floor
	}
	if a.left > 0 {
		return false
	}
	a.stage = atEnd
	return true
}

// keepBytes adds received bytes, a slice of buf, to the body.
func (a *answer) keepBytes(p []byte) {
	switch {
	case len(p) == 0:
	case a.discard:
		if a.status >= 400 && len(a.glimpse) < glimpseKept { // what it says is shown to people
			a.glimpse = append(a.glimpse, p[:min(len(p), glimpseKept-len(a.glimpse))]...)
		}
	case a.big:
		if len(a.body)+len(p) > cap(a.body) {
			a.grow(len(p))
		}
		a.body = append(a.body, p...)
	case a.body == nil:
		if a.floor == a.at {
			a.body = p
			return
		}
		a.body = a.buf[a.floor : a.floor+copy(a.buf[a.floor:], p)]
	default:
		end := a.floor + len(a.body)
		if end != a.at {
			copy(a.buf[end:], p)
		}
		a.body = a.buf[a.floor : end+len(p)]
	}
}

func (a *answer) bodyTooLarge() error {
	return tooLarge("the body is larger than the limit", "raise the limit (--max-body), ask for less, or Discard the body")
}

// line cuts the next line, without its end, off the received bytes. ok is false when it is not complete yet.
func (a *answer) line() (line []byte, ok bool) {
	from := max(a.seen, a.at)
	i := bytes.IndexByte(a.buf[from:a.have], '\n')
	if i < 0 {
		a.seen = a.have
		return nil, false
	}
	end := from + i
	line = a.buf[a.at:end]
	a.at, a.seen = end+1, end+1
	return line, true
}

func headerTooLarge() error {
	return &fault.Error{Kind: fault.TooLarge, Op: "read", Text: "the response header is larger than the limit"}
}
