package fleet

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/pem"
	"errors"
)

// NewToken makes what lets workers in.
func NewToken() string { return secret(18) }

// NewKey makes a certificate and its key for [Options.Key]: with one, the pin of the join URL stays from start to start. It is PEM in base64, so that it
// goes into a variable of one line.
func NewKey() (string, error) {
	id, err := newIdentity()
	if err != nil {
		return "", err
	}
	var text bytes.Buffer
	for _, block := range []*pem.Block{{Type: "CERTIFICATE", Bytes: id.Cert}, {Type: "PRIVATE KEY", Bytes: id.Key}} {
		if err := pem.Encode(&text, block); err != nil {
			return "", err
		}
	}
	return base64.StdEncoding.EncodeToString(text.Bytes()), nil
}

// KeyPin is the hash of a key's certificate, as join URLs have it.
func KeyPin(key string) (string, error) {
	id, err := parseKey(key)
	return id.pin(), err
}

// parseKey reads a certificate and its key: PEM, or that in base64. Errors say nothing of what was given.
func parseKey(text string) (identity, error) {
	raw := []byte(text)
	if decoded, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(raw))); err == nil {
		raw = decoded
	}
	var id identity
	for {
		block, rest := pem.Decode(raw)
		if block == nil {
			break
		}
		switch block.Type {
		case "CERTIFICATE":
			id.Cert = block.Bytes
		case "PRIVATE KEY":
			id.Key = block.Bytes
		}
		raw = rest
	}
	if id.Cert == nil || id.Key == nil {
		return id, errors.New("it wants a certificate and its key: PEM with CERTIFICATE and PRIVATE KEY, or that in base64")
	}
	if _, err := id.server(); err != nil {
		return id, errors.New("its private key cannot be read: it wants PKCS 8")
	}
	return id, nil
}

// Pinned trusts the one certificate whose hash a pin is, whatever names and dates it has.
func Pinned(pin string) *tls.Config { return pinned(pin) }
