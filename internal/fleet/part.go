package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// part is a worker's part of one run.
type part struct {
	w      *Worker
	job    *Job
	folder string
	spool  *spool
	follow *follower
	ctx    context.Context // of delivering
	cancel context.CancelFunc

	mu         sync.Mutex
	state      string
	problem    string
	plan       stampede.Plan
	undo       func()
	known      int
	given      int64 // iterations that were given back
	startAt    int64 // run time 0 on the controller's clock
	late       time.Duration
	run        PartRun
	earlier    []stampede.Change // before it began
	halted     string            // why it is to stop, before it began
	drained    bool
	delivering bool
	over       bool
	err        error
	ended      chan struct{}
}

func newPart(w *Worker, j *Job) (*part, error) {
	f, err := newFollower(j.Index, j.Weights)
	if err != nil {
		return nil, err
	}
	s, err := newSpool(w.nc, w.number, j.Run, j.Index)
	if err != nil {
		return nil, fmt.Errorf("fleet: %w", err)
	}
	s.pack.made = w.cfg.Packed
	p := &part{w: w, job: j, spool: s, follow: f, state: "preparing", ended: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// prepare makes a plan of the job.
func (p *part) prepare() {
	plan, undo, err := p.makePlan()
	p.mu.Lock()
	p.plan, p.undo = plan, undo
	switch {
	case err != nil:
		p.problem = show400(err.Error())
	default:
		p.state = "prepared"
	}
	p.mu.Unlock()
	p.w.hurry()
}

func (p *part) makePlan() (plan stampede.Plan, undo func(), err error) {
	if p.folder, err = os.MkdirTemp("", "stampede-job-"); err != nil {
		return plan, nil, noRoom(err)
	}
	if err := settle(p.w.nc, p.w.cfg.Folder, p.folder, p.job.Files); err != nil {
		return plan, nil, noRoom(err)
	}
	return p.w.cfg.Prepare(p.ctx, p.job, p.folder)
}

// tell adds what there is to say to a beat.
func (p *part) tell(b *Beat) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b.Run, b.State, b.Problem, b.Known, b.Late = p.job.Run, p.state, p.problem, p.known, int64(p.late)
	b.Given = p.given
	b.Spool, b.Lost = p.spool.state()
	if p.run != nil {
		b.Left, b.Spent = p.run.Left(), p.run.Spent()
		h := p.run.Health()
		b.Level, b.Reasons = h.Level.String(), h.Reasons
		if p.state == "running" && isClosed(p.run.Stopping()) {
			b.State = "stopping"
		}
	}
}

// obey takes orders. Those that are known already are passed over.
func (p *part) obey(orders []Order) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range orders {
		if o.Number != p.known+1 || p.over {
			continue
		}
		if o.Kind == "start" && p.state == "preparing" && p.problem == "" {
			return // it is not ready, and will be told again
		}
		p.known = o.Number
		p.do(o)
	}
}

// do carries one order out. mu is held.
func (p *part) do(o Order) {
	if p.run != nil {
		p.late = max(p.late, p.run.Now()-time.Duration(o.At))
	}
	switch o.Kind {
	case "start":
		p.begin(o)
		return
	case "cancel":
		p.end(o.Reason, true)
		return
	}
	c, ok, err := p.follow.follow(o)
	if err != nil {
		p.problem = err.Error()
		p.end(p.problem, true)
		return
	}
	if o.Kind == "leave" && o.Index == p.job.Index {
		p.drained = o.Drain
		defer p.finish(o)
	}
	switch {
	case !ok:
	case p.run == nil:
		p.earlier = append(p.earlier, c)
	default:
		p.run.Take(c)
	}
	switch {
	case o.Kind != "join":
	case o.Index == p.job.Index:
		p.start(o.First)
	case p.run != nil && o.Part > 0:
		p.given += p.run.GiveBack(o.Part)
	}
}

// finish ends this worker's part after its share was given up: when its users had time to move. mu is held.
func (p *part) finish(o Order) {
	if p.run == nil {
		p.end(o.Reason, true)
		return
	}
	run, most := p.run, 3*time.Second // for the clock to obey
	if o.Drain {
		most += drainMost
	}
	end := time.Now().Add(max(0, time.Duration(o.At)-run.Now()) + most)
	go func() {
		for time.Now().Before(end) && (run.Pending() || o.Drain && run.Moving()) {
			select {
			case <-time.After(20 * time.Millisecond):
			case <-run.Done():
				return
			}
		}
		run.Stop(o.Reason)
	}()
}

// begin takes note of the moment at which run time begins, and starts those who are there from the start. mu is held.
func (p *part) begin(o Order) {
	p.startAt = o.Start
	if p.job.Index < len(p.job.Weights) {
		p.start(0)
	}
}

