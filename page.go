package stampede

import (
	"time"

	"github.com/stampede-load/stampede/internal/page"
)

// Page is a page that was loaded as a browser loads it. Its Response is valid as long as that of a Get.
type Page struct {
	Response *Response     // the document, as from Get; one that the visitor had in the cache has its body too
	Time     time.Duration // from the start until the last part was there
	Document time.Duration // from the start until the document was there

	Requests    int // that were sent, the document's among them
	Cached      int // parts, and perhaps the document, that the visitor had already
	Revalidated int // requests that were answered with 304
	Skipped     int // parts that were not asked for: on hosts that are not the run's, by pattern, beyond MaxParts
	Failed      int // parts that failed; each is counted under its own name
	Bytes       int64

	url, policy string
}

// URL is the address of the page, after redirects.
func (p *Page) URL() string { return p.url }

// Link is a link of a page, for [HTTPUser.Follow].
type Link struct {
	URL string // absolute; "" when there is no such link

	text, from, policy string
}

// Link finds the first link whose text is text, or holds it when there is none such; spaces count as one. Following a link that is not
// there is a failure that says so.
func (p *Page) Link(text string) Link {
	to, policy := page.FindLink(p.Response.Body(), p.Response.Header("Content-Type"), p.url, text)
	if policy == "" {
		policy = p.policy
	}
	return Link{URL: to, text: text, from: p.url, policy: policy}
}

// PartsBy says how the requests for the parts of pages are named.
type PartsBy uint8

// The names of parts.
const (
	ByKind PartsBy = iota // kind and folder: "css /wp-content/..."
	ByURL                 // kind and path: "css /wp-content/themes/x/style.css"
	ByPage                // page and kind: "Home > css"
)

func (b PartsBy) String() string { return [...]string{"kind", "url", "page"}[min(b, 2)] }

// PartsMode says which parts of a page are loaded: see Parts.
type PartsMode uint8

// Which parts of a page.
const (
	AllParts      = PartsMode(page.AllParts)
	DocumentsOnly = PartsMode(page.DocumentsOnly) // the page and its frames
	NoParts       = PartsMode(page.NoParts)       // the page alone
)

// LazyMode says which images and frames with loading=lazy are loaded: see Lazy.
type LazyMode uint8

// Which lazy images and frames. Without Lazy it is LazyAll when scripts are off, as in browsers, and else LazyFirstScreen.
const (
	LazyFirstScreen = LazyMode(page.LazyFirstScreen) // those near the window, by an estimate from the order of the document
	LazyAll         = LazyMode(page.LazyAll)
	LazyNone        = LazyMode(page.LazyNone)
)

// Parts says which parts of a page are loaded; without it all.
func Parts(which PartsMode) Option { return Option{what: optParts.with(int64(which))} }

// Lazy says which images and frames with loading=lazy are loaded.
func Lazy(which LazyMode) Option { return Option{what: optLazy.with(int64(which))} }

// NoScript loads the page as for a visitor whose browser runs no scripts: what <noscript> holds counts, and script files are not fetched.
func NoScript(off bool) Option { return Option{what: optNoScript.with(flag(off))} }

// Reload loads the page as the reload button does: the document is asked for anew, or validated.
func Reload() Option { return Option{what: int64(optReload)} }

// Icons also asks for the icon of the page and its manifest, once for each visitor, as the surface of a browser does.
func Icons(on bool) Option { return Option{what: optIcons.with(flag(on))} }

// Viewport is the window that the page is shown in, in CSS pixels, and how many pixels of the screen one of them is. Without it
// 1280, 720, 1.
func Viewport(width, height int, ratio float64) Option {
	return Option{what: int64(optViewport), value: [3]float64{float64(width), float64(height), ratio}}
}

// SkipParts leaves out parts whose address matches a pattern; a star stands for anything: "https://cdn.example/*", "*.mp4".
func SkipParts(patterns ...string) Option { return pairsOption(optSkipParts, patterns) }

// PartsMustLoad makes the page fail when one of its parts does. Without it a part that fails is counted under its own name only.
func PartsMustLoad() Option { return Option{what: int64(optPartsMustLoad)} }

// MaxParts bounds how many requests one page makes; without it 1,000. What is beyond is counted as skipped.
func MaxParts(n int) Option { return Option{what: optMaxParts.with(int64(n))} }

// Returning lets that share of the users, from 0 to 1, begin with the cache that a visit before has left: their first page asks with
// validators, or not at all. What is in it is learnt from the first of the other users. It is for Spec.Pages.
func Returning(share float64) Option { return Option{what: int64(optReturning), value: share} }

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}
