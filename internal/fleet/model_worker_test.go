package fleet

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
)

// puppet is a worker of the model. What it begins it begins exactly when it is due.
type puppet struct {
	m      *model
	number int
	called string
	nudge  chan struct{}

	mu        sync.Mutex
	dead      bool
	cutUntil  time.Time
	wasCut    bool
	left      bool
	heard     time.Time
	delivered map[int64]int // numbers of arrivals that it began, and that the stream has

	job     *Job
	follow  *follower
	part    *pace.Part
	users   *modelUsers // of a closed run
	limit   int64       // iterations that it may begin, of a run that wants a number of them
	start   time.Time   // of run time
	known   int
	orders  []stampede.Change
	shift   time.Duration // run time less plan time
	pauseAt time.Duration
	paused  bool
	fired   time.Duration // plan time up to which all was begun
	first   int           // second that it reports first
	second  int
	reports bool // it is in the run
	drained bool
	ended   bool
	total   int64
	given   int64   // iterations that it gave back
	now     []int64 // begun in this second
	seq     uint64
	spool   []modelParcel
}

type modelParcel struct {
	modelMessage
	numbers []int64
}

func (p *puppet) set(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

func (p *puppet) reachable() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.dead && !p.left && !time.Now().Before(p.cutUntil)
}

func (p *puppet) hurry() {
	select {
	case p.nudge <- struct{}{}:
	default:
	}
}

func (p *puppet) gone() bool {
	p.m.mu.Lock()
	over := p.m.over
	p.m.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	return over || p.dead || p.left
}

// beats talks to the controller.
func (p *puppet) beats() {
	time.Sleep(time.Duration(p.m.random(300)) * time.Millisecond)
	for !p.gone() {
		p.beat()
		timer := time.NewTimer(beatEvery)
		select {
		case <-timer.C:
		case <-p.nudge:
		}
		timer.Stop()
	}
}

func (p *puppet) beat() {
	c := p.m.current()
	if c == nil || !p.reachable() {
		return
	}
	p.mu.Lock()
	b := Beat{State: "ready", Known: p.known, Error: 1, RTT: 1, Spent: p.dry() && len(p.orders) == 0, Given: p.given}
	if p.job != nil {
		b.Run, b.State = p.job.Run, "prepared"
		if p.reports {
			b.State = "running"
		}
	} else {
		b.Known = 0
	}
	p.mu.Unlock()
	time.Sleep(time.Duration(1+p.m.random(20)) * time.Millisecond)
	if !p.reachable() || p.m.current() != c {
		return
	}
	c.mu.Lock()
	data, err := json.Marshal(c.heard(p.number, &b))
	c.mu.Unlock()
	time.Sleep(time.Duration(1+p.m.random(20)) * time.Millisecond)
	var a Answer
	if err != nil || json.Unmarshal(data, &a) != nil || !p.reachable() {
		return
	}
	p.take(&a)
}

// take does what an answer says, as Worker.take does.
func (p *puppet) take(a *Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = time.Now()
	if a.Leave || a.Problem != "" {
		p.left = p.job == nil
	}
	if a.Job != nil && p.job == nil {
		f, err := newFollower(a.Job.Index, a.Job.Weights)
		if err != nil {
			p.m.fail("%v", err)
			return
		}
		p.job, p.follow, p.part, p.users, p.known, p.orders = a.Job, f, nil, nil, 0, nil
		p.shift, p.paused, p.fired, p.reports, p.ended, p.total, p.given, p.seq = 0, false, 0, false, false, 0, 0, 0
		defer p.hurry()
	}
	if p.job == nil || a.Run != p.job.Run {
		return
	}
	for _, o := range a.Orders {
		if o.Number == p.known+1 {
			p.known = o.Number
			p.obey(o)
		}
	}
}

func (p *puppet) obey(o Order) {
	if o.Kind == "start" {
		share := stampede.NoShare()
		p.start = p.start.Add(0)
		p.start = time.Now().Add(time.Duration(o.Start - newClock().now()))
		if p.job.Index < len(p.job.Weights) {
			share, p.reports, p.first, p.second = p.follow.deal.Share(p.job.Index), true, 0, 0
		}
		p.part = pace.NewPart(pace.Constant(modelRate), pace.Options{Share: share, Until: p.m.length})
		p.limit = p.job.Iterations
		if p.m.closed {
			p.part, p.users = pace.NewPart(pace.Constant(0), pace.Options{Share: share}), newModelUsers(share, p.m.users)
		}
		return
	}
	if p.part == nil {
		return
	}
	p.advance(p.runTime())
	c, ok, err := p.follow.follow(o)
	if err != nil {
		p.m.fail("%v", err)
	}
	if o.Kind == "cancel" {
		p.finish(o.Reason)
		return
	}
	if ok && !p.ended {
		p.orders = append(p.orders, c)
	}
	switch {
	case o.Kind != "join":
	case o.Index == p.job.Index:
		p.reports, p.first, p.second = true, o.First, o.First
	case p.reports && !p.ended:
		back := int64(math.Round(float64(p.limit-p.total) * o.Part))
		p.limit, p.given = p.limit-back, p.given+back
	}
	p.advance(p.runTime())
	if o.Kind == "leave" && o.Index == p.job.Index {
		p.drained = o.Drain
		due, run, reason := time.Duration(o.At)-p.runTime(), p.job.Run, o.Reason
		p.m.wg.Go(func() {
			time.Sleep(max(0, due) + 20*time.Millisecond)
			p.set(func() {
				if p.job != nil && p.job.Run == run {
					p.finish(reason)
				}
			})
		})
	}
}

