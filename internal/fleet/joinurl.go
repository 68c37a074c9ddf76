package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// JoinURL is where a controller is, how it is known and what lets one in: stampede://TOKEN@HOST:PORT?pin=sha256:HEX. It is a secret.
type JoinURL struct {
	Token   string
	Address string // host:port
	Pin     string // hex of the SHA-256 of the certificate
}

const joinHelp = "copy the whole line that the controller printed: stampede://TOKEN@HOST:PORT?pin=sha256:HEX"

// ParseJoinURL reads a join URL. Errors do not repeat the token.
func ParseJoinURL(text string) (JoinURL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return JoinURL{}, errors.New("the join URL cannot be read: " + joinHelp)
	}
	j := JoinURL{Token: u.User.Username(), Address: u.Host}
	pin, isSHA := strings.CutPrefix(u.Query().Get("pin"), "sha256:")
	raw, err := hex.DecodeString(pin)
	_, port, noPort := net.SplitHostPort(u.Host)
	switch {
	case u.Scheme != "stampede":
		return JoinURL{}, fmt.Errorf("the join URL begins with %q and not with stampede: %s", u.Scheme, joinHelp)
	case j.Token == "":
		return JoinURL{}, errors.New("the join URL has no token before the @: " + joinHelp)
	case noPort != nil || port == "":
		return JoinURL{}, fmt.Errorf("the join URL says %q where the host and the port belong: %s", u.Host, joinHelp)
	case !isSHA || err != nil || len(raw) != sha256.Size:
		return JoinURL{}, errors.New("the join URL has no pin of the controller's certificate, or a cut one: " + joinHelp)
	}
	j.Pin = strings.ToLower(pin)
	return j, nil
}

// String is the URL, with its token.
func (j JoinURL) String() string {
	u := url.URL{Scheme: "stampede", User: url.User(j.Token), Host: j.Address, RawQuery: "pin=sha256:" + j.Pin}
	return u.String()
}

// Redacted is the URL without its token, for people and logs.
func (j JoinURL) Redacted() string {
	j.Token = "..."
	return j.String()
}
