package compare

import (
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// trait is something in which runs can differ besides their results.
type trait struct {
	what   string
	value  func(*stampede.Report) string
	advice string
	refuse bool // runs that differ in it are not comparable
}

// The traits that a plan's hash covers, and the hash itself.
const (
	traitTest     = "test"
	traitModel    = "model"
	traitUsers    = "users"
	traitArrival  = "rate of arrivals"
	traitSpawn    = "spawn rate"
	traitHost     = "host"
	traitHostKind = "kind of host"
	traitWarmup   = "warm-up"
	traitDuration = "duration"
	traitPlan     = "plan"
)

// traits are what runs are looked at for, what matters most first.
func traits() []trait {
	return []trait{
		{traitTest, func(r *stampede.Report) string { return r.Run.Name }, "these are different tests: compare runs of one test", true},
		{traitModel, func(r *stampede.Report) string { return string(r.Run.Model) }, "the load comes in another way, so the times mean another thing", true},
		{"time that is judged", (*stampede.Report).Headline, "response times hold the wait before sending, service times do not", true},
		{traitUsers, usersOf, "another load: repeat one of the runs with the users of the other", true},
		{traitArrival, func(r *stampede.Report) string { return r.Run.RateText }, "another load: repeat one of the runs with the rate of the other", true},
		{traitHostKind, hostKinds, "the way to the site is another one, and so are all times: compare runs against like hosts", true},
		{traitHost, func(r *stampede.Report) string { return r.Run.Host }, "two sites: their machines, data and caches may differ as well as what was changed", false},
		{traitSpawn, spawnRate, "users came at another pace: the ramp is left out, caches may be warmer or colder", false},
		{traitWarmup, warmup, "the figures begin at another moment after the start: caches may be warmer or colder", false},
		{"interrupted", func(r *stampede.Report) string { return yesNo(r.Run.Interrupted) }, "a run was stopped before its time: less of it was measured", false},
		{"seed", func(r *stampede.Report) string { return strconv.FormatUint(r.Run.Seed, 10) }, "other random choices; that is usual, --seed repeats them", false},
		{"version of stampede", func(r *stampede.Report) string { return r.Run.Version }, "run both with the same version when the change is small", false},
	}
}

func usersOf(r *stampede.Report) string {
	if r.Run.Model != stampede.Closed {
		return "" // how many are needed is a result of an open model
	}
	if r.Run.UsersText != "" {
		return r.Run.UsersText
	}
	return strconv.Itoa(r.Run.Users)
}

func spawnRate(r *stampede.Report) string {
	if r.Run.Model != stampede.Closed {
		return ""
	}
	if r.Run.SpawnRate == 0 {
		return "all at once"
	}
	return format.Rate(r.Run.SpawnRate)
}

func warmup(r *stampede.Report) string {
	for _, p := range r.Phases {
		if p.Name == verdict.PhaseWarmup {
			return format.Span(p.To)
		}
	}
	return "none"
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// differences looks for everything in which the sides, or the runs of one of them, differ.
func differences(before, after []Run, o Options) []Difference {
	out := traitDifferences(before, after)
	if d, differs := machines(before, after); differs {
		out = append(out, d)
	}
	if d, differs := durations(before, after, out); differs {
		out = append(out, d)
	}
	if d, doubted := verdicts(before, after, o); doubted {
		out = append([]Difference{d}, out...)
	}
	if d, differs := plans(before, after, out); differs {
		out = append([]Difference{d}, out...)
	}
	return out
}

// traitDifferences are those in what was known when the runs began.
func traitDifferences(before, after []Run) []Difference {
	var out []Difference
	for _, t := range traits() {
		if slices.Contains([]string{traitUsers, traitArrival, traitSpawn}, t.what) && has(out, traitModel) {
			continue // the model says it all
		}
		if d, differs := t.difference(before, after); differs {
			out = append(out, d)
		}
	}
	return out
}

// Foreseen says why a run that has just begun will not be compared with an earlier one, as far as that can be known so early: not whether it
// will be INVALID, nor whether its tasks differ, for it may also be the length. It is "" when nothing speaks against it.
func Foreseen(before *stampede.Report, now *stampede.RunInfo, o Options) string {
	if o.Anyway {
		return ""
	}
	old, fresh := []Run{{Report: before}}, []Run{{Report: &stampede.Report{Run: *now}}}
	return refusal(traitDifferences(old, fresh))
}

// difference compares one trait. Two runs that were both cut short are told of too.
func (t *trait) difference(before, after []Run) (Difference, bool) {
	old, fresh := t.values(before), t.values(after)
	both := slices.Concat(old, fresh)
	slices.Sort(both)
	both = slices.Compact(both)
	if len(both) == 1 && both[0] != "yes" || t.what == traitHost && hostKindsDiffer(before, after) {
		return Difference{}, false
	}
	return Difference{What: t.what, Old: orNone(old), New: orNone(fresh), Advice: t.advice, Refused: t.refuse}, true
}

// verdicts says whose numbers are in doubt. That matters also where both sides are.
func verdicts(before, after []Run, o Options) (Difference, bool) {
	t := trait{what: "verdict of the generator", value: func(r *stampede.Report) string { return r.Verdict.Level.String() }}
	worst := verdict.Valid
	for _, run := range slices.Concat(before, after) {
		worst = max(worst, run.Report.Verdict.Level)
	}
	d := Difference{What: t.what, Old: orNone(t.values(before)), New: orNone(t.values(after))}
	switch worst {
	case verdict.Invalid:
		d.Advice = "the numbers of an INVALID run cannot be trusted: runs show says why; repeat it"
		if !o.AllowInvalid && !o.Anyway {
			d.Advice += ". They are shown below, and nothing is judged by them"
		}
	case verdict.Suspect:
		d.Advice = "the numbers of a SUSPECT run may be off: runs show says why"
	}
	return d, worst != verdict.Valid
}

// values is what the runs of a side have, each once, in order.
func (t *trait) values(runs []Run) []string {
	var out []string
	for _, run := range runs {
		out = append(out, t.value(run.Report))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func orNone(values []string) string {
	text := strings.Join(values, ", ")
	if text == "" {
		return "none"
	}
	return text
}

// plans compares the hashes of the plans. A plan's hash covers its load, its host and its length, so it only tells of something new where
// those are the same: then the tasks are others, their weights, or the tags that were run.
func plans(before, after []Run, known []Difference) (Difference, bool) {
	d, differs := planTrait().difference(before, after)
	if !differs || explained(before, after, known) || has(known, traitDuration) {
		return Difference{}, false
	}
	d.Refused = true
	d.Advice = "the plans differ in their tasks, weights or tags: users do something else, so all figures may differ"
	return d, true
}

func planTrait() *trait {
	return &trait{what: traitPlan, value: func(r *stampede.Report) string { return r.Run.PlanHash }}
}

func plansDiffer(before, after []Run) bool {
	_, differ := planTrait().difference(before, after)
	return differ
}

// explained reports whether something known says why the plans differ, other than their length.
func explained(before, after []Run, known []Difference) bool {
	if has(known, traitTest, traitModel, traitUsers, traitArrival, traitSpawn, traitHostKind, traitWarmup) {
		return true
	}
	hosts := trait{value: hostOfPlan}
	return !slices.Equal(hosts.values(before), hosts.values(after))
}

// sameLoad reports whether nothing known says that the plans ask for different loads.
func sameLoad(all []Difference) bool {
	return !has(all, traitModel, traitUsers, traitArrival, traitPlan)
}

// has reports whether one of the differences is in one of these traits.
func has(all []Difference, traits ...string) bool {
	return slices.ContainsFunc(all, func(d Difference) bool { return slices.Contains(traits, d.What) })
}

// refusal says why the runs are not compared; "" when they are.
func refusal(all []Difference) string {
	var parts []string
	for _, d := range all {
		switch {
		case !d.Refused:
		default:
			parts = append(parts, d.What+" "+format.Text(d.Old, 40)+" and "+format.Text(d.New, 40))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "the runs are not comparable: " + strings.Join(parts, "; ")
}
