package notify

import (
	"crypto/x509"
	"fmt"
	"net/smtp"
)

// Trust has a way take servers that some authority vouches for.
func (w *Way) Trust(roots *x509.CertPool) { w.roots = roots }

// LogIn logs in where there is no TLS.
func (w *Way) LogIn(c *smtp.Client) error { return w.logIn(c, false) }

// Read is what a way of mail has understood: where to, user, password, who writes to whom.
func (w *Way) Read() string {
	password, _ := w.url.User.Password()
	from, to, err := w.people()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%s %s %q %s %s", w.url.Host, w.url.User.Username(), password, from.Address, to[0].Address)
}
