// Package fault names what can go wrong with one request or one user, with numbers that stay the same on the wire and on disk.
//
// An [Error] is made where the failure is seen (usually internal/wire), travels as a (Kind, Status, Text) triple through snapshots,
// and is shown to people by the report. It imports nothing of ours, so every package may speak of failures in the same words.
//
// Texts group: they hold no ports of ours, no addresses that differ each time, no counters. Two failures of the same cause must give
// the same Text, or the table of errors grows with the number of requests.
package fault

import (
	"errors"
	"fmt"
)

// Kind says which phase of a request, or which part of a user's life, failed. The numbers are part of the wire and disk formats:
// add at the end, never renumber.
type Kind uint8

// The kinds of failure. None means success.
const (
	None             Kind = 0
	Other            Kind = 1  // an error that nobody classified, such as one returned by the code of a test
	Lookup           Kind = 2  // the host name did not resolve
	Refused          Kind = 3  // nothing listens there
	Reset            Kind = 4  // the peer closed or reset the connection in the middle
	ConnectTimeout   Kind = 5  // no connection within the connect timeout
	FirstByteTimeout Kind = 6  // no first byte of the response within its timeout
	Timeout          Kind = 7  // not done within the timeout of the whole request
	TLS              Kind = 8  // handshake or certificate
	Protocol         Kind = 9  // the bytes received are not valid HTTP
	TooLarge         Kind = 10 // header or body above the limit
	Guard            Kind = 11 // the host is not one of the run's hosts; nothing was sent
	Cancelled        Kind = 12 // the run ended, or the code of the test cancelled
	Status           Kind = 13 // HTTP status 400 or above
	Check            Kind = 14 // a check of the test said no
	Panic            Kind = 15 // the code of the test panicked
	Start            Kind = 16 // OnStart failed
	Data             Kind = 17 // a feeder ran dry
	Limit            Kind = 18 // out of descriptors, ports or memory on the generator
	Redirect         Kind = 19 // too many redirects, or one that cannot be followed
	Unreachable      Kind = 20 // no route to the host, or the network is down
)

var names = [...]string{
	"none", "error", "lookup", "refused", "reset", "connect timeout", "first byte timeout", "timeout", "tls", "protocol",
	"too large", "guard", "cancelled", "status", "check", "panic", "start", "data", "limit", "redirect", "unreachable",
}

// String is the kind in words, as thresholds and reports spell it. A number from a newer version prints as "kind 99".
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return fmt.Sprintf("kind %d", k)
}

// ParseKind is the inverse of String. It reports false for a word that names no kind.
func ParseKind(s string) (Kind, bool) {
	for i, n := range names {
		if n == s {
			return Kind(i), true
		}
	}
	return None, false
}

// Kinds lists every kind of failure, without None, in the order of their numbers.
func Kinds() []Kind {
	all := make([]Kind, 0, len(names)-1)
	for i := 1; i < len(names); i++ {
		all = append(all, Kind(i))
	}
	return all
}

// IsTimeout reports whether the time of such a failure is the limit that was waited for, and not the time of an answer.
// These are the failures whose time belongs in the headline: the visitor did wait so long.
func (k Kind) IsTimeout() bool {
	return k == ConnectTimeout || k == FirstByteTimeout || k == Timeout
}

// Error is a failure with what was tried, what was wrong and what to do. The zero value is not useful; Kind must be set.
type Error struct {
	Kind   Kind
	Status int    // the HTTP status for Kind Status, else 0
	Op     string // what was tried: "dial", "read", "check"; may be empty
	Text   string // what was wrong; groups (see the package comment); empty means the kind in words
	Hint   string // what to do about it; may be empty
	Err    error  // the cause, for errors.Is and errors.As; may be nil; never part of the grouped text
}

// Error is the grouped text with the hint: "refused: nothing listens on 127.0.0.1:9; is the site up?".
func (e *Error) Error() string {
	s := e.Kind.String()
	if e.Kind == Status || e.Kind == Check || e.Kind == Other {
		s = ""
	}
	switch {
	case e.Text == "" && s == "":
		s = e.Kind.String()
	case e.Text == "":
	case s == "":
		s = e.Text
	default:
		s += ": " + e.Text
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// OfCheck is what a check of the test said, as a failure: Kind Check, but for an error that has a kind already. It is nil for nil.
func OfCheck(err error) error {
	if err == nil || Of(err) != Other {
		return err
	}
	return &Error{Kind: Check, Text: err.Error(), Err: err}
}

// Checked runs a check of the test and gives what it said as OfCheck does. One that panics has failed: Kind Panic.
func Checked(check func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Error{Kind: Panic, Text: fmt.Sprintf("in a check: %.200v", p)}
		}
	}()
	return OfCheck(check())
}

// Of finds the kind of any error: that of the first *Error in its chain, None for nil, else Other.
func Of(err error) Kind {
	if err == nil {
		return None
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Other
}
