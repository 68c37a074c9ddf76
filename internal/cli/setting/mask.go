package setting

import (
	"net/url"
	"strings"

	"github.com/stampede-load/stampede/internal/mask"
)

// Hidden stands where a secret was.
const Hidden = mask.Hidden

// MaskURL hides the login of a URL, also of one that cannot be read.
func MaskURL(text string) string {
	at := strings.LastIndexByte(text, '@')
	if _, err := url.Parse(text); err == nil || at < 0 {
		return mask.Text(text)
	}
	scheme, _, found := strings.Cut(text, "://")
	if !found {
		return Hidden + text[at:]
	}
	return scheme + "://" + Hidden + text[at:]
}

// MaskHeader hides the value of a header that carries a secret: "Authorization: Bearer ***".
func MaskHeader(text string) string {
	name, value, ok := strings.Cut(text, ":")
	if !ok {
		return mask.Text(text)
	}
	return name + ": " + mask.Header(strings.TrimSpace(name), strings.TrimSpace(value))
}

// Mask hides a value whole.
func Mask(string) string { return Hidden }

// IsSecret reports whether what has this name (a header, a flag) is likely to be a secret.
func IsSecret(name string) bool { return mask.IsSecret(name) }
