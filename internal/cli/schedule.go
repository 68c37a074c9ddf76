package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/schedule"
)

// scheduleCommand has the commands about runs that come by themselves.
func (a *app) scheduleCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "schedule",
		Short: "Runs that come by themselves: kept in the ledger, carried out by serve",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	c.AddCommand(a.scheduleAddCommand(), a.scheduleListCommand(),
		a.scheduleChange("remove NAME", "Take a schedule away; its runs stay", "removed", func(ctx context.Context, b *ledger.Ledger, name string) error {
			return b.RemoveSchedule(ctx, name)
		}),
		a.scheduleChange("on NAME", "Have a schedule carried out", "is on", func(ctx context.Context, b *ledger.Ledger, name string) error {
			return b.SwitchSchedule(ctx, name, true, time.Now())
		}),
		a.scheduleChange("off NAME", "Have a schedule not carried out, until it is switched on", "is off", func(ctx context.Context, b *ledger.Ledger, name string) error {
			return b.SwitchSchedule(ctx, name, false, time.Now())
		}),
		a.scheduleChange("run NAME", "Have serve make a run of a schedule now, also of one that is off", "serve makes a run in a moment, or when it is there",
			func(ctx context.Context, b *ledger.Ledger, name string) error {
				return b.AskSchedule(ctx, name, time.Now())
			}),
		a.scheduleAcceptCommand(),
	)
	return c
}

// scheduleAddCommand keeps a schedule.
func (a *app) scheduleAddCommand() *cobra.Command {
	var one console.Schedule
	var late time.Duration
	c := &cobra.Command{
		Use: "add NAME --cron EXPRESSION [--tz ZONE] -- FLAGS OF RUN", Short: "Have runs come by themselves",
		Long: "Have runs come by themselves: serve carries them out. What stands behind -- are flags of run; what stampede.yaml and the environment say where " +
			"serve runs counts too. Times are those of the zone's clocks: one that they skip in spring comes at the next they show, one that they show twice in autumn comes once.",
		Example: "  " + a.name() + ` schedule add nightly --cron "30 2 * * *" --tz Europe/Berlin -- -u 500 -r 20 -t 15m --target staging --threshold 'p95 < 1s'`,
	}
	c.ValidArgsFunction = cobra.NoFileCompletions
	flags := c.Flags()
	flags.StringVar(&one.Cron, "cron", "", "when: `EXPRESSION` of minute, hour, day of month, month, day of week; or @daily, @weekly")
	flags.StringVar(&one.Zone, "tz", "UTC", "the time `ZONE` of that: Europe/Berlin")
	flags.DurationVar(&late, "late", time.Hour, "how long after its time a run may still begin: `TIME`")
	flags.IntVar(&one.Repeats, "repeat-when-unsure", 0, "make a run again at once, up to `N` times, when it leaves open what its night came to")
	flags.BoolVar(&one.Busy, "busy", false, "run also when the machine is busy with something else")
	args := func(c *cobra.Command, args []string) error {
		if c.ArgsLenAtDash() != 1 && (c.ArgsLenAtDash() >= 0 || len(args) != 1) {
			return errors.New("give one name, and the flags of run behind --: " + strings.TrimSpace(c.Example))
		}
		return nil
	}
	return a.withLedger(c, args, func(*ledgerOptions) error { return nil }, func(ctx context.Context, b *ledger.Ledger, args []string) error {
		one.Name, one.Late = args[0], format.Seconds(late)
		if one.Cron == "" {
			return errors.New(`--cron is missing: say when, such as --cron "30 2 * * *"`)
		}
		settings, err := a.flagsOfRun(args[1:])
		if err != nil {
			var wrong mistakes
			_, when := schedule.ParseCron(one.Cron, one.Zone)
			wrong.add(when, err)
			return wrong.err()
		}
		s := &schedules{starter: &starter{app: a, ctx: ctx}, ledger: b}
		err = s.Add(ctx, one, settings)
		if wrong, ok := errors.AsType[console.Mistakes](err); ok {
			var all mistakes
			for _, m := range wrong {
				all.add(errors.New(m.Text))
			}
			return all.err()
		}
		if errors.Is(err, ledger.ErrTaken) {
			return fmt.Errorf("schedule %s: %w", one.Name, ledger.ErrTaken)
		}
		if err != nil {
			return err
		}
		all, err := s.All(ctx)
		for i := range all {
			if all[i].Name == one.Name && all[i].Next != nil {
				put(a.Out, fmt.Sprintf("schedule %s: the first run comes on %s, when serve is there\n", one.Name, inZone(*all[i].Next, one.Zone)))
			}
		}
		return err
	})
}

