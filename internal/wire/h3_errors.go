package wire

import (
	"errors"
	"strings"

	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	"github.com/stampede-load/stampede/internal/fault"
)

// failed names what went wrong with a request over HTTP/3.
func (h *h3conn) failed(x *exchange, err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if e, ok := errors.AsType[*http3.Error](err); ok && e.ErrorCode == http3.ErrCodeRequestRejected {
		x.stream.untouched = !x.answer.started() // RFC 9114, 4.1.1
	}
	x.stream.ended = h.qc.Context().Err() == nil
	return quicError("read", h.origin, err)
}

// quicError names what went wrong below.
func quicError(op string, o *origin, err error) *fault.Error {
	f := &fault.Error{Kind: fault.Reset, Op: op, Err: err}
	var (
		idle      *quic.IdleTimeoutError
		handshake *quic.HandshakeTimeoutError
		transport *quic.TransportError
		app       *quic.ApplicationError
		stream    *quic.StreamError
		stateless *quic.StatelessResetError
		version   *quic.VersionNegotiationError
		h3        *http3.Error
	)
	switch {
	case strings.Contains(err.Error(), "HEADERS frame too large"): // which has no type
		f.Kind, f.Text = fault.TooLarge, "the response header is larger than the limit"
	case errors.As(err, &handshake), op == "dial" && errors.As(err, &idle):
		f.Kind, f.Text, f.Hint = fault.ConnectTimeout, "no QUIC connection to "+o.place(), "does the site speak HTTP/3, and does UDP reach it?"
	case errors.As(err, &idle):
		f.Text = "HTTP/3: nothing more came from the server until the QUIC connection timed out"
	case errors.As(err, &version):
		f.Kind, f.Text = fault.Protocol, o.place()+" speaks other versions of QUIC"
	case errors.As(err, &stateless):
		f.Text = "HTTP/3: the server does not know the connection any more"
	case errors.As(err, &transport) && transport.ErrorCode.IsCryptoError():
		if f = transportError("handshake", o, err); f.Kind != fault.TLS {
			f = &fault.Error{Kind: fault.TLS, Op: "handshake", Text: tlsText(o, err), Hint: tlsHint(o, err), Err: err}
		}
	case errors.As(err, &transport):
		f.Kind, f.Text = fault.Protocol, "QUIC: "+transport.ErrorCode.String()
	case errors.As(err, &h3) && h3.Remote:
		f.Text = "HTTP/3: the server ended the request: " + h3.ErrorCode.String()
	case errors.As(err, &h3):
		f.Kind, f.Text = fault.Protocol, "the answer of "+o.place()+" is not valid HTTP/3: "+h3.ErrorCode.String()
	case errors.As(err, &app):
		f.Text = "HTTP/3: the server closed the connection: " + http3.ErrCode(app.ErrorCode).String()
	case errors.As(err, &stream):
		f.Text = "HTTP/3: the server reset the stream: " + http3.ErrCode(stream.ErrorCode).String()
	default:
		f = transportError(op, o, err)
	}
	return f
}
