package stampede

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/engine"
	"github.com/stampede-load/stampede/internal/wire"
)

// Ask is a request that is known before a run begins: see [Task].
type Ask struct {
	Method   string // empty means GET
	URL      string // absolute, or relative to the user's host
	Options  []Option
	Statuses *Statuses // counts the answers by status; nil counts none
}

// Statuses counts answers by their status. The zero value is ready for use. Its methods may be called from any goroutine.
type Statuses struct {
	shards [statusShards]struct {
		n [statusMost + 1]atomic.Int64
		_ [64]byte
	}
}

const (
	statusShards = 32
	statusMost   = 599
)

// Add counts an answer to a user of that number; status 0 is none at all. A status above 599 counts as 599.
func (s *Statuses) Add(user, status int) {
	s.shards[user&(statusShards-1)].n[min(max(status, 0), statusMost)].Add(1)
}

// Count is how many answers of a status there were.
func (s *Statuses) Count(status int) (n int64) {
	if status < 0 || status > statusMost {
		return 0
	}
	for i := range s.shards {
		n += s.shards[i].n[status].Load()
	}
	return n
}

// asking are the requests of a task.
type asking struct {
	list []Ask
	turn atomic.Uint64
}

func newAsking(list []Ask) *asking {
	a := &asking{list: slices.Clone(list)}
	for i := range a.list {
		if a.list[i].Method == "" {
			a.list[i].Method = "GET"
		}
	}
	return a
}

func (a *asking) next() *Ask {
	if len(a.list) == 1 {
		return &a.list[0]
	}
	return &a.list[(a.turn.Add(1)-1)%uint64(len(a.list))]
}

// judged reports whether an answer is for code of the test to judge.
func (a *Ask) judged() bool {
	return slices.ContainsFunc(a.Options, func(o Option) bool { return o.kind() == optCheck })
}

// light reports whether users of the type can do without goroutines, for their tasks at least: nothing of them is code of the test.
func (t *userType) light() bool {
	return t.http && (t.root.wait == nil || t.root.wait.kind != waitFunc) && !slices.ContainsFunc(t.root.tasks, func(t *task) bool {
		return t.ask == nil || slices.ContainsFunc(t.ask.list, func(a Ask) bool { return a.judged() })
	})
}

// settleAsks makes sure that the requests of the tasks can be made, and says how where a task of its own is needed for that.
func (t *userType) settleAsks() error {
	var errs []error
	t.root.leaves(func(k *task) {
		switch {
		case k.ask == nil:
		case !t.http:
			errs = append(errs, fmt.Errorf("user type %s, task %s: only users with an HTTPUser can Ask: embed that instead of User", t.name, k.name))
		case t.whole && t.visitors:
			k.do, k.ask = k.ask.page, nil
		default:
			k.do = k.ask.do
		}
	})
	return errors.Join(errs...)
}

// do makes a request as code of the test would.
func (a *asking) do(u virtualUser, ctx context.Context) error {
	h, ask := u.core().http, a.next()
	resp, err := h.do(ctx, ask.Method, ask.URL, ask.Options)
	ask.count(h, resp.Status)
	return err
}

// page loads a page with its parts.
func (a *asking) page(u virtualUser, ctx context.Context) error {
	_, err := u.core().http.Page(ctx, a.next().URL)
	return err
}

func (a *Ask) count(u *HTTPUser, status int) {
	if a.Statuses != nil {
		a.Statuses.Add(u.number, status)
	}
}

// Attach takes the user's seat in the engine.
func (l *life) Attach(s engine.Seat) bool {
	u := (*User)(l)
	u.seat = s
	return u.typ.lean && !u.run.watched
}

// IterateThere runs one task where nobody may wait.
func (l *life) IterateThere(ctx context.Context, intended int64) engine.Next {
	u := (*User)(l)
	t, err := u.begin(ctx, intended)
	if t == nil {
		return u.after(err)
	}
	return u.ask(ctx, t, u.http.loop)
}

// ask makes the next of the task's requests. When the task goes on by itself, the user is no longer the caller's.
func (u *User) ask(ctx context.Context, t *task, on wire.Loop) engine.Next {
	h, a := u.http, t.ask.next()
	c := h.take()
	h.asks, c.task, c.asked = c, t, a
	if err := h.prepare(c, a.Method, a.URL, a.Options); err != nil {
		return h.answered(err)
	}
	pending, err := h.client.Start(ctx, &c.req, &c.resp.wire, (*asker)(h), on)
	if pending {
		return engine.Next{Later: true}
	}
	return h.answered(err)
}

// asker is a user as the HTTP engine sees it.
type asker HTTPUser

// Ended goes on with what follows the request.
func (a *asker) Ended(err error, on wire.Loop) {
	h := (*HTTPUser)(a)
	h.loop = on
	next := h.answered(err)
	h.seat.GoOn(next, !on.Waits())
}

// answered ends the task of a request.
func (u *HTTPUser) answered(err error) engine.Next {
	c := u.asks
	t, a := c.task, c.asked
	u.asks, c.task, c.asked = nil, nil, nil
	err = u.finish(c, a.Options, err)
	a.count(u, c.resp.Status)
	return u.ended(context.Background(), t, err) // no task of its own, and so nothing that would look at the context
}
