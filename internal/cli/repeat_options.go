package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

// repeatOptions ask for more than one run.
type repeatOptions struct {
	times      int
	pause      time.Duration
	interleave string
}

// mostRepeats bounds a series: whoever wants more wants a schedule.
const mostRepeats = 1000

// wanted reports whether it is a series at all.
func (o *repeatOptions) wanted() bool { return o.times > 1 || o.interleave != "" }

// repeatSettings make a series of a run.
func (a *app) repeatSettings(o *repeatOptions) []setting.Setting {
	return []setting.Setting{
		{
			Name: "repeat", Arg: "N", Default: "1", Group: groupLoad, NotInFile: true, Read: func(t string) error {
				n, err := setting.ParseCount(t, 1)
				if err == nil && n > mostRepeats {
					err = fmt.Errorf("must be %d or less", mostRepeats)
				}
				o.times = int(n)
				return err
			},
			Help: "run it so many times, one after the other, and say how much the runs differ",
		},
		{
			Name: "pause", Arg: "TIME", Default: "0", Group: groupLoad, Needs: "repeat", NotInFile: true, Read: func(t string) (err error) {
				o.pause, err = setting.ParseDuration(t)
				return err
			},
			Help: "between two runs of --repeat",
		},
		{
			Name: "interleave", Arg: "SETTING=VALUE,...", Group: groupJudge, Needs: "repeat", NotInFile: true, Read: text(&o.interleave),
			Help: "run B, the same with these settings changed, in turn with A (A B B A A B ...), each --repeat times, and say whether B is worse",
		},
	}
}

// again is how to read a command line once more: each run of a series has a plan of its own.
type again struct {
	*app
	line  *line
	own   bool
	table func(*hitOptions) []setting.Setting
	plan  func(*hitOptions, *setting.Set, *mistakes)
}

// read reads the command line with some settings changed, and says what is mistaken. The options are fresh; flags of the test's own are set
// anew, for they are the test's variables. shown is what was changed, as it may be printed.
func (g *again) read(changes []change) (o *options, shown string, wrong mistakes) {
	var h hitOptions
	l := g.settings(&cobra.Command{}, g.table(&h), g.own)
	l.optional, l.only = g.line.optional, g.line.only
	l.set.Like(g.line.set)
	var texts []string
	for _, c := range changes {
		text, err := c.apply(l.set)
		wrong.add(err)
		texts = append(texts, text)
	}
	g.resetOwn()
	more, _ := g.resolve(l)
	wrong.add(more...)
	g.plan(&h, l.set, &wrong)
	wrong.add(pointless(l.set, &h.options.plan)...)
	return &h.options, strings.Join(texts, ", "), wrong
}

// resetOwn gives the flags of the test's own their defaults back.
func (a *app) resetOwn() {
	a.own.VisitAll(func(f *pflag.Flag) {
		list, ok := f.Value.(pflag.SliceValue)
		if !ok {
			ignore(f.Value.Set(f.DefValue)) // a default that the flag itself refuses stays as it is
			return
		}
		values, err := csv.NewReader(strings.NewReader(strings.Trim(f.DefValue, "[]"))).Read()
		if err != nil {
			values = nil // an empty list
		}
		ignore(list.Replace(values))
	})
}

// ignore says that an error needs nobody's attention.
func ignore(error) {}

// change is a setting of B.
type change struct {
	name  string
	texts []string
}

// apply makes the change.
func (c *change) apply(set *setting.Set) (shown string, err error) {
	fixed := []string{"repeat", "pause", "interleave", configFlag, "ledger", "no-record", "baseline", "baseline-limit", "plain", "allow-invalid"}
	if slices.Contains(fixed, c.name) || set.Group(c.name) == groupResults {
		return "", fmt.Errorf("%s is the same for all runs; change it for both", c.name)
	}
	return set.Change(c.name, c.texts...)
}

// parseChanges reads "host=http://127.0.0.1:8002,changes="new cache"": commas inside quotes or brackets part nothing.
func parseChanges(text string) ([]change, error) {
	var out []change
	at := map[string]int{}
	var wrong mistakes
	for _, part := range setting.Split(text) {
		name, value, ok := strings.Cut(part, "=")
		name = strings.TrimPrefix(strings.TrimSpace(name), "--")
		if !ok || name == "" {
			wrong.add(fmt.Errorf("%q: write SETTING=VALUE, such as host=http://127.0.0.1:8002, with commas between several", part))
			continue
		}
		value = strings.TrimSpace(value)
		if unquoted, err := strconv.Unquote(value); err == nil && strings.HasPrefix(value, `"`) {
			value = unquoted
		}
		i, known := at[name]
		if !known {
			i = len(out)
			at[name] = i
			out = append(out, change{name: name})
		}
		out[i].texts = append(out[i].texts, value)
	}
	if len(wrong) == 0 && len(out) == 0 {
		wrong.add(errors.New("nothing is changed: write SETTING=VALUE, such as host=http://127.0.0.1:8002"))
	}
	return out, wrong.err()
}
