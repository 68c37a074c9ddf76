package stampede

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
)

// browsing is what a user keeps between pages.
type browsing struct {
	visitor *page.Visitor
	teaches bool // those who return learn from it
}

// learning is what the users of a type who return have from a visit before.
type learning struct {
	teacher atomic.Int64                 // the number of the first who does not return, plus 1
	left    atomic.Pointer[page.Visitor] // never changed but replaced
}

// maxRefreshes and longestRefresh bound the refreshes of a page that belong to it: a visitor who stays longer opens the next page.
const (
	maxRefreshes   = 5
	longestRefresh = 5 * time.Second
)

// Page loads a page as a browser does: the document, its style sheets, images, fonts, script files, and its frames with their parts, over six
// connections for each host, with the visitor's cache and cookies. Scripts are not run. See docs/pages.md for what is loaded.
//
// It is reported as a row "PAGE name", timed from the start until the last part was there; the document counts under its own name, parts under
// names by their kind. The error is that of the document; parts that fail are counted by themselves (see PartsMustLoad). Options are those of
// Get, for the document, and of pages; Timeout bounds the whole page.
func (u *HTTPUser) Page(ctx context.Context, url string, opts ...Option) (*Page, error) {
	return u.visit(ctx, url, page.Navigation{}, opts)
}

// Follow loads the page that a link leads to, as a visitor who clicks: the request says where it comes from.
func (u *HTTPUser) Follow(ctx context.Context, link Link, opts ...Option) (*Page, error) {
	if link.URL == "" {
		name := nameIn(opts, "link "+link.text)
		err := &fault.Error{
			Kind: fault.Check, Text: fmt.Sprintf("there is no link %q on %s", link.text, link.from),
			Hint: "is it made by a script? then open its address with Page",
		}
		return &Page{Response: &Response{}}, u.User.finish(stats.Key{Type: "GET", Name: name}, u.run.now(), true, nil, err)
	}
	return u.visit(ctx, link.URL, page.Navigation{From: link.from, Policy: link.policy}, opts)
}

// ClearCache forgets what the visitor's browser has kept of pages: parts are asked for again. Cookies stay.
func (u *HTTPUser) ClearCache() {
	if u.pages != nil {
		u.pages.visitor.Clear()
	}
}

// browser makes the visitor's browser at the first page.
func (u *HTTPUser) browser() *browsing {
	u.open()
	if u.pages != nil {
		return u.pages
	}
	r := u.run
	b := &browsing{visitor: page.NewVisitor(r.memory)}
	if u.returns() {
		if before := u.typ.learning.left.Load(); before != nil {
			b.visitor.CopyCache(before)
		}
	} else {
		b.teaches = u.typ.learning.teacher.CompareAndSwap(0, int64(u.number)+1)
	}
	u.pages = b
	return b
}

// visit loads a page and what it refreshes to.
func (u *HTTPUser) visit(ctx context.Context, url string, nav page.Navigation, opts []Option) (*Page, error) {
	b := u.browser()
	w := u.wish(opts)
	nav.Reload = w.reload
	l := u.run.loads.Get().(*pageLoad)
	defer u.run.loads.Put(l)
	l.begin(u, ctx, &w, nameIn(opts, url), opts)
	p, err := l.load(u.absolute(url), nav)
	for n := 0; n < maxRefreshes && err == nil; n++ {
		to, seconds, ok := l.plan.Refresh()
		wait := time.Duration(seconds * float64(time.Second))
		if !ok || wait > longestRefresh || l.late(int64(wait)) {
			break
		}
		if err = u.Pause(ctx, wait); err == nil {
			p, err = l.load(to, page.Navigation{From: b.visitor.Current(), Policy: l.plan.Policy(), Script: true})
		}
	}
	err = l.report(p, err)
	if b.teaches {
		learnt := page.NewVisitor(u.run.memory)
		learnt.CopyCache(b.visitor)
		u.typ.learning.left.Store(learnt)
	}
	l.end()
	return p, err
}
