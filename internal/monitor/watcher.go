package monitor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// How a server is asked.
const (
	usualGrain  = time.Second
	longestRead = 5 * time.Second // a server that takes longer is told, and asked again at its next turn
	mostNotes   = 8               // of one server
)

// Watched is a server and how to read it: a Source, or a Historian.
type Watched struct {
	Name, Kind string
	Source     Source
	Historian  Historian
}

// Watcher reads servers while a run goes on. Start it with [Watch]; end it with [Watcher.Stop]. Its methods may be called from any goroutine.
type Watcher struct {
	start   time.Time // of the run
	cancel  context.CancelFunc
	running sync.WaitGroup
	all     []*watch
}

// watch is one server while it is read.
type watch struct {
	Watched
	turn float64 // when it is read, as a share of its grain, or of the first second of that

	mu     sync.Mutex
	tracks tracks
	past   map[string]*history
	order  []string
	notes  []string
	asked  int
	failed int
	lately string        // the last failure in words; "" after a good reading
	latest time.Duration // of a historian: the last point that came
}

// Watch begins to read the servers, each on its own goroutine. start is the beginning of the run: the points' times count from there. The
// sources belong to the watcher from now on.
func Watch(ctx context.Context, start time.Time, servers []Watched) *Watcher {
	ctx, cancel := context.WithCancel(ctx)
	w, shared := &Watcher{start: start, cancel: cancel}, &budget{}
	for i, s := range servers {
		one := &watch{Watched: s, turn: float64(i) / float64(len(servers)), tracks: tracks{byName: map[string]*track{}, budget: shared}, past: map[string]*history{}}
		w.all = append(w.all, one)
		w.running.Go(func() {
			if one.Historian != nil {
				one.follow(ctx, start)
				return
			}
			one.read(ctx, start)
		})
	}
	return w
}

// Stop ends the reading and closes the sources. What was read stays. A historian can still be asked for its late points: see [Watcher.Late].
func (w *Watcher) Stop() {
	w.cancel()
	w.running.Wait()
	for _, s := range w.all {
		if s.Source != nil {
			s.Source.Close()
		}
	}
}

// Close gives up the historians too.
func (w *Watcher) Close() {
	w.Stop()
	for _, s := range w.all {
		if s.Historian != nil {
			s.Historian.Close()
		}
	}
}

// Servers is all that was read so far; the copy is the caller's.
func (w *Watcher) Servers() []Server {
	out := make([]Server, len(w.all))
	for i, s := range w.all {
		out[i] = s.server()
	}
	return out
}

// Has is the names of the series that a server gave so far; nil for a server that is not watched.
func (w *Watcher) Has(server string) (names []string) {
	for _, s := range w.all {
		if s.Name != server {
			continue
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, t := range s.tracks.order {
			names = append(names, t.series.Name)
		}
		if s.tracks.byName[AnswerTime] != nil {
			names = append(names, AnswerTime)
		}
		return append(names, s.order...)
	}
	return nil
}

// Since is a series of a server with its points from a moment on, and how far apart they are: for rules, which ask each second. False while the
// server has not given it.
func (w *Watcher) Since(server, series string, from time.Duration) (out Series, grain time.Duration, found bool) {
	for _, s := range w.all {
		if s.Name == server {
			return s.since(series, from)
		}
	}
	return Series{}, 0, false
}

func (s *watch) since(name string, from time.Duration) (out Series, grain time.Duration, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var points []Point
	if t := s.tracks.byName[name]; t != nil {
		out, points, grain = t.series, t.series.Points, s.grain()
	} else if h := s.past[name]; h != nil {
		out, points, grain = h.track.series, h.track.series.Points, s.Historian.Grain()
	} else {
		return Series{}, 0, false
	}
	at, _ := slices.BinarySearchFunc(points, from, func(p Point, from time.Duration) int { return cmp.Compare(p.At, from) })
	out.Points = slices.Clone(points[at:])
	return out, grain, true
}

// grain is how often a source is asked.
func (s *watch) grain() time.Duration {
	if g := s.Source.Grain(); g > 0 {
		return g
	}
	return usualGrain
}

func (s *watch) server() Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Server{Name: s.Name, Kind: s.Kind, Notes: slices.Clone(s.notes), Asked: s.asked, Failed: s.failed}
	for _, t := range s.tracks.order {
		series := t.series
		series.Points = slices.Clone(series.Points)
		out.Series = append(out.Series, series)
	}
	if t := s.tracks.byName[AnswerTime]; t != nil {
		series := t.series
		series.Points = slices.Clone(series.Points)
		out.Series = append(out.Series, series)
	}
	for _, name := range s.order {
		out.Series = append(out.Series, s.past[name].series())
	}
	if s.tracks.more > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("it has more than %d series; the others were left out: name the ones that matter", MaxSeries))
	}
	return out
}

