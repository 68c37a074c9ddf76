package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/notify"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/schedule"
	"github.com/stampede-load/stampede/internal/schedule/nights"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/vitals"
)

// timekeeper carries schedules out, one run at a time.
type timekeeper struct {
	*starter
	ledger *ledger.Ledger
	begun  time.Time // before that nobody was here
	said   map[string]bool
	ways   []notify.Way    // by which people are told
	told   sync.WaitGroup  // messages on their way
	lines  context.Context // of those: they outlive what they tell of
}

// keepEvery is how often a timekeeper looks what is due. Somebody else may write into the ledger too.
const keepEvery = 2 * time.Second

// keep carries schedules out until stop is called, which waits for what it is doing.
func (s *starter) keep(ctx context.Context, b *ledger.Ledger, ways []notify.Way) (stop func()) {
	ctx, end := context.WithCancel(ctx)
	done := make(chan struct{})
	k := &timekeeper{starter: s, ledger: b, begun: time.Now(), said: map[string]bool{}, ways: ways}
	lines, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	k.lines = lines
	go func() {
		defer close(done)
		k.cut(ctx)
		for ctx.Err() == nil {
			k.step(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(keepEvery):
			}
		}
	}()
	return func() {
		end()
		<-done
		k.hangUp(giveUp)
	}
}

// hangUp waits for messages that are on their way, aloud; Ctrl-C gives them up.
func (k *timekeeper) hangUp(giveUp func()) {
	defer giveUp()
	told := make(chan struct{})
	go func() {
		k.told.Wait()
		close(told)
	}()
	select {
	case <-told:
		return
	case <-time.After(time.Second):
	}
	put(k.Err, "waiting for messages that are on their way to people; press Ctrl-C again to give them up\n")
	before := k.presses.count()
	k.presses.handle(func(count int) {
		if count > before {
			giveUp()
		}
	})
	<-told
}

// say tells what came of a schedule, aloud.
func (k *timekeeper) say(name, text string) {
	put(k.Out, fmt.Sprintf("schedule %s: %s\n", format.Text(name, 60), text))
}

// fault tells once what is wrong with the ledger or a schedule.
func (k *timekeeper) fault(err error) {
	if err == nil || errors.Is(err, context.Canceled) || k.said[err.Error()] || len(k.said) > 1000 {
		return
	}
	k.said[err.Error()] = true
	put(k.Err, fmt.Sprintf("%s: %s\n", k.name(), err))
}

// cut tells of the turns that an earlier process was ended in.
func (k *timekeeper) cut(ctx context.Context) {
	turns, err := k.ledger.EndCutTurns(ctx, time.Now())
	k.fault(err)
	for i := range turns {
		k.say(turns[i].Schedule, "the run of "+clock(turns[i].Due)+" failed: "+turns[i].Words)
		k.tell(ctx, &turns[i], nil)
	}
}

func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04 MST") }

// step does what is to be done now.
func (k *timekeeper) step(ctx context.Context) {
	all, err := k.ledger.Schedules(ctx)
	if err != nil {
		k.fault(err)
		return
	}
	var first *ledger.Schedule
	var at time.Time
	now := time.Now()
	for i := range all {
		s := &all[i]
		due := s.Asked
		if s.On {
			d, err := k.due(ctx, s, now)
			if err != nil {
				k.fault(err)
				continue
			}
			if !d.Run.IsZero() && (due.IsZero() || d.Run.Before(due)) {
				due = d.Run
			}
		}
		if !due.IsZero() && (first == nil || due.Before(at)) {
			first, at = s, due
		}
	}
	if first == nil || k.isEnding() || k.page.goesOn() {
		return
	}
	elsewhere, err := k.ledger.TurnGoesOn(ctx, now)
	if k.fault(err); err != nil || elsewhere { // by another program on this ledger
		return
	}
	k.cut(ctx)
	k.carry(ctx, first, at)
}

