package wire

import "time"

// CookieScope says which cookies a request carries, and which its answer may set (draft-ietf-httpbis-rfc6265bis, 5.2).
type CookieScope uint8

// The scopes.
const (
	AllCookies   CookieScope = iota
	LaxCookies               // a navigation that began at another site: no cookies with SameSite=Strict
	ThirdCookies             // part of a page of another site: only those with SameSite=None
)

// Field is one header field, or one parameter of a query.
type Field struct{ Name, Value string }

// Request is what to ask. It belongs to the caller and is not kept after Do returns; Do does not change it.
type Request struct {
	Method string // "" means GET
	// URL is absolute ("https://host/path?q"), or relative to Base when it begins with "/". Anything else ("next", "?page=2",
	// "//cdn.example.org/x") is resolved against Base as a browser does.
	URL   string
	Base  *Target // may be nil when URL is absolute
	Query []Field // appended to the URL's query, escaped

	// Header is sent in this order. Host, Content-Length, Cookie, User-Agent, Accept and Accept-Encoding override what the client would
	// send; of these, the last four with an empty value are left out.
	Header []Field

	// Fixed says that nobody will ever change what Header holds, which is the same for many requests: it is looked at once.
	Fixed bool

	// After is sent behind the cookies: validators, as browsers write them.
	After []Field

	// Priority is the priority field (RFC 9218), sent behind all others, over HTTP/2 and HTTP/3 only; "" for none.
	Priority string

	// Early, when set, is called with the Link field of the first 103 Early Hints that comes over HTTP/2. It runs on the goroutine that reads
	// the connection: it may not block, and what it is given is its own.
	Early func(link string)

	// Pool tells connections apart that are never shared: a browser keeps those for requests without credentials, and those of foreign
	// frames, to themselves. 0 is the usual one.
	// See CallPool for the one of calls.
	Pool    uint16
	Cookies CookieScope // which cookies it carries and may set; zero is all

	// Upgrade is the protocol that the connection is to be switched to, for Open; "" for none.
	Upgrade string
	opens   bool // it is one of Open

	Body      []byte
	Begun     int64         // when it began, ns since Config.Start; zero means now
	Digest    *Login        // answers the site's challenge; nil without
	Timeout   time.Duration // zero means Config.Timeout
	MaxBody   int64         // bytes of the answer's body as received; zero means Config.MaxBody
	Stay      bool          // do not follow redirects: the 3xx is the answer
	Discard   bool          // the body will not be looked at: count it, verify its length, keep nothing
	NoCookies bool          // neither send nor store cookies

	// OnHop, when set, is called for each redirect answer before the next request is sent. The Response is valid during the call; its
	// times and bytes are of that hop alone.
	OnHop func(from string, r *Response)
}

// idempotent reports whether sending the request twice does no more than sending it once (RFC 9110, 9.2.2).
func (r *Request) idempotent() bool {
	switch r.Method {
	case "", "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	for i := range r.Header {
		if n := r.Header[i].Name; len(n) == len("Idempotency-Key") && equalFold(n, "idempotency-key") {
			return true
		}
	}
	return false
}
