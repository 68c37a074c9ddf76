package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// trial is one run of four workers in the middle of which something happens to them.
type trial struct {
	b      *bench
	dir    string
	open   bool
	length time.Duration
	most   int64 // iterations; 0 for no number
	site   *noting
	run    *process
	url    string // to join
	crowd  []*process
	relays []*relay
}

// The load of a trial.
const (
	trialWorkers = 4
	trialRate    = 400 // a second, in both models: so many users who pause a second
	trialLength  = 8 * time.Second
)

// unknownMost is how many tasks a worker that is killed may have begun when it spoke last, whose requests were not under way yet: a tenth of a
// second of its load. Those that were are in the report, as in flight.
const unknownMost = trialRate / trialWorkers / 10

// newTrial starts a run with four workers, each behind a relay of its own.
func (b *bench) newTrial(open bool, length time.Duration, most int64) (*trial, error) {
	t := &trial{b: b, open: open, length: length, most: most}
	if err := t.start(); err != nil {
		t.end()
		return nil, err
	}
	return t, nil
}

func (t *trial) start() (err error) {
	if t.dir, err = os.MkdirTemp(t.b.dir, "trial-"); err != nil {
		return err
	}
	if t.site, err = newNoting(); err != nil {
		return err
	}
	args := []string{"run", "-H", t.site.url(), "-t", t.length.String(), "--fleet", "127.0.0.1:0", "--expect-workers", strconv.Itoa(trialWorkers)}
	if t.run, t.url, err = t.controller(append(args, t.load()...)...); err != nil {
		return err
	}
	_, t.url, _ = strings.Cut(t.url, "'")
	t.url = strings.TrimSuffix(t.url, "'")
	return t.hire()
}

func (t *trial) load() []string {
	if t.open {
		return []string{"--rate", strconv.Itoa(trialRate) + "/s"}
	}
	load := []string{"-u", strconv.Itoa(trialRate), "-r", strconv.Itoa(trialRate), "--think", "1s"}
	if t.most > 0 {
		load = append(load, "--iterations", strconv.FormatInt(t.most, 10))
	}
	return load
}

// controller starts a run whose results go to the trial's folder.
func (t *trial) controller(args ...string) (*process, string, error) {
	herd, err := t.b.herd()
	if err != nil {
		return nil, "", err
	}
	args = append(args, "--plain", "--no-record", "--allow-invalid", "--json", t.result())
	return begin(t.b.ctx, t.env(), true, herd, args...)
}

func (t *trial) env() []string {
	return []string{"XDG_CACHE_HOME=" + t.dir, "STAMPEDE_LEDGER=" + filepath.Join(t.dir, "runs.db"), "GOMAXPROCS=2"}
}

func (t *trial) result() string { return filepath.Join(t.dir, "run.json") }

// hire starts the workers.
func (t *trial) hire() error {
	before, rest, ok := strings.Cut(t.url, "@")
	address, query, also := strings.Cut(rest, "?")
	if !ok || !also {
		return fmt.Errorf("%q is no join URL", t.url)
	}
	herd, err := t.b.herd()
	if err != nil {
		return err
	}
	for range trialWorkers {
		r, err := newRelay(address)
		if err != nil {
			return err
		}
		t.relays = append(t.relays, r)
		p, _, err := begin(t.b.ctx, append(t.env(), "STAMPEDE_JOIN="+before+"@"+r.address()+"?"+query), false, herd, "worker", "--quiet")
		if err != nil {
			return err
		}
		t.crowd = append(t.crowd, p)
	}
	return nil
}

// begun waits for the first request.
func (t *trial) begun() (time.Time, error) {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if all := t.site.taken(); len(all) > 0 {
			return all[0].at, nil
		}
		select {
		case b := <-t.run.rest:
			t.run.rest <- b
			return time.Time{}, fmt.Errorf("the run ended before it began: %s", lastLines(t.run.errs.String()))
		default:
		}
	}
	return time.Time{}, errors.New("no request came within a minute")
}

