package stampede

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/show"
	"github.com/stampede-load/stampede/internal/stats"
)

// ErrTryFailed is what Try returns when something of the test failed; what it was has been printed.
var ErrTryFailed = errors.New("something of the test failed")

// bodyShown is how much of a text body a check prints.
const bodyShown = 2 << 10

// Try runs each task of each user type once, as one user of it, and prints every request and its answer: status, times, size, headers,
// the beginning of a text body, the cookies set, and what failed and why. It is for writing and debugging tests. Nothing is recorded.
func Try(ctx context.Context, plan Plan, w io.Writer) error {
	plan.Users, plan.Rate, plan.SpawnRate, plan.Warmup = nil, nil, 0, 0
	if before := plan.Test.Before; before != nil {
		if err := before(ctx, &plan); err != nil {
			return fmt.Errorf("before the test is tried: %w", err)
		}
	}
	p, err := prepare(plan)
	if err != nil {
		return err
	}
	r, err := newRun(p, time.Now())
	if err != nil {
		return err
	}
	defer r.close()
	c := &checker{run: r, w: w}
	r.watched, r.onTrace, r.onOther, r.onPage = true, c.request, c.other, c.page
	if r.log == nil {
		r.log = slog.New(slog.NewTextHandler(c, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: timeless}))
	}
	r.stopFn = c.stop
	for _, t := range p.types {
		if ctx.Err() != nil {
			break
		}
		c.userType(ctx, t)
	}
	c.summary()
	if c.failed > 0 || ctx.Err() != nil {
		return ErrTryFailed
	}
	return nil
}

// checker prints what one user of each type does. A test may ask for several things side by side: mu keeps their lines together.
type checker struct {
	run *run
	w   io.Writer

	mu       sync.Mutex
	requests int
	tasks    int
	failed   int
	failures []string
}

func (c *checker) printf(format string, args ...any) { fmt.Fprintf(c.w, format, args...) }

func (c *checker) userType(ctx context.Context, t *userType) {
	c.printf("user type %s\n", t.name)
	u := c.run.newUser(t, 0)
	defer (*life)(u).Stop(context.WithoutCancel(ctx), false)
	if t.onStart != nil {
		if !c.step(ctx, u, "OnStart", t.onStart) {
			c.printf("   its tasks are left out: nobody got that far\n\n")
			return
		}
	}
	c.set(ctx, u, t.root)
	if t.onStop != nil {
		c.step(context.WithoutCancel(ctx), u, "OnStop", t.onStop)
	}
}

// set runs the tasks of a set, and those of the sets in it between their OnStart and OnStop.
func (c *checker) set(ctx context.Context, u *User, s *taskSet) {
	for _, t := range s.tasks {
		switch {
		case ctx.Err() != nil:
			return
		case t.set == nil:
			c.step(ctx, u, "task "+t.name, t.do)
			continue
		}
		if f := t.set.onStart; f != nil && !c.step(ctx, u, "OnStart of "+t.name, f) {
			c.printf("   its tasks are left out: nobody got that far\n")
			continue
		}
		c.set(ctx, u, t.set)
		if f := t.set.onStop; f != nil {
			c.step(context.WithoutCancel(ctx), u, "OnStop of "+t.name, f)
		}
	}
}

// step runs one piece of the test and says how it went.
func (c *checker) step(ctx context.Context, u *User, what string, f behaviour) bool {
	c.tasks++
	before := c.failed
	c.printf("\n ▸ %s\n", what)
	begun := time.Now()
	err := u.alone(ctx, f)
	u.endTask()
	took := show.Duration(time.Since(begun))
	switch {
	case err == nil && c.failed == before:
		c.printf("   ok, %s\n", took)
		return true
	case err == nil:
		c.printf("   failed: a request did, and the task went on, %s\n", took)
		return true
	case isWish(err):
		c.printf("   ok, %s: it asked to %v\n", took, err)
		return true
	}
	if !u.control(err) {
		c.fail(what, err)
		var p *panicError
		if errors.As(err, &p) {
			c.printf("%s\n", indent(mask.Text(p.stack), "   "))
		}
	}
	c.printf("   failed, %s: %s\n", took, mask.Text(briefError(err)))
	return false
}

