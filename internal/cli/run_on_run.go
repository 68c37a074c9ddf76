package cli

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/stats"
)

// distant is a run at a controller as the terminal here shows and changes it: a copy that is fetched anew each second.
type distant struct {
	remote  *remote
	id      string
	planned time.Duration // how long it is meant to last; 0 when it has no end
	done    chan struct{} // closed when there is nothing more to show

	report *stampede.Report // at the end; nil when it could not be fetched
	wrong  error            // why not

	mu     sync.Mutex
	live   stampede.Live
	points []stampede.Point
	sent   map[string]int64 // of each worker, at the look before
	over   bool
	left   bool   // whoever looked has given up waiting
	ended  bool   // by whoever looks
	quit   func() // ends fetching the report; nil until then
}

// How a distant run is looked at.
const (
	lookEach   = time.Second
	lookTrials = 15 // that fail in a row until it is given up
	lookBack   = 10 // s of its course that come along, for what is called now
	mostPoints = 600
)

// Live implements screen.Controls.
func (t *distant) Live() stampede.Live {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}

// Done implements screen.Controls.
func (t *distant) Done() <-chan struct{} { return t.done }

func (t *distant) isOver() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.over
}

func (t *distant) hasLeft() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.left
}

// order asks for a change. It has a time limit of its own: who presses a key waits for it.
func (t *distant) order(verb string, body any) error {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	return t.remote.ask(ctx, http.MethodPost, runPath(t.id, "/"+verb), body, nil)
}

// tell is order where nobody can be told what came of it: the next look shows it.
func (t *distant) tell(verb string) { ignore(t.order(verb, nil)) }

// SetUsers implements screen.Controls.
func (t *distant) SetUsers(n int, spawnRate float64) error {
	return t.order("load", map[string]any{"users": n, "spawn-rate": spawnRate})
}

// SetRate implements screen.Controls.
func (t *distant) SetRate(perSecond float64) error {
	return t.order("load", map[string]any{"rate": perSecond})
}

// Pause implements screen.Controls.
func (t *distant) Pause() { t.tell("pause") }

// Resume implements screen.Controls.
func (t *distant) Resume() { t.tell("resume") }

// Stop implements screen.Controls.
func (t *distant) Stop(reason string) {
	t.tell("stop")
	t.mu.Lock()
	t.ended = t.ended || reason == stoppedByPerson
	t.mu.Unlock()
}

// Cancel gives up waiting for the end: the run is stopping there, and is shown as it stands.
func (t *distant) Cancel(reason string) {
	t.Stop(reason)
	t.mu.Lock()
	t.left = true
	if t.quit != nil {
		t.quit()
	}
	t.mu.Unlock()
}

// watch looks each second until the run is over, or cannot be seen any longer, and fetches its report.
func (t *distant) watch(ctx context.Context) {
	defer close(t.done)
	lost := 0
	for !t.isOver() && !t.hasLeft() {
		select {
		case <-ctx.Done():
			t.wrong = ctx.Err()
			return
		case <-time.After(lookEach):
		}
		err := t.look(ctx)
		if err == nil {
			lost = 0
			continue
		}
		if lost++; lost > lookTrials {
			t.wrong = fmt.Errorf("the run goes on at %s, and is not seen from here any longer: %w", t.remote.url, err)
			return
		}
	}
	t.fetch(ctx)
}

// fetch gets the report, which may be large, and asks again when that fails, until whoever looks gives up.
func (t *distant) fetch(ctx context.Context) {
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	limit := longestResult
	t.mu.Lock()
	if t.quit = quit; t.left {
		limit = longestAnswer
	}
	t.mu.Unlock()
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	for range lookTrials {
		if t.report, _, t.wrong = t.remote.result(ctx, t.id, ""); t.report != nil || ctx.Err() != nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(lookEach):
		}
	}
	if t.report != nil {
		t.mu.Lock()
		t.report.Run.Interrupted = t.report.Run.Interrupted || t.ended
		t.mu.Unlock()
	}
}

