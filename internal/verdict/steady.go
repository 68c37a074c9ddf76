package verdict

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// SteadyOptions says what kind of load is watched. The zero value is an unpaced closed loop without phases.
type SteadyOptions struct {
	Paced  bool    // the headline is response time
	Open   bool    // arrivals at a rate, whatever the site does: only then can a queue grow without end
	Phases []Phase // of the load; steady stretches are judged each by itself. None means the whole run
}

// Steady watches whether the site settled: it finds a warm-up that was not left out, times that drift, and a queue that grows. It
// keeps four numbers for each second. It is pure and not safe for concurrent use.
type Steady struct {
	opt     SteadyOptions
	seconds []moment
	planned int64
	loaded  int64
}

// moment is one second of the run.
type moment struct {
	index    int
	time     float64 // mean of the headline, ns; NaN when nothing was measured
	inFlight float64 // requests in flight or waiting, averaged over the second
	load     float64 // arrivals planned in the second, or users
}

// NewSteady starts watching.
func NewSteady(o SteadyOptions) *Steady { return &Steady{opt: o} }

// Delay says that the plan stood still from at on for so long: its phases come later by that.
func (s *Steady) Delay(at, by time.Duration) { s.opt.Phases = DelayPhases(s.opt.Phases, at, by) }

// Add takes the next closed second. It keeps nothing of it.
func (s *Steady) Add(sec *stats.Second) {
	if sec.Final { // a part of a second
		return
	}
	if now := sec.Gauges.Loaded; now > 0 {
		if now == s.loaded {
			return // the plan stands still, or is over
		}
		s.loaded = now
	}
	m := moment{index: sec.Index, time: math.NaN()}
	if h := sec.Total.Headline(s.opt.Paced); !h.IsEmpty() {
		m.time = h.Mean()
	}
	g := &sec.Gauges
	width := float64(max(1, sec.Width))
	m.inFlight = float64(g.InFlightNS)/1e9/width + float64(g.Waiting-g.Starting)
	m.load = float64(g.Users)
	if s.opt.Open {
		m.load = float64(g.Planned-s.planned) / width
		s.planned = g.Planned
	}
	s.seconds = append(s.seconds, m)
}

// Notices are what should be known of the site before its figures are believed, in words. They are about the site, not about the
// generator, and change no verdict.
func (s *Steady) Notices() []string {
	var notices []string
	for i, stretch := range s.stretches() {
		if text := s.growing(stretch); text != "" {
			notices = append(notices, text)
			continue // all else follows from it
		}
		if text := warming(stretch); i == 0 && text != "" {
			notices = append(notices, text)
			continue
		}
		if text := s.drifting(stretch); text != "" {
			notices = append(notices, text)
		}
	}
	return notices
}

// minStretch is the fewest seconds that can be judged, and batches how many parts a stretch is cut into. Parts of a twelfth are long
// enough, in any run worth its name, that neighbours hardly depend on each other.
const (
	minStretch = 12
	batches    = 12
)

// stretches are the seconds of each steady phase, without the first second of the run, and of each step of a staircase.
func (s *Steady) stretches() [][]moment {
	phases := s.opt.Phases
	var out [][]moment
	warm := 0
	for _, p := range phases {
		if p.Name == PhaseWarmup {
			warm = secondsUp(p.To)
		}
	}
	named := false
	for _, p := range phases {
		named = named || p.Name != PhaseWarmup
		if p.Name == "steady" || strings.HasPrefix(p.Name, "step ") {
			out = append(out, s.between(max(warm, secondsUp(p.From)), endOf(p)))
		}
	}
	if !named {
		out = append(out, s.between(warm, math.MaxInt))
	}
	kept := out[:0]
	for _, stretch := range out {
		if len(stretch) >= minStretch {
			kept = append(kept, stretch)
		}
	}
	return kept
}

func endOf(p Phase) int {
	if p.To == 0 {
		return math.MaxInt
	}
	return int(p.To / time.Second)
}

// between are the seconds in [from, to), but never the first of the run, which is slow everywhere.
func (s *Steady) between(from, to int) []moment {
	var out []moment
	for _, m := range s.seconds {
		if m.index >= max(1, from) && m.index < to {
			out = append(out, m)
		}
	}
	return out
}

