package verdict

import (
	"slices"
	"time"
)

// Phase is a named stretch of the run: "warm-up", "ramp", "steady", "ramp-down", or a name the test declares. To is exclusive; 0 means
// until the end of the load. Several phases may bear one name (the two ramps of a staircase): a rule `during` that name is judged on all
// of them together, and its windows lie whole within one of them.
type Phase struct {
	Name     string
	From, To time.Duration
}

// PhaseWarmup is the name of the phase that is left out of the judged figures. It is the first part of the run, whatever the plan does in it.
const PhaseWarmup = "warm-up"

// PhaseDrain is the name of what follows the load: the run waits for the last answers, and asks for nothing more.
const PhaseDrain = "drain"

// leastDrain is the shortest wait for the last answers that is a phase.
const leastDrain = 100 * time.Millisecond

// EndPhases are the phases of a run whose load ended at a time, and that itself ended later: none goes on beyond its load, and what never began
// is left out. The wait for the last answers is one more phase when it was long enough to be seen. The slice is a new one.
func EndPhases(phases []Phase, load, end time.Duration) []Phase {
	var out []Phase
	for _, p := range phases {
		if p.To == 0 || p.To > load {
			p.To = load
		}
		if p.From < p.To {
			out = append(out, p)
		}
	}
	if end-load >= leastDrain {
		out = append(out, Phase{Name: PhaseDrain, From: load, To: end})
	}
	return out
}

// DelayPhases are phases of a plan that stood still from at on for so long: what it had after that comes later. The slice is a new one.
func DelayPhases(phases []Phase, at, by time.Duration) []Phase {
	later := slices.Clone(phases)
	for i := range later {
		p := &later[i]
		if p.Name == PhaseWarmup {
			continue
		}
		if p.From > at {
			p.From += by
		}
		if p.To > at {
			p.To += by
		}
	}
	return later
}
