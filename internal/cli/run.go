package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/report"
)

// runCommand runs the program's test.
func (a *app) runCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "run [flags] [USER TYPE...]",
		Short: "Run the test, print what its users felt, and exit",
		Long: "Run the test, print what its users felt, and exit with a status that says how it went. With names of user types only those run. " +
			"Without -u, --rate and -t one user does each task once.",
		Example: "  " + a.name() + " run -u 500 -r 20 -t 5m --threshold 'p95 < 500ms' --html report.html\n" +
			"  " + a.name() + " run --rate 1000/s -t 1m --json -",
	}
	l := a.settings(c, a.runSettings(&o), true)
	c.RunE = func(c *cobra.Command, args []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		o.plan.Test, o.plan.UserTypes = *a.Test, o.web.take(l.set, args)
		o.fleet.command, o.fleet.given = "run", l.set
		wrong.add(o.aim(l.set))
		wrong.add(pointless(l.set, &o.plan)...)
		if o.on != "" {
			return a.elsewhere(c.Context(), &o, l, o.plan.UserTypes, wrong)
		}
		if o.repeat.wanted() {
			g := again{a, l, true, func(h *hitOptions) []setting.Setting { return a.runSettings(&h.options) }, func(h *hitOptions, set *setting.Set, wrong *mistakes) {
				h.plan.Test, h.plan.UserTypes = *a.Test, args
				wrong.add(h.aim(set))
			}}
			return g.inSeries(c.Context(), &o, wrong)
		}
		return a.drive(c.Context(), &o, wrong)
	}
	return c
}

// drive takes a plan from its last checks to its exit status. wrong is what is known to be mistaken already.
func (a *app) drive(ctx context.Context, o *options, wrong mistakes) error {
	wrong.add(a.earlier(ctx, o))
	wrong.add(o.plan.Validate(), o.out.preflight(), o.web.check())
	wrong.add(reach(ctx, &o.plan, o.also)...)
	stop, err := a.ready(ctx, &o.plan, wrong)
	if err != nil {
		return err
	}
	defer stop()
	closeWeb, err := a.beside(ctx, o)
	if err != nil {
		return err
	}
	defer closeWeb()
	done, err := a.once(ctx, o)
	if err != nil {
		return err
	}
	done.finish(done)
	a.remain(ctx, o)
	return nil
}

// done is a run that is over.
type done struct {
	*display
	report *stampede.Report
	csv    *report.CSVWriter
	after  error // of the test
	logged error // what could not be written of its log, or of files that come from elsewhere
}

// once makes one run of what is ready.
func (a *app) once(ctx context.Context, o *options) (*done, error) {
	recorded, err := a.record(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &done{csv: o.out.observe(&o.plan)}
	errs := &oneAtTime{w: a.Err}
	if o.lines == nil && o.out.toStdout() { // the lines of the run and its log go to the same place
		o.lines = errs
	}
	endLog, err := o.out.log.open(&o.plan, errs)
	if err != nil {
		dropRecord(recorded)
		return nil, err
	}
	watched := o.page.watch(&o.plan)
	o.plan.Servers, err = a.openServers(ctx, o.servers)
	if err != nil {
		dropRecord(recorded)
		return nil, errors.Join(err, endLog())
	}
	a.tellCosts(o.plan.Servers, o.plan.Duration)
	if o.steer != nil {
		o.steer.join(&o.plan)
	}
	running, end, err := a.start(ctx, o)
	if err != nil {
		closeServers(o.plan.Servers)
		dropRecord(recorded)
		d.logged = endLog()
		var wrong mistakes
		wrong.add(err, d.logged)
		return nil, wrong.err()
	}
	watched.going(running)
	now := running.Live()
	a.foresee(o, &now.Run)
	d.display = a.show(o, running)
	steered := o.steer.start(ctx, running)
	d.until(ctx, running)
	steered()
	d.report, d.after = running.Wait()
	end()
	d.logged = endLog()
	d.recorded, d.unrecorded = recorded()
	return d, nil
}

// ready does what remains to be done before a run or a check: it looks whether the hosts answer and lets the program prepare. When
// something is mistaken nothing is prepared, and all mistakes come back. stop undoes the preparation.
func (a *app) ready(ctx context.Context, plan *stampede.Plan, wrong mistakes) (stop func(), err error) {
	wrong.add(reach(ctx, plan, plan.Hosts())...)
	if ctx.Err() != nil {
		return nil, context.Canceled
	}
	if a.Prepare == nil && len(wrong) == 0 { // what else is mistaken may be why
		wrong.add(homeless(plan))
	}
	if note := a.unusedProxy(plan); note != "" {
		a.warn([]string{note})
	}
	if len(wrong) > 0 || a.Prepare == nil {
		return func() {}, wrong.err()
	}
	known := len(plan.Hosts())
	stop, err = a.Prepare(ctx, plan)
	if stop == nil {
		stop = func() {}
	}
	wrong.add(err)
	if err == nil {
		wrong.add(homeless(plan))
	}
	if err == nil && len(plan.Hosts()) > known { // it brought a site of its own: is it there?
		wrong.add(reach(ctx, plan, plan.Hosts())...)
	}
	if len(wrong) > 0 {
		stop()
		return nil, wrong.err()
	}
	return stop, nil
}

// homeless says that there is nothing to ask. A test with a hook of its own may still name a host there.
func homeless(plan *stampede.Plan) error {
	names := plan.Homeless()
	if len(names) == 0 || plan.Test.Before != nil {
		return nil
	}
	return fmt.Errorf("no host is named that %s could ask: give --host https://example.org, or write it into the test "+
		"(a test that asks absolute URLs names their hosts with --allow-host; one that asks no site embeds stampede.User)", strings.Join(names, " and "))
}

// dropRecord ends the recording of a run that never was. What the ledger has to say of it helps nobody beside what kept the run from
// starting.
func dropRecord(end func() (string, error)) {
	if _, err := end(); err != nil {
		return
	}
}
