package stampede

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// Types of the rows of errors that belong to no request.
const (
	typeStart = stats.StartType
	typeTask  = stats.TaskType
	typeStop  = stats.StopType
)

// life is a User as the engine sees it: the same struct, with the methods that its owner should not be offered.
type life User

var _ engine.User = (*life)(nil)

// newUser makes user number of a type.
func (r *run) newUser(t *userType, number int) *User {
	self := t.make()
	u := self.core()
	u.run, u.typ, u.self, u.number = r, t, self, number
	u.rng = *rand.NewPCG(r.plan.Seed, uint64(number))
	u.rand = *rand.New(&u.rng)
	u.stack = u.first[:0]
	return u
}

// Start runs OnStart and plans the first task.
func (l *life) Start(ctx context.Context, intended int64) engine.Next {
	u := (*User)(l)
	now := u.run.now()
	u.intended.Store(intended)
	u.runs = runsStart
	if f := u.typ.onStart; f != nil {
		if err := u.call(ctx, f); err != nil {
			return u.startFailed(err)
		}
	}
	if f := u.typ.visit.For; f > 0 {
		u.visitEnd = u.run.planNow() + int64(f)
	}
	u.push(u.typ.root)
	return engine.Next{At: u.typ.root.wait.first(now, u.number)}
}

func (u *User) startFailed(err error) engine.Next {
	u.endTask()
	switch {
	case u.cutOff() && isCancelled(err):
		return engine.Next{Leave: engine.Gone}
	case errors.Is(err, ErrStopRun):
		return engine.Next{Leave: engine.Gone, StopRun: stopText(err)}
	case errors.Is(err, ErrStopUser):
		return engine.Next{Leave: engine.Gone}
	}
	u.count(typeStart, u.typ.name, fault.Start, err)
	return engine.Next{Leave: engine.Retry, At: u.typ.root.wait.next(&u.rand, 0, u.run.now())}
}

// Iterate runs one task.
func (l *life) Iterate(ctx context.Context, intended int64) engine.Next {
	u := (*User)(l)
	t, err := u.begin(ctx, intended)
	if t == nil {
		return u.after(err)
	}
	if t.ask != nil && u.typ.lean && !u.run.watched {
		return u.ask(ctx, t, wire.Loop{})
	}
	return u.ended(ctx, t, u.call(ctx, t.do))
}

// begin picks the task that was due at intended.
func (u *User) begin(ctx context.Context, intended int64) (*task, error) {
	if intended != 0 {
		u.intended.Store(intended)
	}
	u.due = intended
	u.runs = runsTask
	return u.pick(ctx)
}

// ended is what follows a task. It is apart from Iterate, which stays on the stack while the task waits.
func (u *User) ended(ctx context.Context, t *task, err error) engine.Next {
	u.endTask()
	u.done++
	if err == nil {
		return u.after(nil)
	}
	if !u.control(err) {
		u.count(typeTask, t.name, fault.Other, err)
	}
	return u.after(u.unwind(ctx, err))
}

// Stop runs OnStop of the sets the user is in and of its type, and gives back what it held.
func (l *life) Stop(ctx context.Context, started bool) {
	u := (*User)(l)
	u.runs = runsStop
	for len(u.stack) > 0 {
		u.pop(ctx)
	}
	if f := u.typ.onStop; f != nil && started {
		if err := u.call(ctx, f); err != nil && !u.control(err) {
			u.count(typeStop, u.typ.name, fault.Other, err)
		}
	}
	u.endTask()
	for _, f := range u.gone {
		f()
	}
	u.gone = nil
	if u.http != nil {
		u.http.close()
	}
}

// pick finds the next task, entering and leaving sets on the way. It returns no task when the user is to leave, or with the error of a
// set's OnStart or OnStop.
func (u *User) pick(ctx context.Context) (*task, error) {
	for len(u.stack) > 0 {
		t, ok := u.stack[len(u.stack)-1].next(&u.rand, u.number)
		switch {
		case !ok && len(u.stack) == 1:
			return nil, ErrStopUser
		case !ok:
			u.pop(ctx)
		case t.set == nil:
			return t, nil
		default:
			u.push(t.set)
			if f := t.set.onStart; f != nil {
				if err := u.call(ctx, f); err != nil {
					if !u.control(err) {
						u.count(typeTask, t.name, fault.Other, err)
					}
					return nil, u.unwind(ctx, err)
				}
			}
		}
	}
	return nil, ErrStopUser
}

func (u *User) push(s *taskSet) { u.stack = append(u.stack, cursor{set: s, at: -1}) }

// pop leaves the innermost set.
func (u *User) pop(ctx context.Context) {
	top := u.stack[len(u.stack)-1]
	u.stack = u.stack[:len(u.stack)-1]
	if f := top.set.onStop; f != nil {
		if err := u.call(ctx, f); err != nil && !u.control(err) {
			u.count(typeStop, u.typ.name, fault.Other, err)
		}
	}
}

