package wire

import "github.com/stampede-load/stampede/internal/fault"

// closedError is the failure of a request on a connection that the server has ended; begun says that its answer had begun.
func (h *h2conn) closedError(code h2code, begun bool) *fault.Error {
	f := &fault.Error{Kind: fault.Reset, Op: "read"}
	switch {
	case code != h2NoError:
		f.Text = "HTTP/2: the server closed the connection: " + code.String()
	case begun:
		f.Text = resetText("read", h.origin)
	default:
		f.Text = h.origin.place() + " closed the connection without an answer"
	}
	return f
}

// resetError is the failure of a request whose stream the server has ended.
func (h *h2conn) resetError(code h2code) *fault.Error {
	f := &fault.Error{Kind: fault.Reset, Op: "read", Text: "HTTP/2: the server reset the stream: " + code.String(), Err: StreamReset(code)}
	if code == h2code(13) { // HTTP_1_1_REQUIRED
		f.Kind, f.Hint = fault.Protocol, `use HTTP "1.1"`
	}
	return f
}

// wrong is the failure of a request whose connection or stream is not as RFC 9113 says.
func (h *h2conn) wrong(text string) *fault.Error {
	return &fault.Error{Kind: fault.Protocol, Op: "read", Text: "the answer of " + h.origin.place() + " is not valid HTTP/2: " + text}
}

// speaks1 is the failure of a request to a server that knows HTTP/1 alone.
func (h *h2conn) speaks1() *fault.Error {
	return &fault.Error{Kind: fault.Protocol, Op: "read", Text: h.origin.place() + " does not speak HTTP/2", Hint: `use HTTP "auto" or "1.1"`}
}
