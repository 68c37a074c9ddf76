package fleet

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stampede-load/stampede"
)

// The model of a run that wants a number of iterations, closed or open: what a worker has left undone is done by the others, and no iteration twice.

const (
	modelSpawn = 20.0
	modelTask  = 250 * time.Millisecond // between two tasks of a user
)

func TestModelOfIterations(t *testing.T) {
	modelKeys()
	modelPacker()
	ended, joined := map[string]int{}, 0
	from := modelFrom()
	for seed := from; seed < from+modelSeeds() && !t.Failed(); seed++ {
		synctest.Test(t, func(t *testing.T) {
			m := newModel(t, uint64(seed))
			r := rand.New(rand.NewPCG(uint64(seed), 8))
			m.length, m.closed, m.users, m.iterations = modelLengths, r.IntN(3) > 0, 4+r.IntN(12), 1+r.Int64N(1200)
			m.note("closed %v, %d users, %d iterations", m.closed, m.users, m.iterations)
			m.play()
			ended[m.ending]++
			joined += m.joined
		})
	}
	t.Logf("ended by %v; %d who joined did a part", ended, joined)
	if n := modelSeeds(); n >= 50 && (ended["iterations"] < n/2 || joined < n/10) {
		t.Errorf("ended by %v, %d who joined did a part: the model does not show what it should", ended, joined)
	}
}

// modelUsers are the users of a puppet in a closed run. All is in plan time.
type modelUsers struct {
	share  stampede.Share
	target int
	next   map[int]time.Duration // when each begins its next task, by number
}

func newModelUsers(share stampede.Share, n int) *modelUsers {
	u := &modelUsers{share: share, next: map[int]time.Duration{}}
	u.to(0, n)
	return u
}

// to changes the number of users.
func (u *modelUsers) to(at time.Duration, n int) {
	u.target = n
	u.settle(func(int) time.Duration { return at })
}

// settle makes the users that are its own, and lets the others go.
func (u *modelUsers) settle(when func(number int) time.Duration) {
	for n := range u.next {
		if !u.share.Owns(n) || n >= u.target {
			delete(u.next, n)
		}
	}
	for n := range u.target {
		if _, there := u.next[n]; !there && u.share.Owns(n) {
			u.next[n] = when(n)
		}
	}
}

// reshare changes what is its own: others' users are made anew at the spawn rate.
func (u *modelUsers) reshare(at time.Duration, c stampede.Change) {
	if u == nil {
		return
	}
	u.share = c.Share
	u.settle(func(n int) time.Duration {
		return at + time.Duration(float64(c.Moved.Before(int64(n)))/modelSpawn*float64(time.Second))
	})
}

// wake makes due now what was due while there was no iteration left.
func (u *modelUsers) wake(at time.Duration) {
	if u == nil {
		return
	}
	for n := range u.next {
		u.next[n] = max(u.next[n], at)
	}
}

// dry reports whether all its iterations have been begun.
func (p *puppet) dry() bool {
	return p.m.iterations > 0 && p.reports && p.part != nil && p.total >= p.limit
}

// task begins the next task that is due before a plan time; false when there is none.
func (p *puppet) task(plan time.Duration) bool {
	number, first := -1, time.Duration(math.MaxInt64)
	for n, at := range p.users.next {
		if at < first || at == first && n < number {
			number, first = n, at
		}
	}
	if first >= plan || p.dry() {
		return false
	}
	p.users.next[number] += modelTask
	p.total++
	p.now = append(p.now, int64(p.number)<<32+p.total) // an iteration is nobody else's
	if p.dry() {
		p.hurry()
	}
	return true
}

// checkUsers wants each user at one worker, when all know all orders and nobody is missing.
func (m *model) checkUsers() {
	if !m.closed {
		return
	}
	d := m.drive
	d.c.mu.Lock()
	now, orders, alive, target := max(d.now(), d.last), len(d.orders), d.alive(), d.whole.Users(max(d.now(), d.last))
	if d.whole.Paused() {
		now = d.pausedAt()
	}
	now -= d.whole.Stood()
	d.c.mu.Unlock()
	var all []int
	for _, p := range m.all() {
		p.mu.Lock()
		if p.reports && !p.ended && !p.dead && !time.Now().Before(p.cutUntil) {
			alive--
			if p.known != orders || len(p.orders) > 0 {
				alive = -1000 // not yet
			}
			for n := range p.users.next {
				all = append(all, n)
			}
		}
		p.mu.Unlock()
	}
	if alive != 0 || now < 2*time.Second { // the first users are still to come
		return
	}
	slices.Sort(all)
	for i, n := range all {
		if i != n || len(all) != target {
			m.fail("users %v, want each of %d once", all, target)
			return
		}
	}
}

// What a report says of iterations that are too many or too few.
var (
	modelBeyond = regexp.MustCompile(`went on with iterations that others had taken over: (\d+) beyond the plan`)
	modelUndone = regexp.MustCompile(`^(\d+) of \d+ iterations were not done`)
)

// checkIterations holds the report's number of iterations against the plan's.
func (m *model) checkIterations(r *stampede.Report, cut bool) {
	said := func(what *regexp.Regexp) (n int64) {
		for _, reason := range r.Verdict.Reasons {
			if x := what.FindStringSubmatch(reason); x != nil {
				one, _ := strconv.ParseInt(x[1], 10, 64)
				n += one
			}
		}
		return n
	}
	m.ending, _, _ = strings.Cut(r.Run.Stopped, ";")
	for _, w := range r.Workers {
		if w.Joined > 0 && w.Sent > 0 {
			m.joined++
		}
	}
	beyond, undone, more := said(modelBeyond), said(modelUndone), r.Sent-m.iterations
	switch {
	case beyond > 0 && !cut:
		m.fail("%d are said to be beyond the plan, and nobody was cut off", beyond)
	case more > beyond:
		m.fail("%d iterations of %d, and %d are said to be beyond the plan", r.Sent, m.iterations, beyond)
	case r.Run.Stopped == "iterations" && more < 0 && undone != -more:
		m.fail("%d iterations of %d, and %d are said to be undone", r.Sent, m.iterations, undone)
	case undone > 0 && !cut:
		m.fail("%d iterations of %d, and nobody was lost", r.Sent, m.iterations)
	}
}
