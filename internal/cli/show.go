package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/report"
)

// stoppedByPerson is the reason of a run that somebody ended with Ctrl-C or q.
const stoppedByPerson = "interrupted"

// display is where a run is shown: the terminal or the log, and how.
type display struct {
	*app
	options   *options
	out       io.Writer  // the terminal or the log itself
	lines     *oneAtTime // the same, for texts from several goroutines
	colour    bool       // colours are welcome
	dashboard atomic.Bool
	recorded  string // where the run is in the ledger, for the end

	unrecorded error // why it is not, or not whole
}

// shown is a run as a terminal shows and ends it: here, or at a controller elsewhere.
type shown interface {
	screen.Controls
	Cancel(reason string)
}

// show chooses between the dashboard and lines, and makes Ctrl-C stop the run from now on.
func (a *app) show(o *options, running shown) *display {
	d := &display{app: a, options: o, out: a.Out}
	if o.out.toStdout() {
		d.out = a.Err // standard output belongs to the JSON
	}
	if d.lines = o.lines; d.lines == nil {
		d.lines = &oneAtTime{w: d.out}
	}
	_, isTerminal := terminal(d.out)
	_, keys := terminal(a.In)
	kind, _ := a.lookup("TERM")
	d.colour = a.colourful(d.out)
	logs := o.out.log.file == "-" // between the lines of a dashboard there is no room
	d.dashboard.Store(isTerminal && keys && !o.plain && !logs && kind != "dumb")
	a.presses.handle(func(count int) {
		// Of several runs the first press lets the one under way come to its end. Whoever sends another signal cannot press again.
		if o.quiet && a.presses.signal() == os.Interrupt {
			if count--; count == 0 {
				d.say("this run is the last one; press Ctrl-C again to stop it now")
				return
			}
		}
		if count == 1 {
			running.Stop(stoppedByPerson)
			d.say("stopping: tasks that have begun may end; press Ctrl-C again to end them now")
			return
		}
		running.Cancel(stoppedByPerson)
		d.say("ending now; the results are still written")
	})
	return d
}

// say tells the reader something between the lines; on a dashboard there is no between.
func (d *display) say(text string) {
	if !d.dashboard.Load() {
		put(d.lines, text+"\n")
	}
}

// oneAtTime lets several goroutines write to one stream, a text at a time.
type oneAtTime struct {
	mu sync.Mutex
	w  io.Writer
}

func (o *oneAtTime) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(b)
}

// until shows the run while it goes on.
func (d *display) until(ctx context.Context, running shown) {
	if d.dashboard.Load() {
		err := screen.Watch(context.WithoutCancel(ctx), running, screen.Terminal{
			In: d.In, Out: d.out, Environ: d.Environ, Colour: d.colour, Interrupted: d.presses.press,
		})
		if err == nil {
			return
		}
		d.dashboard.Store(false)
		d.say(fmt.Sprintf("the dashboard cannot be shown (%v); here is the run in lines", err))
	}
	if d.options.quiet {
		<-running.Done()
		return
	}
	lines := screen.Lines{Out: d.lines}
	now := running.Live()
	tell := func(err error) bool { return err == nil } // when nobody reads any more the run goes on all the same
	reading := tell(lines.Begin(&now.Run))
	ticker := time.NewTicker(screen.Every)
	defer ticker.Stop()
	for {
		select {
		case <-running.Done():
			if now = running.Live(); reading {
				tell(lines.Tell(&now))
			}
			return
		case <-ticker.C:
			if now = running.Live(); reading {
				reading = tell(lines.Tell(&now)) && tell(lines.Line(&now))
			}
		}
	}
}

// finish prints and writes the results, and decides the exit status.
func (d *display) finish(over *done) {
	r, after := over.report, over.after
	columns, _ := terminal(d.out) // it may have another size by now; 0 where there is none
	put(d.lines, "\n"+screen.Summary(r, columns, d.colour))
	if tail := d.options.tail; tail != nil {
		put(d.lines, "\n"+tail(r, columns, d.colour))
	}
	base, uncompared := d.options.against(r)
	if base.worse(r) {
		r = tagged(r, report.RegressedTag)
	}
	if worse := lowerLimit(r); worse != "" {
		put(d.lines, "\n"+worse+"\n")
	}
	put(d.lines, base.text(columns, d.colour))
	failed := errors.Join(d.options.out.write(r, base, over.csv, d.Out), over.logged)
	if names := d.options.out.written(); names != "" && failed == nil {
		put(d.lines, "\nwritten: "+names+"\n")
	}
	put(d.lines, d.recorded)
	var wrong mistakes
	wrong.add(uncompared, failed, after, d.unrecorded)
	if d.options.ledger.ledger != "" && d.unrecorded != nil { // a ledger that was named is a file that was asked for
		failed = errors.Join(failed, d.unrecorded)
	}
	for _, err := range wrong {
		put(d.Err, fmt.Sprintf("%s: %s\n", d.name(), err))
	}
	how := ExitOptions{AllowInvalid: d.options.allowInvalid, AfterFailed: after != nil, ExportFailed: failed != nil, Comparison: base.found}
	d.status = ExitStatus(r, how)
	if base.worse(r) && d.recorded != "" && d.options.on == "" {
		d.tag(&d.options.ledger, r.Run.ID, report.RegressedTag)
		d.options.page.edited()
	}
	put(d.lines, "\n"+d.lastLine(r, &how))
}

// tagged is a report of a run that has one more tag.
func tagged(r *stampede.Report, tag string) *stampede.Report {
	more := *r
	more.Run.Tags = append(slices.Clone(r.Run.Tags), tag)
	return &more
}

// lastLine is the one line that says how it went, after a hint where one helps.
func (d *display) lastLine(r *stampede.Report, how *ExitOptions) string {
	outcome := how.outcome(r)
	word := report.Word(r, how.Comparison, how.AllowInvalid)
	cause := report.Cause(r)
	if how.AfterFailed && outcome == report.Passed { // the report was made before After was called
		outcome = report.Failures
		word, cause = outcome.String(), "; the test's After failed"
	}
	if d.colour {
		colour := lipgloss.Color("1")
		if outcome == report.Passed {
			colour = lipgloss.Color("2")
		}
		word = lipgloss.NewStyle().Bold(true).Foreground(colour).Render(word)
	}
	var b strings.Builder
	if outcome == report.Failures && r.UsersStarted > 0 && !how.AfterFailed {
		b.WriteString("something failed, and no threshold says how much may: --threshold 'failures < 1%' would allow a little\n")
	}
	fmt.Fprintf(&b, "%s: %s%s\n", word, report.Results(r), cause)
	return b.String()
}
