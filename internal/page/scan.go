package page

import "strings"

// token is a kind of piece of a document.
type token uint8

const (
	tokenEnd token = iota // of the document; what is left is a tag that does not end
	tokenText
	tokenStart
	tokenSelfClosing
	tokenEndTag
	tokenComment
	tokenDoctype
)

// scanner cuts markup into tags and texts, at the same places as golang.org/x/net/html, against which it is tested. It copies nothing and
// reads no attributes.
type scanner struct {
	src      string
	from, at int    // the token
	name     string // of a tag, as it is written
	raw      string // the element whose content comes next and is raw text; "" for none
	cdata    bool   // <![CDATA[ is one, as in SVG
}

// next goes to the next token.
func (z *scanner) next() token {
	z.from = z.at
	if z.raw != "" {
		z.at = z.rawEnd()
		if z.raw = ""; z.at > z.from {
			return tokenText
		}
	}
	s := z.src
	for i := z.at; ; {
		n := strings.IndexByte(s[i:], '<')
		if n < 0 || i+n+1 >= len(s) {
			break
		}
		i += n
		c := s[i+1]
		if !isLetter(c) && c != '/' && c != '!' && c != '?' {
			i++
			continue
		}
		if i > z.from {
			z.at = i
			return tokenText
		}
		if c != '/' || i+2 < len(s) {
			return z.markup(c)
		}
		break // "</" at the very end is text
	}
	if z.at = len(s); z.from < z.at {
		return tokenText
	}
	return tokenEnd
}

