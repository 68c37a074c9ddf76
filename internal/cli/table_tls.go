package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// caFile reads the authorities that certificates are verified against.
func (a *app) caFile(into **x509.CertPool) func(string) error {
	return func(t string) error {
		pem, err := os.ReadFile(a.path(t))
		if err != nil {
			return fmt.Errorf("the certificates cannot be read: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return errors.New("the file holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
		}
		*into = pool
		return nil
	}
}

// clientCertificate reads a certificate and its key from one file.
func (a *app) clientCertificate(into *[]tls.Certificate) func(string) error {
	return func(t string) error {
		pem, err := os.ReadFile(a.path(t))
		if err != nil {
			return fmt.Errorf("the certificate cannot be read: %w", err)
		}
		c, err := tls.X509KeyPair(pem, pem)
		if err != nil {
			return fmt.Errorf("the file must hold a certificate and its private key, both in PEM form: %w", err)
		}
		*into = []tls.Certificate{c}
		return nil
	}
}
