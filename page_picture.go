package stampede

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// PagePicture is what one page's requests did when: a waterfall.
type PagePicture struct {
	Page  string        // its name
	Which string        // "median" or "slowest" of those that were seen
	Time  time.Duration // of the whole page
	Spans []PageSpan    // in the order in which they ended
	More  int           // spans that are left out
}

// PageSpan is one request of a page. Times are since the page began.
type PageSpan struct {
	Kind, URL              string // "css"; without its query
	Start, FirstByte, Done time.Duration
	Status                 int
	Bytes                  int64
	Failed                 bool
}

// maxSpans bounds one picture, maxPictures how many pages of a run have some.
const (
	maxSpans    = 200
	maxPictures = 50
)

// pageSpans collects the requests of one page.
type pageSpans struct {
	list []PageSpan
	more int
}

func (s *pageSpans) add(r *page.Request, w *wire.Response, failed bool, begun int64) {
	if len(s.list) >= maxSpans {
		s.more++
		return
	}
	url, _, _ := strings.Cut(r.URL(), "?")
	first := w.Times.FirstByte
	if first == 0 {
		first = w.Times.Done
	}
	s.list = append(s.list, PageSpan{
		Kind: r.Kind().String(), URL: url, Start: time.Duration(w.Times.Sent - begun), FirstByte: time.Duration(first - begun),
		Done: time.Duration(w.Times.Done - begun), Status: w.Status, Bytes: w.WireIn, Failed: failed,
	})
}

// pictures keeps of each page the slowest load, and a sample of all from which the median one is chosen.
type pictures struct {
	mu    sync.Mutex
	pages map[string]*pageAlbum
	room  sync.Pool
}

type pageAlbum struct {
	slowest PagePicture
	sample  []PagePicture
	seen    uint64
	rest    uint64 // of a generator that picks the sample
}

// sampled is how many loads of a page are kept to choose the median from.
const sampled = 24

// keepSpans gives room for the spans of a load.
func (r *run) keepSpans(string) *pageSpans {
	s, _ := r.pictures.room.Get().(*pageSpans)
	if s == nil {
		s = new(pageSpans)
	}
	s.list, s.more = s.list[:0], 0
	return s
}

// offer shows a load that is over.
func (p *pictures) offer(name string, s *pageSpans, took int64) {
	p.mu.Lock()
	a := p.pages[name]
	if a == nil && len(p.pages) < maxPictures {
		if p.pages == nil {
			p.pages = map[string]*pageAlbum{}
		}
		a = &pageAlbum{rest: uint64(len(name)) + 1}
		p.pages[name] = a
	}
	if a != nil {
		a.offer(name, s, time.Duration(took))
	}
	p.mu.Unlock()
	p.room.Put(s)
}

func (a *pageAlbum) offer(name string, s *pageSpans, took time.Duration) {
	picture := func(which string, old []PageSpan) PagePicture {
		return PagePicture{Page: name, Which: which, Time: took, Spans: append(old[:0], s.list...), More: s.more}
	}
	if took >= a.slowest.Time {
		a.slowest = picture("slowest", a.slowest.Spans)
	}
	a.seen++
	if len(a.sample) < sampled {
		a.sample = append(a.sample, picture("median", nil))
		return
	}
	a.rest = a.rest*6364136223846793005 + 1442695040888963407
	if i := a.rest >> 33 % a.seen; i < sampled { // each load has the same chance (Vitter's R)
		a.sample[i] = picture("median", a.sample[i].Spans)
	}
}

// list is the pictures of all pages.
func (p *pictures) list() []PagePicture {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []PagePicture
	for _, a := range p.pages {
		slices.SortFunc(a.sample, func(x, y PagePicture) int { return cmp.Compare(x.Time, y.Time) })
		var two []PagePicture
		if len(a.sample) > 0 {
			two = append(two, a.sample[len(a.sample)/2])
		}
		if a.slowest.Page != "" {
			two = append(two, a.slowest)
		}
		for _, pic := range two { // of a worker's pages one of the two may have had no room
			pic.Spans = slices.Clone(pic.Spans)
			out = append(out, pic)
		}
	}
	slices.SortFunc(out, func(x, y PagePicture) int {
		return cmp.Or(strings.Compare(x.Page, y.Page), strings.Compare(x.Which, y.Which))
	})
	return out
}

