package stampede

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/pagetext"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// Get asks for a URL: absolute, or relative to the user's host. The error covers transport, a status of 400 or above and failed checks,
// and is counted already: a task may just return it.
func (u *HTTPUser) Get(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "GET", url, opts)
}

// Post sends to a URL. See Get.
func (u *HTTPUser) Post(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "POST", url, opts)
}

// Put sends to a URL. See Get.
func (u *HTTPUser) Put(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "PUT", url, opts)
}

// Patch sends to a URL. See Get.
func (u *HTTPUser) Patch(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "PATCH", url, opts)
}

// Delete deletes a URL. See Get.
func (u *HTTPUser) Delete(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "DELETE", url, opts)
}

// Head asks for the header of a URL. See Get.
func (u *HTTPUser) Head(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "HEAD", url, opts)
}

// Options asks what a URL allows. See Get.
func (u *HTTPUser) Options(ctx context.Context, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, "OPTIONS", url, opts)
}

// Do makes a request with any method. See Get.
func (u *HTTPUser) Do(ctx context.Context, method, url string, opts ...Option) (*Response, error) {
	return u.do(ctx, method, url, opts)
}

// Cookies are the cookies this user would send to a URL. SetCookies adds some, ClearCookies forgets all.
func (u *HTTPUser) Cookies(url string) []*http.Cookie { return u.open().Cookies(u.absolute(url)) }

// SetCookies stores cookies as if url had set them.
func (u *HTTPUser) SetCookies(url string, cookies []*http.Cookie) {
	u.open().SetCookies(u.absolute(url), cookies)
}

// ClearCookies forgets all cookies: the visitor becomes a new one.
func (u *HTTPUser) ClearCookies() { u.open().ClearCookies() }

// SetHeader gives every later request of this user a header field, such as the token that a log-in brought. It takes the place of the run's
// own field of that name (HTTP.Header), and WithHeader in turn that of both. An empty value ends it. The field goes to every host that is
// asked, but that a redirect to another host takes no Authorization and no Cookie along.
func (u *HTTPUser) SetHeader(name, value string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	var fields []wire.Field
	if old := u.fields.Load(); old != nil {
		fields = slices.DeleteFunc(slices.Clone(*old), func(f wire.Field) bool { return strings.EqualFold(f.Name, name) })
	}
	if value != "" {
		fields = append(fields, wire.Field{Name: name, Value: value})
	}
	if len(fields) == 0 {
		u.fields.Store(nil)
		return
	}
	u.fields.Store(&fields)
}

func (u *HTTPUser) absolute(url string) string {
	if len(url) > 0 && url[0] == '/' {
		return u.Host() + url
	}
	return url
}

// open makes the user's client at its first use.
func (u *HTTPUser) open() *wire.Client {
	if u.client == nil {
		if u.run == nil {
			panic("stampede: this user was not made by a run: give its type to stampede.Users, or use package stampedetest")
		}
		u.mu.Lock()
		defer u.mu.Unlock()
		if u.client == nil {
			u.base = u.run.targets[u.typ]
			u.client = u.run.wire.Client(u.number)
		}
	}
	return u.client
}

// take gives the request a call: the one of the task's last request, or another until the end of the task when several are asked for side
// by side.
func (u *HTTPUser) take() *call {
	if u.together.Load() > 0 || !u.busy.CompareAndSwap(false, true) {
		return u.takeSpare()
	}
	if u.last == nil {
		u.last = u.run.calls.Get().(*call)
	} else {
		u.last.again()
	}
	return u.last
}

func (u *HTTPUser) takeSpare() *call {
	c := u.run.calls.Get().(*call)
	c.lone = true
	c.over.Store(false)
	u.mu.Lock()
	c.next, u.spare = u.spare, c
	u.mu.Unlock()
	return c
}

// untake says that the call's request is over. Its answer stays.
func (u *HTTPUser) untake(c *call) {
	if !c.judged {
		u.abandon(c)
	}
	if c.lone {
		c.over.Store(true)
	} else {
		u.busy.Store(false)
	}
}

// endTask gives back the calls of the task, but for those that the test left under way behind its back.
func (u *HTTPUser) endTask() {
	if u.last != nil && u.busy.CompareAndSwap(false, true) {
		u.run.free(u.last)
		u.last = nil
		u.busy.Store(false)
	}
	if u.spare != nil {
		u.endSpare()
	}
	if u.client != nil {
		u.client.EndIteration()
	}
}

func (u *HTTPUser) endSpare() {
	u.mu.Lock()
	defer u.mu.Unlock()
	for c := u.spare; c != nil; {
		next := c.next
		if c.next = nil; c.over.Load() {
			u.run.free(c)
		}
		c = next
	}
	u.spare = nil
}

func (u *HTTPUser) close() {
	u.endTask()
	if u.client != nil {
		u.client.CloseStreams()
		u.client.Close()
	}
}

// do makes one request and one sample of it. It stays on the stack while the user waits for the answer; what comes before and after is in
// functions of its own.
func (u *HTTPUser) do(ctx context.Context, method, url string, opts []Option) (*Response, error) {
	c := u.take()
	if err := u.prepare(c, method, url, opts); err != nil {
		return &c.resp, u.finish(c, opts, err)
	}
	return &c.resp, u.finish(c, opts, u.client.Do(ctx, &c.req, &c.resp.wire))
}

