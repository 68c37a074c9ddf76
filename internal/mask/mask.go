// Package mask hides secrets in texts that people and files get to see: passwords in addresses, headers that log in, fields whose names say
// that they are secret. There is one mask for all outputs, so that what one of them hides no other one tells.
//
// A secret is known by what stands around it. What is neither in an address nor behind a name cannot be known.
package mask

import (
	"regexp"
	"strings"
)

// Hidden stands where a secret was.
const Hidden = "***"

// is stands between a name and what it is, also in an address that was put into another one, once or more often.
const is = `\s*(?:[=:]|%(?:25)*3[ad])\s*`

// field is a name that says that what follows is secret.
const field = `(?i)\b([a-z0-9_.-]*(?:password|passwd|passphrase|passcode|pwd|secret|token|(?:api|access|subscription|private|auth)[_-]?key|credential|sess(?:ion)?[_-]?id|signature)[a-z0-9_-]*)`

var (
	headers = regexp.MustCompile(`(?i)\b((?:proxy-)?authorization|x-api-key|x-auth-token)("?\s*[:=]\s*)[^\r\n"]+`)
	// What help and errors say of such a header, word by word, is no secret: hidden it would help nobody.
	examples = regexp.MustCompile(`^Authorization: (?:\.\.\.|Bearer TOKEN|Basic \$\(printf 'USER:PASSWORD' \| base64\))'?$`)
	// A cookie has a name and a value: "cookie: stricter" is what somebody changed.
	cookies = regexp.MustCompile(`(?i)\b((?:set-)?cookie)(\\*"?\s*[:=]\s*\\*"?)[^\r\n"=]+=[^\r\n"]*`)
	bearers = regexp.MustCompile(`(?i)\b(bearer|basic|digest)\s+[A-Za-z0-9+/=._~-]{16,}`)
	// In quotes a secret may have spaces; the quotes may themselves be in a quoted text.
	quoted  = regexp.MustCompile(field + `("?\s*[=:]\s*")(?:[^"\\]|\\.)*`)
	escaped = regexp.MustCompile(field + `((?:\\+")?\s*[=:]\s*\\+")[^"\\]*`)
	single  = regexp.MustCompile(field + `('?\s*[=:]\s*')[^']*`)
	// In an address shorter words are names too, which in a sentence may be anything.
	queries = regexp.MustCompile(`(?i)((?:[?&;]|%(?:25)*(?:3f|26|3b))(?:pass|pw|auth|jwt|otp|code|code_verifier|sig|hmac|sid|connect\.sid|key|ticket|assertion|saml(?:request|response))(?:=|%(?:25)*3d))[^&\s"'#]+`)
	// The content of an element.
	elements = regexp.MustCompile(`(?i)(<(?:[\w.-]+:)?[\w.-]*(?:password|passwd|passphrase|secret|token|(?:api|access|private)[_-]?key|credential|signature)[\w.-]*(?:\s[^<>]*)?>)[^<>]+`)
	fields   = regexp.MustCompile(field + `((?:\\*")?` + is + `)[^&\s"',;\\]*[^&\s"',;\\)}\]]`)
	// Words that are too short to be looked for inside others.
	words = regexp.MustCompile(`(?i)(^|[^a-z0-9_.-])((?:key|pw|pass)=|(?:\\*"pw\\*"|'pw'|pw)\s*[:=]\s*\\*["']?)[^&\s"',;\\]*[^&\s"',;\\)]`)
	// A login without a scheme, as in a host that was mistaken.
	logins = regexp.MustCompile(`(^|[\s"'=(,])([^\s"'/:@=(,]+):[^\s"'/@]+@([A-Za-z0-9%\[*])`)
)

// pattern is a kind of secret, and words of which a text with one has at least one: to look for those takes a hundredth of the time.
type pattern struct {
	secret *regexp.Regexp
	with   string
	words  []string
	keep   *regexp.Regexp // what looks like a secret and is none; nil keeps nothing
}

var (
	fieldWords = []string{"pass", "pwd", "secret", "token", "key", "credential", "sess", "signature"}
	patterns   = [...]pattern{
		{headers, "$1$2" + Hidden, []string{"authorization", "x-api-key", "x-auth-token"}, examples},
		{cookies, "$1$2" + Hidden, []string{"cookie"}, nil},
		{bearers, "$1 " + Hidden, []string{"bearer", "basic", "digest"}, nil},
		{quoted, "$1$2" + Hidden, fieldWords, nil},
		{escaped, "$1$2" + Hidden, fieldWords, nil},
		{single, "$1$2" + Hidden, fieldWords, nil},
		{queries, "$1" + Hidden, []string{"pass=", "pw=", "auth=", "jwt=", "otp=", "code=", "sig=", "sid=", "key=", "ticket=", "assertion=", "samlre", "verifier=", "hmac=", "%3d", "%253d", "%25253d"}, nil},
		{elements, "$1" + Hidden, []string{"<"}, nil},
		{fields, "$1$2" + Hidden, fieldWords, nil},
		{words, "$1$2" + Hidden, []string{"key=", "pw", "pass="}, nil},
		{logins, "$1$2:" + Hidden + "@$3", []string{"@"}, nil},
	}
)

