package page

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"
)

// blogPage is a page of 60 KB as blogs have them: styles in the head, a menu, articles with images, scripts at the end.
func blogPage(nonce string) string {
	var b strings.Builder
	b.WriteString("<!doctype html><html><head><meta charset=utf-8><title>Blog</title>")
	for i := range 4 {
		fmt.Fprintf(&b, "<link rel=stylesheet href='/wp-content/themes/x/style%d.css?ver=6.1'>", i)
	}
	b.WriteString("<style nonce=" + `"` + nonce + `"` + ">")
	for i := range 250 {
		fmt.Fprintf(&b, ".has-color-%d{color:#%06x;display:block}.wp-block-%d .inner>a:hover{color:red}", i, i, i)
	}
	b.WriteString("</style></head><body class='home blog'><nav><ul>")
	for i := range 40 {
		fmt.Fprintf(&b, "<li class='menu-item menu-item-%d'><a href='/category/%d/'>Category %d</a></li>", i, i, i)
	}
	b.WriteString("</ul></nav>")
	for i := 0; b.Len() < 60_000; i++ {
		fmt.Fprintf(&b, "<article id=post-%d class='post type-post hentry category-news'><h2><a href='/post-%d/'>Title %d</a></h2>", i, i, i)
		if i < 12 {
			fmt.Fprintf(&b, "<img src=/wp-content/uploads/p%d.jpg srcset='/wp-content/uploads/p%d-300.jpg 300w, /wp-content/uploads/p%d-1024.jpg 1024w' sizes='(max-width: 300px) 100vw, 300px' width=300 height=200 alt=''>", i, i, i)
		}
		b.WriteString("<p>" + strings.Repeat("Lorem ipsum dolor sit amet. ", 12) + "</p></article>")
	}
	for i := range 3 {
		fmt.Fprintf(&b, "<script nonce=%q src='/wp-includes/js/s%d.js'></script>", nonce, i)
	}
	return b.String() + "</body></html>"
}

func planned(m *Memory, body []byte, ctx *context) *plan {
	return m.document(body, how{contentType: "text/html; charset=utf-8", address: ctx.url.url}).plan(m, ctx)
}

func blogContext() *context {
	a := parseAddress("http://a.example/")
	return &context{url: a, base: a, origin: a.origin, self: a.origin, topSite: siteOf(a.origin), view: (&Settings{}).window()}
}

// A page that was seen before allocates nothing.
func TestSeenAllocatesNothing(t *testing.T) {
	m, ctx, body := NewMemory(), blogContext(), []byte(blogPage("a"))
	p := planned(m, body, ctx)
	if n := testing.AllocsPerRun(50, func() {
		if planned(m, body, ctx) != p {
			t.Fatal("it is not found")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if planned(m, []byte(blogPage("another")), ctx) != p {
		t.Error("a page with another nonce is not found equal")
	}
	if planned(m, []byte(strings.Replace(blogPage("b"), "p3.jpg srcset", "p4.jpg srcset", 1)+"<img src=new.png>"), ctx) == p {
		t.Error("a page with another image is found equal")
	}
}

func BenchmarkSeen(b *testing.B) {
	m, ctx, body := NewMemory(), blogContext(), []byte(blogPage("a"))
	planned(m, body, ctx)
	b.ReportAllocs()
	for b.Loop() {
		planned(m, body, ctx)
	}
}

func BenchmarkNonce(b *testing.B) {
	m, ctx := NewMemory(), blogContext()
	planned(m, []byte(blogPage("a")), ctx)
	body := []byte(blogPage("other"))
	b.ReportAllocs()
	for b.Loop() {
		planned(m, body, ctx)
	}
}

func BenchmarkNew(b *testing.B) {
	ctx, body := blogContext(), blogPage("a")
	raw := []byte(body)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		planned(NewMemory(), raw, ctx)
	}
}

// What a visitor keeps of 50 parts is small.
func TestVisitorIsSmall(t *testing.T) {
	m := NewMemory()
	var kept [50]*stored
	for k := range kept {
		kept[k] = &stored{key: uint64(k * 7919), status: 200, etag: `"x"`}
	}
	const users = 1000
	list := make([]*Visitor, users)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range list {
		v := NewVisitor(m)
		for _, s := range kept {
			v.cache.put(entry{answer: s})
		}
		list[i] = v
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	each := (after.HeapAlloc - before.HeapAlloc) / users
	t.Logf("%d bytes for a visitor who keeps 50 answers, %d for each answer", each, unsafe.Sizeof(entry{}))
	if each > 1300 {
		t.Errorf("%d bytes for a visitor who keeps 50 answers", each)
	}
	runtime.KeepAlive(list)
}
