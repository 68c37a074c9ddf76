package stampede

import (
	"time"
	"unsafe"
)

// Option changes one request. Options commute: their order does not matter, except that of several headers, query fields or checks.
//
// Options are made for each request and live on the stack of the task, so they are kept small.
type Option struct {
	what  int64 // the kind, and above its 8 bits a number: a duration, or how many strings value points to
	a, b  string
	value any
}

// kind says what the option is.
func (o *Option) kind() optionKind { return optionKind(o.what & 0xff) }

// number is what stands above the kind.
func (o *Option) number() int64 { return o.what >> 8 }

// with puts a number above a kind. Beyond 416 days, in ns, it means 416 days.
func (k optionKind) with(n int64) int64 { return int64(k) | min(n, 1<<55-1)<<8 }

// pairsOption holds a list of strings by its first one: a slice in an interface would be garbage for each request.
func pairsOption(kind optionKind, pairs []string) Option {
	return Option{what: kind.with(int64(len(pairs))), value: unsafe.SliceData(pairs)}
}

// strings is the list of a pairsOption.
func (o *Option) strings() []string { return unsafe.Slice(o.value.(*string), int(o.number())) }

// check is the function of a Check.
func (o *Option) check() func(*Response) error { return o.value.(func(*Response) error) }

type optionKind int64

const (
	optNone optionKind = iota
	optName
	optHeader
	optQuery
	optForm
	optJSON
	optBody
	optMultipart
	optBasic
	optBearer
	optTimeout
	optStay
	optHops
	optCheck
	optExpect
	optDiscard
	optNoCookies
	optParts
	optLazy
	optNoScript
	optReload
	optIcons
	optViewport
	optSkipParts
	optPartsMustLoad
	optMaxParts
	optReturning
	optDigest
	optCadence
)

// Name groups requests under a name in every table. Without it the path of the URL is the name, without its query.
func Name(name string) Option { return Option{what: int64(optName), a: name} }

// WithHeader adds a header field. It takes the place of one that the run sends with every request (HTTP.Header), and a Content-Type that of
// the body's.
func WithHeader(name, value string) Option { return Option{what: int64(optHeader), a: name, b: value} }

// Query adds fields to the URL's query: name, value, name, value. They are escaped.
func Query(pairs ...string) Option { return pairsOption(optQuery, pairs) }

// Form sends fields as a form: name, value, name, value.
func Form(pairs ...string) Option { return pairsOption(optForm, pairs) }

// JSON sends v as JSON.
func JSON(v any) Option { return Option{what: int64(optJSON), value: v} }

// Body sends bytes as they are.
func Body(contentType string, data []byte) Option {
	return Option{what: int64(optBody), a: contentType, value: data}
}

// File is a file of a multipart form.
type File struct {
	Field, Name string // without a Name, but with a ContentType, it is a field with a type of its own
	ContentType string // empty means application/octet-stream
	Data        []byte
}

// multiparts is the value of a Multipart.
type multiparts struct {
	files []File
	pairs []string
}

// Multipart sends a multipart form of files; add plain fields with pairs: name, value, name, value.
func Multipart(files []File, pairs ...string) Option {
	return Option{what: int64(optMultipart), value: multiparts{files, pairs}}
}

// BasicAuth sends a user and password.
func BasicAuth(user, password string) Option {
	return Option{what: int64(optBasic), a: user, b: password}
}

// Digest answers a site that asks for Digest authentication (RFC 7616; MD5 and SHA-256). The user's first request to it goes out twice, as with
// a browser, and is measured as one; later ones bring the answer along. A site that asks for NTLM or Negotiate cannot be logged into.
func Digest(user, password string) Option {
	return Option{what: int64(optDigest), a: user, b: password}
}

// Bearer sends a token.
func Bearer(token string) Option { return Option{what: int64(optBearer), a: token} }

// Timeout bounds this request with its redirects; zero means the run's.
func Timeout(d time.Duration) Option { return Option{what: optTimeout.with(int64(d))} }

// NoRedirects takes a redirect for the answer.
func NoRedirects() Option { return Option{what: int64(optStay)} }

// ReportHops reports each redirect on the way as a request of its own, named after this one.
func ReportHops() Option { return Option{what: int64(optHops)} }

// Check decides whether the answer is a success. It runs before the sample is recorded: a failed check makes this one sample a failure with
// the check's text. A nil error is success. Its time is not part of the sample.
func Check(check func(*Response) error) Option { return Option{what: int64(optCheck), value: check} }

// Expect makes these statuses a success and every other one a failure. Without it a status below 400 is a success. It is the status at the
// end of all redirects that counts: to expect a redirect itself, add NoRedirects.
func Expect(statuses ...int) Option { return Option{what: int64(optExpect), value: statuses} }

// Discard says that nobody will look at the body: it is counted and its length verified, and nothing is kept.
func Discard() Option { return Option{what: int64(optDiscard)} }

// WithoutCookies neither sends nor keeps cookies.
func WithoutCookies() Option { return Option{what: int64(optNoCookies)} }
