package stats

// Add makes the gauges of a fleet from those of its workers, for the same second: counts add up, and of the health of the generators
// the worst counts. FDs and FDMax are of the worker nearest to its limit. The zero value is the gauges of nobody; see unknownCPU.
func (g *Gauges) Add(o *Gauges) {
	g.Users += o.Users
	g.Target += o.Target
	g.InFlight += o.InFlight
	g.PeakUsers += o.PeakUsers // at most so many: the workers' moments may differ
	g.addTotals(o)

	g.CPU = max(g.CPU, o.CPU)
	g.MachineCPU = max(g.MachineCPU, o.MachineCPU)
	g.WakeLate = max(g.WakeLate, o.WakeLate)
	g.WakeP99 = max(g.WakeP99, o.WakeP99)
	g.GCPause = max(g.GCPause, o.GCPause)
	g.SchedP99 = max(g.SchedP99, o.SchedP99)
	g.Throttled = max(g.Throttled, o.Throttled)
	g.RSS += o.RSS
	if o.FDMax > 0 && float64(o.FDs)*float64(g.FDMax) >= float64(g.FDs)*float64(o.FDMax) {
		g.FDs, g.FDMax = o.FDs, o.FDMax
	}
	g.Goroutines += o.Goroutines
	g.Blocked += o.Blocked
	g.InFlightNS += o.InFlightNS
}

func (g *Gauges) addTotals(o *Gauges) {
	g.Planned += o.Planned
	g.Sent += o.Sent
	g.Dropped += o.Dropped
	g.NotStarted += o.NotStarted
	g.Lost += o.Lost
	g.Waiting += o.Waiting
	g.Starting += o.Starting
	g.StartFailed += o.StartFailed
	g.UsersStarted += o.UsersStarted
	g.Died += o.Died
	g.CutOff += o.CutOff
	g.Oldest = max(g.Oldest, o.Oldest)
	g.OwnFailed += o.OwnFailed
	g.Loaded = max(g.Loaded, o.Loaded)
	g.Iterations += o.Iterations
}

// Then makes the gauges of a longer stretch from those of its parts, in order: levels and totals as they are at the end, the worst
// health of all, and what was measured during each part added up.
func (g *Gauges) Then(o *Gauges) {
	throttled, blocked, inFlight := g.Throttled+o.Throttled, g.Blocked+o.Blocked, g.InFlightNS+o.InFlightNS
	worst := *g
	*g = *o
	g.PeakUsers = max(g.PeakUsers, worst.PeakUsers)
	g.CPU = max(g.CPU, worst.CPU)
	g.MachineCPU = max(g.MachineCPU, worst.MachineCPU)
	g.WakeLate = max(g.WakeLate, worst.WakeLate)
	g.WakeP99 = max(g.WakeP99, worst.WakeP99)
	g.GCPause = max(g.GCPause, worst.GCPause)
	g.SchedP99 = max(g.SchedP99, worst.SchedP99)
	g.Throttled, g.Blocked, g.InFlightNS = throttled, blocked, inFlight
}

// nobody is the gauges to start adding from: no processor share is known yet.
func nobody() Gauges { return Gauges{CPU: -1, MachineCPU: -1} }

// gone is what remains of a worker that does not report: its totals. due is what one that is lost had to send before others took over, 0 when nobody did.
func (g *Gauges) gone(due int64, lost bool) Gauges {
	rest := nobody()
	rest.addTotals(g)
	if lost {
		rest.Waiting, rest.Starting = 0, 0
		rest.Planned = max(rest.Planned, due, rest.Sent+rest.Dropped+rest.NotStarted)
		rest.Lost = max(0, rest.Planned-rest.Sent-rest.Dropped-rest.NotStarted)
	}
	return rest
}
