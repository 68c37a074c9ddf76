package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/pace"
)

// loadSettings say how much load there is.
func (a *app) loadSettings(o *options) []setting.Setting {
	p := &o.plan
	return []setting.Setting{
		{
			Name: "users", Short: "u", Arg: "N|SHAPE", Default: "1", Group: groupLoad, Against: []string{"rate"}, Read: a.shape(&p.Users, true),
			Help: `users at once (closed model): a number, or a shape over time such as "0:0,30s:500,5m:500"`,
		},
		{
			Name: "spawn-rate", Short: "r", Arg: "RATE", Default: "all at once", Group: groupLoad, Against: []string{"rate"}, Read: rate(&p.SpawnRate),
			Help: "users started each second until all are there",
		},
		{
			Name: "rate", Arg: "RATE|SHAPE", Group: groupLoad, Against: []string{"users", "spawn-rate"}, Read: a.shape(&p.Rate, false),
			Help: "arrivals each second, whatever the site does (open model): 500, 500/s, 300/m, or a shape over time",
		},
		{
			Name: "arrivals", Arg: "even|poisson", Default: "even", Group: groupLoad, Read: func(t string) error {
				word, err := setting.Choice(t, "even", "poisson")
				p.Poisson = word == "poisson"
				return err
			},
			Help: "arrivals evenly apart, or at random as people come",
		},
		{
			Name: "max-users", Arg: "N", Default: "10000", Group: groupLoad, Read: whole(&p.MaxUsers),
			Help: "most users at once under a rate; arrivals beyond it wait, then count as dropped",
		},
		{
			Name: "seed", Arg: "N", Default: "from the clock", Group: groupLoad, Read: func(t string) (err error) {
				p.Seed, err = strconv.ParseUint(strings.TrimSpace(t), 10, 64)
				if err != nil || p.Seed == 0 {
					return errors.New("write a whole number above zero: the one that an earlier run printed repeats its choices")
				}
				return nil
			},
			Help: "repeat the random choices of an earlier run, which printed its seed",
		},
	}
}

// lengthSettings say for how long, and how it ends.
func (a *app) lengthSettings(o *options) []setting.Setting {
	p := &o.plan
	return []setting.Setting{
		{
			Name: "run-time", Short: "t", Arg: "TIME", Group: groupLoad, Read: positive(&p.Duration),
			Help: "how long: 90, 30s, 1h20m; without it until a shape ends, --iterations are done, or it is stopped",
		},
		{
			Name: "iterations", Arg: "N", Group: groupLoad, Read: count(&p.Iterations),
			Help: "end after so many tasks, over all users",
		},
		{
			Name: "warmup", Arg: "TIME", Group: groupLoad, Read: positive(&p.Warmup),
			Help: "leave the beginning out of the judged figures; both totals are shown",
		},
		{
			Name: "stop-timeout", Arg: "TIME", Default: "10s", Group: groupLoad, Read: func(t string) error {
				d, err := setting.ParseDuration(t)
				p.StopTimeout = d
				if d == 0 {
					p.StopTimeout = -1 // none, where the plan's zero means its default
				}
				return err
			},
			Help: "how long tasks that have begun may take to end when a run stops; 0 cancels them at once",
		},
	}
}

// pointless finds flags that do nothing for lack of an open model: that of --rate, or of a user type with a rate of its own. In a file or
// the environment they may wait for the day that they do something.
func pointless(given *setting.Set, plan *stampede.Plan) []error {
	if given.Given("rate") || plan.Model() != stampede.Closed {
		return nil
	}
	var wrong []error
	for _, name := range []string{"arrivals", "max-users"} {
		if given.Source(name) == setting.FromFlag {
			wrong = append(wrong, fmt.Errorf("--%s does nothing without --rate; give both or neither", name))
		}
	}
	return wrong
}

// shape reads a number or a shape over time.
func (a *app) shape(into *stampede.Shape, users bool) func(string) error {
	return func(t string) error {
		parser := pace.Parser{Users: users, Open: func(name string) (io.ReadCloser, error) { return os.Open(a.path(name)) }}
		s, err := parser.Parse(t)
		var wrong *pace.SyntaxError
		switch {
		case errors.As(err, &wrong) && len(t) > 0 && strings.TrimLeft(t, "0123456789.-/smh") == "":
			return errors.New(wrong.Msg) // a plain number needs no finger pointing at a character
		case err != nil:
			return err
		case users && s.Max() < 1:
			return errors.New("at least one user is needed; write a number above zero")
		case users && pace.IsLevel(s) && s.Max() != math.Trunc(s.Max()):
			return errors.New("users are counted in whole numbers")
		case s.Max() <= 0:
			return errors.New("a rate of nothing starts nothing; write one above zero")
		}
		*into = s
		return nil
	}
}

func rate(into *float64) func(string) error {
	return func(t string) (err error) {
		*into, err = setting.ParseRate(t)
		return err
	}
}

// positive reads a length of time above zero.
func positive(into *time.Duration) func(string) error {
	return func(t string) error {
		d, err := setting.ParseDuration(t)
		if err == nil && d == 0 {
			err = errors.New("give a time above zero, or leave it out")
		}
		*into = d
		return err
	}
}

func count(into *int64) func(string) error {
	return func(t string) (err error) {
		*into, err = setting.ParseCount(t, 1)
		return err
	}
}

func whole(into *int) func(string) error {
	return func(t string) error {
		n, err := setting.ParseCount(t, 1)
		if err == nil && n > 1<<30 {
			err = fmt.Errorf("must be %d or less", 1<<30)
		}
		*into = int(n)
		return err
	}
}
