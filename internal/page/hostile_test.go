package page

import (
	"fmt"
	"runtime"
	"strconv"
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
		p.paintItems(&paintMemo{uses: uses, paint: computePaint(d.tree, &p.ctx.view, uses, true)})
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

func FuzzModule(f *testing.F) {
	for text := range moduleTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range importsIn(text) {
			if one.kind == noModule || len(one.name) > 4*len(text) {
				t.Fatalf("imports %+v", one)
			}
		}
		var m importMap
		base := parseAddress("http://a.example/dir/")
		m.merge(text, &base)
		if to, ok := m.resolve(&base, text, nil); ok && !to.ok() {
			t.Fatal("leads nowhere")
		}
	})
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

// Much of anything takes time in proportion: eight times as much takes about eight times the processor's time, where it would take 64 times if
// each piece were held against each other one. What takes next to no time is not looked at closely.
func TestHostile(t *testing.T) {
	for name, body := range map[string]func(fill func(string) string) string{
		"less than":       func(fill func(string) string) string { return fill("<") },
		"comment starts":  func(fill func(string) string) string { return fill("<!--") },
		"deep":            func(fill func(string) string) string { return fill("<div>") },
		"deep frames":     func(fill func(string) string) string { return fill("<iframe srcdoc='") },
		"frames":          func(fill func(string) string) string { return fill("<iframe srcdoc='x'></iframe>") },
		"tables":          func(fill func(string) string) string { return fill("<table><tr><td>") },
		"attributes":      func(fill func(string) string) string { return "<p " + fill("a=1 ") + ">" },
		"same names":      func(fill func(string) string) string { return "<p " + fill("b ") + "><img src=x>" },
		"paragraphs":      func(fill func(string) string) string { return fill("<p>x") },
		"style urls":      func(fill func(string) string) string { return "<style>" + fill("a{background:url(") + "</style>" },
		"bare urls":       func(fill func(string) string) string { return "<style>" + fill("url(") + "</style>" },
		"style blocks":    func(fill func(string) string) string { return "<style>" + fill("a{") + "</style>" },
		"style nesting":   func(fill func(string) string) string { return "<style>" + fill("a,b{&,& &{") + "</style>" },
		"style brackets":  func(fill func(string) string) string { return "<style>" + fill("(((") + "</style><p>x" },
		"backslashes":     func(fill func(string) string) string { return "<style>" + fill(`a\\`) + "{}</style><p>x" },
		"srcset":          func(fill func(string) string) string { return "<img srcset='" + fill("a 1x,") + "'>" },
		"sizes":           func(fill func(string) string) string { return "<img srcset='a 1w' sizes='" + fill("((((") + "'>" },
		"entities":        func(fill func(string) string) string { return "<img src='" + fill("&amp;") + "'>" },
		"unclosed":        func(fill func(string) string) string { return "<img src=\"" + fill("x") },
		"selects":         func(fill func(string) string) string { return fill("<select><option>") },
		"lazy":            func(fill func(string) string) string { return fill("<p>x<img loading=lazy src=x>") },
		"layers":          func(fill func(string) string) string { return "<style>" + fill("@layer a.b;") + "</style>" },
		"bases":           func(fill func(string) string) string { return fill("<base href=x>") },
		"attribute names": func(fill func(string) string) string { return "<p " + numbered(fill(" a#=1")) + ">" },
		"classes": func(fill func(string) string) string {
			return "<p class='" + numbered(fill(" a#")) + "'><style>.a1{background:url(x)}</style>"
		},
		"layer names": func(fill func(string) string) string { return "<style>" + numbered(fill("@layer a#;")) + "</style>" },
		"imports":     func(fill func(string) string) string { return "<style>" + numbered(fill("@import 'a#';")) + "</style>" },
		"conditions":  func(fill func(string) string) string { return "<style>" + fill("@media (a){") + "</style><p>x" },
		"candidates": func(fill func(string) string) string {
			return "<img srcset='" + numbered(fill("a# #w,")) + "' sizes='" + fill("(a) 1px,") + "'>"
		},
		"properties": func(fill func(string) string) string {
			return "<style>p{" + numbered(fill("--a#:var(--a#);")) + "}</style><p>x"
		},
		"fallbacks": func(fill func(string) string) string {
			return "<style>p{background:" + fill("var(--a,") + "}</style><p>x"
		},
		"choices": func(fill func(string) string) string {
			return "<style>p{background:" + fill("if(else:") + "url(x)}</style><p>x"
		},
		"families": func(fill func(string) string) string {
			return "<style>@font-face{font-family:f;src:url(x)}p{font-family:" + numbered(fill("a#,")) + "}</style><p>x"
		},
		"faces": func(fill func(string) string) string {
			return "<style>" + numbered(fill("@font-face{font-family:f;src:url(a#)}")) + "p{font-family:f}</style><p>x"
		},
		"keyframes": func(fill func(string) string) string {
			return "<style>" + numbered(fill("@keyframes a#{from{background:url(a#)}}")) + "p{animation:a1}</style><p>x"
		},
		"policies": func(fill func(string) string) string {
			return "<meta http-equiv=content-security-policy content=\"" + fill("img-src a b;") + "\"><img src=x>"
		},
		"scripts": func(fill func(string) string) string { return "<script>" + fill("<!--<script>") },
		"module": func(fill func(string) string) string {
			return "<script type=module>" + fill("import'./a';") + "</script>"
		},
		"modules": func(fill func(string) string) string { return fill("<script type=module>import'./a'</script>") },
		"module slashes": func(fill func(string) string) string {
			return "<script type=module>import '';" + fill("=/[") + "</script>"
		},
		"module names": func(fill func(string) string) string {
			return "<script type=module>" + numbered(fill("import'./a#';")) + "</script>"
		},
		"import map": func(fill func(string) string) string {
			return "<script type=importmap>{\"imports\":{" + numbered(fill("\"a#/\":\"/b#/\",")) + "\"x\":\"/y\"},\"scopes\":{" + numbered(fill("\"a#/\":{\"a\":\"/b\"},")) + "\"/\":{}}}</script>" +
				"<script type=module>" + numbered(fill("import'a#/b';")) + "</script>"
		},
		"end tags":     func(fill func(string) string) string { return "<div>" + fill("</p></b></div>") },
		"raw end tags": func(fill func(string) string) string { return "<style>" + fill("</styl") },
		"declarations": func(fill func(string) string) string { return fill("<!x ") },
	} {
		t.Run(name, func(t *testing.T) {
			const size = 64 << 10
			cost := func(n int) time.Duration {
				text := body(func(s string) string { return strings.Repeat(s, n/len(s)) })
				runtime.GC()
				begun := cpuTime()
				paintAll(text)
				return cpuTime() - begun
			}
			if once, eight, ok := inProportion(cost, size); !ok {
				t.Errorf("%v for %d KB, %v for eight times as much", once, size>>10, eight)
			}
		})
	}
}