func (t *trial) end() {
	for _, p := range append(t.crowd, t.run) {
		if p != nil {
			_ = p.cmd.Process.Signal(syscall.SIGCONT) // one that is stopped
			p.end()
		}
	}
	for _, r := range t.relays {
		r.close()
	}
	if t.site != nil {
		t.site.close()
	}
}

// happening is something that happens to workers.
type happening struct {
	name string
	hits int // how many workers
	do   func(t *trial, worker int)
	// length is that of the run: what was cut off is to be back before its end.
	length time.Duration
	most   int64 // iterations, of a closed run that wants a number of them
	unsaid int64 // requests of a closed run that the report may lack: those of a second that was not over when its worker died
}

func happenings() []happening {
	signal := func(s ...syscall.Signal) func(*trial, int) {
		return func(t *trial, worker int) {
			for i, one := range s {
				if i > 0 {
					time.Sleep(5 * time.Second)
				}
				_ = t.crowd[worker].cmd.Process.Signal(one) // the figures show whether it had gone
			}
		}
	}
	return []happening{
		{"kill -9 of one", 1, signal(syscall.SIGKILL), trialLength, 0, trialRate / trialWorkers * 3 / 2},
		{"SIGTERM of two", 2, signal(syscall.SIGTERM), trialLength, 0, 0},
		{"kill -9, --iterations", 1, signal(syscall.SIGKILL), time.Minute, 9 * trialRate, trialRate / trialWorkers * 3 / 2},
		{"stopped for 5 s: two", 2, signal(syscall.SIGSTOP, syscall.SIGCONT), trialLength + 6*time.Second, 0, 0},
		{"cut off for 5 s: two", 2, func(t *trial, worker int) {
			t.relays[worker].cut(true)
			time.Sleep(5 * time.Second)
			t.relays[worker].cut(false)
		}, trialLength + 6*time.Second, 0, 0},
	}
}

// outcome is how a trial went.
type outcome struct {
	whole      time.Duration
	wholeAgain bool
	lost       int64
	beyond     int64 // what the site got and the report does not have
	adds       bool
	exact      bool
	figures    string
	err        error
}

// fleetKills ends workers.
func (b *bench) fleetKills() error { return b.happenings(happenings()[:3]) }

// fleetCuts makes workers silent for a while.
func (b *bench) fleetCuts() error { return b.happenings(happenings()[3:]) }

func (b *bench) happenings(what []happening) error {
	count := 20
	if b.count > 0 {
		count = b.count
	}
	fmt.Printf("   %-24s %-7s %6s %28s %22s %30s\n", "what", "model", "times", "load whole after, s", "lost at most", "sent = told + lost, all add up")
	var wrong []string
	for _, h := range what {
		for _, open := range []bool{true, false} {
			if open && h.most > 0 {
				continue
			}
			all := b.trials(count, func() outcome { return b.happens(h, open) })
			model := "closed"
			if open {
				model = "open"
			}
			line, err := summary(all)
			fmt.Printf("   %-24s %-7s %s\n", h.name, model, line)
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("%s (%s): %v", h.name, model, err))
			}
		}
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// trials makes trials, a few at a time.
func (b *bench) trials(count int, one func() outcome) []outcome {
	out := make([]outcome, count)
	slots := make(chan struct{}, max(2, 2*runtime.NumCPU()))
	var wg sync.WaitGroup
	for i := range count {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if b.ctx.Err() == nil {
				out[i] = one()
			}
		})
	}
	wg.Wait()
	return out
}

func summary(all []outcome) (string, error) {
	var whole []float64
	var lost, beyond int64
	add, exact, wrong := 0, 0, ""
	var err error
	for _, o := range all {
		if o.err != nil {
			err = o.err
			continue
		}
		if o.wholeAgain {
			whole = append(whole, o.whole.Seconds())
		}
		lost = max(lost, o.lost)
		beyond = max(beyond, o.beyond)
		if o.adds {
			add++
		}
		if o.exact {
			exact++
		}
		if !o.adds || !o.exact {
			wrong = o.figures
		}
	}
	line := fmt.Sprintf("%6d %28s %22d %30s", len(all), spreadOf(whole), lost, fmt.Sprintf("%d, %d", exact, add))
	switch n := len(all); {
	case err != nil:
		return line, err
	case len(whole) < n:
		err = fmt.Errorf("the load was not whole again in %d of %d", n-len(whole), n)
	case add < n || exact < n:
		err = fmt.Errorf("of %d, %d add up and %d have all that the site got (at most %d beyond): %s", n, add, exact, beyond, wrong)
	}
	return line, err
}

