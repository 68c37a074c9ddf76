package stampede

import (
	"context"
	"sync"
	"time"
	"unsafe"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// pageLoad loads one page over the user's own connections. package page decides what is asked for next. The goroutine of the task asks for the
// document, sends the first parts and waits; from then on whoever takes an answer sends what comes next: see page_parts.go. Loads are pooled.
type pageLoad struct {
	u     *HTTPUser
	ctx   context.Context
	opts  []Option
	wish  *pageWish
	name  string
	place *stats.Place // of the page's row
	plan  page.Load

	begun, planned int64 // ns of run time
	clock          int64 // the run time of what is being decided: when the page began, or the answer came
	deadline       int64
	docDone, done  int64
	doc            *call
	docErr         error
	waiting        sync.WaitGroup // for those that early hints woke

	arrivals arrivals
	mu       sync.Mutex // guards what follows, and plan while there is more than one goroutine
	wake     chan struct{}
	answer   page.Answer
	header   page.Header
	counts   stats.PageCounts
	failed   int
	first    *fault.Error // the first part that failed
	bytes    int64
	timedOut bool
	hinted   bool       // early hints were taken: the first count
	told     bool       // the document's answer came: it is too late for hints
	spans    *pageSpans // for the picture of the page; nil when nobody keeps it
}

func newPageLoad(r *run) *pageLoad {
	l := &pageLoad{wake: make(chan struct{}, 1)}
	seconds, ns := r.start.Unix(), int64(r.start.Nanosecond())
	l.plan.Now = func() int64 { return seconds + (l.clock+ns)/1e9 } // a leaf: it is called where the stack is deepest
	l.plan.Allowed = r.permits
	l.plan.Cookies = l.cookies
	return l
}

// permits is the guard's word on an origin, remembered.
func (r *run) permits(origin string) bool {
	if v, ok := r.permitted.Load(origin); ok {
		return v.(bool)
	}
	ok := r.wire.Permits(origin)
	r.permitted.Store(origin, ok)
	return ok
}

// cookies is what the Cookie field of a request would hold.
func (l *pageLoad) cookies(url string) string {
	s := ""
	for _, c := range l.u.client.Cookies(url) {
		s += c.Name + "=" + c.Value + ";"
	}
	return s
}

func (l *pageLoad) begin(u *HTTPUser, ctx context.Context, w *pageWish, name string, opts []Option) {
	r := u.run
	l.u, l.ctx, l.wish, l.name, l.opts = u, ctx, w, name, opts
	l.begun, l.planned = r.now(), u.intended.Load()
	l.clock = l.begun
	l.place = r.recorder.Place(stats.Key{Type: stats.PageType, Name: name})
	limit := r.pageTimeout()
	for _, list := range [][]Option{u.typ.pages, opts} {
		for i := range list {
			if o := &list[i]; o.kind() == optTimeout && o.number() > 0 {
				limit = o.number()
			}
		}
	}
	l.deadline = l.begun + limit
	l.docDone, l.done, l.doc, l.docErr = 0, 0, nil, nil
	l.counts, l.failed, l.first, l.bytes, l.timedOut = stats.PageCounts{}, 0, nil, 0, false
	l.hinted, l.told = false, false
	l.plan.Skip = nil
	if len(w.skip) > 0 {
		l.plan.Skip = func(url string) bool {
			for _, p := range w.skip {
				if matchesPattern(p, url) {
					return true
				}
			}
			return false
		}
	}
	l.spans = r.keepSpans(name)
}

// pageTimeout is how long a page may take that does not say so itself.
func (r *run) pageTimeout() int64 {
	if t := r.plan.HTTP.Timeout; t > 0 {
		return int64(t)
	}
	return int64(30 * time.Second)
}

func (l *pageLoad) end() {
	l.u, l.ctx, l.opts, l.wish, l.doc, l.docErr, l.first, l.spans = nil, nil, nil, nil, nil, nil, nil, nil
	l.plan.Skip = nil
}

// late reports whether the page's time would be over in so many ns.
func (l *pageLoad) late(in int64) bool { return l.u.run.now()+in >= l.deadline }

// load loads a document and its parts.
func (l *pageLoad) load(url string, nav page.Navigation) (*Page, error) {
	u := l.u
	if l.doc != nil { // a refresh
		l.again()
		l.clock = u.run.now()
	}
	c := u.take()
	l.doc = c
	p := &Page{Response: &c.resp, url: url}
	if !u.pages.visitor.Begin(&l.plan, url, l.wish.set, l.wish.limits, nav) {
		err := &fault.Error{Kind: fault.Other, Text: "the URL " + url + " cannot be asked for as a page", Hint: "give an http or https URL, or a path and --host"}
		u.prepareDocument(c, url, l)
		return p, u.finish(c, l.opts, err)
	}
	err := l.document(url)
	l.waiting.Wait()
	l.parts()
	l.count(p)
	p.url, p.policy = u.pages.visitor.Current(), l.plan.Policy()
	return p, err
}

// again makes the load ready for the next document.
func (l *pageLoad) again() { l.docErr, l.hinted, l.told = nil, false, false }

// fill makes the request of what package page asks for.
func (l *pageLoad) fill(c *call, r *page.Request) {
	u := l.u
	now := u.run.now()
	c.begun = now
	u.run.recorder.Begin(u.number, now)
	q := &c.req
	q.Method, q.URL, q.Begun, q.Stay = "GET", r.URL(), now, true
	if u.base != nil && u.base.String() == r.Origin() { // the usual case, which costs least
		q.Base, q.URL = u.base, q.URL[len(r.Origin()):]
	}
	q.Pool, q.After, q.Priority = r.Pool(), wireFields(r.After()), r.Urgency()
	switch r.CookieSet() {
	case page.NoCookies:
		q.NoCookies = true
	case page.ThirdCookies:
		q.Cookies = wire.ThirdCookies
	case page.LaxCookies:
		q.Cookies = wire.LaxCookies
	}
	q.Timeout = time.Duration(max(l.deadline-now, 1))
	if t := u.run.pageTimeout(); int64(q.Timeout) > t {
		q.Timeout = time.Duration(t)
	}
	run, user := u.run.plan.HTTP.Header, u.fields.Load()
	if len(run) > 0 || user != nil || u.run.watched {
		c.fields = append(c.fields[:0], wireFields(r.Fields())...)
		n := len(c.fields)
		c.fields = append(c.fields, run...)
		c.override(n)
		if user != nil {
			n = len(c.fields)
			c.fields = append(c.fields, *user...)
			c.override(n)
		}
	}
}

// wireFields is a list of fields in wire's type, which has the same parts.
func wireFields(f []page.Field) []wire.Field {
	return unsafe.Slice((*wire.Field)(unsafe.Pointer(unsafe.SliceData(f))), len(f))
}

// took takes the answer to a part: it is counted, and package page sees it. The lock is held.
func (l *pageLoad) took(c *call) {
	u, r := l.u, c.part
	w := &c.resp.wire
	c.resp.Status = w.Status
	failure := judge(nil, &c.resp, c.err)
	if failure != nil && failure.Kind == fault.Timeout && l.late(0) {
		l.timedOut = true
	}
	var s stats.Sample
	s.Sent, s.FirstByte, s.Done = w.Times.Sent, w.Times.FirstByte, w.Times.Done
	l.sample(c, r, &s, failure)
	u.run.recorder.End(u.number, c.begun, s.Done)
	if failure == nil && !u.run.watched {
		u.run.recorder.RecordAt(u.number, c.row, &s)
	} else if u.report(c, &s, failure); failure != nil {
		l.failed++
		if l.first == nil {
			l.first = failure
		}
	}
	l.tell(r, w)
	u.run.free(c)
}

// sample fills in what was measured of a request, for its row and for the page's.
func (l *pageLoad) sample(c *call, r *page.Request, s *stats.Sample, failure *fault.Error) {
	w := &c.resp.wire
	s.BytesIn, s.BytesOut, s.Decoded, s.Status = w.WireIn, w.WireOut, w.Decoded(), w.Status
	l.bytes += w.WireIn
	l.done = max(l.done, w.Times.Done)
	if l.spans != nil {
		l.spans.add(r, w, failure != nil, l.begun)
	}
}

// tell shows an answer to package page.
func (l *pageLoad) tell(r *page.Request, w *wire.Response) {
	l.clock = max(l.clock, w.Times.Done)
	l.header = page.Header{}
	for name, value := range w.Lines {
		l.header.Set(unsafe.String(unsafe.SliceData(name), len(name)), unsafe.String(unsafe.SliceData(value), len(value)))
	}
	l.answer = page.Answer{Status: w.Status, Header: &l.header, Many: w.Proto == "HTTP/2.0"}
	if r.NeedsBody() && w.Status != 0 {
		l.answer.Body, _ = w.Body()
	}
	l.plan.Done(r, &l.answer)
}

// count takes over what became of the parts.
func (l *pageLoad) count(p *Page) {
	n := &l.plan.Counts
	c := &l.counts
	c.Requests += int64(n.Requests)
	c.Cached += int64(n.Cached)
	c.Revalidated += int64(n.Revalidated)
	c.Skipped += int64(n.Foreign + n.Skipped + n.Beyond)
	p.Requests, p.Cached, p.Revalidated, p.Skipped = int(c.Requests), int(c.Cached), int(c.Revalidated), int(c.Skipped)
	p.Failed, p.Bytes = l.failed, l.bytes
	if len(l.plan.Hosts) > 0 {
		l.u.run.foreign.add(l.name, l.plan.Hosts)
	}
}