// due says what a schedule has to do, and writes down what was missed.
func (k *timekeeper) due(ctx context.Context, s *ledger.Schedule, now time.Time) (schedule.Due, error) {
	c, err := schedule.ParseCron(s.Cron, s.Zone)
	if err != nil {
		return schedule.Due{}, fmt.Errorf("schedule %s: %w", s.Name, err)
	}
	d := c.DueAt(s.Since, now, s.Late)
	if d.Missed == 0 {
		return d, nil
	}
	why := "serve was not there"
	if d.To.After(k.begun) {
		why = "another run went on"
	}
	return d, k.missed(ctx, s.Name, &d, now, why)
}

func (k *timekeeper) missed(ctx context.Context, name string, d *schedule.Due, now time.Time, why string) error {
	t := ledger.Turn{Schedule: name, Due: d.To, Begun: now, Ended: now, State: ledger.TurnMissed, Missed: d.Missed, Words: why}
	taken, err := k.ledger.BeginTurn(ctx, &t)
	if taken {
		what := "missed the run of " + clock(d.To)
		if d.Missed > 1 {
			what = fmt.Sprintf("missed %d runs from %s to %s", d.Missed, clock(d.From), clock(d.To))
		}
		k.say(name, what+": "+why)
		k.tell(ctx, &t, nil)
	}
	return err
}

// carry carries a turn out and waits for its end, makes its run again where that was left open and is wanted, and tells people what changed.
func (k *timekeeper) carry(ctx context.Context, s *ledger.Schedule, due time.Time) {
	t := &ledger.Turn{Schedule: s.Name, Due: due}
	judged, taken := k.one(ctx, s, t)
	if !taken {
		return
	}
	for again := range s.Repeats {
		if j := lastOf(judged); t.State != ledger.TurnRan || !j.Unsure() || k.isEnding() {
			break
		}
		k.say(s.Name, fmt.Sprintf("that leaves it open: run again (%d of at most %d)", again+1, s.Repeats))
		more := &ledger.Turn{Schedule: s.Name, Due: time.Now(), Again: true}
		all, taken := k.one(ctx, s, more)
		if !taken { // another program took a turn in between: the night stays open
			break
		}
		t, judged = more, all
	}
	last := context.WithoutCancel(ctx)
	k.tell(last, t, judged)
	k.overlapped(last, s, due)
}

// one carries out one turn. taken is false when another program has it.
func (k *timekeeper) one(ctx context.Context, s *ledger.Schedule, t *ledger.Turn) (judged []nights.Judgement, taken bool) {
	t.Begun, t.State = time.Now(), ledger.TurnRunning
	taken, err := k.ledger.BeginTurnAlone(ctx, t)
	if err != nil || !taken {
		k.fault(err)
		return nil, false
	}
	last := context.WithoutCancel(ctx) // what came of it is written in any case
	end := func(state ledger.TurnState, text string) {
		t.State, t.Ended, t.Words = state, time.Now(), text
		k.fault(k.ledger.WriteTurn(last, t))
		k.say(s.Name, fmt.Sprintf("the run of %s %s: %s", clock(t.Due), turnWord(state), text))
	}
	settings := map[string]any{}
	for key, texts := range s.Settings {
		settings[key] = anyOf(texts)
	}
	if why := k.unfit(ctx, s, settings); why != "" {
		end(ledger.TurnSkipped, why)
		return nil, true
	}
	id, err := k.page.console.Begin(ctx, settings, "schedule "+s.Name)
	switch {
	case errors.Is(err, console.ErrBusy):
		end(ledger.TurnMissed, "another run was started in that moment")
		return nil, true
	case err != nil:
		end(ledger.TurnFailed, strings.ReplaceAll(err.Error(), "\n", "; "))
		return nil, true
	}
	t.Run = id
	k.fault(k.ledger.WriteTurn(last, t))
	k.mu.Lock()
	running := k.current
	k.mu.Unlock()
	r, err := running.Wait()
	<-running.kept
	line := report.LineAgainst(r, running.found)
	switch {
	case err != nil:
		end(ledger.TurnFailed, err.Error())
	case r.Run.Interrupted:
		end(ledger.TurnFailed, "it was stopped: "+line)
	default:
		t.State = ledger.TurnRan // so that it is among those that are judged
		k.fault(k.ledger.WriteTurn(last, t))
		judged = k.judged(last, t)
		j := lastOf(judged)
		end(ledger.TurnRan, line+". Beside the nights before: "+j.Words())
	}
	return judged, true
}

