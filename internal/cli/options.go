package cli

import (
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/notify"
)

// options is what a command line, the environment and stampede.yaml ask for.
type options struct {
	plan          stampede.Plan
	also          []string // hosts that are asked besides those the plan knows
	out           exports
	ledger        ledgerOptions
	fleet         fleetOptions
	targets       targets
	web           webOptions
	on            string     // the controller that carries the run out; empty for this process
	page          *webServer // beside the run; nil for none
	baseline      string     // the run to compare with, as it was named
	baselineLimit float64    // the share by which a change matters; 0 means the default of a comparison
	repeat        repeatOptions
	plain         bool
	lines         *oneAtTime // what several write to together: the runs of a series, or a run and its log; nil for a run alone
	marked        string     // what is added to the Changes of B in a series
	foreseen      bool       // that it will not be compared was told for an earlier run of the series
	quiet         bool       // nothing between the beginning of a run and its end, but for a dashboard
	allowInvalid  bool
	// tail is what a command adds to the tables of its run; nil for nothing.
	tail    func(r *stampede.Report, columns int, colour bool) string
	servers []monitor.Spec // that are read beside the run
	notify  []notify.Way   // by which people are told what became of schedules
	steer   *conducting    // changes the load by what it sees; nil for a run that goes by its plan
}

// The headings under which settings stand.
const (
	groupLoad    = "Load"
	groupWhat    = "What runs"
	groupJudge   = "Judging"
	groupResults = "Results"
	groupHTTP    = "HTTP"
	groupNotes   = "Kept with the run"
	groupOther   = "Other"
	groupOwn     = "This test's own"
)

// runSettings is the whole table: every setting of run, in the order of the documentation. It reads into o.
func (a *app) runSettings(o *options) []setting.Setting {
	var all []setting.Setting
	all = append(all, a.loadSettings(o)...)
	all = append(all, a.lengthSettings(o)...)
	all = append(all, a.whatSettings(o)...)
	all = append(all, a.fleetSettings(o)...)
	all = append(all, a.judgeSettings(o)...)
	all = append(all, a.repeatSettings(&o.repeat)...)
	all = append(all, a.serverSettings(o)...)
	all = append(all, a.resultSettings(&o.out)...)
	all = append(all, a.httpSettings(o)...)
	all = append(all, a.noteSettings(o)...)
	all = append(all, a.ledgerSettings(&o.ledger)...)
	all = append(all, a.webSettings(&o.web)...)
	all = append(all, onSetting(&o.on))
	all = append(all, a.otherSettings(o)...)
	return append(all, a.logSettings(&o.out.log)...)
}

// pick keeps the named settings, in the order of the table.
func pick(all []setting.Setting, names ...string) []setting.Setting {
	var kept []setting.Setting
	for _, s := range all {
		for _, n := range names {
			if s.Name == n {
				kept = append(kept, s)
			}
		}
	}
	return kept
}

// drop leaves the named settings out.
func drop(all []setting.Setting, names ...string) []setting.Setting {
	var kept []setting.Setting
next:
	for _, s := range all {
		for _, n := range names {
			if s.Name == n {
				continue next
			}
		}
		kept = append(kept, s)
	}
	return kept
}

// text reads a setting as it stands.
func text(into *string) func(string) error {
	return func(t string) error {
		*into = t
		return nil
	}
}

// texts reads a list of texts.
func texts(into *[]string) func(string) error {
	return func(t string) error {
		*into = append(*into, t)
		return nil
	}
}

// onOff reads a switch.
func onOff(into *bool) func(string) error {
	return func(t string) (err error) {
		*into, err = setting.ParseSwitch(t)
		return err
	}
}
