package stampede

import (
	"context"
	"errors"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// stage is which code of the test a user runs.
type stage uint8

const (
	runsNothing stage = iota
	runsStart
	runsTask
	runsStop
)

// errExited is code of the test that ended its goroutine, and with it whoever ran it.
var errExited = errors.New("the code ended its goroutine (runtime.Goexit, which t.FailNow, t.Fatal and t.Skip call): return an error instead")

// Exited counts that the code of the test has ended the goroutine of this user.
func (l *life) Exited() {
	u := (*User)(l)
	switch u.runs {
	case runsStart:
		u.count(typeStart, u.typ.name, fault.Panic, errExited)
	case runsStop:
		u.count(typeStop, u.typ.name, fault.Panic, errExited)
	default:
		u.count(typeTask, u.taskName(), fault.Panic, errExited)
	}
}

// taskName is the task that was begun last, or the set whose OnStart was.
func (u *User) taskName() string {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if c := &u.stack[i]; c.at >= 0 && c.at < len(c.set.tasks) {
			return c.set.tasks[c.at].name
		}
	}
	return u.typ.name
}

// CutOff notes that the context of this user is cancelled: what it ends is no failure of the site.
func (l *life) CutOff() { (*User)(l).cut.Store(true) }

// isCancelled reports whether an error is that of a context that ended.
func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || fault.Of(err) == fault.Cancelled
}

// cutOff reports whether the user's tasks have been cancelled, by the end of the run or because the load has fewer users now.
func (u *User) cutOff() bool { return u.cut.Load() || u.run.cancelled() }

// abandon counts a request whose check ended the goroutine.
func (u *HTTPUser) abandon(c *call) {
	r, w := u.run, &c.resp.wire
	c.judged = true
	s := stats.Sample{
		Intended: u.takeIntended(), Sent: w.Times.Sent, FirstByte: w.Times.FirstByte, Done: w.Times.Done, BytesIn: w.WireIn, BytesOut: w.WireOut,
		Decoded: w.Decoded(), Status: w.Status, Fault: fault.Panic, Err: "in a check: " + errExited.Error(),
	}
	r.recorder.End(u.number, c.begun, s.Done)
	r.recorder.RecordAt(u.number, c.row, &s)
}

// alone runs code of the test on a goroutine of its own, which the code may end.
func (u *User) alone(ctx context.Context, f behaviour) error {
	err := errExited
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = u.call(ctx, f)
	}()
	<-done
	return err
}