func (c *checker) fail(what string, err error) {
	c.failed++
	c.failures = append(c.failures, mask.Text(what+": "+briefError(err)))
}

// Write prints a line of the test's log.
func (c *checker) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("      log       %s", line)
	return len(line), nil
}

// stop prints that the test wants the run to end.
func (c *checker) stop(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("   the test asked to stop the run: %s\n", reason)
}

// timeless leaves the time out of a log that is read while it is written.
func timeless(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// other prints something that the test measured itself.
func (c *checker) other(key stats.Key, took time.Duration, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.printf("\n   %s %s\n      time      %s\n", key.Type, key.Name, show.Duration(took))
	if !key.Apart() {
		c.requests++
	}
	if err == nil {
		return
	}
	c.printf("      FAILED    %s\n", mask.Text(briefError(err)))
	var seen *countedError
	if !errors.As(err, &seen) { // a step fails by a request that was counted before
		c.fail(key.Type+" "+key.Name, err)
	}
}

// request prints one request and its answer.
func (c *checker) request(t trace) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	url := t.call.req.URL
	if strings.HasPrefix(url, "/") {
		url = t.user.Host() + url
	}
	c.printf("\n   %s %s\n", t.key.Type, mask.Text(url))
	if t.key.Name != nameOf(t.call.req.URL) {
		c.printf("      name      %s\n", mask.Text(t.key.Name))
	}
	for _, f := range t.call.fields {
		c.printf("      > %s: %s\n", f.Name, mask.Header(f.Name, f.Value))
	}
	if n := len(t.call.req.Body); n > 0 {
		c.printf("      > body    %s\n", show.Bytes(int64(n)))
	}
	c.answer(t.resp)
	if t.failure != nil {
		c.printf("      FAILED    %s\n", mask.Text(brief(t.failure.Error())))
		c.fail(t.key.Type+" "+t.key.Name, t.failure)
	}
}

func (c *checker) answer(r *Response) {
	if r.Status == 0 {
		return
	}
	c.printf("      status    %s %s\n", statusText(r.Status), r.Proto())
	tm := r.Timing()
	parts := []string{"first byte " + show.Duration(tm.FirstByte), "total " + show.Duration(tm.Total)}
	for _, p := range []struct {
		name string
		d    time.Duration
	}{{"tls", tm.TLS}, {"connect", tm.Connect}, {"lookup", tm.Lookup}} {
		if p.d > 0 {
			parts = append([]string{p.name + " " + show.Duration(p.d)}, parts...)
		}
	}
	c.printf("      time      %s\n", strings.Join(parts, ", "))
	c.printf("      size      %s\n", show.Bytes(r.Size()))
	if r.Redirects() > 0 {
		c.printf("      went to   %s after %d redirects\n", mask.Text(r.URL()), r.Redirects())
	}
	r.wire.Fields(func(name, value string) bool {
		c.printf("      < %s: %s\n", name, mask.Header(name, value))
		return true
	})
	for _, k := range r.Cookies() {
		c.printf("      cookie    %s set for %s\n", k.Name, k.Path)
	}
	c.body(r)
}

func (c *checker) body(r *Response) {
	body, err := r.wire.Body()
	if err != nil {
		c.printf("      body      cannot be read: %v\n", err)
		return
	}
	if len(body) == 0 {
		return
	}
	if !isText(r.Header("Content-Type")) {
		c.printf("      body      %s of %s\n", show.Bytes(int64(len(body))), r.Header("Content-Type"))
		return
	}
	c.printf("%s\n", indent(mask.Text(string(head(body, bodyShown))), "      │ "))
	if len(body) > bodyShown {
		c.printf("      │ ... %s more\n", show.Bytes(int64(len(body)-bodyShown)))
	}
}

func (c *checker) summary() {
	c.printf("\n%d tasks, %d requests, %d failed\n", c.tasks, c.requests, c.failed)
	for _, f := range c.failures {
		c.printf("   %s\n", f)
	}
}

// isText reports whether a body of this type is worth printing.
func isText(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return contentType == ""
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "json") || strings.HasSuffix(t, "xml") ||
		strings.HasSuffix(t, "javascript") || t == "application/x-www-form-urlencoded"
}

func indent(s, by string) string {
	return by + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+by)
}
