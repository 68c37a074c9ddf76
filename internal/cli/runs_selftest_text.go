package cli

import (
	"fmt"
	"math"
	"strings"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// mostAlarms is how many false alarms are told one by one.
const mostAlarms = 5

// selftestText is a self test in plain words.
func selftestText(t *compare.Alike, last *ledger.Run, o compare.Options, columns int) string {
	width := trendWidth
	if columns > 0 {
		width = min(columns, trendWidth)
	}
	var b strings.Builder
	say := func(format string, args ...any) {
		b.WriteString(wrapped(fmt.Sprintf(format, args...), width, 0) + "\n")
	}
	head := fmt.Sprintf("%s of %s (plan %s), %s to %s", format.Plural(int64(len(t.Runs)), "run", "runs"), format.Text(last.Name, 40), format.Text(last.PlanHash, 16),
		t.Runs[0].Started.Format("2006-01-02 15:04"), t.Runs[len(t.Runs)-1].Started.Format("2006-01-02 15:04"))
	if text := firstLine(last.Changes); text != "" {
		head += ", with '" + text + "'"
	}
	say("%s: nothing changed between them, so each change that is found is a false alarm.", head)
	if len(t.Left) > 0 {
		say("Left out, for their numbers cannot be trusted (runs show RUN says why): run %s, INVALID.", strings.Join(ids(t.Left), ", run "))
	}
	b.WriteString("\n")
	selftestAlarms(t, say)
	b.WriteString("\n")
	b.WriteString(selftestTable(t))
	b.WriteString("\n")
	selftestWords(t, o, say)
	return b.String()
}

// selftestAlarms says how often it rang.
func selftestAlarms(t *compare.Alike, say func(string, ...any)) {
	n := len(t.Alarms)
	word := "were"
	if n == 1 {
		word = "was"
	}
	say("False alarms: %d of %s %s called changed (%s); of %s without a run in common, %d. With 95 %% confidence %s to %s of comparisons of two runs here ring without cause.",
		n, format.Plural(int64(t.Pairs), "pair", "pairs"), word, format.Percent(float64(n)/float64(t.Pairs)), format.Plural(int64(t.Apart), "pair", "pairs"), t.ApartAlarms,
		wholePercent(t.Low), wholePercent(t.High))
	if t.Blind > 0 {
		say("%s could not be judged: %s", format.Plural(int64(t.Blind), "more pair", "more pairs"), t.Reason)
	}
	for i := range min(n, mostAlarms) {
		alarm := &t.Alarms[i]
		f := &alarm.Figure
		say("- %s: %s of %s changed by %s (%s), from run %s to %s", alarm.Outcome, f.Name, compare.Label(alarm.Key), f.ChangeText(f.Change), f.IntervalText(),
			alarm.Old.ID, alarm.New.ID)
	}
	if n > mostAlarms {
		say("- and %d more", n-mostAlarms)
	}
	if h := t.Halves; h != nil {
		say("Every second run against the others (%d and %d runs): %s", len(h.Old), len(h.New), h.Outcome)
	}
}

// wholePercent is a share of which the digits after the point mean nothing.
func wholePercent(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// selftestTable is how steady each figure is.
func selftestTable(t *compare.Alike) string {
	var b strings.Builder
	line := func(cells ...any) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-14s%-16s%-16s%-16s%s", cells...), " ") + "\n")
	}
	line("all requests", "runs differ by", "interval of", "two runs call", "runs a side to see")
	line("", "(deviation)", "two runs", "worse from", "5 %       10 %")
	for i := range t.Figures {
		s := &t.Figures[i]
		sees := func(change float64) string {
			if s.Share {
				change /= 10
			}
			n := s.RunsToSee(change)
			if n == 0 {
				return "over 200"
			}
			return fmt.Sprint(n)
		}
		mark := ""
		if s.Between {
			mark = " *"
		}
		unit := ""
		if s.Share {
			unit = "  (0.5 and 1 points)"
		}
		line(s.Name, points(s, s.Spread)+mark, "+-"+points(s, s.Interval), points(s, s.Regression), fmt.Sprintf("%-10s%s%s", sees(0.05), sees(0.1), unit))
	}
	return b.String()
}

// points is a difference of a figure: a share of it, or points of a share.
func points(s *compare.Steadiness, v float64) string {
	switch {
	case math.IsNaN(v):
		return format.None
	case s.Share:
		return format.Decimal(v*100, 2) + " points"
	default:
		return fmt.Sprintf("%.1f %%", v*100)
	}
}

// selftestWords is what follows from it.
func selftestWords(t *compare.Alike, o compare.Options, say func(string, ...any)) {
	var uneven []string
	for i := range t.Figures {
		if t.Figures[i].Between {
			uneven = append(uneven, t.Figures[i].Name)
		}
	}
	if len(uneven) > 0 {
		say("* The runs differ from each other by more than their own seconds explain (%s): two single runs are too sure of themselves here. Compare several a side.",
			strings.Join(uneven, ", "))
	}
	switch {
	case t.Low > 0.05:
		say("This set-up cries wolf: find out what makes the runs uneven (a cold start, other load on the machines, caches), or compare at least 4 runs a side: run --repeat 4 --interleave ...")
	case len(t.Alarms) == 0 && t.High > 0.2:
		say("No alarm, but %d runs cannot promise that there will be none: more of them (run --repeat, then --most %d) say more.", len(t.Runs), max(12, 2*len(t.Runs)))
	}
	for i := range t.Figures {
		s := &t.Figures[i]
		if s.Name != "p95" || math.IsNaN(s.Regression) {
			continue
		}
		limit := format.Decimal(o.Filled().Limit*100, 3)
		say("So two single runs find a p95 that is %s worse 9 times in 10 (the limit is %s %%).%s", points(s, s.Regression), limit, repeated(s))
	}
}

// repeated says what repeated runs can see.
func repeated(s *compare.Steadiness) string {
	n := s.RunsToSee(0.05)
	if n == 0 {
		return " Even 200 runs a side would not tell one that is 5 % worse."
	}
	return fmt.Sprintf(" To tell one that is 5 %% worse from none takes about %d runs a side: run --repeat %d --interleave ...", n, n)
}
