package stampede

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// Sample is one operation that a test measured itself, or that a run measured: for Test.OnSample and [User.Sample].
type Sample struct {
	Type, Name string // "SQL", "find seats"; Type "STEP" is kept for steps; empty ones mean "SAMPLE" and "(no name)"
	Start      time.Time
	Duration   time.Duration
	FirstByte  time.Duration // zero means unknown
	BytesIn    int64
	BytesOut   int64
	Status     int   // HTTP status, 0 when there is none
	Err        error // nil is success
	User       int   // number of the user; filled in by the run

	// Show gives lines for `check` to print below the sample, such as what was said; nil for none. A run does not call it.
	Show func() []string
}

// Record times f and reports it under a type and name of its own, so that any protocol gets every statistic, chart and threshold. It
// returns f's error, which is counted already. A panic of f is counted as a failure, and goes on.
func (u *User) Record(typ, name string, f func() error) error {
	return u.record(typ, name, nil, f)
}

// Measure is Record for f that knows more of the operation than how long it took: it fills in bytes, the time to the first byte, a status,
// what `check` is to show of it, and with Start that it began before Measure was called. What else it sets is not looked at.
func (u *User) Measure(typ, name string, f func(*Sample) error) error {
	m := new(Sample)
	return u.record(typ, name, m, func() error { return f(m) })
}

func (u *User) record(typ, name string, m *Sample, f func() error) error {
	begun := u.run.now()
	u.run.recorder.Begin(u.number, begun)
	done := false
	defer func() {
		if !done {
			u.broke(keyOf(typ, name), begun, true, m, recover())
		}
	}()
	err := f()
	done = true
	return u.finish(keyOf(typ, name), begun, true, m, err)
}

// broke makes the sample of something whose code panicked with p, or ended its goroutine where p is nil. A panic goes on from there: it ends the
// task, among whose errors its stack is.
func (u *User) broke(key stats.Key, begun int64, request bool, m *Sample, p any) {
	err := &fault.Error{Kind: fault.Panic, Text: errExited.Error()}
	if p != nil {
		err.Text = brief(fmt.Sprint(p))
	}
	_ = u.finish(key, begun, request, m, err) // it is counted, and nobody is there to take it
	if p != nil {
		panic(p)
	}
}

// Step times several requests as one: how long it takes a visitor to buy a ticket. It is reported beside the requests and is part of no
// total. A step fails when f does; the failure is counted for the request and for the step.
func (u *User) Step(ctx context.Context, name string, f func(context.Context) error) error {
	begun := u.run.now()
	done := false
	defer func() {
		if !done {
			u.broke(keyOf(stats.StepType, name), begun, false, nil, recover())
		}
	}()
	err := f(ctx)
	done = true
	if isWish(err) {
		u.finish(keyOf(stats.StepType, name), begun, false, nil, nil)
		return err
	}
	return u.finish(keyOf(stats.StepType, name), begun, false, nil, err)
}

// finish makes the sample of something that began at begun and has just ended. m, when it is there, knows more of it.
func (u *User) finish(key stats.Key, begun int64, request bool, m *Sample, err error) error {
	r := u.run
	s := stats.Sample{Sent: begun, Done: r.now()}
	if m != nil {
		s.BytesIn, s.BytesOut, s.Decoded, s.Status = m.BytesIn, m.BytesOut, m.BytesIn, m.Status
		if !m.Start.IsZero() {
			s.Sent = min(begun, int64(m.Start.Sub(r.start)))
		}
		if m.FirstByte > 0 {
			s.FirstByte = min(s.Sent+int64(m.FirstByte), s.Done)
		}
	}
	if request {
		s.Intended = u.takeIntended()
		r.recorder.End(u.number, begun, s.Done)
	}
	if err != nil {
		if u.cutOff() && isCancelled(err) {
			if !request || !r.leftWaiting(&s) {
				return err
			}
		} else {
			s.Fault, s.Err = fault.Of(err), briefError(err)
		}
	}
	r.recorder.Record(u.number, key, &s)
	if r.watched {
		r.watchOther(u, key, &s, m, err)
	}
	return counted(err)
}

// Sample reports something that is measured already. Start zero means that it has just ended.
func (u *User) Sample(m Sample) {
	r := u.run
	now := r.now()
	s := stats.Sample{
		Intended: u.takeIntended(), Sent: now - int64(m.Duration), Done: now, BytesIn: m.BytesIn, BytesOut: m.BytesOut, Decoded: m.BytesIn, Status: m.Status,
	}
	if !m.Start.IsZero() {
		s.Sent = int64(m.Start.Sub(r.start))
		s.Done = s.Sent + int64(m.Duration)
	}
	if m.FirstByte > 0 {
		s.FirstByte = s.Sent + int64(m.FirstByte)
	}
	if m.Err != nil {
		s.Fault, s.Err = fault.Of(m.Err), briefError(m.Err)
	}
	key := keyOf(m.Type, m.Name)
	r.recorder.Record(u.number, key, &s)
	if r.watched {
		r.watchOther(u, key, &s, &m, m.Err)
	}
}

// keyOf is the key of what a test measures itself. What it left without a type or a name gets one: a row without a key is the total.
func keyOf(typ, name string) stats.Key {
	return stats.Key{Type: cmp.Or(typ, "SAMPLE"), Name: cmp.Or(name, "(no name)")}
}

// Together runs functions side by side, as a browser loads the parts of a page, and waits for all. Each Response inside is valid until the
// end of the task. It returns the errors joined.
func (u *HTTPUser) Together(ctx context.Context, parts ...func(context.Context) error) error {
	u.together.Add(1)
	defer u.together.Add(-1)
	u.open()
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() {
			errs[i] = errExited // what stays when the part ends its goroutine
			errs[i] = u.call(ctx, func(_ virtualUser, ctx context.Context) error { return part(ctx) })
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// isWish reports whether err asks for something and is no failure.
func isWish(err error) bool {
	return errors.Is(err, ErrLeave) || errors.Is(err, ErrNextTask) || errors.Is(err, ErrStopUser) || errors.Is(err, ErrStopRun)
}

// counted marks a failure as one that is among the samples.
func counted(err error) error {
	var seen *countedError
	if err == nil || errors.As(err, &seen) {
		return err
	}
	var f *fault.Error
	if errors.As(err, &f) {
		return &countedError{f}
	}
	return &countedError{&fault.Error{Kind: fault.Other, Text: briefError(err), Err: err}}
}
