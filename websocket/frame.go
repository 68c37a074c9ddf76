package websocket

import (
	"encoding/binary"
	"math/rand/v2"
	"unicode/utf8"
)

// opcode says what a frame carries (RFC 6455, 5.2).
type opcode byte

const (
	opMore   opcode = 0 // the next part of a message
	opText   opcode = 1
	opBinary opcode = 2
	opClose  opcode = 8
	opPing   opcode = 9
	opPong   opcode = 10
)

func (o opcode) control() bool { return o&8 != 0 }

const (
	maxHead    = 14  // bytes of a frame before its payload
	maxControl = 125 // bytes of a control frame's payload
)

// appendFrame writes a whole message, or a control frame, as clients send them: masked with a key of its own.
func appendFrame(b []byte, op opcode, payload []byte) []byte {
	const whole, masked = 0x80, 0x80
	b = append(b, whole|byte(op))
	switch n := len(payload); {
	case n <= 125:
		b = append(b, masked|byte(n))
	case n <= 0xffff:
		b = append(b, masked|126)
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	default:
		b = append(b, masked|127)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	key := rand.Uint32()
	b = binary.LittleEndian.AppendUint32(b, key)
	from := len(b)
	b = append(b, payload...)
	mask(b[from:], key)
	return b
}

// mask is also its own reverse.
func mask(b []byte, key uint32) {
	twice := uint64(key) | uint64(key)<<32
	for len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^twice)
		b = b[8:]
	}
	for i := range b {
		b[i] ^= byte(key >> (8 * (i % 4)))
	}
}

// mistake is what the other side did wrong: the code to close with, and a text that groups.
type mistake struct {
	code int
	text string
}

func (m *mistake) Error() string { return m.text }

var (
	errMasked    = &mistake{1002, "it sent a masked frame, which only clients do"}
	errReserved  = &mistake{1002, "it used a bit or an opcode that was not agreed on"}
	errFragments = &mistake{1002, "it broke the order of a message's parts"}
	errControl   = &mistake{1002, "it sent a control frame that is too long or in parts"}
	errLength    = &mistake{1002, "it sent a frame of impossible length"}
	errTooLarge  = &mistake{1009, "it sent a message above the limit"}
	errUTF8      = &mistake{1007, "it sent text that is not UTF-8"}
	errCloseCode = &mistake{1002, "it closed with a code that may not be sent"}
)

// sink gets what is complete. The data of messages are its own.
type sink interface {
	message(op opcode, data []byte)
	control(op opcode, data []byte) error
}

// reader finds frames in what comes, in whatever pieces it comes, and puts messages together.
type reader struct {
	limit int64
	to    sink

	msg     []byte // of the message that is not complete; nil before its first byte
	msgOp   opcode // its kind; 0 while there is none
	small   []byte // of the control frame that is not complete
	left    int64  // bytes of the frame's payload that are still to come
	head    [10]byte
	have    uint8
	payload bool // the header is complete
	op      opcode
	last    bool // the frame is the last of its message
}

// push takes all of p.
func (r *reader) push(p []byte) error {
	for len(p) > 0 {
		if !r.payload {
			n, err := r.takeHead(p)
			if err != nil {
				return err
			}
			if p = p[n:]; !r.payload {
				continue // it is not complete, or was the whole of an empty frame
			}
		}
		n := int(min(int64(len(p)), r.left))
		if r.op.control() {
			r.small = append(r.small, p[:n]...)
		} else if n > 0 {
			r.keep(p[:n])
		}
		p = p[n:]
		if r.left -= int64(n); r.left > 0 {
			return nil
		}
		if err := r.frame(); err != nil {
			return err
		}
	}
	return nil
}

// keep adds to the message. What it announces gets memory only as it comes, but for a first part.
func (r *reader) keep(p []byte) {
	if r.msg == nil {
		r.msg = make([]byte, 0, min(r.left, 64<<10))
	}
	r.msg = append(r.msg, p...)
}

// takeHead takes what belongs to the header of a frame.
func (r *reader) takeHead(p []byte) (n int, err error) {
	for n < len(p) {
		need := r.headSize()
		if int(r.have) == need {
			break
		}
		k := copy(r.head[r.have:need], p[n:])
		r.have += uint8(k)
		n += k
	}
	if r.have < 2 || int(r.have) < r.headSize() {
		return n, nil
	}
	return n, r.begin()
}

// headSize is how many bytes the header has, as far as that is known.
func (r *reader) headSize() int {
	if r.have >= 2 {
		switch r.head[1] & 0x7f {
		case 126:
			return 4
		case 127:
			return 10
		}
	}
	return 2
}

// begin understands the header of a frame.
func (r *reader) begin() error {
	first, second := r.head[0], r.head[1]
	r.last, r.op = first&0x80 != 0, opcode(first&0x0f)
	switch second & 0x7f {
	case 126:
		r.left = int64(binary.BigEndian.Uint16(r.head[2:]))
	case 127:
		r.left = int64(binary.BigEndian.Uint64(r.head[2:]))
	default:
		r.left = int64(second & 0x7f)
	}
	r.have, r.payload = 0, true
	switch {
	case first&0x70 != 0 || r.op > opBinary && r.op < opClose || r.op > opPong:
		return errReserved
	case second&0x80 != 0:
		return errMasked
	case r.left < 0:
		return errLength
	case r.op.control():
		if r.left > maxControl || !r.last {
			return errControl
		}
		r.small = r.small[:0]
	case (r.op == opMore) != (r.msgOp != 0):
		return errFragments
	case int64(len(r.msg)) > r.limit-r.left:
		return errTooLarge
	default:
		if r.op != opMore {
			r.msgOp = r.op
		}
	}
	if r.left == 0 {
		return r.frame()
	}
	return nil
}

// frame is called when the payload of a frame is complete.
func (r *reader) frame() error {
	r.payload = false
	if r.op.control() {
		data := r.small
		r.small = nil // idle sockets hold nothing
		return r.to.control(r.op, data)
	}
	if !r.last {
		return nil
	}
	op, data := r.msgOp, r.msg
	r.msgOp, r.msg = 0, nil
	if op == opText && !utf8.Valid(data) {
		return errUTF8
	}
	r.to.message(op, data)
	return nil
}

// parseClose reads the payload of a close frame (RFC 6455, 5.5.1 and 7.4).
func parseClose(p []byte) (code int, reason string, err error) {
	switch {
	case len(p) == 0:
		return 1005, "", nil
	case len(p) == 1:
		return 0, "", errCloseCode
	}
	code = int(binary.BigEndian.Uint16(p))
	if code < 1000 || code >= 1004 && code <= 1006 || code > 1014 && code < 3000 || code >= 5000 {
		return 0, "", errCloseCode
	}
	if !utf8.Valid(p[2:]) {
		return 0, "", errUTF8
	}
	return code, string(p[2:]), nil
}

// closePayload is what a close frame says; nothing for 1005, which is not sent.
func closePayload(code int, reason string) []byte {
	if code == 1005 {
		return nil
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(code))
	if len(reason) > maxControl-2 {
		reason = reason[:maxControl-2]
		for !utf8.ValidString(reason) {
			reason = reason[:len(reason)-1]
		}
	}
	return append(b, reason...)
}
