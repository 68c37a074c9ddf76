package stampede

import (
	"math"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/suspect"
)

// explainLimit says what of the servers gave way first beyond a limit that was found. The levels at which the rule held, by load, and after them the
// first one that broke it, are a rise of the load as any other: so the search is looked at as if it had been one.
func (r *Report) explainLimit() {
	if r.Limit == nil || r.Limit.Whose != limit.Site || len(r.Servers) == 0 || r.Series == nil {
		return
	}
	held, broke := heldAndBroken(r.Limit.Steps)
	if broke == nil {
		return
	}
	whole := felt(r)
	run := suspect.Run{Grain: time.Second}
	for i, st := range append(held, *broke) {
		if i == len(held) {
			run.Broke = len(run.At)
		}
		for s := int(st.From / time.Second); s < int(st.To/time.Second); s++ {
			takeStep(&run, &whole, s)
		}
	}
	f := suspect.Find(run, spliced(seriesOf(r.Servers), run.At))
	r.Suspects = &f
	if len(f.Suspects) > 0 {
		first := f.Suspects[0]
		r.Limit.Beyond = first.Server + "." + first.Series + " gave way first: " + first.Why
	}
}

// heldAndBroken are the levels at which the rule held, lowest first, and the first that broke it by the site's doing; nil when none did.
func heldAndBroken(steps []LimitStep) (held []LimitStep, broke *LimitStep) {
	steps = limit.Counted(steps)
	for i := range steps {
		switch {
		case steps[i].Holds:
			held = append(held, steps[i])
		case broke == nil:
			broke = &steps[i]
		}
	}
	if broke != nil {
		held = slices.DeleteFunc(held, func(s LimitStep) bool { return s.Load >= broke.Load })
	}
	slices.SortStableFunc(held, func(a, b LimitStep) int {
		switch {
		case a.Load < b.Load:
			return -1
		case a.Load > b.Load:
			return 1
		}
		return 0
	})
	return held, broke
}

// takeStep appends a step of the whole run.
func takeStep(run, whole *suspect.Run, step int) {
	run.At = append(run.At, time.Duration(step)*time.Second)
	for _, list := range []struct{ to, from *[]float64 }{
		{&run.Rate, &whole.Rate},
		{&run.Offered, &whole.Offered},
		{&run.Users, &whole.Users},
		{&run.Latency, &whole.Latency},
		{&run.Failures, &whole.Failures},
		{&run.Generator, &whole.Generator},
	} {
		switch {
		case step < len(*list.from):
			*list.to = append(*list.to, (*list.from)[step])
		case *list.from != nil:
			*list.to = append(*list.to, math.NaN())
		}
	}
}

// spliced puts the points of series where the steps of the run were put.
func spliced(all []suspect.Series, at []time.Duration) []suspect.Series {
	where := make(map[int]int, len(at))
	for i, t := range at {
		where[int(t/time.Second)] = i
	}
	out := slices.Clone(all)
	for i := range out {
		out[i].Points = nil
		for _, p := range all[i].Points {
			if step, found := where[int(p.At/time.Second)]; found {
				out[i].Points = append(out[i].Points, monitor.Point{At: time.Duration(step) * time.Second, Value: p.Value})
			}
		}
		slices.SortStableFunc(out[i].Points, func(a, b monitor.Point) int { return int((a.At - b.At) / time.Second) })
	}
	return out
}