// hide puts [Hidden] in the place of secrets of one kind.
func (p *pattern) hide(text string) string {
	if p.keep == nil {
		return p.secret.ReplaceAllString(text, p.with)
	}
	return p.secret.ReplaceAllStringFunc(text, func(m string) string {
		if p.keep.MatchString(m) {
			return m
		}
		return p.secret.ReplaceAllString(m, p.with)
	})
}

// Text is a text without its secrets. One that has none is returned as it is, and costs no memory. Masking twice changes nothing.
func Text(text string) string { return without(text, patterns[:]) }

func without(text string, secrets []pattern) string {
	if strings.Contains(text, "//") && strings.IndexByte(text, '@') >= 0 {
		text = addresses(text)
	}
	for i := range secrets {
		if p := &secrets[i]; p.possible(text) {
			text = p.hide(text)
		}
	}
	return text
}

// looks is a name that is a secret's with its value, a token that is signed, and a long run of letters and digits together.
var looks = regexp.MustCompile(`(?i)\b([\w-]*(?:pass(?:word|wd|phrase)?|pwd|pw|secret|token|api[_-]?key|key|auth(?:orization)?|session(?:[_-]?id)?|credential)s?["']?\s*[=:]\s*["']?)((?:bearer|basic)\s+)?[^\s"'&,;<>]+` +
	`|\beyJ[\w-]{8,}(?:\.[\w-]*)*|\b[A-Za-z0-9+/_-]{40,}=*`)

// Strict hides what Text does and, besides, all that only looks like a secret: what stands behind shorter names, signed tokens, long keys. It is
// for what sites and forms say, of which a word too many may be hidden; in names and notes of people it would be in the way. Behind the name of
// a header it hides the value and not the rest of the line, which in such a text is a sentence.
func Strict(text string) string {
	return without(looks.ReplaceAllStringFunc(text, func(m string) string {
		if parts := looks.FindStringSubmatch(m); parts[1] != "" {
			return parts[1] + Hidden
		}
		return Hidden
	}), patterns[1:]) // the first is that of headers
}

// Texts is Text of each, as a copy.
func Texts(texts []string) []string {
	if texts == nil {
		return nil
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = Text(t)
	}
	return out
}

// All hides a value whole.
func All(string) string { return Hidden }

// Header is the value of a header field as it may be seen: of one that logs in only its scheme, of a cookie its name.
func Header(name, value string) string {
	if !IsSecret(name) {
		return Text(value)
	}
	if strings.HasSuffix(strings.ToLower(name), "cookie") {
		if cookie, _, ok := strings.Cut(value, "="); ok {
			return cookie + "=" + Hidden
		}
	}
	if scheme, _, ok := strings.Cut(value, " "); ok && strings.HasSuffix(strings.ToLower(name), "authorization") {
		return scheme + " " + Hidden
	}
	return Hidden
}

// IsSecret reports whether what has this name (a header, a flag, a field of a form) is likely to be a secret.
func IsSecret(name string) bool {
	name = strings.ToLower(name)
	if name == "pw" || name == "pass" || name == "pin" {
		return true
	}
	for _, word := range []string{"authorization", "cookie", "token", "secret", "key", "password", "passwd", "passphrase", "pwd", "credential", "csrf", "sessionid", "sessid", "passcode", "signature"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// addresses hides the login of every address. Of a password somebody forgot to escape, with a slash or an @ in it, the last @ before the next
// space is taken for the end.
func addresses(text string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, "//")
		if i < 0 {
			return b.String() + text
		}
		i += 2
		end := strings.IndexAny(text[i:], " \t\r\n\"'<>")
		if end < 0 {
			end = len(text) - i
		}
		word := text[i : i+end]
		b.WriteString(text[:i])
		if at := loginEnd(word); at > 0 {
			b.WriteString(Hidden)
			word = word[at:]
		}
		b.WriteString(word)
		text = text[i+end:]
	}
}

// loginEnd is where the @ behind the login of an address is that stands without its scheme; -1 without.
func loginEnd(word string) int {
	authority := word
	if i := strings.IndexAny(word, "/?#"); i >= 0 {
		authority = word[:i]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return at
	}
	_, port, found := strings.Cut(authority, ":")
	if !found || strings.Trim(port, "0123456789") == "" || strings.HasPrefix(authority, "[") {
		return -1 // a host, perhaps with its port: an @ behind it is part of the path
	}
	return strings.LastIndexByte(word, '@')
}

func (p *pattern) possible(text string) bool {
	for _, w := range p.words {
		if indexFold(text, w) {
			return true
		}
	}
	return false
}

// indexFold reports whether a text has a word of ASCII letters in any case.
func indexFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		if text[i]|0x20 == word[0]|0x20 && strings.EqualFold(text[i:i+len(word)], word) {
			return true
		}
	}
	return false
}
