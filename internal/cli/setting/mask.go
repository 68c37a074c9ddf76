package setting

import (
	"net/url"
	"strings"
)

// Hidden stands where a secret was.
const Hidden = "xxxxx"

// MaskURL hides the password of a URL.
func MaskURL(text string) string {
	u, err := url.Parse(text)
	if err == nil && u.User != nil {
		if _, has := u.User.Password(); has {
			return u.Redacted()
		}
		return text
	}
	at := strings.LastIndex(text, "@")
	if at < 0 {
		return text
	}
	scheme, _, found := strings.Cut(text, "://")
	if !found {
		return Hidden + text[at:]
	}
	return scheme + "://" + Hidden + text[at:]
}

// MaskHeader hides the value of a header that carries a secret: "Authorization: xxxxx".
func MaskHeader(text string) string {
	name, _, _ := strings.Cut(text, ":")
	if IsSecret(name) {
		return name + ": " + Hidden
	}
	return text
}

// Mask hides a value whole.
func Mask(string) string { return Hidden }

// IsSecret reports whether what has this name (a header, a flag) is likely to be a secret.
func IsSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"authorization", "cookie", "token", "secret", "key", "password", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}
