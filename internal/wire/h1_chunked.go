package wire

import "bytes"

// maxChunkLine bounds the line with a chunk's size and its extensions.
const maxChunkLine = 4096

// chunkSize reads "1a2b;ext=1\r\n". It reports whether the line is complete.
func (a *answer) chunkSize() (done bool, err error) {
	from := a.at
	line, ok := a.line()
	if !ok {
		if a.have-from > maxChunkLine {
			return false, protocolError("the line with a chunk's size is too long")
		}
		return false, nil
	}
	n := len(line)
	if n > maxChunkLine {
		return false, protocolError("the line with a chunk's size is too long")
	}
	if n > 0 && line[n-1] == '\r' { // without it too, as in a header
		line = line[:n-1]
	}
	size, err := parseChunkSize(line)
	if err != nil {
		return false, err
	}
	// The allowance of net/http: 16 bytes of framing a chunk, and twice its data. A peer that goes on sending more than that sends
	// extensions, not data.
	if a.excess = max(0, a.excess+int64(n)+3-16-2*size); a.excess > 16<<10 {
		return false, protocolError("the chunks hold far more framing than data")
	}
	if size == 0 {
		a.stage = atTrailer
		return true, nil
	}
	a.left, a.stage = size, atChunkData
	return true, nil
}

func parseChunkSize(b []byte) (int64, error) {
	if bytes.IndexByte(b, '\r') >= 0 {
		return 0, protocolError("the line with a chunk's size has a carriage return in it")
	}
	if i := bytes.IndexByte(b, ';'); i >= 0 {
		b = b[:i]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	if len(b) == 0 {
		return 0, protocolError("a chunk has no size")
	}
	n := int64(0)
	for _, c := range b {
		switch c = lower(c); {
		case c-'0' <= 9:
			c -= '0'
		case c-'a' < 6:
			c -= 'a' - 10
		default:
			return 0, protocolError("the size of a chunk is not a hexadecimal number")
		}
		if n >= 1<<56 {
			return 0, protocolError("the size of a chunk is beyond all measure")
		}
		n = n<<4 | int64(c)
	}
	return n, nil
}

// chunkEnd reads the line break behind a chunk's data.
func (a *answer) chunkEnd() (done bool, err error) {
	rest := a.buf[a.at:a.have]
	switch {
	case len(rest) > 0 && rest[0] == '\n':
		a.at--
	case len(rest) == 0 || len(rest) == 1 && rest[0] == '\r':
		return false, nil
	case rest[0] != '\r' || rest[1] != '\n':
		return false, protocolError("a chunk is longer than its size")
	}
	a.at += 2
	a.seen = a.at
	a.stage = atChunk
	a.settle()
	return true, nil
}

// trailer reads the lines behind the last chunk; they are checked and dropped, as they may not change what the header said.
func (a *answer) trailer() (done bool, err error) {
	for {
		from := a.at
		line, ok := a.line()
		if !ok {
			if a.spent+a.have-from > a.maxHeader {
				return false, headerTooLarge()
			}
			return false, nil
		}
		if a.spent += a.at - from; a.spent > a.maxHeader {
			return false, headerTooLarge()
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if len(line) == 0 {
			a.stage = atEnd
			return true, nil
		}
		if err := a.trailerField(line); err != nil {
			return false, err
		}
		a.settle()
	}
}

// trailerField refuses what a header line is refused for.
func (a *answer) trailerField(line []byte) error {
	if bytes.IndexByte(line, 0) >= 0 {
		return protocolError("a trailer line holds a zero byte")
	}
	return nil
}

// settle takes back the space of understood framing when nothing follows it yet, so that a body of many small chunks can stay in the
// receive buffer.
func (a *answer) settle() {
	if a.at != a.have {
		return
	}
	end := a.floor
	if !a.big {
		end += len(a.body)
	}
	a.at, a.have, a.seen = end, end, end
}
