package page

import (
	"reflect"
	"testing"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// parseSlowly reads a sheet token by token.
func parseSlowly(src string) *sheet {
	r := newReader(src)
	r.slow = true
	r.rules = make([]rule, 0, 1)
	r.list(0, 0, nil, true)
	return r.sheet
}

// FuzzPass holds the reader that passes over plain bytes against the one that reads each token.
func FuzzPass(f *testing.F) {
	for _, c := range pagetest.Read(f, caseDir) {
		for path, files := range c.Files {
			if len(path) > 4 && path[len(path)-4:] == ".css" {
				f.Add(files[0].Body)
			}
		}
	}
	for _, s := range []string{
		`a{background:url(x.png)}b:hover{color:red}`, `a:not(.b\{c):is(d,e){--x:{a:b};list-style:url( "y" )}`, `--> a{}<!-- b{background:url(//x)}`, `@media (min-width:1px) and (color){a{b:c}}`,
		"a{background:ur\\l(x)}", "a{background:\u00e9url(x)}\u00e9(b){c:d}", `U+26{a:U+4??}`, `a{b:c;;d:url(e;f)}`, `a{b:-->url(x)}`, `.a::before{content:"}"}/*{*/b{c:d}`, "a{b:1e3url(x)}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		fast, slow := parseSheet(src), parseSlowly(src)
		for _, s := range []*sheet{fast, slow} {
			if s.early != nil {
				s.early = &sheet{layers: s.early.layers}
			}
		}
		if len(fast.rules) != len(slow.rules) {
			t.Fatalf("%d rules, not %d", len(fast.rules), len(slow.rules))
		}
		for i := range fast.rules {
			if !reflect.DeepEqual(fast.rules[i], slow.rules[i]) {
				t.Fatalf("rule %d: %+v, not %+v", i, fast.rules[i], slow.rules[i])
			}
		}
		for _, p := range [][2]any{{fast.imports, slow.imports}, {fast.faces, slow.faces}, {fast.frames, slow.frames}, {fast.conds, slow.conds}, {fast.layers, slow.layers}} {
			if !reflect.DeepEqual(p[0], p[1]) {
				t.Fatalf("%+v, not %+v", p[0], p[1])
			}
		}
	})
}