// parts are the means of a figure over equal parts of a stretch; nil when there was nothing to measure in one of them. length is in
// seconds.
func parts(stretch []moment, figure func(moment) float64) (means []float64, length float64) {
	n := len(stretch) / batches
	stretch = stretch[len(stretch)-n*batches:]
	for i := range batches {
		sum, count := 0.0, 0
		for _, m := range stretch[i*n : (i+1)*n] {
			if x := figure(m); !math.IsNaN(x) {
				sum += x
				count++
			}
		}
		if count == 0 {
			return nil, 0
		}
		means = append(means, sum/float64(count))
	}
	return means, float64(n)
}

// The scores of Mann and Kendall that count as a trend: 5 % for a queue, whose growth has to be a tenth and ten requests as well; 1 % for
// times, which wander more.
const (
	queueScore = 1.96
	driftScore = 2.58
)

// trend is by how much a figure rose over a stretch, as a share of its middle, and whether that is more than chance and more than a tenth.
func trend(stretch []moment, score float64, figure func(moment) float64) (share, perSecond float64, clear bool) {
	means, length := parts(stretch, figure)
	if means == nil {
		return 0, 0, false
	}
	slope := Slope(means)
	middle := math.Abs(median(means))
	if middle == 0 {
		return 0, 0, false
	}
	share = slope * batches / middle
	_, z, _ := MannKendall(means)
	return share, slope / length, math.Abs(z) > score && math.Abs(share) > 0.10
}

// loadMoved reports whether the load itself rose or fell over a stretch, as when somebody changed it by hand.
func loadMoved(stretch []moment) bool {
	means, _ := parts(stretch, func(m moment) float64 { return m.load })
	low, high := math.Inf(1), 0.0
	for _, x := range means {
		low, high = min(low, x), max(high, x)
	}
	return high > low*1.10+2
}

// growing finds an open load that comes in faster than the site lets it out.
func (s *Steady) growing(stretch []moment) string {
	if !s.opt.Open {
		return ""
	}
	share, perSecond, clear := trend(stretch, queueScore, func(m moment) float64 { return m.inFlight })
	if !clear || share < 0 || perSecond*float64(len(stretch)) < 10 || loadMoved(stretch) {
		return ""
	}
	return fmt.Sprintf("the site is not keeping up: requests in flight grew by %s/s %s, so the times grow with the length of the run and "+
		"mean little; lower the rate", shortNumber(perSecond), whenWords(stretch))
}

// drifting finds times that rise or fall all the way.
func (s *Steady) drifting(stretch []moment) string {
	share, _, clear := trend(stretch, driftScore, func(m moment) float64 { return m.time })
	if !clear || loadMoved(stretch) {
		return ""
	}
	word := "rose"
	if share < 0 {
		word = "fell"
	}
	return fmt.Sprintf("the times %s by about %s %s: the site had not settled; run longer, or look for what changes in it",
		word, shareWords(math.Abs(share)), whenWords(stretch))
}

// warming finds a start that is unlike the rest.
func warming(stretch []moment) string {
	var times []float64
	for _, m := range stretch {
		if math.IsNaN(m.time) {
			return ""
		}
		times = append(times, m.time)
	}
	cut, steady := WarmUp(times)
	if !steady || cut == 0 || loadMoved(stretch) {
		return ""
	}
	before, after := median(times[:cut]), median(times[cut:])
	if math.Abs(before-after) <= 0.10*after {
		return ""
	}
	end := stretch[cut].index
	return fmt.Sprintf("the first %d s were a warm-up (typically %s, then %s): leave them out with --warmup %ds",
		end, timeWords(nanos(before)), timeWords(nanos(after)), end)
}

// whenWords is when a stretch was, in words.
func whenWords(stretch []moment) string {
	first, last := stretch[0].index, stretch[len(stretch)-1].index+1
	return fmt.Sprintf("from %s to %s", durationText(time.Duration(first)*time.Second), durationText(time.Duration(last)*time.Second))
}
