package monitor

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// history is one series of a historian, in order of time. Points that come again replace what was there.
type history struct{ track }

// put takes a point. Nearly all come at the end, or again; what comes late among points that were made coarser is left out.
func (h *history) put(p Point) {
	points := h.track.series.Points
	n := len(points)
	if n == 0 || points[n-1].At < p.At {
		h.keep(p)
		return
	}
	i, found := slices.BinarySearchFunc(points, p.At, func(one Point, at time.Duration) int { return cmp.Compare(one.At, at) })
	switch {
	case found:
		points[i].Value = p.Value
	case h.width == 0 || i > n-h.budget.each()/8:
		h.track.series.Points = slices.Insert(points, i, p)
	}
}

// series is a copy.
func (h *history) series() Series {
	s := h.track.series
	s.Points = slices.Clone(s.Points)
	return s
}

// again is how far before the last point that came a historian is asked again, since late points change: thirty grains, and fifteen minutes at most.
// A run of hours is not asked for from its beginning each time: Prometheus gives 11,000 points of a series at a time, New Relic 366.
func again(grain time.Duration) time.Duration { return min(30*grain, 15*time.Minute) }

// mostAtOnce is how many points of a series are asked for at once, at the end of a run.
const mostAtOnce = 300

// follow asks a historian at its grain while the run goes on.
func (s *watch) follow(ctx context.Context, start time.Time) {
	grain := max(s.Historian.Grain(), time.Second)
	timer := time.NewTimer(grain)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		s.fetch(ctx, start, s.from(), time.Since(start))
		timer.Reset(grain)
	}
}

// from is where a historian is asked from.
func (s *watch) from() time.Duration { return max(0, s.latest-again(s.Historian.Grain())) }

// fetch asks for a stretch of the run and takes what comes.
func (s *watch) fetch(ctx context.Context, start time.Time, from, to time.Duration) (complete bool) {
	asked, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	series, complete, err := s.Historian.Range(asked, start.Add(from), start.Add(to))
	if ctx.Err() != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if err != nil && len(series) == 0 {
		s.fail(time.Since(start), err)
		return false
	}
	s.lately = ""
	if err != nil {
		s.note(err.Error())
	}
	for _, r := range series {
		h := s.past[r.Name]
		if h == nil {
			if len(s.past) >= MaxSeries {
				s.tracks.more++
				continue
			}
			h = &history{track{series: r.Series, budget: s.tracks.budget}}
			h.track.series.Points = nil
			h.budget.series.Add(1)
			s.past[r.Name] = h
			s.order = append(s.order, r.Name)
		}
		h.track.series.Limit = max(h.track.series.Limit, r.Limit)
		for i, at := range r.Times {
			if v := r.Is[i]; !math.IsNaN(v) && !math.IsInf(v, 0) {
				h.put(Point{at.Sub(start), v})
				s.latest = max(s.latest, at.Sub(start))
			}
		}
	}
	return complete
}

// Late asks the historians for what was not there yet when the run ended, at most until the given time has passed, and says which of them are still
// incomplete. Call it after Stop. length is how long the run lasted.
func (w *Watcher) Late(ctx context.Context, length, patience time.Duration) (missing []string) {
	end := time.Now().Add(patience)
	waiting := []*watch{}
	for _, s := range w.all {
		if s.Historian != nil {
			waiting = append(waiting, s)
		}
	}
	for first := true; len(waiting) > 0; first = false {
		var still []*watch
		wait := time.Minute
		for _, s := range waiting {
			grain := max(s.Historian.Grain(), time.Second)
			from := s.from()
			if first && length < mostAtOnce*grain {
				from = 0 // what came later than the points that were asked for again
			}
			if !s.fetch(ctx, w.start, from, length+grain) {
				still = append(still, s)
			}
			wait = min(wait, grain)
		}
		waiting = still
		if len(waiting) == 0 || ctx.Err() != nil || time.Now().Add(wait).After(end) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	for _, s := range waiting {
		missing = append(missing, s.Name)
	}
	return missing
}

// Costs is what the historians were asked for, one line each that costs something.
func (w *Watcher) Costs() (lines []string) {
	for _, s := range w.all {
		if s.Historian == nil {
			continue
		}
		if c := s.Historian.Cost(); c != "" {
			lines = append(lines, fmt.Sprintf("%s: %s", s.Name, c))
		}
	}
	return lines
}
