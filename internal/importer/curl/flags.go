package curl

import (
	"errors"
	"regexp"
	"strings"
)

// token is what methods and names of header fields are made of (RFC 9110, 5.6.2).
var token = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")

// own are those of curl's flags that say something about a request, and long all that are known.
var own = map[string]flag{
	"url": {true, func(c *command, v string) error { c.urls = append(c.urls, v); return nil }},
	"request": {true, func(c *command, v string) error {
		if !token.MatchString(v) {
			return errors.New("no method has such characters")
		}
		c.method = v
		return nil
	}},
	"header": {true, func(c *command, v string) error {
		if strings.HasPrefix(v, "@") {
			return errors.New("a file of header fields is not read; give them one by one")
		}
		name, value, ok := strings.Cut(v, ":")
		if empty, none := strings.CutSuffix(strings.TrimSpace(v), ";"); !ok && none { // curl's way to send a field without a value
			name, value, ok = empty, "", true
		}
		if ok {
			if name = strings.TrimSpace(name); name == "" { // a pseudo field of HTTP/2
				return nil
			}
			if !token.MatchString(name) {
				return errors.New("no header field has such a name")
			}
			if value = strings.TrimSpace(value); strings.ContainsAny(value, "\r\n\x00") {
				return errors.New("the value of a header field has no line ends")
			}
			c.add(name, value)
		}
		return nil
	}},
	"data":           {true, func(c *command, v string) error { return c.dataFrom(v, true, false) }},
	"data-ascii":     {true, func(c *command, v string) error { return c.dataFrom(v, true, false) }},
	"data-binary":    {true, func(c *command, v string) error { return c.dataFrom(v, true, true) }},
	"data-raw":       {true, func(c *command, v string) error { return c.dataFrom(v, false, true) }},
	"data-urlencode": {true, func(c *command, v string) error { return c.encoded(v) }},
	"url-query":      {true, func(c *command, v string) error { return c.queried(v) }},
	"json": {true, func(c *command, v string) error {
		if !c.json {
			c.json = true
			c.add("Content-Type", "application/json")
			c.add("Accept", "application/json")
		}
		c.documents = append(c.documents, len(c.data))
		return c.dataFrom(v, true, true)
	}},
	"form": {true, func(c *command, v string) error { return c.formField(v) }},
	"form-string": {true, func(c *command, v string) error {
		name, _, _ := strings.Cut(v, "=")
		if err := c.formField(name + "= " + strings.TrimPrefix(v[len(name):], "=")); err != nil {
			return err
		}
		last := &c.form[len(c.form)-1]
		last.Value = strings.TrimPrefix(v[len(name):], "=")
		return nil
	}},
	"get":         {false, func(c *command, _ string) error { c.get = true; return nil }},
	"head":        {false, func(c *command, _ string) error { c.head = true; return nil }},
	"user-agent":  {true, nil}, // that of a test is of the run
	"referer":     {true, func(c *command, v string) error { c.add("Referer", strings.TrimSuffix(v, ";auto")); return nil }},
	"upload-file": {true, func(c *command, v string) error { c.put = v; return nil }},
	"cookie": {true, func(c *command, v string) error {
		if !strings.Contains(v, "=") {
			return errors.New("a file of cookies is not read; give them as name=value")
		}
		c.add("Cookie", v)
		return nil
	}},
	"user":          {true, func(c *command, v string) error { c.user = v; return nil }},
	"globoff":       {false, func(c *command, _ string) error { c.globoff = true; return nil }},
	"oauth2-bearer": {true, func(c *command, v string) error { c.add("Authorization", "Bearer "+v); return nil }},
}

var long = withIdle(own)

// shorts are the flags of one letter.
var shorts = map[byte]string{
	'X': "request", 'H': "header", 'd': "data", 'F': "form", 'G': "get", 'I': "head", 'A': "user-agent", 'e': "referer", 'b': "cookie", 'u': "user", 'T': "upload-file",
	'k': "insecure", 'L': "location", 's': "silent", 'S': "show-error", 'v': "verbose", 'i': "include", 'f': "fail", 'g': "globoff", 'N': "no-buffer", '#': "progress-bar",
	'o': "output", 'm': "max-time", 'x': "proxy", 'c': "cookie-jar", 'w': "write-out", 'E': "cert", 'O': "remote-name", '0': "http1.0", '1': "tlsv1", '2': "sslv2", '4': "ipv4",
	'6': "ipv6", 'j': "junk-session-cookies", 'n': "netrc", 'q': "disable", 'J': "remote-header-name", 'Z': "parallel", 'a': "append", 'D': "dump-header", 'r': "range",
	'p': "proxytunnel", 'U': "proxy-user", 'y': "speed-time", 'Y': "speed-limit", 'z': "time-cond", 'C': "continue-at", 'R': "remote-time", 'B': "use-ascii",
}

// withIdle adds flags that say nothing about the request.
func withIdle(m map[string]flag) map[string]flag {
	for _, name := range strings.Fields("compressed insecure location location-trusted silent show-error verbose include fail fail-with-body no-buffer buffer progress-bar progress-meter http1.0 http1.1 http2 " +
		"http2-prior-knowledge http3 http3-only tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 sslv2 sslv3 ipv4 ipv6 junk-session-cookies netrc disable remote-name remote-header-name parallel append path-as-is tcp-nodelay " +
		"keepalive alpn basic digest anyauth ntlm negotiate styled-output raw tr-encoding post301 post302 post303 ssl ssl-reqd ssl-no-revoke proxy-insecure " +
		"proxytunnel fail-early parallel-immediate retry-all-errors retry-connrefused trace-time trace-ids tcp-fastopen create-dirs remote-time remote-name-all remove-on-error xattr no-clobber ssl-allow-beast " +
		"doh-insecure cert-status false-start haproxy-protocol compressed-ssh metalink sasl-ir stderr-color crlf use-ascii") {
		m[name] = flag{}
	}
	for _, name := range strings.Fields("output max-time connect-timeout proxy cookie-jar write-out cert key cacert capath cert-type key-type pass resolve connect-to retry retry-delay retry-max-time max-redirs limit-rate " +
		"interface ciphers tls13-ciphers tls-max dump-header range noproxy proxy-user proxy-header trace trace-ascii stderr keepalive-time unix-socket dns-servers curves expect100-timeout output-dir aws-sigv4 local-port pinnedpubkey " +
		"proto proto-default proto-redir request-target happy-eyeballs-timeout-ms doh-url max-filesize speed-time speed-limit time-cond continue-at rate socks5 socks5-hostname socks4 socks4a preproxy " +
		"delegation engine ech tls-min tlsuser tlspassword crlfile dns-interface dns-ipv4-addr dns-ipv6-addr parallel-max create-file-mode ip-tos vlan-priority etag-save etag-compare hsts alt-svc") {
		m[name] = flag{takes: true}
	}
	return m
}
