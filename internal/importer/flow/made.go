package flow

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	uuidText = regexp.MustCompile(`(?i)^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	isoText  = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$`)
	hexText  = regexp.MustCompile(`^[0-9a-f]+$`)
)

// clientMade says what a client may have made a value by, seen at a time; NotMade when it looks like nothing of the kind.
func clientMade(s string, at time.Time) (Made, int) {
	switch {
	case uuidText.MatchString(s):
		return UUID, 0
	case isoText.MatchString(s):
		t, err := time.Parse(time.RFC3339Nano, s)
		if err == nil && near(t, at) {
			return ISOTime, 0
		}
	case len(s) == 10 && digits(s):
		if n, _ := strconv.ParseInt(s, 10, 64); near(time.Unix(n, 0), at) {
			return Seconds, 0
		}
	case len(s) == 13 && digits(s):
		if n, _ := strconv.ParseInt(s, 10, 64); near(time.UnixMilli(n), at) {
			return Millis, 0
		}
	}
	return NotMade, 0
}

// randomLike says what stands for a value that differs, is typed by nobody, and looks drawn at random.
func randomLike(s string) (Made, int) {
	switch {
	case !random(s):
		return NotMade, 0
	case digits(s):
		return RandomDigit, len(s)
	case hexText.MatchString(s):
		return RandomHex, len(s)
	}
	return RandomText, len(s)
}

// near reports whether a time is within a day of another.
func near(t, at time.Time) bool { return !at.IsZero() && t.Sub(at).Abs() < 24*time.Hour }

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// random reports whether a text looks drawn at random: long, without spaces, and changing often between kinds of characters.
func random(s string) bool {
	if len(s) < 8 || strings.ContainsAny(s, " @\n\t<>{}\"") || isoText.MatchString(s) { // a sentence, a document, a time
		return false
	}
	if digits(s) {
		return len(s) >= 9
	}
	changes, kinds := 0, [4]bool{}
	last := -1
	for i := 0; i < len(s); i++ {
		k := 3
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			k = 0
		case c >= 'a' && c <= 'z':
			k = 1
		case c >= 'A' && c <= 'Z':
			k = 2
		}
		kinds[k] = true
		if k != last && last >= 0 && k != 3 && last != 3 {
			changes++
		}
		last = k
	}
	if !kinds[0] { // words that are written together change often too
		return kinds[1] && kinds[2] && len(s) >= 16 && changes*3 >= len(s)
	}
	mixed := kinds[1] || kinds[2]
	return mixed && changes >= 2 && changes*8 >= len(s)
}

// challengeOf is the S256 challenge of PKCE (RFC 7636, section 4.2).
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