// look fetches how the run stands.
func (t *distant) look(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, longestAnswer)
	defer stop()
	var status struct{ State, Run string }
	if err := t.remote.ask(ctx, http.MethodGet, "/api/v1/status", nil, &status); err != nil {
		return err
	}
	over := status.Run != t.id || status.State == "done"
	if over {
		status.State = "done"
	}
	got, _, err := t.remote.result(ctx, t.id, fmt.Sprintf("?last=%d", lookBack))
	if err != nil {
		return err
	}
	var fleet struct{ Workers []console.Worker }
	if err := t.remote.ask(ctx, http.MethodGet, "/api/v1/fleet", nil, &fleet); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = over
	t.live = t.liveOf(got, status.State)
	t.live.Workers = t.workers(fleet.Workers)
	return nil
}

// liveOf is a report so far as a run that goes on. mu is held.
func (t *distant) liveOf(r *stampede.Report, state string) stampede.Live {
	l := stampede.Live{
		Run: r.Run, Elapsed: r.Run.Duration, Planned: t.planned, State: state, InFlight: int(r.InFlight), Sent: r.Sent, PlannedCount: r.Planned, Dropped: r.Dropped,
		NotStarted: r.NotStarted, Lost: r.Lost, Rows: r.Judged.Rows, Total: r.Judged.Total, Whole: r.Whole.Total, Seconds: r.Judged.Seconds, Errors: r.Whole.Errors,
		Verdict: r.Verdict, Thresholds: r.Thresholds, Events: r.Events, StartFailed: r.StartFailed, Died: r.Died, UsersStarted: r.UsersStarted,
	}
	for _, p := range r.Phases {
		if l.Elapsed >= p.From && (p.To == 0 || l.Elapsed < p.To) {
			l.Phase = p.Name
		}
	}
	if r.Series == nil {
		return l
	}
	var before *stats.Second
	for sec := range r.Series.Seconds() {
		t.point(sec, r.Run.Paced)
		if before != nil {
			l.Rate = float64(sec.Gauges.Planned - before.Gauges.Planned)
		}
		before = sec
	}
	if r.Run.RateText == "" {
		l.Rate = 0
	}
	l.History = slices.Clone(t.points)
	if recent := r.Series.Recent(lookBack * time.Second); recent != nil {
		g := &recent.Gauges
		l.RecentAll, l.Recent, l.RecentSpan = recent.Total, recent.Rows, recent.Lasted()
		l.Users, l.Target, l.Waiting, l.Starting = g.Users, g.Target, g.Waiting-g.Starting, g.Starting
	}
	return l
}

// point adds a second to the little charts, unless they have it. mu is held.
func (t *distant) point(sec *stats.Second, paced bool) {
	if n := len(t.points); sec.Width != 1 || n > 0 && sec.Index <= t.points[n-1].Second {
		return
	}
	h := sec.Total.Headline(paced)
	at := func(q float64) time.Duration { return time.Duration(h.Quantile(q)) }
	t.points = append(t.points, stampede.Point{
		Second: sec.Index, Users: sec.Gauges.Users, Rate: float64(sec.Total.Count), FailureRate: float64(sec.Total.Failures),
		P50: at(0.5), P95: at(0.95), P99: at(0.99), LagP99: time.Duration(sec.Total.Lag.Quantile(0.99)),
	})
	if len(t.points) > mostPoints {
		t.points = slices.Delete(t.points, 0, len(t.points)-mostPoints)
	}
}

// workers are those of a controller as a dashboard has them. mu is held.
func (t *distant) workers(all []console.Worker) []stampede.LiveWorker {
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	var out []stampede.LiveWorker
	sent := map[string]int64{}
	for i := range all {
		w := &all[i]
		one := stampede.LiveWorker{State: w.State, UsersNow: w.Users, CPUNow: -1}
		one.Number, one.Name, one.Host, one.Weight, one.Sent = i+1, w.Name, w.Host, w.Weight, w.Sent
		one.RTT, one.ClockOffset, one.ClockError = ms(w.RTT), ms(w.ClockOffset), ms(w.ClockError)
		if before, known := t.sent[w.Name]; known {
			one.RateNow = float64(w.Sent-before) / lookEach.Seconds()
		}
		sent[w.Name] = w.Sent
		out = append(out, one)
	}
	t.sent = sent
	return out
}