// prepare makes the request. The error says what is wrong with its options.
func (u *HTTPUser) prepare(c *call, method, url string, opts []Option) error {
	u.open()
	r := u.run
	if key := (stats.Key{Type: method, Name: nameIn(opts, url)}); key != c.key || c.row == nil {
		c.key, c.row = key, r.recorder.Place(key)
	}
	c.begun = r.now()
	c.req.Method, c.req.URL, c.req.Base, c.req.Begun = method, url, u.base, c.begun
	r.recorder.Begin(u.number, c.begun)
	c.shared(r.plan.HTTP.Header, u.fields.Load())
	if err := c.apply(opts); err != nil {
		c.resp.wire = wire.Response{Times: wire.Times{Sent: c.begun, Done: c.begun}}
		return &fault.Error{Kind: fault.Other, Text: briefError(err)}
	}
	if c.hops {
		c.req.OnHop = r.hopRecorder(u, c.key)
	}
	if r.onAsk != nil {
		r.onAsk(u, c)
	}
	return nil
}

// finish judges the answer and makes the sample of the request. It returns the failure, marked as counted.
func (u *HTTPUser) finish(c *call, opts []Option, err error) error {
	defer u.untake(c)
	r, w := u.run, &c.resp.wire
	c.resp.Status = w.Status
	c.judged = false
	failure := judge(opts, &c.resp, err)
	c.judged = true
	var s stats.Sample // no literal: that would be made beside s, and copied
	s.Intended, s.Sent, s.FirstByte, s.Done = u.takeIntended(), w.Times.Sent, w.Times.FirstByte, w.Times.Done
	s.BytesIn, s.BytesOut, s.Decoded, s.Status = w.WireIn, w.WireOut, w.Decoded(), w.Status
	r.recorder.End(u.number, c.begun, s.Done)
	if failure == nil && !r.watched {
		r.recorder.RecordAt(u.number, c.row, &s)
		return nil
	}
	return u.report(c, &s, failure)
}

// report counts a sample that failed, or that somebody wants to see.
func (u *HTTPUser) report(c *call, s *stats.Sample, failure *fault.Error) error {
	r := u.run
	if failure != nil {
		if failure.Kind == fault.Cancelled && u.cutOff() {
			if !r.leftWaiting(s) { // counted apart: the run, or the user's part in it, ended before the answer came
				return &countedError{failure}
			}
		} else {
			r.advise(failure, &c.resp)
			s.Fault, s.Err = failure.Kind, failure.Error()
		}
	}
	r.recorder.RecordAt(u.number, c.row, s)
	if failure != nil && s.Status > 0 && r.recorder.Unexplained(c.row, s.Fault, s.Err) {
		r.recorder.Explain(c.row, s.Fault, s.Err, pagetext.Message(c.resp.Header("Content-Type"), c.resp.wire.Glimpse(), s.Err))
	}
	if r.watched {
		r.watch(u, c, &c.resp, c.key, s, failure)
	}
	if failure != nil {
		return &countedError{failure}
	}
	return nil
}

// judge decides whether the answer is a success: transport first, then the status, then the checks in their order.
func judge(opts []Option, resp *Response, err error) *fault.Error {
	if err != nil {
		if f, ok := errors.AsType[*fault.Error](err); ok {
			return f
		}
		return &fault.Error{Kind: fault.Other, Text: briefError(err), Err: err}
	}
	if !expected(opts, resp.Status) {
		return unexpected(opts, resp)
	}
	for i := range opts {
		if o := &opts[i]; o.kind() == optCheck {
			if f := runCheck(o.check(), resp); f != nil {
				return f
			}
		}
	}
	return nil
}

// runCheck runs one check of the test. A check that panics has failed, and the request is still counted.
func runCheck(check func(*Response) error, resp *Response) (f *fault.Error) {
	defer func() {
		if p := recover(); p != nil {
			f = &fault.Error{Kind: fault.Panic, Text: brief(fmt.Sprintf("in a check: %v", p))}
		}
	}()
	if err := check(resp); err != nil {
		if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind == fault.Cancelled {
			return f // the run ended while a large body was decompressed
		}
		return &fault.Error{Kind: fault.Check, Text: briefError(err), Err: err}
	}
	return nil
}

// unexpected is the failure of an answer with a status that is no success. Where it usually would be, the text says what was expected.
func unexpected(opts []Option, resp *Response) *fault.Error {
	f := &fault.Error{Kind: fault.Status, Status: resp.Status, Text: statusText(resp.Status)}
	if resp.Status >= 400 {
		return f
	}
	var want []string
	for i := range opts {
		if o := &opts[i]; o.kind() == optExpect {
			for _, status := range o.value.([]int) {
				want = append(want, strconv.Itoa(status))
				if status/100 == 3 && resp.Redirects() > 0 {
					f.Hint = "the redirect was followed: NoRedirects() takes it for the answer"
				}
			}
		}
	}
	f.Text += ", expected " + strings.Join(want, " or ")
	return f
}

func statusText(status int) string {
	if t := http.StatusText(status); t != "" {
		return fmt.Sprintf("%d %s", status, t)
	}
	return fmt.Sprintf("status %d", status)
}
