package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/verdict"
)

const groupLimit = "Limit"

// limitOptions are those of a run, and what is looked for.
type limitOptions struct {
	hitOptions
	search   limit.Options
	fromText string
	toText   string
}

// limitCommand finds at what load a rule stops to hold: of the program's test, or of URLs in the stock binary.
func (a *app) limitCommand() *cobra.Command {
	var o limitOptions
	use, what := "limit [flags] RULE [USER TYPE...]", "the test"
	if a.Test == nil {
		use, what = "limit [flags] RULE URL...", "the URLs"
	}
	c := &cobra.Command{
		Use:   use,
		Short: "Find at what load a rule stops to hold",
		Long: "Find at what load a rule stops to hold: run " + what + " at one load after the other, first growing, then halving the gap between what holds " +
			"and what breaks. Each level lasts until the answer is sure. --from and --to are users, or with /s arrivals a second; the load never goes beyond --to.",
		Example: "  " + a.name() + " limit 'p95 < 500ms and failures < 1%' --from 20/s --to 5000/s",
	}
	table := a.limitSettings(&o)
	l := a.settings(c, table, a.Test != nil)
	if a.Test == nil {
		l.optional, l.only = true, []string{"ledger", "no-record", "servers", "hosts"}
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		if len(args) == 0 {
			wrong.add(errors.New("no rule: say what must hold, such as 'p95 < 500ms and failures < 1%'"))
			return wrong.err()
		}
		rule, err := verdict.Parse(args[0])
		wrong.add(err)
		if rule.UsesServers() || o.search.GiveUp.UsesServers() {
			wrong.add(errors.New("a limit is searched for by what visitors feel: write the rule, and --give-up, on requests; the servers that are watched say what gave way first"))
		}
		o.search.Rule = rule
		o.fleet.command, o.fleet.given = "run", l.set // what workers carry out is a run, or a hit, whose load the search changes
		if a.Test == nil {
			o.fleet.command, o.fleet.args = "hit", args[1:]
		}
		wrong.add(o.span()...)
		o.load(a, l.set, args[1:], &wrong)
		if _, err := limit.NewSearch(o.search); err != nil && rule != nil {
			wrong.add(err)
		}
		return a.drive(c.Context(), &o.options, wrong)
	}
	return c
}

// limitSettings are those of run or hit but for the load, which is what is looked for.
func (a *app) limitSettings(o *limitOptions) []setting.Setting {
	own := []setting.Setting{
		{Name: "from", Arg: "LOAD", Group: groupLimit, Read: text(&o.fromText), Help: "the lowest load, at which the rule surely holds: 20 users, or 20/s arrivals a second; a fiftieth of --to when it is not given"},
		{Name: "to", Arg: "LOAD", Group: groupLimit, Read: text(&o.toText), Help: "the highest load that may be sent: 5000, 5000/s"},
		{
			Name: "step", Arg: "TIME", Group: groupLimit, Default: "30s", Help: "how long a level lasts at least; three minutes or more where a server is read once a minute",
			Read: func(t string) (err error) {
				o.search.Step, err = setting.ParseDuration(t)
				return err
			},
		},
		{
			Name: "precision", Arg: "SHARE", Group: groupLimit, Default: "5%", Help: "how near the answer is to be",
			Read: func(t string) (err error) {
				o.search.Precision, err = shareOf(t)
				return err
			},
		},
		{
			Name: "give-up", Arg: "EXPR", Group: groupLimit, Default: "failures > 50% over 5s", Help: "ends a level at once, and no higher one follows",
			Read: func(t string) error {
				r, err := verdict.Parse(t)
				if err != nil {
					return err
				}
				o.search.GiveUp = verdict.Not(r)
				return nil
			},
		},
	}
	rest := a.runSettings(&o.options)
	if a.Test == nil {
		rest = a.hitSettings(&o.hitOptions)
	}
	return append(own, drop(rest, "users", "rate", "run-time", "iterations", "warmup", "repeat", "pause", "interleave", "csv-full-history", "threshold")...)
}

// fromShare is the part of --to at which a search begins when --from is not given.
const fromShare = 0.02

// span reads --from and --to.
func (o *limitOptions) span() (wrong []error) {
	read := func(name, text string) (load float64, open bool) {
		number, unit, open := strings.Cut(text, "/")
		per, known := map[string]float64{"": 1, "s": 1, "m": 60, "h": 3600}[unit]
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || !known || !(v > 0) || math.IsInf(v, 0) {
			wrong = append(wrong, fmt.Errorf("--%s %s: use a number of users, or of arrivals a second such as 20/s", name, text))
			return 1, open
		}
		return v / per, open
	}
	if o.toText == "" {
		wrong = append(wrong, errors.New("--to is not given: say what may be sent at most, such as --to 5000/s arrivals or --to 2000 users"))
		o.search.From, o.search.To = 1, 1
		return wrong
	}
	var open bool
	o.search.To, open = read("to", o.toText)
	o.search.From, o.search.Open = o.search.To*fromShare, open
	if !open {
		o.search.From = max(1, math.Round(o.search.From))
	}
	if o.fromText != "" {
		o.search.From, o.search.Open = read("from", o.fromText)
		if o.search.Open != open {
			wrong = append(wrong, errors.New("--from and --to: give both as users, or both with /s"))
		}
	}
	return wrong
}