// Text is the picture as text: a line for each request, with its bar on a scale of so many columns.
func (p *PagePicture) Text(columns int) string {
	var b strings.Builder
	scale := float64(columns) / float64(max(p.Time, 1))
	at := func(d time.Duration) int { return min(max(int(float64(d)*scale), 0), columns) }
	spans := slices.Clone(p.Spans)
	slices.SortStableFunc(spans, func(x, y PageSpan) int { return cmp.Compare(x.Start, y.Start) })
	for _, s := range spans {
		start, first, done := at(s.Start), at(s.FirstByte), at(s.Done)
		bar := strings.Repeat(" ", start) + strings.Repeat("░", first-start) + strings.Repeat("█", max(done-first, 1))
		mark := fmt.Sprint(s.Status)
		if s.Status == 0 {
			mark = "-"
		}
		fmt.Fprintf(&b, "%-9s %-32s %3s %8s │%s\n", s.Kind, shorten(s.URL, 32), mark, format.Duration(s.Done-s.Start), bar)
	}
	if p.More > 0 {
		fmt.Fprintf(&b, "and %d more\n", p.More)
	}
	return b.String()
}

// shorten keeps the end of an address.
func shorten(url string, n int) string {
	if _, rest, ok := strings.Cut(url, "://"); ok {
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			url = rest[i:]
		}
	}
	r := []rune(url)
	if len(r) <= n {
		return url
	}
	return "…" + string(r[len(r)-n+1:])
}

// foreignHosts is what pages would have asked of hosts that are not the run's: the most that one load of a page left out.
type foreignHosts struct {
	mu    sync.Mutex
	pages map[string]map[string]int
}

func (f *foreignHosts) add(name string, hosts map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.pages == nil {
		f.pages = map[string]map[string]int{}
	}
	known := f.pages[name]
	if known == nil {
		if len(f.pages) >= maxPictures {
			return
		}
		known = map[string]int{}
		f.pages[name] = known
	}
	for h, n := range hosts {
		known[h] = max(known[h], n)
	}
}

// notices tells it, a line for each page.
func (f *foreignHosts) notices() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, name := range slices.Sorted(maps.Keys(f.pages)) {
		hosts := slices.Sorted(maps.Keys(f.pages[name]))
		slices.SortStableFunc(hosts, func(a, b string) int { return f.pages[name][b] - f.pages[name][a] })
		all := 0
		var list []string
		for _, h := range hosts {
			n := f.pages[name][h]
			if all += n; len(list) < 5 {
				list = append(list, fmt.Sprintf("%s (%d)", h, n))
			}
		}
		if len(hosts) > len(list) {
			list = append(list, "...")
		}
		out = append(out, fmt.Sprintf("page %q: %s on %s that are not the run's were left out: %s; --allow-host lets them in", name,
			format.Plural(int64(all), "part", "parts"), format.Plural(int64(len(hosts)), "host", "hosts"), strings.Join(list, ", ")))
	}
	return out
}

// watchPage shows a page that is over to whoever wants to see each one.
func (r *run) watchPage(u *HTTPUser, l *pageLoad, p *Page, s *stats.Sample, err error) {
	key := stats.Key{Type: stats.PageType, Name: l.name}
	if r.onPage != nil {
		r.onPage(l, p, err)
	}
	r.watchSample(&u.User, key, s, err)
}

// page prints a page that is over, with its waterfall.
func (c *checker) page(l *pageLoad, p *Page, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("\n   %s %s\n      time      %s, the document %s\n", stats.PageType, l.name, format.Duration(p.Time), format.Duration(p.Document))
	c.printf("      parts     %s, %d cached, %d revalidated, %d skipped, %d failed, %s\n",
		format.Plural(int64(p.Requests), "request", "requests"), p.Cached, p.Revalidated, p.Skipped, p.Failed, format.Bytes(p.Bytes))
	if l.spans != nil {
		pic := PagePicture{Time: p.Time, Spans: l.spans.list, More: l.spans.more}
		c.printf("%s\n", indent(pic.Text(60), "      "))
	}
	for _, line := range c.run.foreign.notices() {
		c.printf("      note      %s\n", line)
	}
	if err != nil {
		c.printf("      FAILED    %v\n", err)
	}
}
