package wire

import (
	"strconv"

	"github.com/stampede-load/stampede/internal/fault"
)

// overrides are the header fields of a request that take the place of what the client would send, as bits.
type overrides uint8

const (
	ownHost overrides = 1 << iota
	ownAgent
	ownAccept
	ownEncoding
	ownCookie
	ownLength
	ownAuth
	ownClose // not a default, but the wish that the connection ends with the answer
)

// overriding says which default a field replaces; 0 for most. The length comes first: it settles nearly every case.
func overriding(name string) overrides {
	switch len(name) {
	case 4:
		if equalFold(name, "host") {
			return ownHost
		}
	case 6:
		if equalFold(name, "cookie") {
			return ownCookie
		}
		if equalFold(name, "accept") {
			return ownAccept
		}
	case 10:
		if equalFold(name, "user-agent") {
			return ownAgent
		}
	case 13:
		if equalFold(name, "authorization") {
			return ownAuth
		}
	case 14:
		if equalFold(name, "content-length") {
			return ownLength
		}
	case 15:
		if equalFold(name, "accept-encoding") {
			return ownEncoding
		}
	}
	return 0
}

// inlineBody is how large a body may be to be copied behind the header and go out in the same send.
const inlineBody = 16 << 10

// build writes the request of the current hop into x.out. A body too large for that is left in x.rest.
func (x *exchange) build() {
	own := x.own
	o := x.at.origin
	b := add(x.out[:0], x.method)
	b = add(b, " ")
	if x.absoluteForm() {
		b = add(b, o.site)
	}
	b = x.appendPath(b)
	b = add(b, " HTTP/1.1\r\n")
	if own&(ownHost|ownAgent|ownAccept|ownEncoding) == 0 {
		b = add(b, o.start)
	} else {
		for i, line := range o.lines {
			if own&(ownHost<<i) == 0 || i == 0 && x.foreign {
				b = add(b, line)
			}
		}
	}
	b = x.appendFields(b, own)
	b = x.appendLength(b, own)
	b = add(b, "\r\n")
	x.rest = nil
	if body := x.body(); len(body) <= inlineBody {
		b = append(b, body...)
	} else {
		x.rest = body
	}
	x.out = b
}

// add is append, for code with many of them: inlined, they would make a stack frame of hundreds of bytes, and the stacks of users are cold.
//
//go:noinline
func add(b []byte, s string) []byte { return append(b, s...) }

// addLine appends a header field.
func addLine(b []byte, name, value string) []byte {
	b = add(b, name)
	b = add(b, ": ")
	b = add(b, value)
	return add(b, "\r\n")
}

// appendPath writes path and query.
func (x *exchange) appendPath(b []byte) []byte {
	from := len(b)
	b = appendTarget(b, x.at.prefix)
	b = appendTarget(b, x.at.path)
	if x.hops == 0 && len(x.req.Query) > 0 {
		b = appendQuery(b, from, x.req.Query)
	}
	return b
}

// appendFields writes the caller's fields, the cookies and what else the connection needs.
func (x *exchange) appendFields(b []byte, own overrides) []byte {
	if len(x.req.Header) > 0 {
		b = x.appendHeader(b)
	}
	if x.req.Digest != nil && own&ownAuth == 0 {
		b = x.appendDigest(b)
	} else if x.at.basic != "" && (own&ownAuth == 0 || x.foreign) {
		b = addLine(b, "Authorization", x.at.basic)
	}
	if !x.req.NoCookies && (own&ownCookie == 0 || x.foreign) {
		b = x.c.appendCookies(b, &x.at, x.hopSent, x.req.Cookies)
	}
	for i := range x.req.After {
		b = addLine(b, x.req.After[i].Name, x.req.After[i].Value)
	}
	if x.absoluteForm() && x.at.origin.via.auth != "" {
		b = addLine(b, "Proxy-Authorization", x.at.origin.via.auth)
	}
	if x.req.Upgrade != "" {
		b = addLine(b, "Connection", "Upgrade")
		b = addLine(b, "Upgrade", x.req.Upgrade)
	} else if x.e.cfg.Fresh == PerRequest {
		b = addLine(b, "Connection", "close")
	}
	return b
}