// unwind leaves the innermost set when the task asked for it.
func (u *User) unwind(ctx context.Context, err error) error {
	if !errors.Is(err, ErrLeave) {
		return err
	}
	if len(u.stack) <= 1 {
		return ErrStopUser
	}
	u.pop(ctx)
	return nil
}

// after says what the user does when a task has ended with err.
func (u *User) after(err error) engine.Next {
	w := u.wait()
	if err == nil && w.kind == waitNone && !u.typ.visit.set() && u.stack[len(u.stack)-1].more() {
		return engine.Next{} // the usual case of a benchmark, without a look at the clock
	}
	now := u.run.now()
	if u.over() {
		return engine.Next{Leave: engine.Gone, StopRun: stopText(err)}
	}
	if u.visitOver() {
		return engine.Next{Leave: engine.Visited, StopRun: stopText(err)}
	}
	if err != nil {
		switch {
		case errors.Is(err, ErrStopRun):
			return engine.Next{Leave: engine.Gone, StopRun: stopText(err)}
		case errors.Is(err, ErrStopUser):
			return engine.Next{Leave: engine.Gone}
		case errors.Is(err, ErrNextTask):
			return engine.Next{}
		}
	}
	return engine.Next{At: w.next(&u.rand, u.due, now)}
}

// over reports whether no task is left for the user. It is asked before the next arrival is given to it: that is for somebody who will do it.
func (u *User) over() bool {
	for i := range u.stack {
		if u.stack[i].more() {
			return false
		}
	}
	return true
}

func (u *User) visitOver() bool {
	v := u.typ.visit
	return v.Tasks > 0 && u.done >= v.Tasks || u.visitEnd > 0 && u.run.planNow() >= u.visitEnd
}

// wait is that of the innermost set that has one.
func (u *User) wait() *Wait {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if w := u.stack[i].set.wait; w != nil {
			return w
		}
	}
	return &Wait{}
}

// endTask gives back what was only the task's.
func (u *User) endTask() {
	if u.http != nil {
		u.http.endTask()
	}
}

// call runs code of the test. A panic becomes an error with its stack.
func (u *User) call(ctx context.Context, f behaviour) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	return f(u.self, ctx)
}

// control reports whether err is no failure of its own: a wish of the test, a failure that is counted already, or the end of the run.
func (u *User) control(err error) bool {
	var seen *countedError
	return errors.Is(err, ErrLeave) || errors.Is(err, ErrNextTask) || errors.Is(err, ErrStopUser) || errors.Is(err, ErrStopRun) ||
		errors.As(err, &seen) || u.cutOff() && errors.Is(err, context.Canceled)
}

// count puts a failure that is no request among the errors.
func (u *User) count(typ, name string, kind fault.Kind, err error) {
	if typ != typeStart {
		u.run.own.Add(1)
	}
	stack := ""
	var p *panicError
	if errors.As(err, &p) {
		kind, stack = fault.Panic, p.stack
	}
	u.run.recorder.RecordError(stats.Key{Type: typ, Name: name}, kind, briefError(err), stack, u.run.now())
}

func stopText(err error) string {
	if err == nil || !errors.Is(err, ErrStopRun) {
		return ""
	}
	if text := strings.TrimSuffix(err.Error(), ": "+ErrStopRun.Error()); text != ErrStopRun.Error() {
		return "the test stopped it: " + text
	}
	return "the test stopped it"
}

// countedError is a failure that is among the samples already.
type countedError struct{ err *fault.Error }

func (e *countedError) Error() string { return e.err.Error() }
func (e *countedError) Unwrap() error { return e.err }

// panicError is a panic of the test's code.
type panicError struct {
	value any
	stack string
}

// panicked is the error of a panic with p, for the deferred function that has recovered it.
func panicked(p any) *panicError { return &panicError{value: p, stack: trimStack(debug.Stack())} }

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// trimStack leaves out the frames of the recovery and the addresses, which differ each time.
func trimStack(b []byte) string {
	lines := strings.Split(string(b), "\n")
	var out []string
	begun := false
	for i := 1; i+1 < len(lines); i += 2 {
		fn, at := lines[i], strings.TrimSpace(lines[i+1])
		if strings.HasPrefix(fn, "panic(") {
			begun, out = true, nil
			continue
		}
		if !begun || strings.HasPrefix(fn, "github.com/stampede-load/stampede.erase[") || strings.Contains(fn, "stampede.(*User).call") {
			if begun {
				break
			}
			continue
		}
		if j := strings.LastIndexByte(fn, '('); j > 0 {
			fn = fn[:j]
		}
		if j := strings.LastIndex(at, " +0x"); j > 0 {
			at = at[:j]
		}
		out = append(out, fn+"\n\t"+at)
	}
	return strings.Join(out, "\n")
}
