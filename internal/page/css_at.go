package page

import (
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// atRule reads an at-rule behind its keyword. into takes the declarations of one that is nested in a style rule. It reports false at the end
// of the block around it.
func (r *reader) atRule(name string, cond, layer int32, parents []string, into *rule) bool {
	from := r.at
	r.next()
	prelude, end := r.prelude(from)
	if end != css.LeftBraceToken {
		r.statement(name, prelude, cond)
		return end == css.SemicolonToken
	}
	switch name {
	case "media", "supports", "container":
		r.begun = true
		c := r.within(cond, name, prelude)
		r.queries = r.queries || name == "container"
		if into != nil && len(parents) > 0 {
			r.nestedBlock(c, layer, parents)
		} else {
			r.list(c, layer, parents, false)
		}
	case "layer":
		r.begun = true
		if l := r.layer(layer, prelude); into != nil && len(parents) > 0 {
			r.nestedBlock(cond, l, parents)
		} else {
			r.list(cond, l, parents, false)
		}
	case "scope":
		r.begun = true
		r.scope(cond, layer, prelude, parents)
	case "starting-style":
		r.begun = true
		r.list(cond, layer, parents, false)
	case "font-face":
		r.begun = true
		r.fontFace(cond)
	case "property":
		r.begun = true
		r.property(prelude, cond)
	case "keyframes", "-webkit-keyframes":
		r.begun = true
		r.keyframes(unquote(prelude), cond)
	default:
		r.begun = true
		r.skipBlock()
	}
	return true
}

// aside is a reader of the block that begins here; its rules are none of the sheet's. The caller moves r to where it ended.
func (r *reader) aside() *reader {
	return &reader{sheet: &sheet{conds: make([]cond, 1), layers: []string{""}}, src: r.src, in: r.in, lex: r.lex, at: r.at, depth: r.depth}
}

// keyframes reads the block of an @keyframes and keeps it if it names images.
func (r *reader) keyframes(name string, outer int32) {
	inner := r.aside()
	inner.list(0, 0, nil, false)
	r.at = inner.at
	k := keyframes{name: name, cond: outer}
	for i := range inner.rules {
		for _, d := range inner.rules[i].decls {
			if d.hasURL || d.hasVar {
				k.decls = append(k.decls, d)
			}
		}
	}
	if len(k.decls) > 0 {
		r.frames = append(r.frames, k)
	}
}

// property reads the block of an @property and keeps its initial value, if it names an image.
func (r *reader) property(name string, outer int32) {
	inner := r.aside()
	var body rule
	inner.block(0, 0, &body, nil)
	r.at = inner.at
	for _, d := range body.decls {
		if d.slot == slotInitial && strings.HasPrefix(name, "--") && mayHaveURL(d.value) {
			d.slot, d.name, d.hasURL = slotCustom, name, true
			r.props = append(r.props, property{d, outer})
		}
	}
}

// nestedBlock reads a condition within a style rule: its declarations belong to a rule of their own with the same selectors.
func (r *reader) nestedBlock(cond, layer int32, selectors []string) {
	r.rules = append(r.rules, rule{cond: cond, layer: layer})
	at := len(r.rules) - 1
	var body rule
	r.block(cond, layer, &body, selectors)
	if len(body.decls) == 0 {
		return
	}
	r.rules[at].decls = body.decls
	r.rules[at].texts = selectors
}

// statement is an at-rule without a block.
func (r *reader) statement(name, prelude string, cond int32) {
	switch name {
	case "import":
		if !r.begun && cond == 0 {
			if !r.after && len(r.layers) > 1 {
				r.early = &sheet{conds: r.conds[:1:1], layers: append([]string(nil), r.layers...)}
			}
			r.after = true
			r.addImport(prelude)
		}
	case "layer":
		r.begun = r.begun || r.after
		for _, n := range splitTop(prelude, ',') {
			r.layer(0, trim(n))
		}
	case "charset":
	default:
		r.begun = true
	}
}

func (r *reader) within(outer int32, kind, text string) int32 {
	r.conds = append(r.conds, cond{outer: outer, kind: kind, text: text})
	return int32(len(r.conds) - 1)
}

// layer is the number of a layer by its name, within an outer one.
func (r *reader) layer(outer int32, name string) int32 {
	if name == "" {
		name = "\x00" + string(rune('a'+len(r.layers)%26)) + strings.Repeat("'", len(r.layers)/26) // one without a name is like no other
	}
	if outer != 0 {
		name = r.layers[outer] + "." + name
	}
	for i := 1; i < len(r.layers); i++ {
		if r.layers[i] == name {
			return int32(i)
		}
	}
	if len(r.layers) < maxLayers {
		r.layers = append(r.layers, name)
	}
	return int32(len(r.layers) - 1)
}

// maxLayers is how many layers of a sheet are told apart.
const maxLayers = 1000

// addImport reads what stands behind @import.
func (r *reader) addImport(s string) {
	var i importRule
	switch {
	case s == "":
		return
	case s[0] == '"' || s[0] == '\'':
		end := min(skipQuoted(s, 0)+1, len(s))
		i.url, s = unquote(s[:end]), s[end:]
	case len(s) > 4 && equalFold(s[:4], "url("):
		end := closing(s, 4)
		i.url, s = unquote(s[4:end]), s[min(end+1, len(s)):]
	default:
		return
	}
	s = trim(s)
	if len(s) >= 5 && equalFold(s[:5], "layer") {
		if s = s[5:]; strings.HasPrefix(s, "(") {
			end := closing(s, 1)
			i.layer, s = trim(s[1:end]), s[min(end+1, len(s)):]
		} else {
			i.layer = "\x00" + strconv.Itoa(len(r.imports)) // one without a name is like no other
		}
		s = trim(s)
	}
	if len(s) > 9 && equalFold(s[:9], "supports(") {
		end := closing(s, 9)
		i.supports, s = trim(s[9:end]), trim(s[min(end+1, len(s)):])
	}
	i.media = s
	if i.url != "" && len(r.imports) < maxImports {
		r.imports = append(r.imports, i)
	}
}

// maxImports bounds the imports of one sheet.
const maxImports = 1000
