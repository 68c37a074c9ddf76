package wire

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// Login is a user and password for Digest authentication (RFC 7616), which the site asks for with a challenge. A client remembers the last one
// and answers it with every further request to that site, so that only the first request goes out twice.
type Login struct{ User, Password string }

// challenge is what a site wants to see answered.
type challenge struct {
	origin               *origin
	realm, nonce, opaque string
	algorithm            string // as the site wrote it; "" is MD5
	qop                  string // "auth", "auth-int" or "", which is the form of RFC 2069
	stale                bool   // the nonce was too old, the password right
	count                atomic.Uint32
	userhash             bool
}

// digests are the algorithms by name.
var digests = map[string]func() hash.Hash{"md5": md5.New, "sha-256": sha256.New}

// challenged reports whether an answer asks for a login that the request has, and has not tried in vain.
func (x *exchange) challenged() bool {
	if x.answer.status != 401 || x.req.Digest == nil || x.foreign || x.own&ownAuth != 0 {
		return false
	}
	ch := newChallenge(x.answer.each)
	if ch == nil || x.logins > 0 && !ch.stale || x.logins > 1 {
		return false
	}
	x.logins++
	ch.origin = x.at.origin
	x.c.challenge.Store(ch)
	return true
}

// appendDigest answers the challenge that the site gave before.
func (x *exchange) appendDigest(b []byte) []byte {
	ch := x.c.challenge.Load()
	if ch == nil || !ch.origin.same(x.at.origin) || x.foreign {
		return b
	}
	uri := string(x.appendPath(nil))
	return addLine(b, "Authorization", ch.answer(x.req.Digest, x.method, uri, x.body(), rand.Text()))
}

// answer is the value of Authorization.
func (ch *challenge) answer(login *Login, method, uri string, body []byte, cnonce string) string {
	name, sess := strings.CutSuffix(strings.ToLower(ch.algorithm), "-sess")
	if name == "" {
		name = "md5"
	}
	sum := func(parts ...string) string {
		h := digests[name]()
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	nc := strconv.FormatUint(uint64(ch.count.Add(1)), 16)
	nc = "00000000"[min(len(nc), 8):] + nc
	secret := sum(login.User, ch.realm, login.Password)
	if sess {
		secret = sum(secret, ch.nonce, cnonce)
	}
	what := sum(method, uri)
	if ch.qop == "auth-int" {
		what = sum(method, uri, sum(string(body)))
	}
	user := login.User
	if ch.userhash {
		user = sum(login.User, ch.realm)
	}
	var b strings.Builder
	b.WriteString("Digest username=" + quotedString(user) + ", realm=" + quotedString(ch.realm) + ", nonce=" + quotedString(ch.nonce) + ", uri=" + quotedString(uri))
	if ch.qop == "" {
		b.WriteString(`, response="` + sum(secret, ch.nonce, what) + `"`)
	} else {
		b.WriteString(`, response="` + sum(secret, ch.nonce, nc, cnonce, ch.qop, what) + `", qop=` + ch.qop + ", nc=" + nc + `, cnonce="` + cnonce + `"`)
	}
	if ch.algorithm != "" {
		b.WriteString(", algorithm=" + ch.algorithm)
	}
	if ch.opaque != "" {
		b.WriteString(", opaque=" + quotedString(ch.opaque))
	}
	if ch.userhash {
		b.WriteString(", userhash=true")
	}
	return b.String()
}

func quotedString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// newChallenge finds a Digest challenge that can be answered, the strongest of several; nil when there is none.
func newChallenge(fields func(func(name, value []byte) bool)) (best *challenge) {
	for name, value := range fields {
		if !equalFold(name, "www-authenticate") {
			continue
		}
		for _, c := range parseChallenges(string(value)) {
			if ch := c.digest(); ch != nil && (best == nil || strings.HasPrefix(strings.ToLower(ch.algorithm), "sha")) {
				best = ch
			}
		}
	}
	return best
}

// wwwChallenge is one challenge of a WWW-Authenticate field.
type wwwChallenge struct {
	scheme string // lower case
	params map[string]string
}

func (c wwwChallenge) digest() *challenge {
	name, _ := strings.CutSuffix(strings.ToLower(c.params["algorithm"]), "-sess")
	if c.scheme != "digest" || name != "" && digests[name] == nil {
		return nil
	}
	ch := &challenge{
		realm: c.params["realm"], nonce: c.params["nonce"], opaque: c.params["opaque"], algorithm: c.params["algorithm"],
		stale: strings.EqualFold(c.params["stale"], "true"), userhash: strings.EqualFold(c.params["userhash"], "true"),
	}
	if list := c.params["qop"]; list != "" {
		offered := strings.FieldsFunc(strings.ToLower(list), func(r rune) bool { return r == ',' || r == ' ' })
		switch {
		case slices.Contains(offered, "auth"):
			ch.qop = "auth"
		case slices.Contains(offered, "auth-int"):
			ch.qop = "auth-int"
		default:
			return nil
		}
	}
	return ch
}

// parseChallenges reads a WWW-Authenticate field, in which several challenges and their parameters are all parted by commas (RFC 9110, 11.6.1).
func parseChallenges(s string) (all []wwwChallenge) {
	for s = strings.TrimLeft(s, ", \t"); s != ""; s = strings.TrimLeft(s, ", \t") {
		word := s[:tokenEnd(s)]
		if word == "" {
			return all
		}
		rest := strings.TrimLeft(s[len(word):], " \t")
		if !strings.HasPrefix(rest, "=") || len(all) == 0 {
			all = append(all, wwwChallenge{strings.ToLower(word), map[string]string{}})
			s = rest
			if end := tokenEnd(s); end > 0 && !strings.HasPrefix(strings.TrimLeft(s[end:], " \t"), "=") || strings.HasPrefix(s, "=") {
				s = s[min(len(s), max(strings.IndexByte(s+",", ','), 0)):] // a token68, such as NTLM has
			}
			continue
		}
		var value string
		value, s = paramValue(strings.TrimLeft(rest[1:], " \t"))
		all[len(all)-1].params[strings.ToLower(word)] = value
	}
	return all
}

func tokenEnd(s string) int {
	for i := range len(s) {
		if charClass[s[i]]&isToken == 0 {
			return i
		}
	}
	return len(s)
}

// paramValue cuts a token or a quoted string.
func paramValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s+",", ", \t")
		return s[:end], s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// TLS13 reports whether the answer came over TLS 1.3.
func (r *Response) TLS13() bool { return r.x != nil && r.x.at.origin.tls13.Load() }

// Schemes are the ways to log in that an answer offers, in lower case: "basic", "digest", "ntlm", "negotiate", "bearer".
func (r *Response) Schemes() []string {
	if r.x == nil || r.x.workspace == nil {
		return nil
	}
	return r.x.answer.schemes("WWW-Authenticate")
}

// ProxyLogin is what to do about a proxy that answered the request with 407; "" when it went through none.
func (r *Response) ProxyLogin() string {
	if r.x == nil || r.x.workspace == nil || r.x.at.origin.via == nil {
		return ""
	}
	return proxyLogin(r.x.at.origin.via.auth != "", r.x.answer.schemes("Proxy-Authenticate"))
}

// schemes are the ways to log in that the fields of a name offer.
func (a *answer) schemes(field string) (all []string) {
	for name, value := range a.each {
		if !sameFold(name, field) {
			continue
		}
		for _, c := range parseChallenges(string(value)) {
			all = append(all, c.scheme)
		}
	}
	return all
}
