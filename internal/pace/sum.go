package pace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Sum is several shapes at once. It ends with the last of them; when one has no end, neither has the sum.
func Sum(shapes ...Shape) (Shape, error) {
	var parts sum
	for _, s := range shapes {
		if q, ok := s.curve().line.(sum); ok {
			parts = append(parts, q...)
		} else {
			parts = append(parts, s.curve())
		}
	}
	switch len(parts) {
	case 0:
		return nil, errors.New("an empty sum of shapes: name at least one")
	case 1:
		return parts[0], nil
	}
	c := &curve{line: parts, ends: true, bind: bindPlus}
	top := 0.0
	for _, p := range parts {
		c.ends = c.ends && p.ends
		c.end = max(c.end, p.end)
		c.wavy = c.wavy || p.wavy
		top += p.max
	}
	if err := CheckLevel(top); err != nil {
		return nil, fmt.Errorf("the sum of %d shapes: %w", len(parts), err)
	}
	c.max = top
	c.max = min(top, highest(c, forever))
	c.phases = parts.phases(c)
	c.write = func(inline bool) string {
		texts := make([]string, len(parts))
		for i, p := range parts {
			texts[i] = p.within(bindPlus, inline)
		}
		return strings.Join(texts, " + ")
	}
	return c, nil
}

// sum is several shapes at once.
type sum []*curve

func (s sum) at(t time.Duration) piece {
	p := piece{to: forever}
	for _, c := range s {
		q := c.at(t)
		p.from, p.to = max(p.from, q.from), min(p.to, q.to)
	}
	for _, c := range s {
		q := c.at(t)
		p.r0 += q.level(p.from)
		p.slope += q.slope
		p.n0 += q.count(p.from)
	}
	return p
}

// find looks for the last time at which no more than n arrivals are due, by halving, and takes the piece there. Walking along the
// shape needs this once a piece only.
func (s sum) find(n float64) (piece, bool) {
	due := func(t time.Duration) bool { return s.at(t).reaches(n) }
	low, high := time.Duration(-1), time.Second // high: a piece that reaches n begins at or before it
	for !due(high) {
		if s.at(high).to == forever || high > forever/4 {
			return piece{}, false
		}
		low, high = high, high*2
	}
	for high-low > 1 {
		if mid := low + (high-low)/2; due(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return s.at(high), true
}

// phases are the stretches of all parts; where they overlap the most telling name wins.
func (s sum) phases(c *curve) []Phase {
	cuts := []time.Duration{0}
	for _, p := range s {
		for _, ph := range p.phases {
			cuts = append(cuts, ph.From)
			if ph.To != 0 {
				cuts = append(cuts, ph.To)
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	if c.ends {
		after, _ := slices.BinarySearch(cuts, c.end)
		cuts = append(cuts[:after], c.end)
	} else {
		cuts = append(cuts, 0)
	}
	var phases []Phase
	for i, from := range cuts[:len(cuts)-1] {
		ph := Phase{Name: s.phaseAt(from), From: from, To: cuts[i+1]}
		if n := len(phases); n > 0 && phases[n-1].Name == ph.Name {
			phases[n-1].To = ph.To
		} else {
			phases = append(phases, ph)
		}
	}
	return phases
}

// telling orders the names of phases; any other name comes between the ramps and the rest.
var telling = []string{PhaseSteady, PhasePlayback, PhaseWave, "", PhaseRampDown, PhaseRamp, PhaseSpike}

func (s sum) phaseAt(t time.Duration) string {
	best, name := -1, PhaseSteady
	for _, c := range s {
		for _, ph := range c.phases {
			if t < ph.From || ph.To != 0 && t >= ph.To {
				continue
			}
			rank := slices.Index(telling, ph.Name)
			if rank < 0 {
				rank = slices.Index(telling, "")
			}
			if rank > best {
				best, name = rank, ph.Name
			}
		}
	}
	return name
}

// phasesUntil are the phases of c in [0, d).
func phasesUntil(c *curve, d time.Duration) []Phase {
	var phases []Phase
	for _, ph := range c.phases {
		if ph.From >= d {
			break
		}
		if ph.To == 0 || ph.To > d {
			ph.To = d
		}
		phases = append(phases, ph)
	}
	if c.ends && c.end < d {
		phases = append(phases, Phase{Name: PhaseSteady, From: c.end, To: d})
	}
	return phases
}

// highest is the highest level before until: exact for some thousand pieces, else the highest that c.max says there can be.
func highest(c *curve, until time.Duration) float64 {
	const limit = 1 << 12
	top := 0.0
	var t time.Duration
	for range limit {
		p := c.at(t).cut(0, until)
		top = max(top, p.r0)
		if p.to == forever || p.to >= until {
			if p.to != forever {
				top = max(top, p.level(p.to))
			}
			return top
		}
		top = max(top, p.level(p.to))
		t = p.to
	}
	return c.max
}
