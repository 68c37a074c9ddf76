package stampede

import (
	"errors"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// document asks for the document, following redirects, and makes its sample. What is in the cache is not asked for.
func (l *pageLoad) document(url string) error {
	u, c := l.u, l.doc
	asked := false
	var wireIn, wireOut int64
	for {
		l.mu.Lock()
		r := l.plan.Next()
		for r != nil && r.Kind() != page.Document {
			if !l.hinted || c.resp.wire.Status/100 != 3 {
				l.plan.Return(r)
				r = nil
				break
			}
			l.launch(l.call(r), wire.Loop{}) // of early hints that came with a redirect
			r = l.plan.Next()
		}
		l.mu.Unlock()
		if r == nil {
			break
		}
		if !asked {
			u.prepareDocument(c, url, l)
		}
		asked = true
		err := l.hop(c, r)
		w := &c.resp.wire
		wireIn, wireOut = wireIn+w.WireIn, wireOut+w.WireOut
		l.docErr = err
		l.mu.Lock()
		l.done = max(l.done, w.Times.Done)
		l.docDone, l.told = w.Times.Done, true
		if l.spans != nil {
			l.spans.add(r, w, err != nil, l.begun)
		}
		l.tell(r, w)
		l.mu.Unlock()
		if err != nil {
			break
		}
	}
	if !asked {
		return l.fromCache(c)
	}
	w := &c.resp.wire
	w.WireIn, w.WireOut = wireIn, wireOut
	w.Times.Sent = c.begun
	l.mu.Lock() // early hints may have set others to work
	if hops := l.plan.DocumentHops(); hops > 0 {
		w.Hops, w.URL = hops, u.pages.visitor.Current()
	}
	l.bytes += wireIn
	if raw, status, ok := l.plan.Kept(); ok {
		w.Status = status
		c.resp.kept = raw
	}
	l.mu.Unlock()
	return u.finish(c, l.opts, l.docErr)
}

// fromCache shows the document that the visitor had.
func (l *pageLoad) fromCache(c *call) error {
	defer l.u.untake(c)
	l.docDone = l.u.run.now()
	l.done = l.docDone
	raw, status, ok := l.plan.Kept()
	c.resp.Status = status
	if !ok {
		return nil
	}
	c.resp.kept = raw
	if f := judge(l.opts, &c.resp, nil); f != nil { // it is part of no request: the page fails
		l.docErr = f
		return f
	}
	return nil
}

// prepareDocument gives the document's call its row and the options of the test.
func (u *HTTPUser) prepareDocument(c *call, url string, l *pageLoad) {
	r := u.run
	if key := (stats.Key{Type: "GET", Name: l.name}); key != c.key || c.row == nil {
		c.key, c.row = key, r.recorder.Place(key)
	}
	c.begun = l.begun
	if l.docDone > 0 {
		c.begun = r.now() // a refresh
	}
	c.req.Method, c.req.URL, c.req.Begun = "GET", url, c.begun
	r.recorder.Begin(u.number, c.begun)
}

// hop sends one request for the document.
func (l *pageLoad) hop(c *call, r *page.Request) error {
	u := l.u
	now := u.run.now()
	c.fields, c.query = c.fields[:0], c.query[:0]
	c.fields = append(c.fields, wireFields(r.Fields())...)
	c.fields = append(c.fields, u.run.plan.HTTP.Header...)
	c.override(len(r.Fields()))
	if own := u.fields.Load(); own != nil {
		n := len(c.fields)
		c.fields = append(c.fields, *own...)
		c.override(n)
	}
	c.req = wire.Request{Method: "GET", URL: r.URL(), Begun: now, Pool: r.Pool(), After: wireFields(r.After())}
	if r.Hops() == 0 {
		c.req.Begun = c.begun
	}
	if err := c.apply(l.opts); err != nil {
		c.resp.wire = wire.Response{Times: wire.Times{Sent: now, Done: now}}
		return &fault.Error{Kind: fault.Other, Text: err.Error()}
	}
	if r.Hops() > 0 {
		c.req.Query = nil
	}
	if r.CookieSet() == page.LaxCookies {
		c.req.Cookies = wire.LaxCookies
	}
	c.req.Priority = r.Urgency()
	if !l.hinted && strings.HasPrefix(r.URL(), "https:") {
		c.req.Early = l.hints(r.URL())
	}
	stay := c.req.Stay
	c.req.Stay = true
	c.req.Discard = false
	c.req.Body = nil
	c.req.Timeout = time.Duration(max(l.deadline-now, 1))
	err := u.client.Do(l.ctx, &c.req, &c.resp.wire)
	c.req.Early = nil
	if stay && err == nil {
		l.mu.Lock()
		l.plan.NoFollow()
		l.mu.Unlock()
	}
	if most := u.run.maxRedirects(); err == nil && r.Hops() > most {
		err = &fault.Error{Kind: fault.Redirect, Op: "redirect", Text: "stopped after so many redirects as are allowed", Hint: "does the site redirect in a circle?"}
	}
	if c.hops && err == nil && c.resp.wire.Status/100 == 3 && c.resp.wire.Header("Location") != "" && !stay {
		u.run.hopRecorder(u, c.key)("", &c.resp.wire)
	}
	return err
}

// hints is what to do with early hints that come before the answer to the document: what they name is asked for at once.
func (l *pageLoad) hints(url string) func(link string) {
	return func(link string) { // on the goroutine that reads the connection
		l.waiting.Add(1)
		go func() {
			defer l.waiting.Done()
			l.mu.Lock()
			if l.hinted || l.told {
				l.mu.Unlock()
				return
			}
			l.hinted = true
			l.plan.Early(url, strings.Clone(link))
			if l.arrivals.add(nil) {
				l.work(nil, wire.Loop{})
			} else {
				l.mu.Unlock()
			}
		}()
	}
}

func (r *run) maxRedirects() int {
	if n := r.plan.HTTP.MaxRedirects; n > 0 {
		return n
	}
	return 10
}

// report makes the sample of the page. The error is what the page failed with, marked as counted.
func (l *pageLoad) report(p *Page, err error) error {
	u, r := l.u, l.u.run
	failure := l.failure(err)
	if l.done == 0 {
		l.done = r.now()
	}
	var s stats.Sample
	s.Intended, s.Sent, s.FirstByte, s.Done, s.BytesIn = l.planned, l.begun, l.docDone, l.done, l.bytes
	s.Status = p.Response.Status
	p.Time, p.Document = time.Duration(l.done-l.begun), time.Duration(max(l.docDone-l.begun, 0))
	if failure != nil {
		if failure.Kind == fault.Cancelled && r.cancelled() {
			return &countedError{failure}
		}
		s.Fault, s.Err = failure.Kind, failure.Error()
	}
	r.recorder.RecordAt(u.number, l.place, &s)
	r.recorder.AddPage(u.number, l.place, &s, l.counts)
	if r.watched {
		var why error
		if failure != nil {
			why = failure
		}
		r.watchPage(u, l, p, &s, why)
	}
	if l.spans != nil {
		r.pictures.offer(l.name, l.spans, l.done-l.begun)
	}
	if failure != nil {
		return &countedError{failure}
	}
	return nil
}

// failure is what makes the page a failure.
func (l *pageLoad) failure(err error) *fault.Error {
	switch {
	case err != nil:
		return asFault(err)
	case l.timedOut:
		return &fault.Error{Kind: fault.Timeout, Op: "page", Text: "the page was not complete within " + time.Duration(l.deadline-l.begun).String()}
	case l.wish.mustLoad && l.first != nil:
		f := *l.first
		f.Text = "a part of the page: " + f.Text
		return &f
	}
	return nil
}

// asFault is an error as a failure.
func asFault(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	return &fault.Error{Kind: fault.Other, Text: err.Error(), Err: err}
}
