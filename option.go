package stampede

import (
	"time"
	"unsafe"
)

// Option changes one request. Options commute: their order does not matter, except that of several headers, query fields or checks.
//
// Options are made for each request and live on the stack of the task, so they are kept small.
type Option struct {
	kind  optionKind
	n     int64 // a duration, or the length of list
	a, b  string
	list  *string // first of n strings
	check func(*Response) error
	value any
}

// pairsOption holds a list of strings by its first one: a slice in an interface would be garbage for each request.
func pairsOption(kind optionKind, pairs []string) Option {
	return Option{kind: kind, list: unsafe.SliceData(pairs), n: int64(len(pairs))}
}

// strings is the list of a pairsOption.
func (o *Option) strings() []string { return unsafe.Slice(o.list, int(o.n)) }

type optionKind uint8

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
)

// Name groups requests under a name in every table. Without it the path of the URL is the name, without its query.
func Name(name string) Option { return Option{kind: optName, a: name} }

// WithHeader adds a header field.
func WithHeader(name, value string) Option { return Option{kind: optHeader, a: name, b: value} }

// Query adds fields to the URL's query: name, value, name, value. They are escaped.
func Query(pairs ...string) Option { return pairsOption(optQuery, pairs) }

// Form sends fields as a form: name, value, name, value.
func Form(pairs ...string) Option { return pairsOption(optForm, pairs) }

// JSON sends v as JSON.
func JSON(v any) Option { return Option{kind: optJSON, value: v} }

// Body sends bytes as they are.
func Body(contentType string, data []byte) Option {
	return Option{kind: optBody, a: contentType, value: data}
}

// File is a file of a multipart form.
type File struct {
	Field, Name string
	ContentType string // empty means application/octet-stream
	Data        []byte
}

// Multipart sends a multipart form of files; add plain fields with pairs: name, value, name, value.
func Multipart(files []File, pairs ...string) Option {
	o := pairsOption(optMultipart, pairs)
	o.value = files
	return o
}

// BasicAuth sends a user and password.
func BasicAuth(user, password string) Option { return Option{kind: optBasic, a: user, b: password} }

// Bearer sends a token.
func Bearer(token string) Option { return Option{kind: optBearer, a: token} }

// Timeout bounds this request with its redirects; zero means the run's.
func Timeout(d time.Duration) Option { return Option{kind: optTimeout, n: int64(d)} }

// NoRedirects takes a redirect for the answer.
func NoRedirects() Option { return Option{kind: optStay} }

// ReportHops reports each redirect on the way as a request of its own, named after this one.
func ReportHops() Option { return Option{kind: optHops} }

// Check decides whether the answer is a success. It runs before the sample is recorded: a failed check makes this one sample a failure with
// the check's text. A nil error is success. Its time is not part of the sample.
func Check(check func(*Response) error) Option { return Option{kind: optCheck, check: check} }

// Expect makes these statuses a success and every other one a failure. Without it a status below 400 is a success.
func Expect(statuses ...int) Option { return Option{kind: optExpect, value: statuses} }

// Discard says that nobody will look at the body: it is counted and its length verified, and nothing is kept.
func Discard() Option { return Option{kind: optDiscard} }

// WithoutCookies neither sends nor keeps cookies.
func WithoutCookies() Option { return Option{kind: optNoCookies} }
