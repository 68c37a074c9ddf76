package stampede

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/stampede-load/stampede/internal/fault"
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

// take gives the request a Response: the user's own, or one until the end of the task when several are asked for side by side.
func (u *HTTPUser) take() *Response {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.busy || u.together > 0 {
		r := new(Response)
		u.spare = append(u.spare, r)
		return r
	}
	if u.resp == nil {
		u.resp = new(Response)
	}
	u.busy = true
	u.resp.wire.Release()
	u.resp.Status = 0
	return u.resp
}

func (u *HTTPUser) untake(r *Response) {
	if r == u.resp {
		u.mu.Lock()
		u.busy = false
		u.mu.Unlock()
	}
}

// endTask gives back the buffers of the task's answers.
func (u *HTTPUser) endTask() {
	if u.resp != nil {
		u.resp.wire.Release()
	}
	for _, r := range u.spare {
		r.wire.Release()
	}
	u.spare = nil
	if u.client != nil {
		u.client.EndIteration()
	}
}

func (u *HTTPUser) close() {
	u.endTask()
	if u.client != nil {
		u.client.Close()
	}
}

// do makes one request and one sample of it.
func (u *HTTPUser) do(ctx context.Context, method, url string, opts []Option) (*Response, error) {
	u.open()
	r := u.run
	resp := u.take()
	defer u.untake(resp)
	c := newCall()
	defer c.free()
	c.fields = append(c.fields, r.plan.HTTP.Header...)
	err := c.apply(opts)
	if c.name == "" {
		c.name = nameOf(url)
	}
	key := stats.Key{Type: method, Name: c.name}
	c.req.Method, c.req.URL, c.req.Base = method, url, u.base
	if c.hops {
		c.req.OnHop = r.hopRecorder(u, key)
	}
	begun := r.now()
	r.recorder.Begin(u.number, begun)
	if err != nil {
		resp.wire.Times = wire.Times{Sent: begun, Done: begun}
		err = &fault.Error{Kind: fault.Other, Text: err.Error()}
	} else {
		err = u.client.Do(ctx, &c.req, &resp.wire)
		resp.Status = resp.wire.Status
	}
	failure := judge(c, resp, err)
	return resp, u.record(c, resp, key, begun, failure)
}

// record makes the sample of a request. It returns the failure, marked as counted.
func (u *HTTPUser) record(c *call, resp *Response, key stats.Key, begun int64, failure *fault.Error) error {
	r, w := u.run, &resp.wire
	s := stats.Sample{
		Intended: u.takeIntended(), Sent: w.Times.Sent, FirstByte: w.Times.FirstByte, Done: w.Times.Done,
		BytesIn: w.WireIn, BytesOut: w.WireOut, Decoded: w.BodySize, Status: resp.Status,
	}
	r.recorder.End(u.number, begun, s.Done)
	if failure != nil {
		if failure.Kind == fault.Cancelled && r.cancelled() {
			r.inFlightAtEnd(s.Done - s.Sent) // counted apart: the run ended before the answer came
			return &countedError{failure}
		}
		s.Fault, s.Err = failure.Kind, failure.Error()
	}
	r.recorder.Record(u.number, key, &s)
	if r.watched {
		r.watch(u, c, resp, key, &s, failure)
	}
	if failure != nil {
		return &countedError{failure}
	}
	return nil
}

// judge decides whether the answer is a success: transport first, then the status, then the checks in their order.
func judge(c *call, resp *Response, err error) *fault.Error {
	if err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			return f
		}
		return &fault.Error{Kind: fault.Other, Text: err.Error(), Err: err}
	}
	if !c.expected(resp.Status) {
		return &fault.Error{Kind: fault.Status, Status: resp.Status, Text: statusText(resp.Status)}
	}
	for _, check := range c.checks {
		if f := runCheck(check, resp); f != nil {
			return f
		}
	}
	return nil
}

// runCheck runs one check of the test. A check that panics has failed, and the request is still counted.
func runCheck(check func(*Response) error, resp *Response) (f *fault.Error) {
	defer func() {
		if p := recover(); p != nil {
			f = &fault.Error{Kind: fault.Panic, Text: fmt.Sprintf("in a check: %v", p)}
		}
	}()
	if err := check(resp); err != nil {
		return &fault.Error{Kind: fault.Check, Text: err.Error(), Err: err}
	}
	return nil
}

func statusText(status int) string {
	if t := http.StatusText(status); t != "" {
		return fmt.Sprintf("%d %s", status, t)
	}
	return fmt.Sprintf("status %d", status)
}
