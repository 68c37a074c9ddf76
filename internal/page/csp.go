package page

import (
	"slices"
	"strings"
)

// policies are the content security policies of a document.
type policies []map[string][]string

// addPolicy reads one or more policies, separated by commas.
func (p *policies) add(text string) {
	for _, one := range strings.Split(text, ",") {
		directives := map[string][]string{}
		for _, d := range strings.Split(one, ";") {
			f := strings.Fields(d)
			if len(f) == 0 {
				continue
			}
			if name := lower(f[0]); directives[name] == nil {
				directives[name] = append([]string{""}, f[1:]...)[1:]
				if directives[name] == nil {
					directives[name] = []string{}
				}
			}
		}
		if len(directives) > 0 {
			*p = append(*p, directives)
		}
	}
}

// directivesOf are the directives that speak of a kind, the first that is there counts.
func directivesOf(k Kind) []string {
	switch k {
	case Style:
		return []string{"style-src-elem", "style-src", "default-src"}
	case Image, Icon:
		return []string{"img-src", "default-src"}
	case Font:
		return []string{"font-src", "default-src"}
	case Script, JSON:
		return []string{"script-src-elem", "script-src", "default-src"}
	case Video, Audio, Track:
		return []string{"media-src", "default-src"}
	case IFrame, FrameSet:
		return []string{"frame-src", "child-src", "default-src"}
	case Object, Embed, ObjectPage, EmbedPage:
		return []string{"object-src", "default-src"}
	case Manifest:
		return []string{"manifest-src", "default-src"}
	case Fetch:
		return []string{"connect-src", "default-src"}
	case Prefetch, Prerender:
		return []string{"default-src"}
	}
	return nil
}

// allows reports whether all policies of a document at self let it ask for an address.
func (p policies) allows(k Kind, to *address, self string, by pass) bool {
	for _, d := range p {
		if k == Prefetch || k == Prerender {
			if !leastOf(d, to, self) {
				return false
			}
			continue
		}
		list := listOf(d, directivesOf(k))
		if list != nil && !kindAllows(k, list, to, self, by) {
			return false
		}
	}
	return true
}

// pass is what lets an element's request through wherever it leads: a nonce, for scripts also the hashes that it states.
type pass struct{ nonce, integrity string }

// kindAllows is listAllows for a kind: with 'strict-dynamic' scripts of the document need a nonce or hash, wherever they come from.
func kindAllows(k Kind, list []string, to *address, self string, by pass) bool {
	if k == Script || k == JSON {
		switch {
		case hashesIn(list, by.integrity):
			return true
		case hasSource(list, "'strict-dynamic'"):
			return hasNonce(list, by.nonce)
		}
	}
	return listAllows(list, to, self, by.nonce)
}

// hashesIn reports whether there are hashes in an integrity attribute, and all are in a list of sources.
func hashesIn(list []string, integrity string) bool {
	some := false
	for w := range words(integrity) {
		if !hasHashes(w) {
			continue
		}
		if some = true; !slices.Contains(list, "'"+w+"'") {
			return false
		}
	}
	return some
}

func hasSource(list []string, word string) bool {
	for _, s := range list {
		if equalFold(s, word) {
			return true
		}
	}
	return false
}

// leastOf is the rule for prefetches: one directive that speaks of fetches and allows the address is enough.
func leastOf(d directives, to *address, self string) bool {
	told := false
	for name, list := range d {
		if !strings.HasSuffix(name, "-src") {
			continue
		}
		if told = true; listAllows(list, to, self, "") {
			return true
		}
	}
	return !told
}

// follows is allows for where a redirect leads: the paths of sources do not count there.
func (p policies) follows(k Kind, to *address, self string, by pass) bool {
	for _, d := range p {
		list := listOf(d, directivesOf(k))
		if list == nil {
			continue
		}
		bare := make([]string, len(list))
		for i, s := range list {
			if bare[i] = s; !strings.HasPrefix(s, "'") {
				scheme, rest, has := strings.Cut(s, "://")
				if !has {
					scheme, rest = "", s
				} else {
					scheme += "://"
				}
				host, _, _ := strings.Cut(rest, "/")
				bare[i] = scheme + host
			}
		}
		if !kindAllows(k, bare, to, self, by) {
			return false
		}
	}
	return true
}

// inlineStyle reports whether style elements, or attributes, count; text is what is in the element.
func (p policies) inlineStyle(element bool, nonce, text string) bool {
	names := []string{"style-src-attr", "style-src", "default-src"}
	if element {
		names[0] = "style-src-elem"
	}
	return p.inline(names, element, nonce, text)
}

// inlineScript reports whether the scripts of attributes such as onload run.
func (p policies) inlineScript() bool {
	return p.inline([]string{"script-src-attr", "script-src", "default-src"}, false, "", "")
}

// inlineElement reports whether a script element that holds its script counts.
func (p policies) inlineElement(nonce, text string) bool {
	return p.inline([]string{"script-src-elem", "script-src", "default-src"}, true, nonce, text)
}

