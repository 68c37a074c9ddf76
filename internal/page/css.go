package page

import (
	"strings"
	"sync"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// sheet is a style sheet, read for what it makes a browser ask for. It does not depend on its address, so that all who get the same bytes
// share it.
type sheet struct {
	imports []importRule
	rules   []rule
	faces   []face
	frames  []keyframes
	props   []property
	early   *sheet   // of the layers that are named before the first import; nil when there are none
	conds   []cond   // conds[0] is no condition
	layers  []string // names in the order in which they were first seen
	queries bool     // there are conditions that each element answers by itself: container queries, scopes
	parts   bool     // some selectors mean parts of shadow trees; told by compile
	slots   bool     // some selectors mean what is put into slots; told by compile
	index   index    // of the rules that have decls
	byPlace index    // of those that have places
	once    sync.Once
	placing sync.Once
}

// importRule is an @import.
type importRule struct {
	url, media, supports string
	layer                string // that the sheet is put into; "" for none
}

// keyframes is an @keyframes, as far as it names images.
type keyframes struct {
	name  string
	decls []decl
	cond  int32
}

// property is an @property, as far as it names an image.
type property struct {
	decl decl
	cond int32
}

// rule is a selector list with those of its declarations that matter.
type rule struct {
	selectors []selector
	texts     []string // the selectors as written; they are read when something is painted
	decls     []decl
	places    []placeDecl // those of layout
	cond      int32       // into conds
	layer     int32       // into layers, 1 and up; 0 for none
}

// decl is one declaration.
type decl struct {
	slot      slot
	name      string // of a custom property
	value     string
	important bool
	hasURL    bool
	hasVar    bool
}

// cond is a condition around rules, within another one.
type cond struct {
	outer int32
	kind  string // "media", "supports", "container", "scope"
	text  string
	scope *scopeRange // of an @scope
}

// reader reads the tokens of a sheet, knowing where each stands.
type reader struct {
	*sheet
	src   string
	in    *parse.Input // what lex reads
	lex   *css.Lexer
	texts []string // room for the selectors of rules
	at    int      // behind the token
	kind  css.TokenType
	begun bool // something but @charset and @layer came: too late for @import
	after bool // an @import came: a @layer ends them
	depth int
	root  string // the selector of the roots of the @scope that the reader is in; "" outside of one
	slow  bool   // no bytes are passed over: for tests
}

// maxNesting bounds how deep blocks may be nested.
const maxNesting = 64

// parseSheet reads a style sheet. Whatever the bytes are, it comes back with what it found.
func parseSheet(src string) *sheet {
	r := newReader(src)
	r.rules = make([]rule, 0, min(strings.Count(src, "{"), 4096))
	r.list(0, 0, nil, true)
	return r.sheet
}

// compile reads the selectors, at the first painting.
func (s *sheet) compile() {
	s.once.Do(func() {
		for i := range s.rules {
			r := &s.rules[i]
			if len(r.decls) > 0 {
				readSelectors(r)
			}
			for _, text := range r.texts { // of the others, too: nothing of the sheet changes later that all read
				s.slots = s.slots || strings.Contains(text, "slotted(")
				s.parts = s.parts || strings.Contains(text, ":part(")
			}
		}
		s.index.build(s, func(r *rule) bool { return len(r.decls) > 0 })
	})
}

func (s *sheet) mainIndex() *index { return &s.index }

// placeIndex is the index of the rules of layout, which is made for the first document with lazy parts.
func (s *sheet) placeIndex() *index {
	s.placing.Do(func() {
		for i := range s.rules {
			if len(s.rules[i].decls) == 0 {
				readSelectors(&s.rules[i])
			}
		}
		s.byPlace.build(s, func(r *rule) bool { return len(r.places) > 0 })
	})
	return &s.byPlace
}

// readSelectors reads those of a rule.
func readSelectors(r *rule) {
	for _, text := range r.texts {
		c, ok := parseSelector(text)
		if !ok {
			r.selectors = nil // one that is not known spoils the list
			break
		}
		if !c.never {
			r.selectors = append(r.selectors, c)
		}
	}
}

// parseBlock reads the value of a style attribute.
func parseBlock(src string) rule {
	r := newReader(src)
	var out rule
	r.block(0, 0, &out, nil)
	return out
}

func newReader(src string) *reader {
	in := parse.NewInputString(src)
	return &reader{sheet: &sheet{conds: make([]cond, 1), layers: []string{""}}, src: src, in: in, lex: css.NewLexer(in)}
}

func (r *reader) next() css.TokenType {
	kind, data := r.lex.Next()
	r.at += len(data)
	r.kind = kind
	return kind
}

// list reads rules up to the end of a block, or of the sheet. parents are the selectors around nested rules.
func (r *reader) list(cond, layer int32, parents []string, top bool) {
	if r.depth++; r.depth > maxNesting {
		r.skipBlock()
		r.depth--
		return
	}
	defer func() { r.depth-- }()
	for {
		from := r.at
		switch r.next() {
		case css.ErrorToken:
			return
		case css.WhitespaceToken, css.CommentToken, css.CDOToken, css.CDCToken:
		case css.AtKeywordToken:
			if !r.atRule(lower(r.src[from+1:r.at]), cond, layer, parents, nil) {
				return
			}
		default:
			prelude, end := r.prelude(from)
			for end == css.SemicolonToken || end == css.RightBraceToken && top {
				prelude = "" // what stands there by mistake belongs to the next rule, and spoils it
				r.next()
				_, end = r.prelude(r.at)
			}
			if end != css.LeftBraceToken {
				return
			}
			r.begun = true
			if prelude == "" {
				r.skipBlock()
			} else {
				r.styleRule(prelude, cond, layer, parents)
			}
		}
	}
}

// prelude reads up to "{", ";" or "}". The token that from points to has been read.
func (r *reader) prelude(from int) (text string, end css.TokenType) {
	depth := 0
	kind := r.kind
	for {
		switch kind {
		case css.FunctionToken, css.LeftParenthesisToken, css.LeftBracketToken:
			depth++
		case css.RightParenthesisToken, css.RightBracketToken:
			depth = max(0, depth-1)
		case css.LeftBraceToken, css.SemicolonToken, css.RightBraceToken, css.ErrorToken:
			if depth == 0 || kind == css.ErrorToken || kind == css.RightBraceToken {
				to := r.at
				if kind != css.ErrorToken {
					to--
				}
				return stripComments(r.src[min(from, to):to]), kind
			}
		}
		r.pass()
		kind = r.next()
	}
}

func stripComments(s string) string {
	if !strings.Contains(s, "/*") {
		return trim(s)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"' || s[i] == '\'':
			end := min(skipQuoted(s, i)+1, len(s))
			b.WriteString(s[i:end])
			i = end - 1
		case s[i] == '/' && i+1 < len(s) && s[i+1] == '*':
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return trim(b.String())
			}
			b.WriteByte(' ')
			i += end + 3
		default:
			b.WriteByte(s[i])
		}
	}
	return trim(b.String())
}

