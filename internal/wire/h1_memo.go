package wire

import "bytes"

// memo is the header that an answer understood last, and what it means. Servers send the same header again and again, but for its date once
// a second: comparing it costs a fiftieth of reading it.
type memo struct {
	head      []byte // from the first byte of the answer to the empty line
	headAt    int    // where its fields begin
	fieldsEnd int
	status    int
	minor     byte
	cookies   bool
	encoded   bool
	hop       bool
	framing   framing
}

// memoLimit is how large a header may be to be remembered.
const memoLimit = 1 << 10

// remember keeps the header that has just been read, before headerDone draws its conclusions. Its fields end at an offset of buf.
func (a *answer) remember(fieldsEnd int) {
	m := &a.memo
	if a.at != a.spent || a.at > memoLimit || a.status < 200 { // an interim answer came before it, or is it
		return
	}
	m.head = append(m.head[:0], a.buf[:a.at]...)
	m.headAt, m.fieldsEnd = a.headAt, fieldsEnd
	m.status, m.minor = a.status, a.minor
	m.cookies, m.encoded, m.hop = a.cookies, a.encoded, a.hop
	m.framing = a.framing
}

// recall reports whether the header is the one before, byte for byte, and then takes it as read.
func (a *answer) recall() bool {
	m := &a.memo
	n := len(m.head)
	if n == 0 || a.spent != 0 || a.at != 0 || a.have < n || n > a.maxHeader || !bytes.Equal(a.buf[:n], m.head) {
		return false
	}
	a.at, a.seen, a.spent, a.headAt = n, n, n, m.headAt
	a.status, a.minor = m.status, m.minor
	a.cookies, a.encoded, a.hop = m.cookies, m.encoded, m.hop
	a.framing = m.framing
	a.fields = a.buf[m.headAt:m.fieldsEnd]
	return true
}
