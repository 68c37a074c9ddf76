package verdict

import (
	"fmt"
	"math"
	"slices"
)

// checkPipeline finds snapshots that were lost or came too late.
func (m *Monitor) checkPipeline() (Level, string) {
	switch {
	case m.missing > 0:
		return Invalid, fmt.Sprintf("%s of the workers' figures never arrived: the totals are too low; look at the network between workers and controller",
			countWords(m.missing, "second"))
	case m.tooLate > 0:
		return Suspect, fmt.Sprintf("%s of the workers' figures came late: they are in the totals and the charts, but in no window of a rule",
			countWords(m.tooLate, "second"))
	}
	return Valid, ""
}

// checkCounts finds sums that cannot be: all that became of arrivals is more than there were. Readings of a moment may be apart by a few.
func (m *Monitor) checkCounts() (Level, string) {
	g := &m.last
	if became := g.Sent + g.Dropped + g.NotStarted + g.Waiting + g.Lost; m.opt.Open && g.Planned < became-became/100-m.lim.MinSends {
		return Invalid, fmt.Sprintf("the counts of arrivals contradict each other (%d planned, %d sent, %d dropped, %d waiting): report this as a bug",
			g.Planned, g.Sent, g.Dropped, g.Waiting)
	}
	return Valid, ""
}

// checkLittle holds the samples against Little's law, N = X R: the time that requests were in flight, added up second by second, must come
// out as the times of the samples. More time in flight than samples account for means that samples are missing. The other way round proves
// nothing, for samples that a test reports by itself were never in flight here.
func (m *Monitor) checkLittle() (Level, string) {
	if m.inFlight <= 0 || m.done < 10*m.lim.MinSends {
		return Valid, ""
	}
	sampled := float64(m.service.Sum() + m.failed)
	// What began before the first second that is judged, or has not ended, is counted on one side alone.
	edges := float64(m.last.InFlight) * 2 * sampled / float64(m.done)
	gap := (float64(m.inFlight) - sampled - edges) / float64(m.inFlight)
	level := Valid
	switch {
	case gap > m.lim.LittleInvalid:
		level = Invalid
	case gap > m.lim.LittleSuspect:
		level = Suspect
	default:
		return Valid, ""
	}
	return level, fmt.Sprintf("%s of the time that requests were in flight is in no sample (Little's law): results are missing; "+
		"report this as a bug unless the test cancels its own requests", shareWords(gap))
}

// checkUnlike finds a worker whose requests, or whose waits for a processor, are far longer than those of the others.
func (m *Monitor) checkUnlike() (Level, string) {
	if len(m.workers) < m.lim.UnlikeWorkers {
		return Valid, ""
	}
	for _, f := range []struct {
		what   string
		figure func(*vitals) float64
	}{
		{"a request takes %s on average, on the others %s", func(v *vitals) float64 { return float64(v.flown) / float64(max(1, v.sent)) }},
		{"waking takes %s at p99, on the others %s", func(v *vitals) float64 { return v.waits.Mean() }},
	} {
		number, value, median, found := m.unlike(f.figure)
		if !found {
			continue
		}
		return Suspect, fmt.Sprintf("%s is unlike the others: "+f.what+"; its machine or its network is different, so leave it out or look at it",
			m.called(number), timeWords(nanos(value)), timeWords(nanos(median)))
	}
	return Valid, ""
}

// unlike is the worker with the highest figure, if it is beyond the others.
func (m *Monitor) unlike(figure func(*vitals) float64) (number int, value, middle float64, found bool) {
	var all []float64
	for _, v := range m.workers {
		if v.seconds < m.lim.BusyFor || v.sent < m.lim.MinSends {
			return 0, 0, 0, false // too early to tell
		}
		all = append(all, figure(v))
	}
	number, value = m.worst(figure)
	middle = median(all)
	limit := middle + m.lim.UnlikeSigma*1.4826*deviationOf(all, middle)
	return number, value, middle, value > limit && value > middle*(1+m.lim.UnlikeShare) && value-middle > float64(m.lim.Rough)
}

// median is the middle of some values, in any order; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// deviationOf is the median of the distances from the middle (MAD); times 1.4826 it estimates a standard deviation.
func deviationOf(values []float64, middle float64) float64 {
	away := make([]float64, len(values))
	for i, v := range values {
		away[i] = math.Abs(v - middle)
	}
	return median(away)
}
