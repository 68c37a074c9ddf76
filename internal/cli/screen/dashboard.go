package screen

import (
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// Dashboard is a run in progress on a field of a given size.
type Dashboard struct {
	Live          stampede.Live
	Width, Height int
	Colour        bool
	Scroll        int    // how many names are scrolled away at the top of the table
	Sort          Order  // of the names
	Filter        string // only names with this text in them
	Typing        bool   // the filter is being typed
	Notice        string // stands in place of the keys
}

// margin is the empty columns at the left and at the right.
const margin = 1

// String draws it: at most Height lines of at most Width columns. It needs 40 x 10 to be of use; smaller fields show what fits.
func (d *Dashboard) String() string {
	p := newPalette(d.Colour)
	inner := max(d.Width-2*margin, 1)
	head := d.head(p, inner)
	foot := []string{d.keys(p, inner)}
	body := d.body(p, inner, d.Height-len(head)-len(foot))
	lines := append(head, body...)
	for len(lines) < d.Height-len(foot) {
		lines = append(lines, "")
	}
	lines = append(lines[:min(len(lines), max(d.Height-len(foot), 0))], foot...)
	for i, line := range lines {
		lines[i] = fit(strings.Repeat(" ", margin)+fit(line, inner), d.Width)
	}
	return strings.Join(lines[:min(len(lines), d.Height)], "\n")
}

// head is who runs what, how far it is, and the figures of the moment.
func (d *Dashboard) head(p palette, inner int) []string {
	l := &d.Live
	left := p.strong(clean(l.Run.Name))
	if l.Run.Host != "" {
		left += p.faint("  " + clean(l.Run.Host))
	}
	lines := []string{
		apart(left, d.state(p), inner),
		d.progress(p, inner),
		d.plan(p, inner),
		d.numbers(p, inner),
	}
	if d.Height >= 20 {
		lines = append(lines, "")
	}
	return lines
}

// plan is the load that was asked for, and what was changed of it since.
func (d *Dashboard) plan(p palette, inner int) string {
	l := &d.Live
	text := p.faint(load(&l.Run) + " · " + model(&l.Run))
	for i := len(l.Events) - 1; i >= 0; i-- {
		if kind := l.Events[i].Kind; kind == "users" || kind == "rate" {
			text = p.faint(load(&l.Run)+", then ") + clean(l.Events[i].Text) + p.faint(" · "+model(&l.Run))
			break
		}
	}
	return fit(text, inner)
}

// state is what the run does and where it stands in time.
func (d *Dashboard) state(p palette) string {
	l := &d.Live
	var dot string
	switch l.State {
	case "running":
		dot = p.good("● running")
	case "paused":
		dot = p.warning("‖ paused")
	case "stopping":
		dot = p.warning("■ stopping")
	default:
		dot = p.faint("● " + clean(l.State))
	}
	if l.Phase != "" && l.State == "running" {
		dot += p.faint(" " + clean(l.Phase))
	}
	clock := format.Clock(l.Elapsed)
	if l.Planned > 0 {
		clock += p.faint(" of " + format.Clock(l.Planned))
	}
	if l.Iterations > 0 {
		clock += p.faint("  ") + format.Count(l.Sent) + p.faint(" of "+format.Count(l.Iterations))
	}
	return dot + "  " + clock
}

// progress is a rule that fills as time goes by; without a planned end it is a rule.
func (d *Dashboard) progress(p palette, inner int) string {
	done := 0
	share := 0.0
	if d.Live.Planned > 0 {
		share = float64(d.Live.Elapsed) / float64(d.Live.Planned)
	}
	if n := d.Live.Iterations; n > 0 {
		share = max(share, float64(d.Live.Sent)/float64(n))
	}
	if share > 0 {
		done = min(max(int(share*float64(inner)+0.5), 0), inner)
	}
	line := ""
	if done > 0 {
		line = p.accent(strings.Repeat("━", done))
	}
	if done < inner {
		line += p.faint(strings.Repeat("─", inner-done))
	}
	return line
}

// numbers are the figures of the moment, each after its name.
func (d *Dashboard) numbers(p palette, inner int) string {
	l := &d.Live
	users := format.Count(int64(l.Users))
	if l.Target != l.Users && l.Run.RateText == "" {
		users += " of " + format.Count(int64(l.Target))
	}
	type figure struct {
		name, text string
		paint      paint
	}
	failed := failures(&l.RecentAll, p)
	if failed.paint == nil {
		failed.paint = p.strong
	}
	figures := []figure{
		{"users", users, p.strong},
		{"requests", format.Rate(l.RecentAll.Rate(l.RecentSpan.Seconds())), p.strong},
		{"failures", failed.text, failed.paint},
		{"in flight", format.Count(int64(l.InFlight)), p.strong},
	}
	if l.Waiting > 0 {
		figures = append(figures, figure{"waiting", format.Count(l.Waiting), p.warning})
	}
	if l.Dropped > 0 {
		figures = append(figures, figure{"dropped", format.Count(l.Dropped), p.wrong})
	}
	if l.NotStarted > 0 {
		figures = append(figures, figure{"not started", format.Count(l.NotStarted), p.wrong})
	}
	if died := l.Died + l.StartFailed; died > 0 {
		figures = append(figures, figure{"starts failed", format.Count(l.StartFailed), p.wrong})
		if l.Died > 0 {
			figures = append(figures, figure{"died", format.Count(l.Died), p.wrong})
		}
	}
	parts := make([]string, len(figures))
	for i, f := range figures {
		parts[i] = p.faint(f.name+" ") + f.paint(f.text)
	}
	gap := "    "
	if width(strings.Join(parts, gap)) > inner {
		gap = "  "
	}
	return strings.Join(parts, gap)
}

// keys says what can be pressed, or the notice of the moment.
func (d *Dashboard) keys(p palette, inner int) string {
	if d.Typing {
		return p.strong(fit("names with: "+clean(d.Filter)+"▏ enter shows them, esc shows all", inner))
	}
	if d.Notice != "" {
		return p.warning(fit(d.Notice, inner))
	}
	what, pause := "users", "pause"
	if d.Live.Run.RateText != "" {
		what = "a second"
	}
	if d.Live.State == "paused" {
		pause = "go on"
	}
	long := [][2]string{{"+ -", "1"}, {"> <", "10"}, {"] [", "100 " + what}, {"p", pause}, {"s", "stop"}, {"o", "order"}, {"/", "filter"}, {"q", "quit"}}
	parts := make([]string, 0, len(long))
	for _, k := range long {
		parts = append(parts, p.strong(k[0])+" "+p.faint(k[1]))
	}
	gap := "   "
	if width(strings.Join(parts, gap)) > inner {
		gap = "  "
	}
	return fit(strings.Join(parts, gap), inner)
}
