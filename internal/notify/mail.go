package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"
)

// people are who writes to whom.
func (w *Way) people() (from *mail.Address, to []*mail.Address, err error) {
	q, err := url.ParseQuery(strings.ReplaceAll(w.url.RawQuery, "+", "%2B")) // a plus in an address is one
	if err != nil {
		return nil, nil, errors.New("mail: what stands behind the ? cannot be read: write from=A@B&to=C@D")
	}
	if from, err = mail.ParseAddress(q.Get("from")); err != nil {
		return nil, nil, errors.New("mail: from= is no address of mail")
	}
	for _, text := range q["to"] {
		more, err := mail.ParseAddressList(text)
		if err != nil {
			return nil, nil, errors.New("mail: to= holds what is no address of mail")
		}
		to = append(to, more...)
	}
	if len(to) == 0 {
		return nil, nil, errors.New("mail: to= is missing")
	}
	return from, to, nil
}

// mail sends a message by SMTP, with TLS where the server has it. A password is sent over nothing else, but to this machine.
func (w *Way) mail(ctx context.Context, m *Message) error {
	from, to, err := w.people()
	if err != nil {
		return fmt.Errorf("%w: %w", errRefused, err)
	}
	c, secure, err := w.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	if has, _ := c.Extension("STARTTLS"); has && !secure {
		if err := c.StartTLS(w.tls()); err != nil {
			return unsafe("STARTTLS", err)
		}
		secure = true
	}
	if w.url.User != nil {
		if err := w.logIn(c, secure); err != nil {
			return err
		}
	}
	if err := c.Mail(from.Address); err != nil {
		return refusedBy("sender", err)
	}
	for _, one := range to {
		if err := c.Rcpt(one.Address); err != nil {
			return refusedBy("recipient", err)
		}
	}
	into, err := c.Data()
	if err != nil {
		return refusedBy("message", err)
	}
	if _, err := into.Write(letter(m, from, to)); err != nil {
		return err
	}
	if err := into.Close(); err != nil {
		return refusedBy("message", err)
	}
	_ = c.Quit() // it is delivered
	return nil
}

// tls is how a server is known: by its name, and by the certificates that this machine trusts.
func (w *Way) tls() *tls.Config {
	return &tls.Config{ServerName: w.url.Hostname(), MinVersion: tls.VersionTLS12, RootCAs: w.roots}
}

// unsafe says why there is no TLS with a server. A certificate that is not its own does not become so by trying again.
func unsafe(what string, err error) error {
	if wrong, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Errorf("%w: %s: the server's certificate is not taken, and nothing was sent: %w", errRefused, what, wrong.Err)
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return fmt.Errorf("%w: %s: the server does not speak TLS from the start on this port: write smtp:// and its port for that, 587 as a rule", errRefused, what)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// logIn says who sends. A password goes over TLS only, or stays on this machine.
func (w *Way) logIn(c *smtp.Client, secure bool) error {
	if !secure && !here(w.url.Hostname()) {
		return fmt.Errorf("%w: log in: the server has no STARTTLS on this port, and a password is sent over TLS only: write smtps:// and its port, 465 as a rule, or another port with smtp://", errRefused)
	}
	takes, ways := c.Extension("AUTH")
	user := w.url.User.Username()
	password, _ := w.url.User.Password()
	known := strings.Fields(strings.ToUpper(ways))
	var how smtp.Auth
	switch {
	case !takes:
		return fmt.Errorf("%w: log in: the server takes no log-in on this port: leave user and password out, or name the port for senders, 587 as a rule", errRefused)
	case slices.Contains(known, "PLAIN"):
		how = smtp.PlainAuth("", user, password, w.url.Hostname())
	case slices.Contains(known, "LOGIN"):
		how = &loginAuth{user, password}
	default:
		return fmt.Errorf("%w: log in: the server takes %s, and here there are PLAIN and LOGIN", errRefused, ways)
	}
	if err := c.Auth(how); err != nil {
		return refusedBy("log in", err)
	}
	return nil
}

// here reports whether a name is that of this machine, as net/smtp knows it.
func here(host string) bool { return slices.Contains([]string{"localhost", "127.0.0.1", "::1"}, host) }

// loginAuth is LOGIN, which some servers have alone: user and password, each when it is asked for.
type loginAuth struct{ user, password string }

func (a *loginAuth) Start(*smtp.ServerInfo) (string, []byte, error) { return "LOGIN", nil, nil }

func (a *loginAuth) Next(asked []byte, more bool) ([]byte, error) {
	word := strings.ToLower(string(asked))
	switch {
	case !more:
		return nil, nil
	case strings.HasPrefix(word, "user"):
		return []byte(a.user), nil
	case strings.HasPrefix(word, "pass"):
		return []byte(a.password), nil
	}
	return nil, errors.New("the server asks for more than user and password")
}

// refusedBy says what a server refused; with a code of 500 or more trying again does not help.
func refusedBy(what string, err error) error {
	said, ok := errors.AsType[*textproto.Error](err)
	if ok && said.Code == 530 {
		return fmt.Errorf("%w: %s: the server says 530: it wants a log-in, smtp://USER:PASSWORD@HOST", errRefused, what)
	}
	if ok && said.Code >= 500 {
		return fmt.Errorf("%w: %s: the server says %d", errRefused, what, said.Code)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// dial connects; secure says that there is TLS from the start.
func (w *Way) dial(ctx context.Context) (c *smtp.Client, secure bool, err error) {
	port := w.url.Port()
	secure = w.url.Scheme == "smtps" || port == "465" // where nobody says a word before TLS
	switch {
	case port != "":
	case secure:
		port = "465"
	default:
		port = "587"
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(w.url.Hostname(), port))
	if err != nil {
		return nil, secure, err
	}
	if end, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(end)
	}
	name := literal(conn.LocalAddr())
	if secure && err == nil {
		with := tls.Client(conn, w.tls())
		if err = with.HandshakeContext(ctx); err != nil {
			err = unsafe("TLS", err)
		}
		conn = with
	}
	if err == nil {
		c, err = smtp.NewClient(conn, w.url.Hostname())
	}
	if err == nil {
		err = c.Hello(name) // an address is always known; many servers take no "localhost"
	}
	if err != nil {
		return nil, secure, errors.Join(err, conn.Close())
	}
	return c, secure, nil
}

// literal is an address as SMTP has it in the place of a name.
func literal(of net.Addr) string {
	tcp, ok := of.(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case tcp.IP.To4() == nil:
		return "[IPv6:" + tcp.IP.String() + "]"
	}
	return "[" + tcp.IP.String() + "]"
}

// letter is a message as mail.
func letter(m *Message, from *mail.Address, to []*mail.Address) []byte {
	var b bytes.Buffer
	var names []string
	for _, one := range to {
		names = append(names, one.String())
	}
	_, host, _ := strings.Cut(from.Address, "@")
	fmt.Fprintf(&b, "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\n", from, strings.Join(names, ", "), mime.QEncoding.Encode("utf-8", m.Subject()),
		time.Now().Format(time.RFC1123Z), m.id, host)
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	q := quotedprintable.NewWriter(&b)
	text := oneLine(m.Text) + "\r\n"
	if m.Run != "" {
		text += "\r\nrun " + oneLine(m.Run) + "\r\n"
	}
	_, _ = q.Write([]byte(text)) // a buffer takes everything
	_ = q.Close()
	return b.Bytes()
}
