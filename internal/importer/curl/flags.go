package curl

import (
	"errors"
	"strings"
)

// own are those of curl's flags that say something about a request, and long all that are known.
var own = map[string]flag{
	"url":     {true, func(c *command, v string) error { c.urls = append(c.urls, v); return nil }},
	"request": {true, func(c *command, v string) error { c.method = v; return nil }},
	"header": {true, func(c *command, v string) error {
		if strings.HasPrefix(v, "@") {
			return errors.New("a file of header fields is not read; give them one by one")
		}
		if name, value, ok := strings.Cut(v, ":"); ok {
			c.add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
		return nil
	}},
	"data":           {true, func(c *command, v string) error { return c.dataFrom(v, true, false) }},
	"data-ascii":     {true, func(c *command, v string) error { return c.dataFrom(v, true, false) }},
	"data-binary":    {true, func(c *command, v string) error { return c.dataFrom(v, true, true) }},
	"data-raw":       {true, func(c *command, v string) error { return c.dataFrom(v, false, true) }},
	"data-urlencode": {true, func(c *command, v string) error { return c.encoded(v) }},
	"json": {true, func(c *command, v string) error {
		if !c.json {
			c.json = true
			c.add("Content-Type", "application/json")
			c.add("Accept", "application/json")
		}
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
	"user":          {true, func(c *command, v string) error { c.add("Authorization", basic(v)); return nil }},
	"oauth2-bearer": {true, func(c *command, v string) error { c.add("Authorization", "Bearer "+v); return nil }},
}

var long = withIdle(own)

// shorts are the flags of one letter.
var shorts = map[byte]string{
	'X': "request", 'H': "header", 'd': "data", 'F': "form", 'G': "get", 'I': "head", 'A': "user-agent", 'e': "referer", 'b': "cookie", 'u': "user", 'T': "upload-file",
	'k': "insecure", 'L': "location", 's': "silent", 'S': "show-error", 'v': "verbose", 'i': "include", 'f': "fail", 'g': "globoff", 'N': "no-buffer", '#': "progress-bar",
	'o': "output", 'm': "max-time", 'x': "proxy", 'c': "cookie-jar", 'w': "write-out", 'E': "cert", 'O': "remote-name", '0': "http1.0", '1': "tlsv1", '2': "sslv2", '4': "ipv4",
	'6': "ipv6", 'j': "junk-session-cookies", 'n': "netrc", 'q': "disable", 'J': "remote-header-name", 'Z': "parallel", 'a': "append", 'D': "dump-header", 'r': "range",
}

// withIdle adds flags that say nothing about the request.
func withIdle(m map[string]flag) map[string]flag {
	for _, name := range strings.Fields("compressed insecure location location-trusted silent show-error verbose include fail fail-with-body globoff no-buffer buffer progress-bar progress-meter http1.0 http1.1 http2 " +
		"http2-prior-knowledge http3 http3-only tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 sslv2 sslv3 ipv4 ipv6 junk-session-cookies netrc disable remote-name remote-header-name parallel append path-as-is tcp-nodelay " +
		"keepalive alpn basic digest anyauth ntlm negotiate styled-output raw tr-encoding post301 post302 post303 ssl ssl-reqd ssl-no-revoke proxy-insecure") {
		m[name] = flag{}
	}
	for _, name := range strings.Fields("output max-time connect-timeout proxy cookie-jar write-out cert key cacert capath cert-type key-type pass resolve connect-to retry retry-delay retry-max-time max-redirs limit-rate " +
		"interface ciphers tls13-ciphers tls-max dump-header range noproxy proxy-user proxy-header trace trace-ascii stderr keepalive-time unix-socket dns-servers curves expect100-timeout output-dir aws-sigv4 local-port pinnedpubkey") {
		m[name] = flag{takes: true}
	}
	return m
}