func (p policies) inline(names []string, element bool, nonce, text string) bool {
	for _, d := range p {
		list := listOf(d, names)
		if list == nil {
			continue
		}
		ok, strict := false, false
		for _, s := range list {
			s = lower(s)
			ok = ok || s == "'unsafe-inline'"
			strict = strict || strings.HasPrefix(s, "'nonce-") || strings.HasPrefix(s, "'sha") || s == "'strict-dynamic'"
		}
		ok = ok && !strict || element && (hasNonce(list, nonce) || hasHash(list, text))
		if !ok {
			return false
		}
	}
	return true
}

type directives = map[string][]string

func listOf(d directives, names []string) []string {
	for _, n := range names {
		if list, ok := d[n]; ok {
			return list
		}
	}
	return nil
}

func hasHash(list []string, text string) bool {
	for _, s := range list {
		if len(s) > 8 && equalFold(s[:4], "'sha") && s[len(s)-1] == '\'' && hashIs(s[1:len(s)-1], text) {
			return true
		}
	}
	return false
}

// hashIs reports whether "sha256-..." is the hash of a text.
func hashIs(want, text string) bool {
	alg, sum, _ := strings.Cut(want, "-")
	have := hashOf(lower(alg), []byte(text))
	return have != "" && have == strings.NewReplacer("-", "+", "_", "/").Replace(sum)
}

func hasNonce(list []string, nonce string) bool {
	if nonce == "" {
		return false
	}
	for _, s := range list {
		if len(s) > 8 && equalFold(s[:7], "'nonce-") && s[7:len(s)-1] == nonce {
			return true
		}
	}
	return false
}

func listAllows(list []string, to *address, self, nonce string) bool {
	if hasNonce(list, nonce) {
		return true
	}
	for _, s := range list {
		if sourceAllows(s, to, self) {
			return true
		}
	}
	return false
}

// sourceAllows reports whether a source expression covers an address.
func sourceAllows(s string, to *address, self string) bool {
	switch l := lower(s); {
	case l == "'none'":
		return false
	case l == "'self'":
		return self != "" && (to.origin == self || strings.Replace(to.origin, "https://", "http://", 1) == self)
	case l == "*":
		return to.web()
	case strings.HasPrefix(l, "'"):
		return false
	case strings.HasSuffix(l, ":"):
		return strings.HasPrefix(to.url, l) || l == "http:" && to.secure
	}
	if !to.web() {
		return false
	}
	scheme, rest, has := strings.Cut(s, "://")
	if !has {
		rest = s
		if strings.HasPrefix(self, "https:") && !to.secure {
			return false
		}
	} else if !strings.HasPrefix(to.url, lower(scheme)+":") && !(equalFold(scheme, "http") && to.secure) {
		return false
	}
	host, path, hasPath := strings.Cut(rest, "/")
	authority := to.origin[strings.Index(to.origin, "://")+3:]
	if !hostMatches(lower(host), authority, to) {
		return false
	}
	if hasPath && path != "" {
		have, _, _ := strings.Cut(to.url[to.path:], "?")
		path = "/" + path
		if strings.HasSuffix(path, "/") {
			return strings.HasPrefix(have, path)
		}
		return have == path
	}
	return true
}

func hostMatches(pattern, authority string, to *address) bool {
	host, port := pattern, ""
	if i := strings.LastIndexByte(pattern, ':'); i >= 0 && !strings.HasSuffix(pattern, "]") {
		host, port = pattern[:i], pattern[i+1:]
	}
	name := to.host()
	has := strings.TrimPrefix(authority[len(name):], ":")
	if port != "*" && port != has && !(port == "" && has == "") && !(has == "" && (port == "80" || port == "443")) {
		return false
	}
	if rest, ok := strings.CutPrefix(host, "*."); ok {
		return strings.HasSuffix(name, "."+rest)
	}
	return host == name || host == "*"
}

// framed reports whether a document with these headers may be shown in a frame: X-Frame-Options, or frame-ancestors, which takes its place.
func (p policies) framed(options, self string, ancestors []string) bool {
	told := false
	for _, d := range p {
		list, ok := d["frame-ancestors"]
		if !ok {
			continue
		}
		told = true
		for _, a := range ancestors {
			at := parseAddress(a)
			if !listAllows(list, &at, self, "") {
				return false
			}
		}
	}
	if told {
		return true
	}
	word := ""
	for one := range listed(lower(options)) {
		if word != "" && one != word {
			return word != "deny" && word != "sameorigin" && one != "deny" && one != "sameorigin" // they contradict each other
		}
		word = one
	}
	switch word {
	case "deny":
		return false
	case "sameorigin":
		for _, a := range ancestors {
			if a != self {
				return false
			}
		}
	}
	return true
}

// has reports whether some policy has a directive, and gives what stands in it.
func (p policies) has(name string) (words []string, ok bool) {
	for _, d := range p {
		if list, is := d[name]; is {
			return list, true
		}
	}
	return nil, false
}
