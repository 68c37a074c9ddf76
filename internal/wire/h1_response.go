package wire

import (
	"bytes"

	"github.com/stampede-load/stampede/internal/fault"
)

// framing is what the header says about the end of the body and of the connection.
type framing struct {
	length    int64 // Content-Length; -1 when absent
	chunked   bool
	closing   bool // Connection: close
	keepAlive bool // Connection: keep-alive
	coded     bool // there is a Transfer-Encoding
	odd       bool // and it is something that nobody can undo
}

// header reads status line and header fields as far as they came. It reports whether the header is complete.
func (a *answer) header() (done bool, err error) {
	if a.stage == atStatus && a.recall() {
		return true, a.headerDone()
	}
	for {
		from := a.at
		line, ok := a.line()
		if !ok {
			if a.spent+a.have-from > a.maxHeader {
				return false, headerTooLarge()
			}
			if a.stage == atStatus && isAlertRecord(a.buf[from:a.have]) {
				return false, speaksTLS()
			}
			return false, nil
		}
		if a.spent += a.at - from; a.spent > a.maxHeader {
			return false, headerTooLarge()
		}
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		if a.wrong != nil && (len(line) == 0 || line[0] != ' ' && line[0] != '\t') {
			return false, a.wrong
		}
		switch {
		case a.stage == atStatus && len(line) == 0 && a.spent <= blankLines:
			a.headAt = a.at // what the answer before had too much
		case a.stage == atStatus:
			if err := a.statusLine(line); err != nil {
				return false, err
			}
			a.stage, a.headAt = atHeader, a.at
		case len(line) == 0:
			a.fields = a.buf[a.headAt:from]
			a.remember(from)
			return true, a.headerDone()
		case line[0] == ' ' || line[0] == '\t':
			if err := a.unfold(from, len(line)); err != nil {
				return false, err
			}
		default:
			a.fieldAt, a.before = from, marks{a.cookies, a.encoded, a.hop, a.framing}
			a.wrong = a.field(line) // which may go on in the next line
		}
	}
}

// isAlertRecord reports whether b begins as TLS does when it refuses a handshake.
func isAlertRecord(b []byte) bool { return len(b) >= 3 && b[0] == 21 && b[1] == 3 && b[2] <= 4 }

func speaksTLS() error {
	return &fault.Error{Kind: fault.Protocol, Op: "read", Text: "the answer is TLS and not HTTP", Hint: "should the URL begin with https://?"}
}

// statusLine reads "HTTP/1.1 200 OK" (RFC 9112, 4). The reason may be missing, and its space too.
func (a *answer) statusLine(b []byte) error {
	if len(b) < 12 || string(b[:7]) != "HTTP/1." || b[7] != '1' && b[7] != '0' || b[8] != ' ' || len(b) > 12 && b[12] != ' ' {
		return a.oddStatusLine(b)
	}
	h, t, u := b[9]-'0', b[10]-'0', b[11]-'0'
	if h > 9 || t > 9 || u > 9 || h == 0 {
		return a.oddStatusLine(b)
	}
	a.status = int(h)*100 + int(t)*10 + int(u)
	a.minor = b[7] - '0'
	return nil
}

// field checks one header line and understands those that frame the message.
func (a *answer) field(line []byte) error {
	colon := 0
	for colon < len(line) && charClass[line[colon]]&isToken != 0 {
		colon++
	}
	if colon == len(line) || line[colon] != ':' || colon == 0 {
		var err error
		if colon, err = oddName(line); colon <= 0 || err != nil {
			return err
		}
	}
	name, value := trim(line[:colon]), line[colon+1:]
	if !validLine(value) && bytes.IndexByte(value, 0) >= 0 {
		return protocolError("a header value holds a zero byte")
	}
	switch len(name) {
	case 8:
		a.hop = a.hop || equalFold(name, "location")
	case 10:
		if equalFold(name, "set-cookie") {
			a.cookies = true
		} else if equalFold(name, "connection") {
			a.connection(value)
		}
	case 14:
		if equalFold(name, "content-length") {
			return a.contentLengths(value)
		}
	case 16:
		a.encoded = a.encoded || equalFold(name, "content-encoding")
	case 17:
		if equalFold(name, "transfer-encoding") {
			a.transferCodings(value)
		}
	}
	return nil
}

func (a *answer) connection(list []byte) {
	for len(list) > 0 {
		word := list
		if i := bytes.IndexByte(list, ','); i >= 0 {
			word, list = list[:i], list[i+1:]
		} else {
			list = nil
		}
		word = trim(word)
		a.closing = a.closing || equalFold(word, "close")
		a.keepAlive = a.keepAlive || equalFold(word, "keep-alive")
	}
}

// contentLength takes only digits, and several lengths only when they agree: anything else may hide a second response.
func (a *answer) contentLength(v []byte) error {
	n := int64(0)
	for _, c := range v {
		if c-'0' > 9 || n > (1<<63-1-9)/10 {
			return protocolError("the Content-Length is not a number")
		}
		n = n*10 + int64(c-'0')
	}
	if len(v) == 0 {
		return protocolError("the Content-Length is not a number")
	}
	if a.length >= 0 && a.length != n {
		return protocolError("two Content-Length fields disagree")
	}
	a.length = n
	return nil
}

// headerDone decides how the body is framed (RFC 9112, 6.3) and whether the connection lives on (9.3).
func (a *answer) headerDone() error {
	if a.minor == 0 {
		// HTTP/1.0 has no Transfer-Encoding. A server that sends one all the same cannot be trusted about what follows.
		a.closing = a.closing || !a.keepAlive || a.coded
		a.chunked, a.odd = false, false
	}
	if a.odd {
		return protocolError("the Transfer-Encoding is something else than chunked")
	}
	a.keep = !a.closing && (!a.coded || a.length < 0)
	a.floor = a.at
	switch {
	case a.status/100 == 1 && a.status != 101:
		a.interim()
	case a.status == 101:
		a.keep, a.stage = false, atEnd
	case a.opening && a.status/100 == 2 && a.status != 204:
		a.keep, a.stage, a.opened = false, atEnd, true
	case a.headless, a.status == 204, a.status == 304:
		a.stage = atEnd
	case a.chunked:
		a.stage = atChunk
	case a.length == 0:
		a.stage = atEnd
	case a.length > a.maxBody && !a.discard:
		return a.bodyTooLarge()
	case a.length > 0:
		a.stage, a.left = atLength, a.length
		a.prepare()
	default:
		a.stage, a.keep = atClose, false
	}
	return nil
}

// interim forgets an answer such as 100 Continue or 103 Early Hints: the real one follows.
func (a *answer) interim() {
	a.stage, a.fields, a.interims = atStatus, nil, true
	a.cookies, a.encoded, a.hop = false, false, false
	a.framing = framing{length: -1}
	if a.at == a.have {
		a.at, a.have, a.seen = 0, 0, 0
	}
}

// trusted is how much memory the announced length of a body gets before its bytes have come.
const trusted = 1 << 20

// prepare gives a body that cannot stay in the receive buffer its own, so that it is received where it belongs.
func (a *answer) prepare() {
	if !a.discard && a.left > int64(len(a.buf)-a.floor) {
		a.big = true
		a.body = a.pool.get(int(min(a.left, trusted)))[:0]
	}
}
