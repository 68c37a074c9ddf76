package weburl

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// names are as browsers take them: mapped, and not too strict about hyphens.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.CheckHyphens(false), idna.VerifyDNSLength(false))

// CanonicalHost is the one form of a host: lower case, ASCII (Punycode for other letters), addresses as package netip writes them, no brackets,
// no dot at the end. "127.1", "0x7f.1" and "2130706433" are 127.0.0.1, as for browsers and for the C library.
func CanonicalHost(host string) (string, error) {
	h := host
	if strings.HasPrefix(h, "[") && strings.HasSuffix(h, "]") {
		a, err := netip.ParseAddr(strings.Replace(h[1:len(h)-1], "%25", "%", 1))
		if err != nil || !a.Is6() {
			return "", fmt.Errorf("host %q: this is no IPv6 address", host)
		}
		return a.String(), nil
	}
	if a, err := netip.ParseAddr(h); err == nil {
		return a.String(), nil
	}
	h = decode(h)
	for i := range len(h) {
		if h[i] >= utf8.RuneSelf {
			ascii, err := names.ToASCII(h)
			if err != nil {
				return "", fmt.Errorf("host %q: %w", host, err)
			}
			h = ascii
			break
		}
	}
	h = strings.ToLower(strings.TrimSuffix(h, "."))
	switch {
	case h == "":
		return "", errors.New("the URL has no host")
	case len(h) > 253:
		return "", errors.New("the host is longer than 253 bytes")
	}
	for i := range len(h) {
		if c := h[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"#%/:<>?@[\\]^`{|}(),;=", c) >= 0 {
			return "", fmt.Errorf("host %q: the character %q cannot be in a host", host, c)
		}
	}
	return address(h, host)
}

// address reads a host whose last part is a number, which makes all of it an address; other hosts are as they are.
func address(h, written string) (string, error) {
	parts := strings.Split(h, ".")
	if _, isNumber := number(parts[len(parts)-1]); !isNumber {
		return h, nil
	}
	bad := fmt.Errorf("host %q: this is no IPv4 address", written)
	if len(parts) > 4 {
		return "", bad
	}
	var addr uint64
	for i, p := range parts {
		n, ok := number(p)
		last := i == len(parts)-1
		if !ok || !last && n > 255 || last && n >= 1<<(8*(5-len(parts))) {
			return "", bad
		}
		if last {
			addr |= n
		} else {
			addr |= n << (8 * (3 - i))
		}
	}
	return netip.AddrFrom4([4]byte{byte(addr >> 24), byte(addr >> 16), byte(addr >> 8), byte(addr)}).String(), nil
}

// number reads a decimal, octal (0...) or hexadecimal (0x...) number.
func number(s string) (uint64, bool) {
	if s == "0x" || s == "0X" {
		return 0, true
	}
	base := 10
	switch {
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	}
	if s == "" || s[0] == '+' || s[0] == '-' {
		return 0, false
	}
	n, err := strconv.ParseUint(s, base, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 1 << 40, true
	}
	if err != nil && base == 8 { // "08" is no number, but digits all the same: no name
		_, decimal := strconv.ParseUint(s, 10, 64)
		return 1 << 40, decimal == nil
	}
	return n, err == nil
}