// inProportion reports whether eight times as much takes less than thirty times the processor. What looks dear is tried twice more: a collection of
// garbage that falls into one try says nothing of the reader.
func inProportion(cost func(n int) time.Duration, n int) (once, eight time.Duration, ok bool) {
	for range 3 {
		once, eight = cost(n), cost(8*n)
		if eight <= 2*time.Second || eight <= 30*max(once, time.Millisecond) {
			return once, eight, true
		}
	}
	return once, eight, false
}

// Scripts are read once, whatever they look like.
func TestHostileModules(t *testing.T) {
	for _, piece := range []string{"import", "import'a';", "import{", "export*from", "`${", "/", "/[", "=/[", "=/x\n", "a/b\n", "(", "{", "\\u", "//", "/*", "'", "\"\\", "with{", "import a from'b'with{", "#!", "\xe2", "0x", "1e+", "}"} {
		cost := func(n int) time.Duration {
			text := strings.Repeat(piece, n/len(piece))
			begun := cpuTime()
			importsIn("import'x';" + text)
			importsIn(text + "\nimport'x'")
			return cpuTime() - begun
		}
		if once, eight, ok := inProportion(cost, 256<<10); !ok {
			t.Errorf("%q: %v for 256 KB, %v for eight times as much", piece, once, eight)
		}
	}
}

