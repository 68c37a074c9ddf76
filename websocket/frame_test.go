package websocket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// kept notes what a reader gives.
type kept struct{ said []string }

func (k *kept) message(op opcode, data []byte) {
	k.said = append(k.said, fmt.Sprintf("%d:%s", op, data))
}

func (k *kept) control(op opcode, data []byte) error {
	if op == opClose {
		code, reason, err := parseClose(data)
		if err != nil {
			return err
		}
		return &CloseError{code, reason}
	}
	k.said = append(k.said, fmt.Sprintf("%d:%s", op, data))
	return nil
}

// frame is what a server sends: first byte, payload.
func frame(first byte, payload string) string {
	b := []byte{first}
	switch n := len(payload); {
	case n <= 125:
		b = append(b, byte(n))
	case n <= 0xffff:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), uint64(n))
	}
	return string(b) + payload
}

func closing(code int, reason string) string {
	return frame(0x88, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

// What a client must take and refuse, after the groups of the Autobahn test suite.
func TestFrames(t *testing.T) {
	long := strings.Repeat("a", 70_000)
	middle := strings.Repeat("b", 300)
	for _, c := range []struct {
		name, in string
		want     []string
		err      error
	}{
		{"1 text", frame(0x81, "hello"), []string{"1:hello"}, nil},
		{"1 empty", frame(0x81, "") + frame(0x82, ""), []string{"1:", "2:"}, nil},
		{"1 lengths of two and eight bytes", frame(0x82, middle) + frame(0x82, long), []string{"2:" + middle, "2:" + long}, nil},
		{"1 small length written long", "\x81\x7e\x00\x02hi", []string{"1:hi"}, nil},
		{"2 ping and pong", frame(0x89, "are you there") + frame(0x8a, "") + frame(0x89, ""), []string{"9:are you there", "10:", "9:"}, nil},
		{"2 ping of 126 bytes", frame(0x89, strings.Repeat("x", 126)), nil, errControl},
		{"3 reserved bit", frame(0xc1, "hi"), nil, errReserved},
		{"3 reserved bit of a ping", frame(0x99, "hi"), nil, errReserved},
		{"3 good, then bad", frame(0x81, "hi") + frame(0xa1, "hi"), []string{"1:hi"}, errReserved},
		{"4 reserved opcode", frame(0x83, "hi"), nil, errReserved},
		{"4 reserved control opcode", frame(0x8b, ""), nil, errReserved},
		{"5 parts", frame(0x01, "he") + frame(0x00, "ll") + frame(0x80, "o"), []string{"1:hello"}, nil},
		{"5 empty parts", frame(0x01, "") + frame(0x00, "") + frame(0x80, ""), []string{"1:"}, nil},
		{"5 control between parts", frame(0x01, "he") + frame(0x89, "!") + frame(0x80, "llo"), []string{"9:!", "1:hello"}, nil},
		{"5 control in parts", frame(0x09, "he"), nil, errControl},
		{"5 part of nothing", frame(0x80, "x"), nil, errFragments},
		{"5 new message within one", frame(0x01, "he") + frame(0x81, "x"), nil, errFragments},
		{"6 text of several bytes", frame(0x81, "κόσμε"), []string{"1:κόσμε"}, nil},
		{"6 rune over two parts", frame(0x01, "\xce") + frame(0x80, "\xba"), []string{"1:κ"}, nil},
		{"6 broken text", frame(0x81, "\xce"), nil, errUTF8},
		{"6 surrogates", frame(0x81, "\xed\xa0\x80"), nil, errUTF8},
		{"6 bytes need not be text", frame(0x82, "\xff"), []string{"2:\xff"}, nil},
		{"7 close", closing(1000, "bye") + frame(0x81, "more"), nil, &CloseError{1000, "bye"}},
		{"7 close without a code", frame(0x88, ""), nil, &CloseError{1005, ""}},
		{"7 close with half a code", frame(0x88, "\x03"), nil, errCloseCode},
		{"7 close with broken text", closing(1000, "\xce"), nil, errUTF8},
		{"7 own code", closing(4999, ""), nil, &CloseError{4999, ""}},
		{"7 code that is not sent", closing(1006, ""), nil, errCloseCode},
		{"7 code that nobody has defined", closing(1016, ""), nil, errCloseCode},
		{"7 code below all", closing(999, ""), nil, errCloseCode},
		{"7 code above all", closing(5000, ""), nil, errCloseCode},
		{"masked", "\x81\x80\x00\x00\x00\x00", nil, errMasked},
		{"negative length", "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", nil, errLength},
		{"too large", frame(0x82, strings.Repeat("x", 100_001)), nil, errTooLarge},
		{"too large in parts", frame(0x02, strings.Repeat("x", 60_000)) + frame(0x80, strings.Repeat("x", 60_000)), nil, errTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, step := range []int{len(c.in), 1, 3} {
				k := &kept{}
				r := reader{limit: 100_000, to: k}
				var err error
				for in := c.in; len(in) > 0 && err == nil; {
					n := min(step, len(in))
					err = r.push([]byte(in[:n]))
					in = in[n:]
				}
				if got, want := strings.Join(k.said, "|"), strings.Join(c.want, "|"); got != want {
					t.Errorf("in pieces of %d: got %.80q, want %.80q", step, got, want)
				}
				if fmt.Sprint(err) != fmt.Sprint(c.err) {
					t.Errorf("in pieces of %d: error %v, want %v", step, err, c.err)
				}
			}
		})
	}
}

// unmasked is the payload of a frame as a server reads it, byte by byte.
func unmasked(t *testing.T, b []byte) (op opcode, payload []byte) {
	t.Helper()
	if b[0]&0xf0 != 0x80 || b[1]&0x80 == 0 {
		t.Fatalf("frame begins with %x: it must be whole and masked", b[:2])
	}
	n, at := int(b[1]&0x7f), 2
	switch n {
	case 126:
		n, at = int(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		n, at = int(binary.BigEndian.Uint64(b[2:])), 10
	}
	key := b[at : at+4]
	for i, c := range b[at+4:] {
		payload = append(payload, c^key[i%4])
	}
	if len(payload) != n {
		t.Fatalf("the frame says %d bytes and has %d", n, len(payload))
	}
	return opcode(b[0] & 0x0f), payload
}

func TestFramesThatAreSent(t *testing.T) {
	for _, n := range []int{0, 1, 3, 4, 7, 8, 9, 125, 126, 65535, 65536} {
		want := bytes.Repeat([]byte("abcdefg"), n/7+1)[:n]
		first := appendFrame(nil, opBinary, want)
		op, got := unmasked(t, first)
		if op != opBinary || !bytes.Equal(got, want) {
			t.Errorf("%d bytes came out as %d", n, len(got))
		}
		if n > 8 && bytes.Equal(first, appendFrame(nil, opBinary, want)) {
			t.Errorf("two frames of %d bytes have the same key", n)
		}
	}
}

func TestClosePayload(t *testing.T) {
	if p := closePayload(1005, ""); p != nil {
		t.Errorf("no code is sent as %x", p)
	}
	code, reason, err := parseClose(closePayload(4000, strings.Repeat("ä", 100)))
	if code != 4000 || err != nil || reason != strings.Repeat("ä", 61) {
		t.Errorf("%d %q %v", code, reason, err)
	}
}

func TestCloseErrorsGroup(t *testing.T) {
	for _, c := range []struct {
		in   CloseError
		want string
	}{
		{CloseError{1011, ""}, "the site closed the socket with 1011 (error inside)"},
		{CloseError{1008, "log in first"}, "the site closed the socket with 1008 (against its policy): log in first"},
		{CloseError{4001, "session 8271 is over"}, "the site closed the socket with 4001"},
	} {
		err := asFailure(&c.in)
		if got := strings.TrimPrefix(err.Error(), "reset: "); got != c.want {
			t.Errorf("%v is %q, want %q", c.in, got, c.want)
		}
		if e, ok := errors.AsType[*CloseError](err); !ok || *e != c.in {
			t.Errorf("%v is not found in its failure", c.in)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte(frame(0x01, "he")+frame(0x89, "!")+frame(0x80, "llo")+closing(1000, "")), 2)
	f.Add([]byte("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"), 1)
	f.Fuzz(func(t *testing.T, in []byte, step int) {
		step = max(1, step&0xff)
		whole, pieces := &kept{}, &kept{}
		r := reader{limit: 1 << 10, to: whole}
		want := r.push(in)
		p := reader{limit: 1 << 10, to: pieces}
		var got error
		for rest := in; len(rest) > 0 && got == nil; {
			n := min(step, len(rest))
			got = p.push(rest[:n])
			rest = rest[n:]
		}
		if fmt.Sprint(whole.said, want) != fmt.Sprint(pieces.said, got) {
			t.Errorf("whole: %q, %v; in pieces of %d: %q, %v", whole.said, want, step, pieces.said, got)
		}
	})
}
