package verdict

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// checkSent compares what was sent with what was planned.
func (m *Monitor) checkSent() (Level, string) {
	// A visitor that logs in is no visitor that waits.
	sent, waiting := m.last.Sent-m.base.Sent+m.last.Starting, m.last.Waiting-m.last.Starting
	dropped, unstarted, lost := m.last.Dropped-m.base.Dropped, m.last.NotStarted-m.base.NotStarted, m.last.Lost-m.base.Lost
	planned := max(m.last.Planned-m.base.Planned, sent+dropped+unstarted+waiting+lost) // a sum that is wrong must not switch this off: see checkCounts
	if planned < m.lim.MinSends {
		return Valid, ""
	}
	share := float64(sent) / float64(planned)
	level := Valid
	switch {
	case share < m.lim.SentFarShort:
		level = Invalid
	case share < m.lim.SentShort:
		level = Suspect
	default:
		return Valid, ""
	}
	text := fmt.Sprintf("only %s of the planned arrivals were sent (%d of %d", shareWords(share), sent, planned)
	if dropped > 0 {
		text += fmt.Sprintf("; %d dropped", dropped)
	}
	if waiting > 0 {
		text += fmt.Sprintf("; %d still waiting", waiting)
	}
	if unstarted > 0 {
		text += fmt.Sprintf("; %d not started", unstarted)
	}
	if lost > 0 {
		text += fmt.Sprintf("; %d lost", lost)
	}
	if lost > dropped+waiting+unstarted {
		return level, text + "): a worker was lost that had to send them, and others took over later; the events say which and why"
	}
	if unstarted > dropped+waiting {
		return level, text + "): their visitors never got through OnStart, so the load was not the one that was asked for; see its failures"
	}
	if stood := m.stoodWhile(planned, dropped+waiting); stood > 0 {
		return level, text + fmt.Sprintf("): the generator stood still for %s, in which they were due; look for what else ran on its machine", timeWords(stood))
	}
	if dropped+waiting > 0 {
		return level, text + "): no user was free; raise the limit of users, lower the rate, or take it as what the site can bear"
	}
	return level, text + "): add workers or lower the rate"
}

// stoodWhile is how long a generator stood still, if so many of the planned arrivals as came to nothing can have been due in that time; else 0.
func (m *Monitor) stoodWhile(planned, nothing int64) time.Duration {
	_, ns := m.worst(func(v *vitals) float64 { return float64(v.stills.ns) })
	due := float64(planned) * ns / 1e9 / float64(max(1, m.judgedSeconds()))
	if nothing == 0 || due < float64(nothing) {
		return 0
	}
	return time.Duration(ns)
}

// checkLag judges how late the generator sent. Waiting for a free user is not the generator's lateness; see checkBlocked.
func (m *Monitor) checkLag() (Level, string) {
	lag, floor, invalid := &m.lag, m.lim.LagFloor, m.lim.LagInvalid
	if !m.opt.Paced {
		floor = m.lim.LagUnpaced
	}
	if m.seconds == 0 {
		lag, floor, invalid = &m.first, m.lim.StartFloor, m.lim.StartFloor
	}
	if lag.Count() < m.lim.MinSends || m.usersWereBusy() {
		return Valid, ""
	}
	p99 := time.Duration(lag.Quantile(0.99))
	median := time.Duration(m.service.Quantile(0.5))
	tail := time.Duration(float64(m.response.Quantile(0.99)) * m.lim.LagShare)
	late := max(floor, time.Duration(float64(median)*m.lim.LagShare))
	lateShare := float64(lag.CountAbove(int64(late))) / float64(lag.Count())
	level := Valid
	switch {
	case p99 > max(invalid, median) && m.spoiled():
		level = Invalid
	case p99 > max(floor, tail), lateShare > m.lim.LateShare:
		level = Suspect
	default:
		return Valid, ""
	}
	text := fmt.Sprintf("%s of sends were more than %s late (p99 %s late", shareWords(lateShare), timeWords(late), timeWords(p99))
	if median > 0 {
		text += fmt.Sprintf("; the median request takes %s", timeWords(median))
	}
	return level, text + ")" + m.shiftWords() + m.because()
}

// because says what the slowest generator was short of, as far as it is known, and what to do.
func (m *Monitor) because() string {
	n, worst := m.worst(func(v *vitals) float64 { return v.own.peak })
	if worst >= m.lim.BusyCore {
		return fmt.Sprintf(": %s was at %s of its CPU; add workers or lower the rate", m.whose(n), shareWords(worst))
	}
	n, _ = m.worst(m.roughShare)
	return "; " + m.advice(m.workers[n])
}

// usersWereBusy reports whether sends were late because every user still was at its last request: the site's doing, and counted as
// blocked. The engine adds that time up; where it could not and the load is a paced closed loop, a generator with time to spare
// is above suspicion.
func (m *Monitor) usersWereBusy() bool {
	if m.blocked*2 >= m.lag.Sum() && m.blocked > 0 {
		return true
	}
	return m.opt.Paced && !m.opt.Open && m.idle()
}

// idle reports whether the generator had time to spare, all the time, as far as is known.
func (m *Monitor) idle() bool {
	known := false
	for _, v := range m.workers {
		if v.own.seen > 0 {
			known = true
		}
		if v.own.peak >= m.lim.BusyCore || m.roughShare(v) >= m.lim.RoughShare || v.stills.ns > 0 {
			return false
		}
	}
	return known
}

// checkVeryLate marks single sends that came seconds late. When it is more than one in a hundred, checkLag has said so.
func (m *Monitor) checkVeryLate() (Level, string) {
	var lag hist.Hist
	lag.Merge(&m.first)
	lag.Merge(&m.lag)
	n := lag.CountAbove(int64(m.lim.VeryLate))
	if n == 0 || n*100 >= lag.Count() && lag.Count() >= m.lim.MinSends || m.usersWereBusy() {
		return Valid, ""
	}
	return Suspect, fmt.Sprintf("%s more than %s late, the worst by %s: the generator stood still; look for what else ran on it",
		countWords(n, "send"), timeWords(m.lim.VeryLate), timeWords(time.Duration(lag.Max())))
}

// checkBlocked judges the time that arrivals waited for a user, or users for a connection.
func (m *Monitor) checkBlocked() (Level, string) {
	blocked := m.blocked
	if blocked == 0 && m.usersWereBusy() {
		blocked = m.lag.Sum()
	}
	all := blocked + m.service.Sum() + m.failed
	if m.done < m.lim.MinSends || float64(blocked) <= m.lim.Blocked*float64(all) {
		return Valid, ""
	}
	share := float64(blocked) / float64(all)
	if m.opt.Open {
		return Suspect, fmt.Sprintf("%s of the time was spent waiting for a free user, which the response times hold: "+
			"raise the limit of users, or take it as what the site can bear", shareWords(share))
	}
	return Suspect, fmt.Sprintf("%s of the time was spent waiting for users that were still busy when their next task was due, which the "+
		"response times hold: use more users or a longer pacing", shareWords(share))
}

// limitFaults is how many requests failed because the generator ran out of something.
func limitFaults(r *stats.Row) int64 { return r.FaultsOf(fault.Limit, 0) }