// numbered puts another number in the place of each #.
func numbered(s string) string {
	var b strings.Builder
	for n := 0; ; n++ {
		i := strings.IndexByte(s, '#')
		if i < 0 {
			return b.String() + s
		}
		b.WriteString(s[:i] + strconv.Itoa(n/2))
		s = s[i+1:]
	}
}

// Ten megabytes of anything take memory in proportion to what a document may have at most, and not more than a few times their own size.
func TestTenMegabytes(t *testing.T) {
	const size = 10 << 20
	for _, piece := range []string{"<", "<p>", "<iframe srcdoc='", "<iframe src=/x></iframe>", "<style>url(", "<img srcset='a 1w,", "<b a=1 c=2>"} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		p, d := planOf(strings.Repeat(piece, size/len(piece)))
		runtime.GC()
		runtime.ReadMemStats(&after)
		if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 10*size {
			t.Errorf("%q: %d MB are kept of %d", piece, kept>>20, size>>20)
		}
		if len(p.items) > maxItems || len(d.nodes) > maxNodes+8 {
			t.Errorf("%q: %d requests, %d nodes", piece, len(p.items), len(d.nodes))
		}
	}
}

// Pages that are never the same do not fill the memory.
func TestMemoryIsBounded(t *testing.T) {
	m, ctx := NewMemory(), blogContext()
	body := []byte(strings.Repeat("<p>a page of its own</p>", 1<<20/24))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 60 {
		copy(body[len(body)-20:], "<img src=/"+strconv.Itoa(1000+i)+">.....")
		planned(m, body, ctx)
		m.sheet("p{background:url(" + strconv.Itoa(i) + ")}" + strings.Repeat("a{color:red}", 1<<16))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if kept := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) >> 20; kept > 300 {
		t.Errorf("%d MB are kept of 60 pages of 1 MB and their sheets", kept)
	}
	runtime.KeepAlive(m)
}

// Whatever a page says of its letters, it is read.
func TestHostileCharsets(t *testing.T) {
	for _, name := range []string{"utf-16", "utf-16be", "utf-7", "utf-32", "iso-2022-jp", "gb18030", "shift_jis", "hz-gb-2312", "x-user-defined", "replacement", "unicode-1-1-utf-8", "none", "\x00", strings.Repeat("x", 5000), "\"", ";;charset="} {
		for _, bom := range []string{"", "\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", "\xff\xfe\x00\x00", "\xef\xbb", "\xff"} {
			body := bom + "<!doctype html><meta charset='" + name + "'><meta http-equiv=content-type content='text/html;charset=" + name + "'><img src='/\xe4\x1b$B\x00\xff.png?\xe4'>" + strings.Repeat("\x1b$B\x80\xff", 500)
			m, ctx := NewMemory(), blogContext()
			for _, declared := range []string{"", "text/html; charset=" + name, "text/html; charset=\"" + name} {
				d := m.document([]byte(body), how{contentType: declared})
				if p := d.plan(m, ctx); len(p.items) > 1 {
					t.Errorf("%q, %q, %q: asks for %d things", name, bom, declared, len(p.items))
				}
			}
		}
	}
}

// paintAll does all that is done with a document by itself.
func paintAll(body string) {
	p, d := planOf(body)
	var uses []sheetUse
	for _, u := range p.uses {
		if u.own != nil {
			uses = append(uses, sheetUse{sheet: u.own, base: p.base, applies: u.applies, scope: u.scope})
		}
	}
	computePaint(d.tree, &p.ctx.view, uses, true)
}

// What grows with the product of two things in a page is bounded by steps.
func TestHostileProducts(t *testing.T) {
	for name, body := range map[string]string{
		"many rules": "<style>" + strings.Repeat("p:nth-child(2n+1)~p~p:not(.a):has(b){background:url(x)}", 300) + "</style>" + strings.Repeat("<p>x", 3000),
		"variables":  "<style>p{" + varChain(200) + "background:var(--v199)}</style><p>x",
	} {
		t.Run(name, func(t *testing.T) {
			begun := cpuTime()
			paintAll(body)
			if took := cpuTime() - begun; took > 60*time.Second {
				t.Errorf("took %v", took)
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
