package page

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// asks is what a page asks for besides itself, as "kind path", sorted. files are further answers by path.
func asks(html string, files map[string]string, set Settings) string {
	c := &pagetest.Case{LatencyMS: 10, Files: map[string]pagetest.Files{"/": {{Status: 200, Headers: map[string]string{"Content-Type": "text/html; charset=utf-8"}, Body: html}}}}
	for path, body := range files {
		typ, body, _ := strings.Cut(body, "\n")
		typ, more, _ := strings.Cut(typ, "|")
		h := map[string]string{"Content-Type": typ}
		if name, value, ok := strings.Cut(more, ": "); ok {
			h[name] = value
		}
		c.Files[path] = pagetest.Files{{Status: 200, Headers: h, Body: body}}
	}
	var out []string
	for _, g := range newBrowser(c, set).visit(&pagetest.Visit{Kind: "first", Path: "/"})[1:] {
		out = append(out, g.Dest+" "+g.Path)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// What the standards and Chromium say beyond the recorded sites.
func TestRules(t *testing.T) {
	css := func(body string) map[string]string { return map[string]string{"/s.css": "text/css\n" + body} }
	const link = "<!doctype html><link rel=stylesheet href=/s.css>"
	for _, tt := range []struct {
		name, html string
		files      map[string]string
		want       string
	}{
		{"closed details paint nothing", link + "<details><summary><b>s</b></summary><i>x</i></details>", css("b{background:url(/b)}i{background:url(/i)}"), "image /b, style /s.css"},
		{"open details paint", link + "<details open><i>x</i></details>", css("i{background:url(/i)}"), "image /i, style /s.css"},
		{"a popover is not shown", link + "<p popover>x", css("p{background:url(/p)}"), "style /s.css"},
		{"video's fallback is not painted", link + "<video preload=none><p>x</video>", css("p{background:url(/p)}"), "style /s.css"},
		{"nosniff wants text/css", "<link rel=stylesheet href=/s.css><p>x", map[string]string{"/s.css": "text/plain|X-Content-Type-Options: nosniff\np{background:url(/p)}"}, "style /s.css"},
		{"quirks take any type", "<link rel=stylesheet href=/s.css><p>x", map[string]string{"/s.css": "text/plain\np{background:url(/p)}"}, "image /p, style /s.css"},
		{"a sheet in a data URL", "<!doctype html><link rel=stylesheet href='data:text/css,p{background:url(http://127.0.0.1:1111/p)}i{background:url(/i)}'><p>x<i>y", nil, "image /p"},
		{"important wins", link + "<p id=a class=b>x", css("#a{background:url(/a)}.b{background:url(/b)!important}"), "image /b, style /s.css"},
		{"specificity wins over order", link + "<p id=a class=b>x", css("#a{background:url(/a)}.b{background:url(/b)}"), "image /a, style /s.css"},
		{"the shorthand resets", link + "<p class=a>x", css(".a{background-image:url(/a)}p.a{background:red}"), "style /s.css"},
		{"is, where, not", link + "<p class=a>x<p class=b>y", css(":is(.a,.z){background:url(/a)}:where(.b):not(.a){background:url(/b)}"), "image /a, image /b, style /s.css"},
		{"has", link + "<p><img src=/i></p><p>x", css("p:has(img){background:url(/h)}p:has(b){background:url(/n)}"), "image /h, image /i, style /s.css"},
		{"nth-child and siblings", link + "<ul><li>1<li>2<li>3</ul>", css("li:nth-child(2n){background:url(/2)}li:nth-child(7){background:url(/7)}li+li~li{background:url(/3)}"), "image /2, image /3, style /s.css"},
		{"attribute tests", link + "<a href=/x.pdf>x", css("a[href$='.pdf']{background:url(/pdf)}a[href^=http]{background:url(/abs)}"), "image /pdf, style /s.css"},
		{"range syntax of media", link + "<p>x", css("@media (600px <= width < 2000px){p{background:url(/w)}}@media (width < 600px){p{list-style:url(/n)}}"), "image /w, style /s.css"},
		{"a list of containers", link + "<div class=a><div class=b><p>x", css(".a{container:a/inline-size}.b{container:b/inline-size}@container a (width > 9000px), b (width > 1px){p{background:url(/p)}}"), "image /p, style /s.css"},
		// As Chromium 156 has them with scripts on, like a WordPress page of today.
		{"sizes=auto is the stated width", "<!doctype html><img loading=lazy width=250 height=10 src=/a srcset='/a1 100w,/a3 300w,/a13 1300w' sizes='auto, 100px'><div style='width:250px'><img loading=lazy style='width:100%' src=/b srcset='/b2 200w,/b4 400w,/b8 800w' sizes=auto></div>", nil, "image /a3, image /b4"},
		{"sizes=auto without one", "<!doctype html><img loading=lazy src=/a srcset='/a1 100w,/a3 300w,/a13 1300w' sizes='auto, 90px'><img width=90 src=/b srcset='/b1 100w,/b13 1300w' sizes=auto><img loading=lazy width=50% src=/c srcset='/c5 500w,/c7 700w,/c13 1300w' sizes=AUTO>", nil, "image /a1, image /b13, image /c7"},
		{"a style attribute wins", link + "<p id=a style='background:url(/a)'>x<p id=b style='background:url(/c)'>x", css("#a{background:url(/b)}#b{background:url(/d)!important}"), "image /a, image /d, style /s.css"},
		{"a stray semicolon spoils the next rule", link + "<p>x<b>y<i>z", css("a{};p{background:url(/p)}b{background:url(/b)}@media all{a{};i{background:url(/i)}i{list-style:url(/l)}}"), "image /b, image /l, style /s.css"},
		{"a stray brace spoils the next rule", link + "<p>x<b>y<i>z", css("a{}}p{background:url(/p)}b{background:url(/b)}}@media all{b{background:url(/no)}}i{{background:url(/no2)}}"), "image /b, style /s.css"},
		{"a variable's URL is relative to where it is used", "<!doctype html><style>:root{--a:url(a)}</style><link rel=stylesheet href=/d/s.css><p>x<b style='background:var(--b)'>y", map[string]string{"/d/s.css": "text/css\np{background:var(--a);--z:1}:root{--b:url(b)}"}, "image /b, image /d/a, style /d/s.css"},
		{"parts of a shadow tree", link + "<x-a><template shadowrootmode=open><p part='one two'>x<b>y</b></p><i>z</i></template></x-a><p part=one>n", css("x-a::part(one two){background:url(/p)}x-a::part(three){background:url(/t)}::part(one) b{background:url(/b)}.n::part(one){background:url(/n)}x-a::part(two)::before{content:url(/c)}"), "image /c, image /p, style /s.css"},
		{"exported parts", link + "<x-a><template shadowrootmode=open><x-b exportparts='in: out, same'><template shadowrootmode=open><p part=in>x<b part=same>y<i part=other>z</template></x-b></template></x-a>", css("x-a::part(out){background:url(/o)}x-a::part(in){background:url(/i)}x-a::part(same){background:url(/s)}x-a::part(other){background:url(/x)}x-b::part(in){background:url(/b)}"), "image /o, image /s, style /s.css"},
		{"a policy takes style attributes away", "<!doctype html><meta http-equiv=content-security-policy content=\"style-src 'nonce-a'\"><style nonce=a>p{background:url(/p)}</style><p style='background:url(/q)'>x", nil, "image /p"},
		{"what is outside of a shadow tree wins", link + "<x-a><template shadowrootmode=open><style>:host{background:url(/in);list-style:url(/l)!important}::slotted(p){background:url(/sl)}i{background:url(/i)}</style><slot></slot><i part=q>x</i></template><p>y</p></x-a>", css("x-a{background:url(/out);list-style:url(/no)!important}p{background:url(/p)}x-a::part(q){background:url(/q)}"), "image /l, image /out, image /p, image /q, style /s.css"},
		{"states of controls", link + "<input class=a disabled><fieldset disabled><legend><button class=b>b</button></legend><button class=c>c</button></fieldset><p class=d>x<select required class=e><option class=f>1<option>2</select><form><button class=g>s</button><button class=h>t</button></form><div contenteditable class=i>x</div>", css(":enabled{background:url(/en)}.d:enabled,.d:optional,.d:default{background:url(/no)}.a:disabled{background:url(/a)}.b:enabled{background:url(/b)}.c:disabled{background:url(/c)}.e:required{background:url(/e)}.e:has(.f:checked){list-style:url(/f)}.g:default{background:url(/g)}.h:default{background:url(/h)}.i:read-write{background:url(/i)}.i:read-only,.b:optional{background:url(/no)}"), "image /a, image /b, image /c, image /e, image /en, image /f, image /g, image /i, style /s.css"},
		{"letters of attributes", link + "<p data-x=Foo>x<input type=TEXT>", css("p[data-x=foo i]{background:url(/i)}p[data-x=foo s]{background:url(/s)}input[type=text]{background:url(/t)}input[type=text s]{background:url(/u)}"), "image /i, image /t, style /s.css"},
		{"and and or do not stand side by side", link + "<p>x<b>y<i>z", css("@media (color) and (width) or (height){p{background:url(/p)}}@media (min-width){b{background:url(/b)}}@media ((color) and (width)) or (height){i{background:url(/i)}}"), "image /i, style /s.css"},
		{"a color stands in the last layer", link + "<p>x<b>y", css("p{background:red,url(/p)}b{background:url(/b),rgb(0 0 0)}"), "image /b, style /s.css"},
		{"prefixes of others are not known", link + "<p>x<b>y", css("p{background:url(/p);background:-moz-linear-gradient(red,blue),url(/no)}@-moz-document url-prefix(){b{background:url(/b)}}"), "image /p, style /s.css"},
		{"a gradient in an image-set", link + "<p>x", css("p{background:image-set(linear-gradient(red,blue) 1x,url(/p) 2x)}"), "style /s.css"},
		{"a marker has no background", link + "<li>x", css("li::marker{background:url(/b);content:url(/c)}"), "image /c, style /s.css"},
		{"a track of elsewhere", "<!doctype html><video><track default src=http://localhost:1111/t></video><video crossorigin><track default src=http://localhost:1111/u></video>", nil, "track /u"},
		{"a nonce, a hash, whatever else is allowed", "<!doctype html><meta http-equiv=content-security-policy content=\"script-src 'nonce-a' 'strict-dynamic' * 'sha256-AAAA'\"><script src=/a></script><script nonce=a src=/b></script><script integrity=sha256-AAAA src=/c></script>", nil, "script /b, script /c"},
		{"nth-child of some", link + "<p class=x>1<p>2<p class=x>3", css("p:nth-child(2 of .x){background:url(/2)}p:nth-last-child(1 of .y){background:url(/n)}"), "image /2, style /s.css"},
		{"a policy against scripts in attributes", "<!doctype html><meta http-equiv=Content-Security-Policy content=\"script-src 'self'\"><link rel=stylesheet href=/s.css media=print onload=\"this.media='all'\"><p>x", css("p{background:url(/p)}"), "style /s.css"},
		{"hover is not", link + "<p>x", css("p:hover{background:url(/h)}p:focus-within{background:url(/f)}"), "style /s.css"},
		{"variables fall back", link + "<p>x", css("p{background:var(--none,url(/f))}"), "image /f, style /s.css"},
		{"a font by weight and style", link + "<p>x<b>y</b>", css("@font-face{font-family:F;src:url(/n)}@font-face{font-family:F;font-weight:600 900;src:url(/b)}@font-face{font-family:F;font-style:italic;src:url(/i)}p{font:1em/1.5 F,serif}"), "font /b, font /n, style /s.css"},
		{"a font the machine has", link + "<p>x", css("@font-face{font-family:F;src:url(/n)}p{font-family:Arial,F}"), "style /s.css"},
		{"density of the screen", "<!doctype html><img srcset='/1 1x, /2 2x'><picture><source media='(min-resolution:2dppx)' srcset=/hi><img src=/lo></picture>", nil, "image /1, image /lo"},
		{"an image in a noscript is no content", "<!doctype html><noscript><img src=/n></noscript><p>x", nil, ""},
		{"scripts", "<!doctype html><script src=/a></script><script type=module src=/m></script><script type=text/plain src=/t></script><script nomodule src=/n></script>", nil, "script /a, script /m"},
		{"an object's image and its fallback", "<!doctype html><object data=/o.png type=image/png><img src=/f></object>", map[string]string{"/o.png": "image/png\nx"}, "image /f, object /o.png"},
		{"upgrade of insecure requests leads elsewhere", "<!doctype html><meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img src=/a><link rel=stylesheet href=/s.css>", css(""), "style /s.css"},
		{"a nonce lets a sheet in", "<!doctype html><meta http-equiv=Content-Security-Policy content=\"style-src 'nonce-abc'\"><link rel=stylesheet href=/s.css nonce=abc><link rel=stylesheet href=/t.css><style nonce=abc>p{background:url(/p)}</style><style>p{list-style:url(/q)}</style><p>x", css(""), "image /p, style /s.css"},
		{"imports by their own address", "<!doctype html><style>@import '/d/a.css' screen;</style><p>x", map[string]string{"/d/a.css": "text/css\n@import url(b.css);", "/d/b.css": "text/css\np{background:url(p.png)}"}, "image /d/p.png, style /d/a.css, style /d/b.css"},
		{"a frame is as wide as its attribute", "<!doctype html><iframe src=/f width=500></iframe>", map[string]string{"/f": "text/html\n<!doctype html><style>@media (width:500px){p{background:url(/p)}}</style><p>x"}, "iframe /f, image /p"},
	} {
		if got := asks(tt.html, tt.files, Settings{}); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if got := asks("<!doctype html><img srcset='/1 1x, /2 2x'><picture><source media='(min-resolution:2dppx)' srcset=/hi><img src=/lo></picture>", nil, Settings{Ratio: 2}); got != "image /2, image /hi" {
		t.Errorf("at a ratio of 2: %s", got)
	}
	if got := asks("<!doctype html><link rel=stylesheet href=/s.css><img src=/i><iframe src=/f></iframe>", nil, Settings{Parts: DocumentsOnly}); got != "iframe /f" {
		t.Errorf("documents only: %s", got)
	}
	if got := asks("<!doctype html><img src=/i><iframe src=/f></iframe>", nil, Settings{Parts: NoParts}); got != "" {
		t.Errorf("no parts: %s", got)
	}
}

// A page that has too much, or never ends, is bounded.
func TestBounds(t *testing.T) {
	c := &pagetest.Case{LatencyMS: 1, Files: map[string]pagetest.Files{"/": {{Status: 200, Headers: map[string]string{"Content-Type": "text/html"}, Body: strings.Repeat("<img src=/x?", 1)}}}}
	var b strings.Builder
	for i := range 10_000 {
		b.WriteString("<img src=/i" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + ">")
	}
	c.Files["/"][0].Body = b.String()
	w := newBrowser(c, Settings{})
	got := w.visit(&pagetest.Visit{Path: "/"})
	if len(got) > 1000 || w.load.Counts.Beyond < 9000 {
		t.Errorf("%d requests, %d left out", len(got), w.load.Counts.Beyond)
	}
	// Sheets that import ever other ones: each one more, each two more.
	for _, n := range []int{1, 2} {
		chain := &pagetest.Case{LatencyMS: 1, Files: map[string]pagetest.Files{"/": {{Status: 200, Headers: map[string]string{"Content-Type": "text/html"}, Body: "<link rel=stylesheet href=/0><p>x"}}}}
		for i := range 3000 {
			text := ""
			for k := range n {
				text += "@import '/" + strconv.Itoa(i*n+k+1) + "';"
			}
			chain.Files["/"+strconv.Itoa(i)] = pagetest.Files{{Status: 200, Headers: map[string]string{"Content-Type": "text/css"}, Body: text + "p{background:url(/x)}"}}
		}
		if got := newBrowser(chain, Settings{}).visit(&pagetest.Visit{Path: "/"}); len(got) > 1001 {
			t.Errorf("%d requests for sheets that import sheets", len(got))
		}
	}
	// Frames within frames of ever other addresses.
	deep := &pagetest.Case{LatencyMS: 1, Files: map[string]pagetest.Files{}}
	for i := range 300 {
		deep.Files["/"+strings.Repeat("f", i)] = pagetest.Files{{Status: 200, Headers: map[string]string{"Content-Type": "text/html"}, Body: "<iframe src=/" + strings.Repeat("f", i+1) + "></iframe><iframe src=/" + strings.Repeat("f", i+1) + "></iframe>"}}
	}
	if got := newBrowser(deep, Settings{}).visit(&pagetest.Visit{Path: "/"}); len(got) > 1000 {
		t.Errorf("%d requests for frames in frames", len(got))
	}
}
