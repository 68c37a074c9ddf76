package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/stampede-load/stampede/internal/fault"
)

func protocolError(text string) error {
	return &fault.Error{Kind: fault.Protocol, Op: "read", Text: text}
}

func tooLarge(text, hint string) error {
	return &fault.Error{Kind: fault.TooLarge, Op: "read", Text: text, Hint: hint}
}

// cause is why a request was given up by somebody other than its own goroutine.
type cause int64

// Values that the due time of a connection takes when somebody gave the request up; real times are positive.
const (
	notDue    cause = 0
	expired   cause = -1
	cancelled cause = -2
	closed    cause = -3
)

// transportError turns what went wrong on a connection to o into a failure whose text groups.
func transportError(op string, o *origin, err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	f = &fault.Error{Kind: fault.Other, Op: op, Err: err}
	switch {
	case errors.Is(err, context.Canceled):
		f.Kind, f.Text = fault.Cancelled, "the request was cancelled"
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Kind, f.Text, f.Hint = fault.Refused, "nothing listens on "+o.place(), "is the "+o.what()+" up?"
	case isAlert(err):
		f.Kind, f.Text = fault.TLS, o.named()+" refused the handshake: "+plain(err)
	case isReset(err):
		f.Kind, f.Text = fault.Reset, resetText(op, o)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		f.Kind, f.Text, f.Hint = fault.Limit, "out of file descriptors", "raise the limit (ulimit -n) or use more workers"
	case errors.Is(err, syscall.EADDRNOTAVAIL), errors.Is(err, syscall.EADDRINUSE):
		f.Kind, f.Text = fault.Limit, "no free local port to "+o.place()
		f.Hint = "use more source addresses (--source-ip), widen net.ipv4.ip_local_port_range, or keep connections alive"
	case errors.Is(err, syscall.ENOBUFS), errors.Is(err, syscall.ENOMEM):
		f.Kind, f.Text, f.Hint = fault.Limit, "the kernel is out of socket memory", "use fewer users or more machines"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		f.Kind, f.Text, f.Hint = fault.Unreachable, "no route to "+o.place(), "check the network and the address"
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		f.Kind, f.Text, f.Hint = fault.Unreachable, "the system does not permit connections to "+o.place(), "check the firewall"
	case errors.Is(err, os.ErrNotExist) && op == "dial":
		f.Kind, f.Text, f.Hint = fault.Refused, "there is no socket "+o.place(), "is the site up?"
	case op == "handshake":
		f.Kind, f.Text, f.Hint = fault.TLS, tlsText(o, err), tlsHint(o, err)
	case isNetTimeout(err):
		f.Kind, f.Text, f.Hint = fault.ConnectTimeout, "no connection to "+o.place(), "is the "+o.what()+" reachable?"
		if o.met.Load() && !o.isProxy {
			f.Hint = othersGotOne
		}
	default:
		f.Text = op + " " + o.place() + ": " + plain(err)
	}
	return f
}

func isReset(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNABORTED) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, errWSAReset)
}

func resetText(op string, o *origin) string {
	switch op {
	case "dial":
		return o.named() + " closed the connection while it was made"
	case "handshake":
		return o.named() + " closed the connection during the TLS handshake"
	}
	return o.place() + " closed the connection before its answer was complete"
}

// isAlert reports whether the peer ended TLS with an alert: during the handshake, or, as servers check certificates of clients late, at the
// first read.
func isAlert(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error"
}

func isNetTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}

// tlsText names the reason a handshake failed, without what differs from one attempt to the next.
func tlsText(o *origin, err error) string {
	var (
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		host    x509.HostnameError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return "the certificate of " + o.named() + " is signed by an unknown authority"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "the certificate of " + o.named() + " has expired or is not yet valid"
	case errors.As(err, &host):
		return "the certificate of " + o.named() + " is for another name"
	case errors.As(err, &record):
		return o.named() + " does not speak TLS"
	}
	return "handshake with " + o.named() + ": " + plain(err)
}

func tlsHint(o *origin, err error) string {
	var (
		unknown x509.UnknownAuthorityError
		host    x509.HostnameError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &unknown):
		return "give its CA (--cacert), or --insecure for a test site"
	case errors.As(err, &host) && o.isProxy:
		return "write the name of its certificate into the proxy's URL"
	case errors.As(err, &host):
		return "check the host, or set the server name"
	case errors.As(err, &record) && o.isProxy:
		return "should the proxy's URL begin with http://, or socks5h:// for SOCKS?"
	case errors.As(err, &record):
		return "should the URL begin with http://?"
	}
	return ""
}

// plain is the text of the innermost error: those around it hold addresses and ports that differ each time.
func plain(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return strings.TrimPrefix(err.Error(), "net/http: ")
		}
		err = inner
	}
}
