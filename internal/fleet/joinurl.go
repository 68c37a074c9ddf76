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
//
// Where controller and workers meet at a NATS of their own it is that server's URL: nats://USER:PASSWORD@HOST:PORT, or tls://. Who gets in and what
// they may do is that server's business then.
type JoinURL struct {
	Token   string
	Address string // host:port
	Pin     string // hex of the SHA-256 of the certificate
	Outside string // the URL of an outside NATS; the others are empty but for Address
}

const joinHelp = "copy all that stands between the quotes in the line that the controller printed, from stampede:// to the end of the pin"

// ParseJoinURL reads a join URL. Errors do not repeat the token.
func ParseJoinURL(text string) (JoinURL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return JoinURL{}, errors.New("the join URL cannot be read: " + joinHelp)
	}
	if u.Scheme == "nats" || u.Scheme == "tls" {
		return outside(u)
	}
	j := JoinURL{Token: u.User.Username(), Address: u.Host}
	pin, isSHA := strings.CutPrefix(u.Query().Get("pin"), "sha256:")
	raw, err := hex.DecodeString(pin)
	_, port, noPort := net.SplitHostPort(u.Host)
	switch {
	case u.Scheme != "stampede":
		return JoinURL{}, fmt.Errorf("the join URL begins with %q and not with stampede, or with nats or tls for a NATS of your own: %s", u.Scheme, joinHelp)
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

// outside is where an outside NATS is.
func outside(u *url.URL) (JoinURL, error) {
	if u.Port() == "" {
		if u.Host == "" {
			return JoinURL{}, errors.New("the URL of the NATS server names no host: write nats://HOST:PORT")
		}
		u.Host = net.JoinHostPort(u.Hostname(), "4222")
	}
	return JoinURL{Outside: u.String(), Address: u.Host}, nil
}

// server is what NATS is dialled by.
func (j JoinURL) server() string {
	if j.Outside != "" {
		return j.Outside
	}
	return "tls://" + j.Address
}

// String is the URL, with its token.
func (j JoinURL) String() string {
	if j.Outside != "" {
		return j.Outside
	}
	u := url.URL{Scheme: "stampede", User: url.User(j.Token), Host: j.Address, RawQuery: "pin=sha256:" + j.Pin}
	return u.String()
}

// Redacted is the URL without its token, for people and logs.
func (j JoinURL) Redacted() string {
	if u, err := url.Parse(j.Outside); err == nil && j.Outside != "" {
		u.User = nil
		return u.String()
	}
	j.Token = "..."
	return j.String()
}

// ownAddress is an address of this machine that others may reach.
func ownAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
				return n.IP.String()
			}
		}
	}
	return "127.0.0.1"
}