// start starts the worker's users. mu is held.
func (p *part) start(first int) {
	if p.problem != "" {
		return
	}
	share := stampede.NoShare()
	if p.job.Index < len(p.job.Weights) {
		share = p.follow.deal.Share(p.job.Index)
	}
	begin := p.w.clock.when(p.startAt - p.aheadNow())
	run, err := p.w.cfg.Start(p.ctx, p.plan, stampede.WorkerOptions{
		Run: p.job.Run, Number: p.job.Index, Share: share, Start: begin, FirstSecond: first, Iterations: p.job.Iterations, PlanHash: p.job.PlanHash,
		Emit: func(s *stats.Snapshot) { p.spool.put(s) }, Stalled: p.w.hurry, Spent: p.w.hurry,
	})
	if err != nil {
		p.problem = show400(err.Error())
		p.end(p.problem, true)
		return
	}
	p.run, p.state = run, "running"
	for _, c := range p.earlier {
		run.Take(c)
	}
	p.earlier = nil
	p.w.cfg.Log(fmt.Sprintf("run %s: part %d has begun", p.job.Run, p.job.Index))
	p.delivers()
	go p.deliverRest(run)
}

// startUsers starts users that do what their test says.
func startUsers(ctx context.Context, plan stampede.Plan, o stampede.WorkerOptions) (PartRun, error) {
	run, err := stampede.StartWorker(ctx, plan, o)
	if err != nil {
		return nil, err
	}
	return run, nil
}

// aheadNow is how far the controller's clock is ahead. The worker's mutex is held by whoever obeys.
func (p *part) aheadNow() int64 {
	by, _, _, _ := p.w.offset.best(p.w.clock.now())
	return by
}

// deliverRest delivers what is left when all users have gone.
func (p *part) deliverRest(run PartRun) {
	ending, err := run.Wait()
	e := Ended{Index: p.job.Index, Reason: ending.Reason, Elapsed: int64(ending.Elapsed), LoadEnd: int64(ending.LoadEnd), Stuck: ending.Stuck, Made: ending.Made, Picked: ending.Picked, IO: ending.IO, Pages: ending.Pages, Foreign: ending.Foreign}
	_, e.Lost = p.spool.state()
	if err != nil {
		e.Problem = show400(err.Error())
	}
	p.deliver(&e)
	p.close(err)
}

// deliver waits until the stream has all there is, or it is too late.
func (p *part) deliver(e *Ended) {
	b, err := json.Marshal(e)
	if err != nil {
		return
	}
	p.spool.end(b)
	ctx, stop := context.WithTimeout(p.ctx, p.w.cfg.patience.deliver)
	defer stop()
	if err := p.spool.flush(ctx); err != nil && p.ctx.Err() == nil { // else the controller has said that the run is over
		p.w.cfg.Log(err.Error())
	}
}

// end ends the part by hand. mu is held.
func (p *part) end(reason string, now bool) {
	switch {
	case p.run != nil && now:
		p.run.Cancel(reason)
	case p.run != nil:
		p.run.Stop(reason)
	case p.problem != "" && p.startAt != 0: // it is in the run, and could not begin
		if !p.delivers() {
			return
		}
		go func() {
			p.deliver(&Ended{Index: p.job.Index, Reason: reason, Problem: reason})
			p.close(errors.New(reason))
		}()
	default:
		go p.close(nil)
	}
}

// delivers starts delivering, once. mu is held.
func (p *part) delivers() bool {
	if p.delivering {
		return false
	}
	p.delivering = true
	go p.spool.deliver(p.ctx)
	return true
}

// goOn says that the controller was heard: what is this worker's own is known.
func (p *part) goOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != nil {
		p.run.GoOn()
	}
}

// abandon gives up a run that is over for the controller.
func (p *part) abandon() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	if p.run != nil {
		p.run.Cancel("the run is over")
	}
	p.cancel()
	if p.run == nil {
		go p.close(nil)
	}
}

// stop is the first step of stopping, whoever asks. It reports whether that was the first to ask.
func (p *part) stop(reason string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || p.halted != "" {
		return false
	}
	p.halted = reason
	p.end(reason, false)
	return true
}

// close is the end of the part.
func (p *part) close(err error) {
	p.mu.Lock()
	if p.over {
		p.mu.Unlock()
		return
	}
	p.over, p.state, p.err = true, "ended", err
	undo := p.undo
	p.mu.Unlock()
	p.cancel()
	if undo != nil {
		undo()
	}
	if p.folder != "" {
		os.RemoveAll(p.folder)
	}
	close(p.ended)
	p.w.hurry()
}

func (p *part) isOver() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

func (p *part) wait() { <-p.ended }