// happens makes one trial.
func (b *bench) happens(h happening, open bool) (o outcome) {
	t, err := b.newTrial(open, h.length, h.most)
	if err != nil {
		return outcome{err: err}
	}
	defer t.end()
	begun, err := t.begun()
	if err != nil {
		return outcome{err: err}
	}
	time.Sleep(time.Until(begun.Add(1500*time.Millisecond + rand.N(time.Second))))
	at := time.Now()
	var wg sync.WaitGroup
	for w := range h.hits {
		wg.Go(func() { h.do(t, w) })
	}
	_, err = t.run.wait()
	wg.Wait()
	if err != nil && !strings.Contains(err.Error(), "exit status 1") && !strings.Contains(err.Error(), "exit status 6") {
		return outcome{err: err}
	}
	return t.judge(at, h.unsaid)
}

// judge looks at what the run says, and at what the site got.
func (t *trial) judge(at time.Time, unsaid int64) (o outcome) {
	r, err := readFleetResult(t.result())
	if err != nil {
		return outcome{err: err}
	}
	all := t.site.taken()
	o.whole, o.wholeAgain = all.whole(at, trialRate*0.98)
	o.lost, o.beyond, o.adds = r.Lost, int64(len(all))-r.Sent, r.adds(min(unsaid, unknownMost+r.InFlight))
	if o.exact = o.beyond >= 0 && o.beyond <= o.lost; !t.open {
		o.exact = o.beyond >= 0 && o.beyond <= unsaid && (t.most == 0 || r.Sent == t.most && r.Run.Stopped == "iterations")
	}
	o.figures = fmt.Sprintf("%d planned, %d sent, %d dropped, %d not started, %d lost, %d samples, %d in flight, the site got %d; %s", r.Planned, r.Sent, r.Dropped, r.NotStarted,
		r.Lost, r.Total.Count, r.InFlight, len(all), strings.Join(r.Verdict.Reasons, "; "))
	return o
}

// fleetResume kills controllers, and goes on with their runs.
func (b *bench) fleetResume() error {
	count := 10
	if b.count > 0 {
		count = b.count
	}
	all := b.trials(count, b.resumes)
	line, err := summary(all)
	fmt.Printf("   controller killed with -9 and started again 0.5 to 5 s later: times, load whole after (it goes on meanwhile), lost, exact, add up:\n   %s\n", line)
	for _, o := range all {
		if o.err == nil && (o.lost != 0 || o.beyond != 0) {
			err = errors.Join(err, fmt.Errorf("%d lost, and %d that the site got are not in the report", o.lost, o.beyond))
		}
	}
	return err
}

func (b *bench) resumes() (o outcome) {
	t, err := b.newTrial(true, trialLength, 0)
	if err != nil {
		return outcome{err: err}
	}
	defer t.end()
	begun, err := t.begun()
	if err != nil {
		return outcome{err: err}
	}
	time.Sleep(time.Until(begun.Add(time.Second + rand.N(2*time.Second))))
	at := time.Now()
	_ = t.run.cmd.Process.Kill() // the figures show it
	_, _ = t.run.wait()          // it was killed
	time.Sleep(500*time.Millisecond + rand.N(4500*time.Millisecond))
	runs, err := os.ReadDir(filepath.Join(t.dir, "stampede", "fleet", "runs"))
	if err != nil || len(runs) != 1 {
		return outcome{err: fmt.Errorf("%d runs were left: %w", len(runs), err)}
	}
	if t.run, _, err = t.controller("run", "-H", t.site.url(), "--resume", runs[0].Name()); err != nil {
		return outcome{err: err}
	}
	if _, err := t.run.wait(); err != nil {
		return outcome{err: err}
	}
	return t.judge(at, 0)
}
