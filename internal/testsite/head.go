package testsite

import (
	"bytes"
	"errors"
)

// head is what the servers want to know of a request. Its byte slices point into the connection's buffer and are good until the next
// read.
type head struct {
	method []byte
	target []byte
	cookie []byte // value of the first Cookie header
	length int64  // of the body
	close  bool   // the client wants the connection closed after the answer
}

// What can be wrong with a request, with the status that says so.
var (
	errMalformed = errors.New("400 Bad Request")
	errLength    = errors.New("411 Length Required")
	errTooLarge  = errors.New("431 Request Header Fields Too Large")
)

// parseHead reads a request head from the start of buf and returns its size in bytes; size is zero when the head is not complete yet.
func parseHead(buf []byte) (h head, size int, err error) {
	end := bytes.Index(buf, []byte("\r\n\r\n"))
	if end < 0 {
		return h, 0, nil
	}
	size = end + 4
	line, rest := cutLine(buf[:end])
	var ok bool
	if h.method, line, ok = bytes.Cut(line, []byte{' '}); !ok {
		return h, size, errMalformed
	}
	var version []byte
	if h.target, version, ok = bytes.Cut(line, []byte{' '}); !ok || !bytes.HasPrefix(version, []byte("HTTP/1.")) || len(h.target) == 0 {
		return h, size, errMalformed
	}
	h.close = string(version) == "HTTP/1.0"
	for len(rest) > 0 {
		line, rest = cutLine(rest)
		if err := h.field(line); err != nil {
			return h, size, err
		}
	}
	return h, size, nil
}

// cutLine splits b after its first line, without the line's end. Like net/http it takes a lone line feed for one, too.
func cutLine(b []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(b, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'}), rest
}

// field reads one header line. Most are told apart by their first letter.
func (h *head) field(line []byte) error {
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok || len(name) == 0 {
		return errMalformed
	}
	if first := name[0] | 0x20; first != 'c' && first != 't' {
		return nil
	}
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("Content-Length")):
		h.length, ok = parseLength(value)
		if !ok {
			return errMalformed
		}
	case bytes.EqualFold(name, []byte("Connection")):
		if bytes.EqualFold(value, []byte("close")) {
			h.close = true
		}
	case bytes.EqualFold(name, []byte("Cookie")):
		if h.cookie == nil {
			h.cookie = value
		}
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		return errLength
	}
	return nil
}

// parseLength reads a number of up to 18 digits, which always fits.
func parseLength(value []byte) (n int64, ok bool) {
	if len(value) == 0 || len(value) > 18 {
		return 0, false
	}
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