func (p *puppet) runTime() time.Duration { return time.Since(p.start) }

func (p *puppet) plan(at time.Duration) time.Duration {
	if p.paused {
		at = min(at, p.pauseAt)
	}
	return at - p.shift
}

// advance does what is due up to a run time, orders among it.
func (p *puppet) advance(now time.Duration) {
	for len(p.orders) > 0 && p.orders[0].At <= now && !p.ended {
		c := p.orders[0]
		p.orders = p.orders[1:]
		plan := p.plan(c.At)
		p.fire(plan)
		switch c.Kind {
		case stampede.ChangeShare:
			p.part.Reshare(plan, c.Share)
			p.users.reshare(plan, c)
		case stampede.ChangeRate:
			p.part.Switch(plan, pace.Constant(c.Rate))
		case stampede.ChangePause:
			p.paused, p.pauseAt = true, c.At
		case stampede.ChangeResume:
			p.paused, p.shift = false, p.shift+max(0, c.At-p.pauseAt)
		case stampede.ChangeUsers:
			p.users.to(plan, c.Users)
		case stampede.ChangeMore:
			p.limit += c.More
			p.users.wake(plan)
		case stampede.ChangeStop:
			p.finish(c.Reason)
			return
		}
	}
	p.fire(p.plan(now))
}

// fire begins what is due before a plan time.
func (p *puppet) fire(plan time.Duration) {
	for !p.ended && p.reports {
		if p.users != nil {
			if !p.task(plan) {
				return
			}
			continue
		}
		n, due, ok := p.part.Peek()
		if !ok || due >= plan {
			return
		}
		p.part.Next()
		if p.dry() {
			continue
		}
		p.total++
		p.now = append(p.now, n)
	}
}

// works reports each second, and brings it to the stream.
func (p *puppet) works() {
	for !p.gone() {
		p.set(p.work)
		p.deliver()
		time.Sleep(50 * time.Millisecond)
	}
}

func (p *puppet) work() {
	if p.wasCut = p.wasCut || time.Now().Before(p.cutUntil); p.job == nil || p.part == nil || !p.reports {
		return
	}
	if p.ended {
		if len(p.spool) == 0 { // all is delivered: it is ready for the next run
			p.job, p.part, p.reports = nil, nil, false
			p.left = p.drained
			p.hurry()
		}
		return
	}
	now := p.runTime()
	for end := time.Duration(p.second+1) * time.Second; end <= now; end += time.Second {
		p.advance(end)
		if p.ended {
			return
		}
		if p.plan(end) >= p.m.length && !p.paused {
			p.finish("time")
			return
		}
		p.emit(false)
	}
	if time.Since(p.heard) > deserted {
		p.advance(now)
		p.finish("the controller is gone")
	}
}

// emit puts a second into the spool.
func (p *puppet) emit(final bool) {
	p.seq++
	s := &stats.Snapshot{Run: p.job.Run, Worker: p.job.Index, Seq: p.seq, Second: p.second, Final: final}
	if n := int64(len(p.now)); n > 0 {
		row := stats.Row{Key: stats.Key{Type: "GHOST", Name: "haunt"}, Count: n}
		row.Service.RecordN(1e6, n)
		row.Response.RecordN(1e6, n)
		row.Lag.RecordN(1e3, n)
		s.Rows = append(s.Rows, row)
	}
	s.Gauges = stats.Gauges{Users: 1, Target: 1, Planned: p.total, Sent: p.total, CPU: 0.1, MachineCPU: -1}
	if p.m.iterations > 0 {
		s.Gauges.Iterations = p.total
	}
	x := modelMessage{fmt.Sprintf("%s-%d-%d", p.job.Run, p.job.Index, p.seq), snapSubject(p.number, p.job.Run), p.m.packer().pack(s, p.seq)[0]}
	p.spool = append(p.spool, modelParcel{x, p.now})
	p.now = nil
	p.second++
}

// finish ends the worker's part.
func (p *puppet) finish(reason string) {
	if p.ended || p.job == nil {
		return
	}
	if !p.reports { // it never began
		p.job, p.part = nil, nil
		return
	}
	p.advance(p.runTime())
	if p.ended {
		return
	}
	p.emit(true)
	p.ended = true
	b, err := json.Marshal(Ended{Index: p.job.Index, Reason: reason, Elapsed: int64(p.runTime()), LoadEnd: int64(p.runTime()), Made: []int64{1}})
	if err != nil {
		p.m.fail("%v", err)
	}
	p.spool = append(p.spool, modelParcel{modelMessage{fmt.Sprintf("%s-%d-end", p.job.Run, p.job.Index), endSubject(p.number, p.job.Run), b}, nil})
}

// deliver brings what is kept to the stream. Now and then it does not hear that the stream has it, and sends it again; now and then the stream
// does not notice.
func (p *puppet) deliver() {
	for p.reachable() {
		p.mu.Lock()
		if len(p.spool) == 0 {
			p.mu.Unlock()
			return
		}
		x := p.spool[0]
		p.mu.Unlock()
		taken, read := p.m.publish(x.modelMessage)
		if !taken {
			return
		}
		if read {
			p.set(func() {
				for _, n := range x.numbers {
					p.delivered[n]++
				}
			})
		}
		if p.m.random(30) == 0 {
			x.id += "again"
			p.m.publish(x.modelMessage)
		}
		p.set(func() { p.spool = p.spool[1:] })
	}
}