// skipBlock reads to the end of the block that is open.
func (r *reader) skipBlock() {
	for depth := 1; depth > 0; {
		switch r.next() {
		case css.ErrorToken:
			return
		case css.LeftBraceToken:
			depth++
		case css.RightBraceToken:
			depth--
		}
	}
}

// styleRule reads the block of a rule and keeps the rule if it matters.
func (r *reader) styleRule(prelude string, cond, layer int32, parents []string) {
	texts := r.selectorTexts(prelude)
	switch {
	case len(parents) > 0:
		texts = nest(texts, parents)
	case r.root != "":
		texts = fromRoot(texts, r.root)
	case hasNest(prelude):
		texts = fromRoot(texts, ":root")
	}
	r.rules = append(r.rules, rule{cond: cond, layer: layer})
	at := len(r.rules) - 1
	var body rule
	r.block(cond, layer, &body, texts)
	if len(body.decls)+len(body.places) == 0 {
		if at == len(r.rules)-1 {
			r.rules = r.rules[:at]
		}
		return
	}
	r.rules[at].decls, r.rules[at].places = body.decls, body.places
	r.rules[at].texts = texts
}

// selectorTexts cuts a list of selectors. The usual single one needs no memory of its own.
func (r *reader) selectorTexts(prelude string) []string {
	if strings.IndexByte(prelude, ',') >= 0 {
		return splitTop(prelude, ',')
	}
	if len(r.texts) == cap(r.texts) {
		r.texts = make([]string, 0, 128)
	}
	r.texts = append(r.texts, prelude)
	return r.texts[len(r.texts)-1 : len(r.texts) : len(r.texts)]
}

// maxSelectors bounds the selectors that nesting may multiply to.
const maxSelectors = 64

// nest puts nested selectors below those around them.
func nest(texts, parents []string) []string {
	outer := parents[0]
	if len(parents) > 1 {
		outer = ":is(" + strings.Join(parents, ",") + ")"
	}
	var out []string
	for _, text := range texts {
		text = trim(text)
		if len(out) == maxSelectors || len(text)+len(outer) > 4096 {
			break
		}
		if hasNest(text) {
			out = append(out, replaceNest(text, outer))
		} else {
			out = append(out, outer+" "+text)
		}
	}
	return out
}

// block reads declarations and nested rules.
func (r *reader) block(cond, layer int32, into *rule, selectors []string) {
	if r.depth++; r.depth > maxNesting {
		r.skipBlock()
		r.depth--
		return
	}
	defer func() { r.depth-- }()
	for {
		from := r.at
		switch r.next() {
		case css.ErrorToken, css.RightBraceToken:
			return
		case css.WhitespaceToken, css.CommentToken, css.SemicolonToken:
		case css.AtKeywordToken:
			if !r.atRule(lower(r.src[from+1:r.at]), cond, layer, selectors, into) {
				return
			}
		default:
			text, end := r.prelude(from)
			if end == css.LeftBraceToken {
				if text == "" || strings.HasPrefix(text, "--") && strings.HasSuffix(text, ":") {
					r.skipBlock()
				} else {
					r.styleRule(text, cond, layer, selectors)
				}
				continue
			}
			into.declare(text)
			if end != css.SemicolonToken {
				return
			}
		}
	}
}
