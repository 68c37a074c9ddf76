package wire

import "bytes"

// What servers get wrong, and curl and browsers take all the same, does not fail a request: a site that people can visit must be one that can
// be loaded. What is left refused hides where a message ends, or cannot be told from an answer that is none.

// blankLines is how many bytes of empty lines may come before an answer.
const blankLines = 8

// marks are what a header says about its message, as far as it was read.
type marks struct {
	cookies, encoded, hop bool
	framing               framing
}

// oddStatusLine reads a status line that is not as the standard has it: "http/1.1 200", "HTTP/1.1  200 OK", "HTTP/2 200", "HTTP/1.1 200OK".
func (a *answer) oddStatusLine(b []byte) error {
	b = trim(b)
	if len(b) < 5 || !equalFold(b[:5], "http/") {
		return protocolError("the answer does not begin with an HTTP status line")
	}
	version, rest := b[5:], []byte(nil)
	if i := bytes.IndexAny(version, " \t"); i >= 0 {
		version, rest = version[:i], trim(version[i:])
	}
	if len(rest) < 3 || len(rest) > 3 && rest[3]-'0' <= 9 {
		return protocolError("the status is not a number of three digits")
	}
	h, t, u := rest[0]-'0', rest[1]-'0', rest[2]-'0'
	if h > 9 || t > 9 || u > 9 || h == 0 {
		return protocolError("the status is not a number of three digits")
	}
	a.status, a.minor = int(h)*100+int(t)*10+int(u), 1
	if len(version) == 3 && string(version) <= "1.0" {
		a.minor = 0
	}
	return nil
}

// oddName finds the colon of a header line whose name is not as the standard has it. It is 0 for a line that has nothing to say.
func oddName(line []byte) (colon int, err error) {
	colon = bytes.IndexByte(line, ':')
	if bytes.IndexByte(line, 0) >= 0 {
		return 0, protocolError("a header line holds a zero byte")
	}
	if colon < 0 || len(trim(line[:colon])) == 0 {
		return 0, nil
	}
	return colon, nil
}

// foldLimit bounds how many lines of a header go on in the next one: each of them is read again from its beginning.
const foldLimit = 256

// unfold joins a line of n bytes at an offset of buf to the field before it with spaces (RFC 9112, 5.2), in place.
func (a *answer) unfold(from, n int) error {
	if a.fieldAt <= 0 || from == a.headAt {
		return protocolError("the first header line begins with a space")
	}
	if a.folds++; a.folds > foldLimit {
		return protocolError("the header has too many folded lines")
	}
	for i := from - 1; i >= a.fieldAt && (a.buf[i] == '\n' || a.buf[i] == '\r'); i-- {
		a.buf[i] = ' '
	}
	a.cookies, a.encoded, a.hop, a.framing = a.before.cookies, a.before.encoded, a.before.hop, a.before.framing
	a.wrong = a.field(a.buf[a.fieldAt : from+n])
	return nil
}

// contentLengths reads a Content-Length: one number, or the same one several times, as proxies join them (RFC 9110, 8.6).
func (a *answer) contentLengths(list []byte) error {
	for {
		i := bytes.IndexByte(list, ',')
		if i < 0 {
			return a.contentLength(trim(list))
		}
		if err := a.contentLength(trim(list[:i])); err != nil {
			return err
		}
		list = list[i+1:]
	}
}

// transferCodings reads a Transfer-Encoding. Chunked is undone once, however often it is named: two parts of a server have each written it.
func (a *answer) transferCodings(list []byte) {
	for len(list) > 0 {
		word := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			word, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		word = trim(word)
		if i := bytes.IndexByte(word, ';'); i >= 0 {
			word = trim(word[:i])
		}
		switch {
		case len(word) == 0 || equalFold(word, "identity"):
		case equalFold(word, "chunked"):
			a.chunked, a.coded = true, true
		default:
			a.odd, a.coded = true, true
		}
	}
}
