package page

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// importMap says where the names of modules lead: what <script type=importmap> holds.
type importMap struct {
	imports   mappings
	scopes    []mapScope        // the longest prefix first
	integrity map[string]string // by address
}

// mappings are where names lead, and all that begin with one that ends with a slash. The zero address is a way that is barred.
type mappings map[string]address

type mapScope struct {
	prefix  string
	imports mappings
}

// mapText is an import map as it is written.
type mapText struct {
	Imports   map[string]any            `json:"imports"`
	Scopes    map[string]map[string]any `json:"scopes"`
	Integrity map[string]any            `json:"integrity"`
}

// Of an import map no more scopes are looked at, and no longer names.
const (
	maxScopes     = 500
	maxModuleName = 4096
)

// merge takes one more map. What is there already stays. A map that cannot be read is none.
func (m *importMap) merge(text string, base *address) {
	var t mapText
	if json.Unmarshal([]byte(text), &t) != nil {
		return
	}
	m.imports = m.imports.merge(t.Imports, base)
	for _, prefix := range sortedKeys(t.Scopes) {
		a := resolve(base, prefix, nil)
		i := slices.IndexFunc(m.scopes, func(s mapScope) bool { return s.prefix == a.url })
		if i < 0 {
			if i = len(m.scopes); !a.ok() || i >= maxScopes {
				continue
			}
			m.scopes = append(m.scopes, mapScope{prefix: a.url})
		}
		m.scopes[i].imports = m.scopes[i].imports.merge(t.Scopes[prefix], base)
	}
	slices.SortFunc(m.scopes, func(a, b mapScope) int { return strings.Compare(b.prefix, a.prefix) })
	for _, name := range sortedKeys(t.Integrity) {
		text, is := t.Integrity[name].(string)
		if a, ok := moduleAddress(base, name, nil); ok && is && m.integrity[a.url] == "" {
			if m.integrity == nil {
				m.integrity = map[string]string{}
			}
			m.integrity[a.url] = text
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// merge adds what a map says of names that are not there yet.
func (m mappings) merge(list map[string]any, base *address) mappings {
	for _, name := range sortedKeys(list) {
		key := name
		if a, ok := moduleAddress(base, name, nil); ok {
			key = a.url
		}
		if _, there := m[key]; there || name == "" || len(name) > maxModuleName {
			continue
		}
		to := address{}
		if text, is := list[name].(string); is {
			to, _ = moduleAddress(base, text, nil)
			if strings.HasSuffix(name, "/") && !strings.HasSuffix(to.url, "/") {
				to = address{}
			}
		}
		if m == nil {
			m = mappings{}
		}
		m[key] = to
	}
	return m
}

// look finds what is said of a name.
func (m mappings) look(name string) (to address, found bool) {
	if to, found = m[name]; found || len(m) == 0 || len(name) > maxModuleName {
		return to, found
	}
	for i := strings.LastIndexByte(name, '/'); i >= 0; i = strings.LastIndexByte(name[:i], '/') {
		if to, found = m[name[:i+1]]; found {
			if !to.ok() {
				return to, true
			}
			within := resolve(&to, name[i+1:], nil)
			if !strings.HasPrefix(within.url, to.url) {
				within = address{}
			}
			return within, true
		}
	}
	return address{}, false
}

// moduleAddress reads a name that is an address: it begins with /, ./ or ../, or with a scheme.
func moduleAddress(base *address, name string, encode func(string) string) (address, bool) {
	if strings.HasPrefix(name, "/") || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		a := resolve(base, name, encode)
		return a, a.ok()
	}
	if scheme, _ := cutScheme(name); scheme == "" {
		return address{}, false
	}
	a := resolve(base, name, encode)
	return a, a.ok()
}

// resolve is where a name leads that a module at base uses; it is not ok when it leads nowhere.
func (m *importMap) resolve(base *address, name string, encode func(string) string) (to address, ok bool) {
	at, isAddress := moduleAddress(base, name, encode)
	key := name
	if isAddress {
		key = at.url
	}
	for i := range m.scopes {
		s := &m.scopes[i]
		if s.prefix != base.url && !(strings.HasSuffix(s.prefix, "/") && strings.HasPrefix(base.url, s.prefix)) {
			continue
		}
		if to, found := s.imports.look(key); found {
			return to, to.ok()
		}
	}
	if to, found := m.imports.look(key); found {
		return to, to.ok()
	}
	return at, isAddress
}
