package monitor

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// history is one series of a historian. Points that come again replace what was there.
type history struct {
	about Series
	byAt  map[time.Duration]float64
}

func (h *history) series() Series {
	s := h.about
	s.Points = make([]Point, 0, len(h.byAt))
	for at, v := range h.byAt {
		s.Points = append(s.Points, Point{at, v})
	}
	slices.SortFunc(s.Points, func(a, b Point) int { return int(a.At/time.Millisecond) - int(b.At/time.Millisecond) })
	return s
}

// overlap is how many grains before the last complete point are asked for again: late points change.
const overlap = 3

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
		from := max(0, s.until-overlap*grain)
		s.fetch(ctx, start, from, time.Since(start))
		timer.Reset(grain)
	}
}

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
			h = &history{about: r.Series, byAt: map[time.Duration]float64{}}
			h.about.Points = nil
			s.past[r.Name] = h
			s.order = append(s.order, r.Name)
		}
		h.about.Limit = max(h.about.Limit, r.Limit)
		for i, at := range r.Times {
			if v := r.Is[i]; !math.IsNaN(v) && !math.IsInf(v, 0) {
				h.byAt[at.Sub(start)] = v
			}
		}
	}
	if complete {
		s.until = to
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
	for len(waiting) > 0 {
		var still []*watch
		wait := time.Minute
		for _, s := range waiting {
			grain := max(s.Historian.Grain(), time.Second)
			if !s.fetch(ctx, w.start, max(0, s.until-overlap*grain), length+grain) {
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
