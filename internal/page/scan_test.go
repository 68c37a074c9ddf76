package page

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// The scanner cuts at the same places as golang.org/x/net/html.
func FuzzScan(f *testing.F) {
	for _, c := range pagetest.Read(f, caseDir) {
		for path, files := range c.Files {
			if !strings.HasSuffix(path, ".css") {
				f.Add(files[0].Body, false)
				f.Add(files[0].Body, true)
			}
		}
	}
	for _, s := range []string{
		"a<b", "a<", "</", "x</", "</>", "</ x>y", "</a b='>'c>d", "<a b=c/>", "<a b='/'/>", "<a b/>", "<a/>", "<a / b>", "<a =b=c>", "<a b = c>", "<a b=>c", "<a b='", "<a b", "<a ",
		"<!>x", "<!->x", "<!-->x", "<!--->x", "<!---->x", "<!--a-->x", "<!--a--!>x", "<!--a--!-->x", "<!--a--!b-->x", "<!--a--", "<!--a--!", "<!--a->b-->c", "<!--a-b--c-->d", "<!", "<!x", "<?php >x",
		"<!doctype html>x", "<!DocType", "<!doc>x", "<![CDATA[a>b]]>c", "<![CDATA[a]", "<![CDAT>x", "<![CDATA[a]]]>b", "<svg><![CDATA[]]></svg>",
		"<title>a</b></title>c", "<title>a</titl", "<title></title>x", "<TITLE>a</tItLe >b", "<textarea><p></textarea>", "<style><!--</style>x", "<plaintext></plaintext>", "<iframe><a></iframe>", "<xmp>a</xmp/>b",
		"<script>a</script>b", "<script><!--<script></script>--></script>x", "<script><!--<script></script></script>x", "<script><!-- < --></script>x", "<script><!--></script>x", "<script><!---></script>x",
		"<script><!--a-b--c--></script>x", "<script><!--<scripty></script>x", "<script><!--<script >-></script>y</script>z", "<script><!--<script>--></script>y", "<script><!--<scr</script>y", "<script><</script>x",
		"<script></script", "<script><!-", "<script><!--", "<script><!--<", "<script><!--<script", "<script><!--</scr", "<script><!--<script></script", "<script><!--<script>- -></script>--></script>x", "<script><!--<script><</script>x</script>y",
	} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, src string, cdata bool) {
		kinds := map[html.TokenType]token{
			html.ErrorToken: tokenEnd, html.TextToken: tokenText, html.StartTagToken: tokenStart, html.SelfClosingTagToken: tokenSelfClosing, html.EndTagToken: tokenEndTag,
			html.CommentToken: tokenComment, html.DoctypeToken: tokenDoctype,
		}
		z := scanner{src: src, cdata: cdata}
		o := html.NewTokenizer(strings.NewReader(src))
		o.AllowCDATA(cdata)
		for at := 0; ; {
			kind, want := z.next(), kinds[o.Next()]
			if kind == tokenEnd && want == tokenEnd {
				return // what is left is a tag that does not end
			}
			raw := string(o.Raw())
			if kind == tokenStart && want == tokenSelfClosing {
				want = tokenStart // it takes no notice of attributes that come twice
			}
			if kind != want || src[z.from:z.at] != raw || z.from != at {
				t.Fatalf("at %d: %q of kind %d, want %q of kind %d", z.from, src[z.from:z.at], kind, raw, want)
			}
			at = z.at
			if kind == tokenStart || kind == tokenSelfClosing || kind == tokenEndTag {
				// No element that matters has U+0000 in its name, so the scanner leaves it there.
				if name, _ := o.TagName(); lowerASCII(strings.ReplaceAll(z.name, "\x00", "\ufffd")) != string(name) {
					t.Fatalf("the name is %q, want %q", z.name, name)
				}
			}
		}
	})
}