// appendHeader writes the caller's fields.
func (x *exchange) appendHeader(b []byte) []byte {
	for i := range x.req.Header {
		f := &x.req.Header[i]
		o := overriding(f.Name)
		if x.withheld(f.Name, o) || f.Value == "" && o&(ownAgent|ownAccept|ownEncoding|ownCookie) != 0 {
			continue
		}
		b = addLine(b, f.Name, f.Value)
	}
	return b
}

// appendLength writes Content-Length where a server expects it (RFC 9110, 8.6).
func (x *exchange) appendLength(b []byte, own overrides) []byte {
	if own&ownLength != 0 && !x.bodyless || x.req.Pool == CallPool {
		return b
	}
	body := x.body()
	if len(body) == 0 && x.method != "POST" && x.method != "PUT" && x.method != "PATCH" {
		return b
	}
	b = append(b, "Content-Length: "...)
	b = strconv.AppendInt(b, int64(len(body)), 10)
	return append(b, '\r', '\n')
}

// body is what this hop sends: a redirect may have turned the request into a GET.
func (x *exchange) body() []byte {
	if x.bodyless {
		return nil
	}
	return x.req.Body
}

// withheld reports whether a field of the caller must not go to this hop: secrets after a redirect to another host, and the description of
// a body that is no longer sent.
func (x *exchange) withheld(name string, o overrides) bool {
	if x.foreign && (o&(ownHost|ownCookie|ownAuth) != 0 || equalFold(name, "proxy-authorization")) {
		return true
	}
	if x.bodyless {
		return o == ownLength || len(name) > 8 && equalFold(name[:8], "content-")
	}
	return false
}

// checkRequest refuses what would break the framing of the request, and says which defaults its fields replace.
func checkRequest(method string, fields []Field, body int) (own overrides, err error) {
	if !validToken(method) {
		return 0, requestError("the method holds characters that no method can have")
	}
	for i := range fields {
		f := &fields[i]
		if !validToken(f.Name) {
			return 0, requestError("a header name holds characters that no header name can have")
		}
		if !validValue(f.Value) {
			return 0, requestError("the value of header " + f.Name + " holds control characters")
		}
		if len(f.Name) == 17 && equalFold(f.Name, "transfer-encoding") {
			return 0, requestError("the header Transfer-Encoding cannot be set: the body is sent with its length")
		}
		o := overriding(f.Name)
		if o == ownLength && (own&ownLength != 0 || f.Value != strconv.Itoa(body)) {
			return 0, requestError("the header Content-Length does not fit: the body has " + strconv.Itoa(body) + " bytes")
		}
		if o == ownHost && own&ownHost != 0 {
			return 0, requestError("the header Host is given twice")
		}
		own |= o
		if len(f.Name) == 10 && equalFold(f.Name, "connection") && equalFold(f.Value, "close") {
			own |= ownClose
		}
	}
	return own, nil
}

func requestError(text string) error {
	return &fault.Error{Kind: fault.Protocol, Op: "build", Text: text, Hint: "correct the request"}
}

const hexDigits = "0123456789ABCDEF"

// appendTarget writes a path with its query as it is, but for bytes that browsers percent-encode there.
func appendTarget(b []byte, s string) []byte {
	for i := range len(s) {
		if charClass[s[i]]&isTarget == 0 {
			return appendOddTarget(b, s)
		}
	}
	return add(b, s)
}

func appendOddTarget(b []byte, s string) []byte {
	class := uint8(isTarget)
	for i := range len(s) {
		c := s[i]
		switch {
		case charClass[c]&class != 0, c == '\'' && class == isTarget:
			b = append(b, c)
		default:
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
		if c == '?' {
			class = isAsked
		}
	}
	return b
}

// appendQuery adds parameters to the request target that begins at from.
func appendQuery(b []byte, from int, query []Field) []byte {
	sep := byte('?')
	for _, c := range b[from:] {
		if c == '?' {
			sep = '&'
			break
		}
	}
	if last := b[len(b)-1]; last == '?' || sep == '&' && last == '&' {
		b = b[:len(b)-1]
		sep = last
	}
	for i := range query {
		b = append(b, sep)
		b = appendEscaped(b, query[i].Name)
		b = append(b, '=')
		b = appendEscaped(b, query[i].Value)
		sep = '&'
	}
	return b
}

// appendEscaped writes s as application/x-www-form-urlencoded.
func appendEscaped(b []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case charClass[c]&isQuery != 0:
			b = append(b, c)
		case c == ' ':
			b = append(b, '+')
		default:
			b = append(b, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return b
}