// markup takes what begins with "<" and c.
func (z *scanner) markup(c byte) token {
	i := z.at + 2
	switch {
	case isLetter(c):
		return z.startTag()
	case c == '!':
		return z.declaration(i)
	case c == '/' && z.src[i] == '>':
		z.at = i + 1
		return tokenComment
	case c == '/' && isLetter(z.src[i]):
		if _, ok := z.tag(i); !ok {
			return tokenEnd
		}
		return tokenEndTag
	}
	z.toAngle(i)
	return tokenComment
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// toAngle ends the token behind the next '>'.
func (z *scanner) toAngle(i int) {
	if n := strings.IndexByte(z.src[i:], '>'); n >= 0 {
		z.at = i + n + 1
		return
	}
	z.at = len(z.src)
}

// startTag takes a start tag.
func (z *scanner) startTag() token {
	value, ok := z.tag(z.at + 1)
	if !ok {
		return tokenEnd
	}
	if rawContent(z.name) {
		z.raw = lowerASCII(z.name)
	}
	if slash := z.at - 2; z.src[slash] == '/' && slash != value-1 {
		return tokenSelfClosing
	}
	return tokenStart
}

// rawContent reports whether an element, in any case, has raw text in it.
func rawContent(name string) bool {
	switch len(name) {
	case 3:
		return equalFold(name, "xmp")
	case 5:
		return equalFold(name, "style") || equalFold(name, "title")
	case 6:
		return equalFold(name, "script") || equalFold(name, "iframe")
	case 7:
		return equalFold(name, "noembed")
	case 8:
		return equalFold(name, "noscript") || equalFold(name, "noframes") || equalFold(name, "textarea")
	case 9:
		return equalFold(name, "plaintext")
	}
	return false
}

// tag goes over a tag whose name begins at i. value is where the last attribute's value ends. It is not ok when the tag does not end.
func (z *scanner) tag(i int) (value int, ok bool) {
	s := z.src
	from := i
	for i < len(s) && !isSpace(s[i]) && s[i] != '/' && s[i] != '>' {
		i++
	}
	z.name = s[from:i]
	for {
		for i < len(s) && isSpace(s[i]) {
			i++
		}
		if i >= len(s) {
			break
		}
		if s[i] == '>' {
			z.at = i + 1
			return value, true
		}
		key := i
		for i < len(s) && !isSpace(s[i]) && s[i] != '/' && s[i] != '>' && (s[i] != '=' || i == key) {
			i++
		}
		end := i
		for i < len(s) && isSpace(s[i]) {
			i++
		}
		if i >= len(s) {
			break
		}
		switch s[i] {
		case '/':
			i++
		case '=':
			i, end = attrValue(s, i+1)
		}
		if i > len(s) {
			break
		}
		if end > key {
			value = end
		}
	}
	z.at = len(s)
	return 0, false
}

// attrValue goes over the value of an attribute, behind its '='. end is where the value ends; next is beyond s when it does not.
func attrValue(s string, i int) (next, end int) {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	if i >= len(s) {
		return len(s) + 1, i
	}
	switch q := s[i]; q {
	case '>':
		return i, i
	case '"', '\'':
		n := strings.IndexByte(s[i+1:], q)
		if n < 0 {
			return len(s) + 1, i
		}
		return i + n + 2, i + 1 + n
	}
	for i < len(s) && !isSpace(s[i]) && s[i] != '>' {
		i++
	}
	return i, i
}

// declaration takes what begins with "<!".
func (z *scanner) declaration(i int) token {
	s := z.src
	const doctype, cdata = "doctype", "[CDATA["
	switch {
	case strings.HasPrefix(s[i:], "--"):
		z.at = commentEnd(s, i+2)
		return tokenComment
	case len(s) >= i+len(doctype) && equalFold(s[i:i+len(doctype)], doctype):
		z.toAngle(i + len(doctype))
		return tokenDoctype
	case z.cdata && strings.HasPrefix(s[i:], cdata):
		if n := strings.Index(s[i+len(cdata):], "]]>"); n >= 0 {
			z.at = i + len(cdata) + n + len("]]>")
		} else {
			z.at = len(s)
		}
		return tokenText
	}
	z.toAngle(i)
	return tokenComment
}

// commentEnd is where a comment ends whose content begins at i.
func commentEnd(s string, i int) int {
	dashes, beginning := 0, true
	for ; i < len(s); i++ {
		switch s[i] {
		case '-':
			dashes++
			continue
		case '>':
			if dashes >= 2 || beginning {
				return i + 1
			}
		case '!':
			if dashes < 2 {
				break
			}
			if i++; i >= len(s) {
				return i
			}
			if s[i] == '>' {
				return i + 1
			}
			if s[i] == '-' {
				dashes, beginning = 1, false
				continue
			}
		}
		dashes, beginning = 0, false
		if dash := strings.IndexByte(s[i:], '-'); dash < 0 {
			return len(s)
		} else if dash > 1 {
			i += dash - 1
		}
	}
	return i
}

// rawEnd is where the raw text ends that begins at z.at: at its element's end tag.
func (z *scanner) rawEnd() int {
	switch z.raw {
	case "plaintext":
		return len(z.src)
	case "script":
		return scriptEnd(z.src, z.at)
	}
	for i := z.at; ; {
		n := strings.Index(z.src[i:], "</")
		if n < 0 {
			return len(z.src)
		}
		if i += n; endTagOf(z.src, i, z.raw) {
			return i
		}
		i += 2
	}
}

// endTagOf reports whether "</" at i begins the end tag of an element.
func endTagOf(s string, i int, name string) bool {
	i += 2
	if len(s) <= i+len(name) || !equalFold(s[i:i+len(name)], name) {
		return false
	}
	c := s[i+len(name)]
	return isSpace(c) || c == '/' || c == '>'
}

// How a script's text is hidden from older browsers.
const (
	scriptPlain   = iota
	scriptEscaped // within <!-- -->
	scriptTwice   // and within a <script> therein, whose end tag is none
)

// scriptEnd is where a script ends that begins at i.
func scriptEnd(s string, i int) int {
	const name = "script"
	state, dashes := scriptPlain, 0
	for i < len(s) {
		if state == scriptPlain || dashes == 0 {
			n := strings.IndexByte(s[i:], '<')
			if state != scriptPlain {
				n = strings.IndexAny(s[i:], "<-")
			}
			if n < 0 {
				return len(s)
			}
			i += n
		}
		switch c := s[i]; {
		case c == '-':
			dashes = min(dashes+1, 2)
			i++
			continue
		case c == '>' && dashes == 2:
			state = scriptPlain
			i++
		case c != '<':
			i++
		case i+1 >= len(s):
			return len(s)
		case s[i+1] == '/' && endTagOf(s, i, name):
			if state != scriptTwice {
				return i
			}
			state = scriptEscaped
			i += len("</script>")
		case s[i+1] == '/':
			i += 2
		case state == scriptPlain && strings.HasPrefix(s[i+1:], "!--"):
			state, dashes = scriptEscaped, 2
			i += len("<!--")
			continue
		case state == scriptEscaped && isLetter(s[i+1]):
			if endTagOf(s, i-1, name) { // a start tag: what endTagOf looks at is one byte further
				state = scriptTwice
				i += len("<script>")
			} else {
				i++
			}
		case state == scriptEscaped:
			state = scriptPlain
			i++
		default:
			i++
		}
		dashes = 0
	}
	return len(s)
}