// Now is a server at this moment, for a dashboard.
type Now struct {
	Name, Kind string
	Problem    string   // why it gives nothing; "" when it does
	Nearest    []Series // the series that are nearest to their limits, each with its last point only
}

// Now is all servers, each with at most so many of its series.
func (w *Watcher) Now(most int) []Now {
	out := make([]Now, len(w.all))
	for i, s := range w.all {
		out[i] = Now{Name: s.Name, Kind: s.Kind, Nearest: s.nearest(most), Problem: w.Problem(i)}
	}
	return out
}

func (s *watch) nearest(most int) []Series {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Series
	take := func(one Series) {
		if n := len(one.Points); n > 0 && one.Limit > 0 {
			one.Points = slices.Clone(one.Points[n-1:])
			all = append(all, one)
		}
	}
	for _, t := range s.tracks.order {
		take(t.series)
	}
	for _, name := range s.order {
		take(s.past[name].track.series)
	}
	slices.SortStableFunc(all, func(a, b Series) int { return cmp.Compare(b.Points[0].Value/b.Limit, a.Points[0].Value/a.Limit) })
	return all[:min(len(all), most)]
}

// Problem is what is wrong with a server right now, for a dashboard; "" when it answers.
func (w *Watcher) Problem(i int) string {
	s := w.all[i]
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lately
}

// read asks a source at its grain, in its turn within that: twenty pages that are read at once take tens of milliseconds of a processor, which the
// load feels. A turn that is missed because the server was slow is left out, never made up for.
func (s *watch) read(ctx context.Context, start time.Time) {
	grain := s.grain()
	turn := time.Duration(s.turn * float64(min(grain, usualGrain)))
	timer := time.NewTimer(turn)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		s.once(ctx, start, grain)
		past := time.Since(start) - turn
		timer.Reset(grain - past%grain)
	}
}

// once is one reading.
func (s *watch) once(ctx context.Context, start time.Time, grain time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, max(min(longestRead, 5*grain), time.Second))
	defer cancel()
	begun := time.Now()
	r, err := s.Source.Read(ctx)
	ended := time.Now()
	if errors.Is(ctx.Err(), context.Canceled) {
		return // the run is over; that is no failure
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	at := time.Since(start)
	// The figures are of some moment between question and answer; the middle is off by half of that at most.
	when := begun.Add(ended.Sub(begun) / 2)
	if err == nil || ctx.Err() != nil {
		s.took(when.Sub(start), ended.Sub(begun))
	}
	if err != nil {
		s.fail(at, err)
		return
	}
	s.lately = ""
	s.tracks.add(r, when.Sub(start), when)
	for _, n := range r.Notes {
		s.note(n)
	}
	if twice := s.tracks.twice; twice != "" {
		s.note(fmt.Sprintf("%s came more than once in a reading, and the first of them counts: give each figure a name of its own", twice))
	}
}

// AnswerTime is the name of the series that a watcher adds to those of a server: how long it took to give them. It is all that is known of one that
// is blocked.
const AnswerTime = "answer_time"

// direct are the kinds that answer for themselves. The pages of others come by way of a web server, and wait with its visitors.
var direct = []string{"mysql", "postgres", "redis", "memcached"}

// took keeps how long an answer took, or how long it was waited for. mu is held.
func (s *watch) took(at, took time.Duration) {
	t := s.tracks.byName[AnswerTime]
	if t == nil {
		t = s.tracks.begin(Series{Name: AnswerTime, Unit: "ms", Help: "it took to give these figures", Follows: !slices.Contains(direct, s.Kind)}, false)
	}
	t.keep(Point{at, float64(took.Microseconds()) / 1000})
}

// fail takes note of a server that did not answer. mu is held.
func (s *watch) fail(at time.Duration, err error) {
	s.failed++
	if s.lately == "" {
		s.lately = fmt.Sprintf("no answer since %v: %s", at.Round(time.Second), plain(err))
		s.note(fmt.Sprintf("at %v: %s", at.Round(time.Second), plain(err)))
	}
	for _, t := range s.tracks.order {
		t.primed = false // what a counter grew by while nobody looked belongs to no second
	}
}

// plain is what went wrong in one line. Who waited in vain is told what that means.
func plain(err error) string {
	text := strings.Join(strings.Fields(err.Error()), " ")
	if errors.Is(err, context.DeadlineExceeded) {
		text = strings.ReplaceAll(text, context.DeadlineExceeded.Error(), "no answer in time") + "; is this its address and port, is this machine let in, and does it answer within seconds?"
	}
	return text
}

// note keeps a sentence once. mu is held.
func (s *watch) note(text string) {
	if len(s.notes) < mostNotes && !slices.Contains(s.notes, text) {
		s.notes = append(s.notes, text)
	}
}
