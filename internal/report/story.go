package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// Story is a run in a few sentences for people: what visitors felt, and when that went wrong and how.
type Story struct {
	Felt    string   // "half of the answers took 50 ms or less, one in twenty more than 1.02 s; 11.4 % of requests failed"
	Moments []Moment // the stretches that stand out, in order; none where the run went evenly, or its course was not kept
	More    int      // shorter stretches that are not among them
}

// Moment is a stretch of a run in which something went wrong.
type Moment struct {
	From, To time.Duration // since the start of the run
	Text     string        // "the site answered 503 to 28 %; p95 from 50 ms to 1.02 s"
}

// When is the stretch as people read it: "0:15 to 0:28".
func (m *Moment) When() string { return format.Clock(m.From) + " to " + format.Clock(m.To) }

// What makes a stretch stand out.
const (
	mostMoments  = 3
	failingShare = 0.02 // of the requests of a second
	slowTimes    = 3.0  // as long as the p95 of calm seconds, and
	slowLeast    = 20 * time.Millisecond
	fewSamples   = 5 // of which a p95 says nothing
	closeBy      = 2 // seconds between two stretches that are one
)

// Tell finds the story of a run.
func Tell(r *stampede.Report) Story {
	s := Story{Felt: felt(r)}
	if r.Series == nil || r.Judged.Total.Count == 0 {
		return s
	}
	t := teller{r: r, calm: calmP95(r)}
	t.walk()
	found := t.found
	slices.SortStableFunc(found, func(a, b stretch) int { return cmp.Compare(b.weight, a.weight) })
	s.More = max(len(found)-mostMoments, 0)
	found = found[:len(found)-s.More]
	slices.SortFunc(found, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	for i := range found {
		s.Moments = append(s.Moments, t.moment(&found[i]))
	}
	return s
}

// felt is what visitors felt, over all of the judged part.
func felt(r *stampede.Report) string {
	total := &r.Judged.Total
	if total.Count == 0 {
		return "nothing was measured"
	}
	failed := format.Percent(total.FailureShare()) + " of " + format.Plural(total.Count, "request", "requests") + " failed"
	h, dropped := headline(r, total)
	if h.IsEmpty() {
		return failed
	}
	half, _ := h.QuantileWith(dropped, 0.5)
	slow, beyond := h.QuantileWith(dropped, 0.95)
	if beyond {
		return fmt.Sprintf("half of the answers took %s or less, more than one in twenty never came or was not even asked for; %s", format.Duration(time.Duration(half)), failed)
	}
	return fmt.Sprintf("half of the answers took %s or less, one in twenty more than %s; %s", format.Duration(time.Duration(half)), format.Duration(time.Duration(slow)), failed)
}

// stretch is neighbouring seconds in which something was wrong.
type stretch struct {
	from, to int // seconds; to is behind the last
	row      stats.Row
	dropped  int64
	users    int
	silent   int // seconds in which requests were under way and none ended
	weight   float64
}

type teller struct {
	r     *stampede.Report
	calm  time.Duration // p95 of the calm seconds; 0 when not known
	found []stretch
}

// calmP95 is the p95 of the quietest quarter of the seconds: what the site is like when nothing is wrong.
func calmP95(r *stampede.Report) time.Duration {
	var all []int64
	for pt := range r.Series.Total() {
		if pt.Row.Count-pt.Row.Failures >= fewSamples {
			ns, _ := pt.Row.Quantile(r.Run.Paced, 0.95)
			all = append(all, ns)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return time.Duration(all[len(all)/4])
}

// walk gathers the stretches.
func (t *teller) walk() {
	var now *stretch
	var dropped int64
	judgedFrom := 0
	if t.r.HadWarmup() {
		for _, p := range t.r.Phases {
			if p.Name == verdict.PhaseWarmup {
				judgedFrom = int(p.To / time.Second)
			}
		}
	}
	end := func() {
		if now != nil && t.counts(now) {
			t.found = append(t.found, *now)
		}
		now = nil
	}
	for sec := range t.r.Series.Seconds() {
		more := max(sec.Gauges.Dropped-dropped, 0)
		dropped = max(dropped, sec.Gauges.Dropped)
		if sec.Index < judgedFrom || sec.Final && sec.Lasted() < time.Second/2 {
			continue
		}
		bad, weight, silent := t.bad(sec, more)
		switch {
		case bad && now == nil:
			now = &stretch{from: sec.Index}
		case !bad && now != nil && sec.Index-now.to >= closeBy:
			end()
		}
		if bad {
			now.to = sec.Index + max(sec.Width, 1)
			now.row.Add(&sec.Total)
			now.dropped += more
			now.users = max(now.users, sec.Gauges.Users)
			now.weight += weight
			if silent {
				now.silent += max(sec.Width, 1)
			}
		}
	}
	end()
}

// bad reports whether something was wrong in a second, and how much it weighs.
func (t *teller) bad(sec *stats.Second, dropped int64) (bad bool, weight float64, silent bool) {
	row := &sec.Total
	weight = float64(row.Failures) + float64(dropped)
	if row.Count == 0 {
		silent = sec.Gauges.InFlight > 0 && sec.Index > 0 && t.r.Judged.Total.Rate(t.r.Judged.Seconds) > 5 // else requests are rare
		return silent, 1, silent
	}
	bad = row.FailureShare() >= failingShare || dropped > 0
	if t.calm > 0 && row.Count-row.Failures >= fewSamples {
		ns, _ := row.Quantile(t.r.Run.Paced, 0.95)
		if p95 := time.Duration(ns); t.slow(p95) {
			bad = true
			weight += float64(row.Count) * min(math.Log2(float64(p95)/float64(t.calm)), 8) / 8
		}
	}
	return bad, weight, false
}

func (t *teller) slow(p95 time.Duration) bool {
	return float64(p95) > slowTimes*float64(t.calm) && p95 > t.calm+slowLeast
}

// counts reports whether a stretch is worth telling: one slow second is none.
func (t *teller) counts(s *stretch) bool {
	return s.to-s.from >= 2 || s.row.Failures >= fewSamples || s.dropped > 0
}

// moment puts a stretch into words.
func (t *teller) moment(s *stretch) Moment {
	m := Moment{From: time.Duration(s.from) * time.Second, To: min(time.Duration(s.to)*time.Second, max(t.r.Run.Duration, time.Duration(s.from+1)*time.Second))}
	var parts []string
	if s.row.FailureShare() >= 0.005 {
		parts = append(parts, failedHow(&s.row))
	}
	if h := s.row.Headline(t.r.Run.Paced); !h.IsEmpty() && t.calm > 0 {
		if p95 := time.Duration(h.Quantile(0.95)); float64(p95) > 1.5*float64(t.calm) && p95 > t.calm+5*time.Millisecond {
			parts = append(parts, "p95 from "+format.Duration(t.calm)+" to "+format.Duration(p95))
		}
	}
	if s.silent > 0 {
		parts = append(parts, "no answer came for "+format.Span(time.Duration(s.silent)*time.Second))
	}
	if s.dropped > 0 {
		parts = append(parts, format.Plural(s.dropped, "arrival", "arrivals")+" dropped")
	}
	m.Text = strings.Join(parts, "; ")
	if s.users > 0 {
		m.Text += ", with " + format.Plural(int64(s.users), "user", "users")
	}
	return m
}

// failedHow says how many requests of a row failed, and how: the two most frequent ways.
func failedHow(row *stats.Row) string {
	faults := slices.Clone(row.Faults)
	slices.SortStableFunc(faults, func(a, b stats.FaultCount) int { return cmp.Compare(b.Count, a.Count) })
	var parts []string
	for _, f := range faults[:min(len(faults), 2)] {
		share := format.Percent(float64(f.Count) / float64(row.Count))
		if len(parts) > 0 && float64(f.Count) < 0.005*float64(row.Count) {
			break
		}
		parts = append(parts, faultWords(f, share))
	}
	if len(parts) == 0 {
		return format.Percent(row.FailureShare()) + " failed"
	}
	return strings.Join(parts, ", ")
}

func faultWords(f stats.FaultCount, share string) string {
	switch f.Kind {
	case fault.Status:
		return fmt.Sprintf("the site answered %d to %s", f.Status, share)
	case fault.Timeout, fault.FirstByteTimeout:
		return share + " got no answer in time"
	case fault.ConnectTimeout:
		return share + " got no connection in time"
	case fault.Refused:
		return share + " found nothing listening"
	case fault.Reset:
		return share + " were cut off"
	case fault.Check:
		return share + " failed a check"
	}
	return share + " failed (" + f.Kind.String() + ")"
}
