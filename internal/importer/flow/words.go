package flow

import (
	"encoding/base64"
	"net/textproto"
	"regexp"
	"strings"
)

// What names say.
var (
	passwordName = regexp.MustCompile(`(?i)(passw|passwd|pwd|passphrase|secret|^(txt|input|tb)?_?pass\d?$|^pin$|^otp$|^totp$|kennwort|mot_?de_?passe)`)
	cardName     = regexp.MustCompile(`(?i)^(card_?)?(cvc|cvv|cvn|csc|security_?code|verification_?value)\d?$`)
	loginName    = regexp.MustCompile(`(?i)^(log|login|user|username|user_?name|user_?login|email|e-?mail|mail|account|user_?id|identifier|phone|.*[ _.:$-](user|user_?name|login|email|e-?mail)|(txt|input|tb)(user|login|email).*|email_?or_?username|emailaddress|login_?name|_username)$`)
	mailName     = regexp.MustCompile(`(?i)e-?mail`)
	tokenName    = regexp.MustCompile(`(?i)(csrf|xsrf|token|nonce|viewstate|eventvalidation|authenticity|verification|^state$|^code$|ticket$|^_wp)`)
	keyName      = regexp.MustCompile(`(?i)(api[_-]?key|access[_-]?key|auth[_-]?(token|key)|^x-auth|client_secret|^key$|subscription-key)`)
)

// lastWord is the name of a field without what is around it: "user[email]" and "ctl00$Main$Email" are "email".
func lastWord(name string) string {
	name = strings.TrimRight(name, "]")
	if i := strings.LastIndexAny(name, "[$.:"); i >= 0 {
		name = name[i+1:]
	}
	return name
}

// browsersOwn are header fields that a client sends by itself, and those that only trace.
var browsersOwn = map[string]bool{
	"accept-encoding": true, "accept-language": true, "accept-charset": true, "cache-control": true, "connection": true, "content-length": true, "content-type": true,
	"cookie": true, "dnt": true, "expect": true, "host": true, "keep-alive": true, "origin": true, "pragma": true, "priority": true, "proxy-connection": true,
	"purpose": true, "range": true, "referer": true, "save-data": true, "te": true, "trailer": true, "transfer-encoding": true, "upgrade": true,
	"upgrade-insecure-requests": true, "user-agent": true, "via": true, "x-client-data": true, "device-memory": true, "downlink": true, "dpr": true,
	"ect": true, "rtt": true, "viewport-width": true, "width": true, "alt-used": true, "http2-settings": true, "proxy-authorization": true, "idempotency-replay": true,
	"traceparent": true, "tracestate": true, "baggage": true, "newrelic": true, "x-newrelic-id": true, "x-request-id": true, "x-correlation-id": true, "request-id": true,
	"request-context": true, "sentry-trace": true, "x-amzn-trace-id": true, "x-cloud-trace-context": true, "uber-trace-id": true, "x-instana-t": true, "b3": true,
	"x-moz": true, "x-forwarded-for": true, "x-forwarded-proto": true, "x-forwarded-host": true, "x-real-ip": true, "forwarded": true,
}

// browsers reports whether a header field (in lower case) is no part of a test.
func browsers(name, value string) bool {
	switch {
	case browsersOwn[name], name == "accept" && (value == "*/*" || strings.HasPrefix(value, "text/html") || value == ""):
		return true
	}
	for _, prefix := range []string{"sec-", "if-", "x-b3-", "x-datadog-", "x-instana-", "access-control-", "proxy-", "x-ot-", "ot-", "cf-", "x-dynatrace"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return name == "" || strings.ContainsAny(name, " :\t")
}

// canonical is a name as it was written, and where HTTP/2 has put it in lower case as HTTP/1.1 writes it.
func canonical(name string) string {
	if name != strings.ToLower(name) {
		return name
	}
	return textproto.CanonicalMIMEHeaderKey(name)
}

func decodeBase64(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	return string(b), err
}