// load makes the plan: a load that goes on until the search ends it.
func (o *limitOptions) load(a *app, given *setting.Set, args []string, wrong *mistakes) {
	p := &o.plan
	p.Users, p.Rate = nil, nil
	first := stampede.Level(o.search.From)
	if o.search.Open {
		p.Rate = first
	} else {
		p.Users = first
	}
	if a.Test == nil {
		o.hit(a, given, args, wrong)
	} else {
		p.Test, p.UserTypes = *a.Test, args
		wrong.add(o.aim(given))
	}
	p.Duration = longestSearch
	p.Thresholds = nil // the rule is judged level by level
	o.search.AllowInvalid = o.allowInvalid
	o.steer = &conducting{search: o.search, fixed: given.Given("step"), maxUsers: p.MaxUsers, say: func(text string) { put(a.Err, text+"\n") }}
}

// longestSearch ends a search that would not end by itself.
const longestSearch = 12 * time.Hour

// conducting drives a run by a conductor: it sees each second and changes the load.
type conducting struct {
	search   limit.Options
	fixed    bool // levels last as long as --step says
	maxUsers int
	say      func(string)

	mu        sync.Mutex
	conductor *limit.Conductor
	seconds   chan *stampede.Second
}

// Begin is called before the first user.
func (c *conducting) Begin(stampede.RunInfo) {}

// Second hands a second on: deciding takes longer than an observer may.
func (c *conducting) Second(sec *stampede.Second) {
	sec = sec.Came()
	copied := *sec
	copied.Rows, copied.Total = make([]stampede.Row, len(sec.Rows)), sec.Total.Clone()
	for i := range sec.Rows {
		copied.Rows[i] = sec.Rows[i].Clone()
	}
	select {
	case c.seconds <- &copied:
	default: // ten minutes behind: the machine is too slow to decide anything
	}
}

// Event and End are not needed.
func (c *conducting) Event(stampede.Event) {}

// End is not needed.
func (c *conducting) End(*stampede.Report) {}

// join makes it see a run that is about to begin, and gives its report the answer before anybody reads it.
func (c *conducting) join(p *stampede.Plan) {
	c.lengthen(p.Servers)
	c.seconds = make(chan *stampede.Second, 600)
	p.Observers = append(p.Observers, c)
	after := p.Test.After
	p.Test.After = func(ctx context.Context, plan *stampede.Plan, r *stampede.Report) error {
		r.Limit = limitBeside(c.answer(), p.Baseline)
		if after == nil {
			return nil
		}
		return after(ctx, plan, r)
	}
}

// pointsOfLevel is how many points of a server a level holds, so that they can explain it.
const pointsOfLevel = 3

// lengthen makes levels as long as servers need whose figures come far apart.
func (c *conducting) lengthen(servers []stampede.WatchedServer) {
	for _, s := range servers {
		if c.fixed || s.Historian == nil {
			continue
		}
		if least := pointsOfLevel * s.Historian.Grain(); least > c.search.Step {
			c.search.Step = least
			c.say(fmt.Sprintf("the figures of %s are %s apart: a level lasts %s at least, so that they can explain it (--step says otherwise)",
				s.Name, format.Span(s.Historian.Grain()), format.Span(least)))
		}
	}
}

// start leads a run on a goroutine of its own; the function that it returns waits for the end of that. c may be nil: a run that goes by its plan.
func (c *conducting) start(ctx context.Context, running *stampede.Running) (wait func()) {
	if c == nil {
		return func() {}
	}
	var leading sync.WaitGroup
	leading.Go(func() {
		if err := c.conduct(ctx, running); err != nil {
			c.say("limit: " + err.Error())
		}
	})
	return leading.Wait
}

// conduct leads the run until the search or the run is over.
func (c *conducting) conduct(ctx context.Context, running *stampede.Running) error {
	conductor, first, err := limit.NewConductor(c.search, c.maxUsers)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.conductor = conductor
	c.mu.Unlock()
	c.say(first.Text)
	paused := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-running.Done():
			return nil
		case sec := <-c.seconds:
			c.mu.Lock()
			action := conductor.Second(sec)
			c.mu.Unlock()
			if action.Text != "" {
				c.say(action.Text)
			}
			switch action.Order {
			case limit.Load:
				if err := c.set(running, action.Load); err != nil {
					running.Stop(err.Error())
					return err
				}
				if paused {
					running.Resume()
					paused = false
				}
			case limit.Drain:
				running.Pause()
				paused = true
			case limit.Stop:
				running.Stop(limitFound)
				return nil
			}
		}
	}
}

// limitFound is the reason of a run whose search came to its end.
const limitFound = "the limit was found"

func (c *conducting) set(running *stampede.Running, load float64) error {
	if c.search.Open {
		return running.SetRate(load)
	}
	return running.SetUsers(int(load), 0)
}

// answer is what was found; nil before the search began.
func (c *conducting) answer() *stampede.Limit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.conductor == nil {
		return nil
	}
	a := c.conductor.Answer()
	return &a
}
