package verdict

import "time"

// Limits are the thresholds of the verdict. They are calibrated by two demands: run after run at a load that the machine bears easily must
// be VALID, and a generator that is pushed beyond what it can do must be INVALID within five seconds. In between they follow what a
// fault does to the figures: a share s of requests that the generator itself held up touches the quantiles above 1 - s.
type Limits struct {
	// Sends fewer than this say nothing about lateness.
	MinSends int64

	// Sent / planned: below the first SUSPECT, below the second INVALID.
	SentShort, SentFarShort float64

	// A lag is sent - intended. SUSPECT: p99 of the lag is above LagFloor and above LagShare of p99 of the response; or more than LateShare
	// of the sends are late by more than LagFloor and more than LagShare of the median service time. INVALID: p99 of the lag is above
	// LagInvalid and above the median service time (the response holds the lag itself, so it would grow with what it should judge), and a
	// figure is spoiled: see ShiftShare. In a run of one second, where all is start-up, both floors are StartFloor.
	LagFloor, LagInvalid, StartFloor time.Duration
	LagUnpaced                       time.Duration // in place of LagFloor where the headline is service time, which a late send does not change
	LagShare, LateShare              float64
	VeryLate                         time.Duration // a single send so late makes the run SUSPECT

	// The busiest core above BusyCore over BusyFor seconds is SUSPECT when the generator itself uses more than BusyOwn of its cores: a
	// neighbour's core is his own business. The generator above FullCPU of all its cores over FullFor seconds is INVALID. Both count
	// only when they lasted for HotShare of the run.
	BusyCore, BusyOwn float64
	BusyFor           int
	FullCPU           float64
	FullFor           int
	HotShare          float64

	// Throttled for more than this share of the run by the container's CPU quota is SUSPECT.
	Throttled float64

	// Stall is an oversleep or a stop of the world so long that it is a standstill. Standstills of StallSuspect of the run, or a single one
	// of a second, make it SUSPECT. INVALID are standstills of StallInvalid of the run of which one is as long as StallLong, or which can have
	// spoiled a figure: see ShiftShare.
	Stall, StallLong           time.Duration
	StallSuspect, StallInvalid float64

	// Late sends and standstills make a run INVALID only where they can have raised a percentile beyond its interval of confidence, and by
	// more than a share of it: ShiftShare for the p50 and the p95, ShiftTail for the p99, which hangs on a few requests.
	// Negative means that it does not matter what they can have raised.
	ShiftShare, ShiftTail float64

	// A second is rough when a goroutine waits longer for a processor, at p99, than Rough and LagShare of the median service time above the
	// quietest second (whose own wait counts up to RoughIdle: an idle machine sleeps a millisecond too long). RoughShare of the seconds
	// is SUSPECT.
	Rough, RoughIdle time.Duration
	RoughShare       float64

	// Time spent waiting for a user or a connection, as a share of all time spent, above this is SUSPECT.
	Blocked float64

	// Time in flight that no sample accounts for: SUSPECT and INVALID shares.
	LittleSuspect, LittleInvalid float64

	// Descriptors in use, as a share of the limit: SUSPECT above this; none left is INVALID.
	Descriptors float64

	// A worker is unlike the others when it is beyond the median of all by so many (robust) standard deviations, and by UnlikeShare of the
	// median. It takes UnlikeWorkers to tell.
	UnlikeSigma, UnlikeShare float64
	UnlikeWorkers            int

	// The gaps between arrivals fail the test of Kolmogorov and Smirnov below this p: SUSPECT.
	GapP float64
}

// DefaultLimits are the limits that the verdict uses.
func DefaultLimits() Limits {
	return Limits{
		MinSends:  100,
		SentShort: 0.99, SentFarShort: 0.90,
		LagFloor: time.Millisecond, LagUnpaced: 2 * time.Millisecond, LagInvalid: 10 * time.Millisecond, StartFloor: 100 * time.Millisecond,
		LagShare: 0.10, LateShare: 0.05,
		VeryLate: 2 * time.Second,
		BusyCore: 0.80, BusyOwn: 0.20, BusyFor: 5,
		FullCPU: 0.95, FullFor: 10,
		HotShare:  0.05,
		Throttled: 0.001,
		Stall:     100 * time.Millisecond, StallLong: 1500 * time.Millisecond, StallSuspect: 0.001, StallInvalid: 0.01,
		ShiftShare: 0.10, ShiftTail: 0.33,
		Rough: time.Millisecond, RoughIdle: 2 * time.Millisecond, RoughShare: 0.20,
		Blocked:       0.05,
		LittleSuspect: 0.05, LittleInvalid: 0.20,
		Descriptors: 0.80,
		UnlikeSigma: 3, UnlikeShare: 0.5, UnlikeWorkers: 4,
		GapP: 0.01,
	}
}
