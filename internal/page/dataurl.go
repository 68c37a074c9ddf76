package page

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// dataURL is the HTML in a data URL; ok is false for any other type.
func dataURL(u string) (text string, ok bool) { return dataText(u, "text/html") }

// dataText is what is in a data URL of a type; ok is false for any other one.
func dataText(u, typeWanted string) (text string, ok bool) {
	if len(u) < 5 || !equalFold(u[:5], "data:") {
		return "", false
	}
	rest := u[len("data:"):]
	head, body, ok := strings.Cut(rest, ",")
	if !ok {
		return "", false
	}
	typ, args, _ := strings.Cut(head, ";")
	if t := lower(trim(typ)); t != typeWanted {
		return "", false
	}
	if un, err := url.PathUnescape(body); err == nil {
		body = un
	}
	if strings.HasSuffix(lower(trim(args)), "base64") {
		b, err := base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
			if r <= ' ' {
				return -1
			}
			return r
		}, body))
		if err != nil {
			return "", false
		}
		body = string(b)
	}
	return body, true
}