// overlapped writes down that a run was due while the one before still went on: it is not made up for.
func (k *timekeeper) overlapped(ctx context.Context, s *ledger.Schedule, due time.Time) {
	c, err := schedule.ParseCron(s.Cron, s.Zone)
	if err != nil || !s.On {
		return
	}
	now := time.Now()
	d := c.DueAt(later(s.Since, due), now, s.Late)
	if d.Count() == 0 {
		return
	}
	d.GiveUp()
	k.fault(k.missed(ctx, s.Name, &d, now, stillWentOn))
}

// stillWentOn is why a time of a schedule was missed while a run of the same schedule went on.
const stillWentOn = "its run before still went on"

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func turnWord(s ledger.TurnState) string {
	return map[ledger.TurnState]string{ledger.TurnRan: "is over", ledger.TurnSkipped: "was skipped", ledger.TurnFailed: "failed", ledger.TurnMissed: "was missed"}[s]
}

func anyOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

// unfit says why a run should not begin now: its target is not well, or this machine is busy with something else. "" is nothing.
func (k *timekeeper) unfit(ctx context.Context, s *ledger.Schedule, settings map[string]any) string {
	k.reading.Lock()
	o, wrong := k.readSettings(settings, false)
	k.reading.Unlock()
	if len(wrong) > 0 {
		return "" // Begin says what
	}
	if err := o.plan.CheckHosts(); err != nil {
		return "" // and does not ask what is never to be asked
	}
	if why := unhealthy(ctx, &o.plan); why != "" {
		return "the target is unhealthy: " + why
	}
	if !s.Busy {
		return busyMachine(ctx)
	}
	return ""
}

// unhealthy says what is wrong with the hosts of a plan; "" is nothing.
func unhealthy(ctx context.Context, plan *stampede.Plan) string {
	for _, err := range reach(ctx, plan, plan.Hosts()) {
		return err.Error()
	}
	h := &plan.HTTP
	if len(h.Resolve) > 0 || h.UnixSocket != "" || h.Proxy != nil || h.ProxyFor != nil || h.Dial != nil || h.Insecure || h.RootCAs != nil || len(h.Certificates) > 0 {
		return "" // only the run itself gets there as it must
	}
	client := http.Client{Timeout: 10 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for _, host := range plan.Hosts() {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, host, nil)
		if err != nil {
			continue
		}
		req.Header.Set("User-Agent", "stampede/"+stampede.Version)
		resp, err := client.Do(req)
		if err != nil {
			return redacted(host) + " does not answer: " + errors.Unwrap(err).Error()
		}
		_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
		ignore(errors.Join(err, resp.Body.Close())) // its status was what was wanted
		if resp.StatusCode >= http.StatusInternalServerError {
			return fmt.Sprintf("%s answers %s", redacted(host), resp.Status)
		}
	}
	return ""
}

// What a machine may be busy with before a run, measured over lookFor: with more than that the run would be SUSPECT.
const (
	lookFor   = 3 * time.Second
	mostBusy  = 0.8                   // of its busiest core
	mostSleep = 10 * time.Millisecond // by which the 99th of 100 wakings is late
)

// busyMachine says that this machine is busy; "" says that it is not.
func busyMachine(ctx context.Context) string {
	p := vitals.New()
	defer p.Close()
	select {
	case <-ctx.Done():
		return ""
	case <-time.After(lookFor):
	}
	var g stats.Gauges
	p.Read(&g)
	switch {
	case g.MachineCPU > mostBusy:
		return fmt.Sprintf("this machine is busy with something else (its busiest core to %s), so the run would be SUSPECT; --busy runs all the same", format.Percent(g.MachineCPU))
	case time.Duration(g.WakeP99) > mostSleep:
		return fmt.Sprintf("this machine stalls (wakings are up to %s late), so the run would be SUSPECT; --busy runs all the same", format.Duration(time.Duration(g.WakeP99)))
	}
	return ""
}

// goesOn reports whether a run goes on or starts.
func (w *webServer) goesOn() bool {
	switch w.console.Status().State {
	case "starting", "running", "paused", "stopping":
		return true
	}
	return false
}