// flagsOfRun are flags of run as settings.
func (a *app) flagsOfRun(args []string) (map[string]any, error) {
	var o options
	c := &cobra.Command{}
	l := a.settings(c, a.runSettings(&o), true)
	if err := c.ParseFlags(args); err != nil {
		return nil, a.flagError(c, err)
	}
	var wrong mistakes
	wrong.add(l.mistakes...)
	if rest := c.Flags().Args(); len(rest) > 0 {
		wrong.add(fmt.Errorf("%s: user types cannot be chosen in a schedule: choose tasks with --tags and --exclude-tags", strings.Join(rest, " ")))
	}
	wrong.add(l.set.Resolve(func(string) (string, bool) { return "", false }, nil)...)
	settings := map[string]any{}
	l.set.Each(func(s *setting.Setting) {
		switch {
		case !l.set.Given(s.Name):
		case !offered(s):
			wrong.add(fmt.Errorf("--%s does not go into a schedule: files are exported from its runs, and where the ledger is says serve", s.Name))
		default:
			settings[s.FileKey()] = anyOf(l.set.Texts(func(o *setting.Setting) bool { return o.Name == s.Name })[s.FileKey()])
		}
	})
	return settings, wrong.err()
}

// scheduleChange is a command that changes one schedule.
func (a *app) scheduleChange(use, short, done string, change func(ctx context.Context, b *ledger.Ledger, name string) error) *cobra.Command {
	c := &cobra.Command{Use: use, Short: short, ValidArgsFunction: cobra.NoFileCompletions}
	return a.ledgerCommand(c, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		err := change(ctx, b, args[0])
		if errors.Is(err, ledger.ErrNoSchedule) {
			return fmt.Errorf("%s: %w", args[0], a.knownSchedules(ctx, b))
		}
		if err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("schedule %s: %s\n", args[0], done))
		return nil
	})
}

// knownSchedules says that a schedule is not there, and which are.
func (a *app) knownSchedules(ctx context.Context, b *ledger.Ledger) error {
	all, err := b.Schedules(ctx)
	if err != nil {
		return err
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name
	}
	if len(names) == 0 {
		return fmt.Errorf("%w; there is none at all", ledger.ErrNoSchedule)
	}
	return fmt.Errorf("%w; there are %s", ledger.ErrNoSchedule, strings.Join(names, ", "))
}

// scheduleListCommand shows the schedules.
func (a *app) scheduleListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list [NAME]", Short: "The schedules, their next runs, and what became of the last", ValidArgsFunction: cobra.NoFileCompletions}
	asJSON := c.Flags().Bool("json", false, "as JSON")
	return a.ledgerCommand(c, cobra.MaximumNArgs(1), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		all, err := (&schedules{ledger: b}).All(ctx)
		if err != nil {
			return err
		}
		if len(args) == 1 {
			all = slices.DeleteFunc(all, func(s console.Schedule) bool { return s.Name != args[0] })
			if len(all) == 0 {
				return fmt.Errorf("%s: %w", args[0], a.knownSchedules(ctx, b))
			}
		}
		if *asJSON {
			e := json.NewEncoder(a.Out)
			e.SetIndent("", "  ")
			return e.Encode(map[string]any{"schedules": append([]console.Schedule{}, all...)})
		}
		put(a.Out, scheduleTable(all, len(args) == 1))
		return nil
	})
}

func inZone(t time.Time, zone string) string {
	if l, err := time.LoadLocation(zone); err == nil {
		t = t.In(l)
	}
	return t.Format("Mon 2006-01-02 15:04 MST")
}

// scheduleTable is the schedules for people; with all their turns when there is one.
func scheduleTable(all []console.Schedule, turns bool) string {
	if len(all) == 0 {
		return "there are no schedules: schedule add makes one\n"
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "SCHEDULE\tWHEN\tNEXT\tLAST")
	for i := range all {
		s := &all[i]
		next, last := "off", "never yet"
		if s.Next != nil {
			next = inZone(*s.Next, s.Zone)
		}
		if n := len(s.Turns); n > 0 {
			last = turnLine(&s.Turns[n-1], s.Zone)
		}
		fmt.Fprintf(w, "%s\t%s (%s)\t%s\t%s\n", s.Name, s.Cron, s.Zone, next, last)
	}
	ignore(w.Flush())
	for i := range all {
		if !turns {
			break
		}
		fmt.Fprintf(&b, "\n%s\n", settingsLine(all[i].Settings))
		for j := range all[i].Turns {
			fmt.Fprintf(&b, "  %s\n", turnLine(&all[i].Turns[j], all[i].Zone))
		}
	}
	return b.String()
}

func turnLine(t *console.Turn, zone string) string {
	what := t.State
	if t.Missed > 1 {
		what = fmt.Sprintf("%s, %d times", what, t.Missed)
	}
	line := inZone(t.Due, zone) + " " + what
	if t.Run != "" {
		line += ", run " + t.Run
	}
	if t.Words != "" {
		line += ": " + format.Text(t.Words, 160)
	}
	return line
}

// settingsLine is settings as they would stand in stampede.yaml, on one line.
func settingsLine(all map[string][]string) string {
	var parts []string
	for key, texts := range all {
		parts = append(parts, key+": "+format.Text(strings.Join(texts, ", "), 80))
	}
	slices.Sort(parts)
	if len(parts) == 0 {
		return "with the settings of stampede.yaml"
	}
	return strings.Join(parts, "; ")
}
