package verdict

import "github.com/stampede-load/stampede/internal/stats"

// A rule on the failures of all requests judges users that could not start, and failures of the test's own code, too: they belong to no
// request that a rule could name. So they are part of its figure, as tries and as failures.

// ownFailures is what failed in a second without being a request.
type ownFailures struct {
	count  int64
	errors []*stats.ErrorRow // of those, with their causes; none from a series, which keeps no errors
}

// own finds them. The counts come from the gauges, which every second has.
func (j *Judge) own(sec *stats.Second) ownFailures {
	g := &sec.Gauges
	all := g.StartFailed + g.OwnFailed
	o := ownFailures{count: max(0, all-j.ownBefore)}
	j.ownBefore = max(all, j.ownBefore)
	for i := range sec.Errors {
		e := &sec.Errors[i]
		if stats.IsOwn(e.Type) && sec.Row(e.Key) == nil {
			o.errors = append(o.errors, e)
		}
	}
	return o
}

// addOwn adds failures that are no requests.
func (t *tally) addOwn(o ownFailures, n *needs) {
	t.own += o.count
	for i, filter := range n.faults {
		for _, e := range o.errors {
			if filter.picks(e.Kind, 0) {
				t.ownFaults[i] += e.Count
			}
		}
	}
}

// tries is how many requests and other things there were that failures with the cause that m names are a share of.
func (t *tally) tries(m Metric, n *needs) int64 {
	if m.Fault == (FaultFilter{}) || t.failedOwn(m, n) > 0 {
		return t.count + t.own
	}
	return t.count
}
