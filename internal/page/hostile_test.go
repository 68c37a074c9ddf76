package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// planOf is what a document asks for by itself.
func planOf(body string) (*plan, *doc) {
	m := NewMemory()
	d := m.document([]byte(body), how{contentType: "text/html"})
	a := parseAddress("http://a.example/dir/page")
	ctx := &context{url: a, base: a, origin: a.origin, self: a.origin, topSite: siteOf(a.origin), view: (&Settings{}).window()}
	return d.plan(m, ctx), d
}

func FuzzDocument(f *testing.F) {
	for _, c := range pagetest.Read(f, caseDir) {
		for _, files := range c.Files {
			f.Add(files[0].Body)
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		p, d := planOf(body)
		for i := range p.items {
			if p.items[i].frame == nil && !p.items[i].url.web() {
				t.Fatalf("asks for %q", p.items[i].url.url)
			}
		}
		var uses []sheetUse
		for _, u := range p.uses {
			if u.own != nil {
				uses = append(uses, sheetUse{sheet: u.own, base: p.base, applies: u.applies, scope: u.scope})
			}
		}
		p.paintItems(&paintMemo{uses: uses, paint: computePaint(d.tree, &p.ctx.view, uses)})
		if !d.tree.sameBut(d.src) {
			t.Fatal("a document is not the same as itself")
		}
	})
}

func FuzzSheet(f *testing.F) {
	f.Add(`@import "a.css" supports(display:grid) print; @media (min-width:1px){.a>b:not(.c)::before{content:url(x.png)}}`)
	f.Add(`@font-face{font-family:"F";src:local(x),url(f.woff2)format("woff2");unicode-range:U+4??}`)
	f.Add(`a{background:url(q13.png`)
	f.Fuzz(func(_ *testing.T, text string) { parseSheet(text) })
}

func FuzzSrcset(f *testing.F) {
	f.Add("a.png 1x, b.png 2x", "(min-width:1px) calc(50vw - 20px), 100vw")
	f.Add(" ,,a 100w 50h (,)x, b", "auto, 3em")
	f.Fuzz(func(_ *testing.T, srcset, sizes string) {
		v := (&Settings{}).window()
		v.pickImage("x", srcset, sizes)
	})
}

func FuzzAddress(f *testing.F) {
	f.Add("../a/%2e%2e/b?x#y", "//h/..")
	f.Fuzz(func(t *testing.T, a, b string) {
		base := parseAddress("http://a.example/dir/page?q")
		for _, u := range []address{resolve(&base, a, nil), resolve(&base, b, nil)} {
			if u.web() && parseAddress(u.url).url != u.url {
				t.Fatalf("%q is not read as itself: %q", u.url, parseAddress(u.url).url)
			}
		}
	})
}

// Much of anything takes time in proportion.
func TestHostile(t *testing.T) {
	const mega = 2 << 20
	fill := func(s string) string { return strings.Repeat(s, mega/len(s)) }
	for name, body := range map[string]string{
		"less than":      fill("<"),
		"comment starts": fill("<!--"),
		"deep":           fill("<div>"),
		"deep frames":    fill("<iframe srcdoc='"),
		"tables":         fill("<table><tr><td>"),
		"attributes":     "<p " + fill("a=1 ") + ">",
		"same names":     "<p " + fill("b ") + "><img src=x>",
		"paragraphs":     fill("<p>x"),
		"style urls":     "<style>" + fill("a{background:url(") + "</style>",
		"style blocks":   "<style>" + fill("a{") + "</style>",
		"style nesting":  "<style>" + fill("a,b{&,& &{") + "</style>",
		"style brackets": "<style>" + fill("(((") + "</style><p>x",
		"many rules":     "<style>" + strings.Repeat("p:nth-child(2n+1)~p~p:not(.a):has(b){background:url(x)}", 300) + "</style>" + strings.Repeat("<p>x", 3000),
		"variables":      "<style>p{" + varChain(200) + "background:var(--v199)}</style><p>x",
		"srcset":         "<img srcset='" + fill("a 1x,") + "'>",
		"sizes":          "<img srcset='a 1w' sizes='" + fill("((((") + "'>",
		"entities":       "<img src='" + fill("&amp;") + "'>",
		"unclosed":       "<img src=\"" + fill("x"),
		"selects":        fill("<select><option>"),
		"lazy":           strings.Repeat("<p>x<img loading=lazy src=x>", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			p, d := planOf(body)
			var uses []sheetUse
			for _, u := range p.uses {
				uses = append(uses, sheetUse{sheet: u.own, base: p.base, applies: u.applies, scope: u.scope})
			}
			computePaint(d.tree, &p.ctx.view, uses)
			if took := time.Since(begun); took > 20*time.Second {
				t.Errorf("took %v", took)
			} else if took > time.Second {
				t.Logf("took %v", took)
			}
		})
	}
}

// varChain is custom properties of which each holds the one before twice.
func varChain(n int) string {
	var b strings.Builder
	b.WriteString("--v0:url(x.png);")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "--v%d:var(--v%d) var(--v%d);", i, i-1, i-1)
	}
	return b.String()
}
