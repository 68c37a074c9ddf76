package cli

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

// caFile reads the authorities that certificates are verified against.
func (a *app) caFile(into **x509.CertPool) func(string) error {
	return func(t string) error {
		pem, err := os.ReadFile(a.path(t))
		if err != nil {
			return fmt.Errorf("the certificates cannot be read: %w", err)
		}
		pem = bytes.TrimPrefix(pem, []byte(mark))
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
		pem = bytes.TrimPrefix(pem, []byte(mark))
		if err != nil {
			if beforePassphrase(t) != "" && errors.Is(err, fs.ErrNotExist) {
				return errors.New("there is no such file, and a passphrase behind a colon, as curl has it, cannot be given: take it away with openssl pkey -in FILE -out PLAIN, and give the certificate and PLAIN in one file")
			}
			return fmt.Errorf("the certificate cannot be read: %w", err)
		}
		if why := unusable(pem); why != "" {
			return errors.New(why)
		}
		c, err := tls.X509KeyPair(pem, pem)
		if err != nil {
			return fmt.Errorf("the file must hold a certificate and its private key, both in PEM form: %w", err)
		}
		*into = []tls.Certificate{c}
		return nil
	}
}

// beforePassphrase is the file of FILE:PASSPHRASE, which curl's --cert takes; "" where there is no passphrase.
func beforePassphrase(text string) string {
	at := strings.LastIndexByte(text, ':')
	if at < 2 || at == len(text)-1 { // C:\me.pem
		return ""
	}
	return text[:at]
}

// maskPassphrase hides what curl would take for a passphrase.
func maskPassphrase(text string) string {
	if file := beforePassphrase(text); file != "" {
		return file + ":" + setting.Hidden
	}
	return text
}

// mark is what some editors write before a text in UTF-8.
const mark = "\ufeff"

// unusable says why a file cannot give a client certificate, where the reason can be seen, and what to do; "" when it cannot be seen.
func unusable(file []byte) string {
	has := func(word string) bool { return bytes.Contains(file, []byte(word)) }
	switch {
	case has("-----BEGIN ENCRYPTED PRIVATE KEY-----"), has("Proc-Type: 4,ENCRYPTED"):
		return "the private key is encrypted: take the passphrase away with openssl pkey -in FILE -out PLAIN, and give the certificate and PLAIN in one file"
	case len(file) > 0 && file[0] == 0x30:
		return "the file is in binary form: make a PEM file of it with openssl pkcs12 -in FILE -nodes (of .p12 and .pfx), or openssl x509 -inform DER (of .cer and .der)"
	case has("-----BEGIN CERTIFICATE-----") && !has("PRIVATE KEY-----"):
		return "the file holds a certificate but no private key: write both into one file"
	case !has("-----BEGIN CERTIFICATE-----") && has("PRIVATE KEY-----"):
		return "the file holds a private key but no certificate: write both into one file"
	}
	return ""
}
