package har

import "io"

// longest is how many bytes of one string of the recording are read: a body beyond is cut. It bounds the memory, whatever the recording holds.
const longest = 16 << 20

// trimmer passes JSON on and cuts strings that are longer than limit, never within an escape.
type trimmer struct {
	r       io.Reader
	limit   int
	buf     []byte
	out     []byte // of buf, what is to be passed on
	size    int    // of the string so far
	pending int    // bytes that belong to an escape yet
	inside  bool   // a string
	letter  bool   // the next byte says what escape it is
	dropped bool   // the present escape
	cut     int    // how many strings were cut
}

func newTrimmer(r io.Reader, limit int) *trimmer {
	return &trimmer{r: r, limit: limit, buf: make([]byte, 256<<10)}
}

func (t *trimmer) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		n, err := t.r.Read(t.buf)
		t.out = t.pass(t.buf[:n])
		if err != nil && len(t.out) == 0 {
			return 0, err
		}
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	return n, nil
}

// pass keeps of a piece, in place, what is to be passed on.
func (t *trimmer) pass(b []byte) []byte {
	kept := b[:0]
	for _, c := range b {
		switch {
		case !t.inside:
			if c == '"' {
				t.inside, t.size = true, 0
			}
		case t.pending > 0:
			if t.pending--; t.letter && c == 'u' {
				t.pending = 4
			}
			t.letter = false
			if t.dropped {
				continue
			}
		case c == '"':
			t.inside = false
		default:
			t.size++
			if t.dropped = t.size > t.limit; t.size == t.limit+1 {
				t.cut++
			}
			if c == '\\' {
				t.pending, t.letter = 1, true
			}
			if t.dropped {
				continue
			}
		}
		kept = append(kept, c)
	}
	return kept
}
