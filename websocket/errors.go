package websocket

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/stampede-load/stampede/internal/fault"
)

// CloseError says that the site closed the socket, and how. errors.As finds it in what Receive, Exchange and their kin return.
type CloseError struct {
	Code   int    // 1000 to 4999; 1005 when the site gave none
	Reason string // in the site's words; may be empty
}

func (e *CloseError) Error() string {
	s := "the site closed the socket with " + strconv.Itoa(e.Code)
	if m := codeMeans[e.Code]; m != "" {
		s += " (" + m + ")"
	}
	// A reason with digits in it is likely to differ each time, and failures would not group.
	if r := strings.TrimSpace(e.Reason); r != "" && len(r) <= 80 && !strings.ContainsFunc(r, unicode.IsDigit) {
		s += ": " + r
	}
	return s
}

// codeMeans is RFC 6455, 7.4.1, and the registry that it began.
var codeMeans = map[int]string{
	1000: "normal", 1001: "going away", 1002: "protocol error", 1003: "data it does not take", 1005: "no code", 1007: "data that is not of its type",
	1008: "against its policy", 1009: "message too large", 1010: "missing extension", 1011: "error inside", 1012: "restarts", 1013: "try later",
	1014: "bad gateway",
}

// ErrClosed is what is said of a socket that the test itself has closed.
var ErrClosed = errors.New("the test has closed this socket")

// asFailure makes of what ended a socket a failure whose text groups.
func asFailure(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	if c, ok := errors.AsType[*CloseError](err); ok {
		return &fault.Error{Kind: fault.Reset, Op: "read", Text: c.Error(), Err: err}
	}
	if err == ErrClosed {
		return &fault.Error{Kind: fault.Other, Text: err.Error(), Err: err}
	}
	kind := fault.Protocol
	if err == errTooLarge {
		kind = fault.TooLarge
	}
	return &fault.Error{Kind: kind, Op: "read", Text: "the site broke the protocol: " + err.Error(), Err: err}
}

func tooLate(limit time.Duration) error {
	return &fault.Error{Kind: fault.Timeout, Op: "read", Text: fmt.Sprintf("no answer within %v", limit), Err: context.DeadlineExceeded}
}

func cancelled(ctx context.Context) error {
	return &fault.Error{Kind: fault.Cancelled, Text: "the wait for a message was cancelled", Err: context.Cause(ctx)}
}
