package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// position is how much of a run somebody has seen: so many seconds of it, so many of its events. It is the id of every message of a
// stream, "SECONDS.EVENTS", and all that is needed to go on from there.
type position struct{ second, event int }

func (p position) String() string { return fmt.Sprintf("%d.%d", p.second, p.event) }

// parsePosition reads an id. What is none of ours is the beginning.
func parsePosition(text string) (p position, ok bool) {
	s, e, found := strings.Cut(text, ".")
	second, err1 := strconv.Atoi(s)
	event, err2 := strconv.Atoi(e)
	if !found || err1 != nil || err2 != nil || second < 0 || event < 0 {
		return position{}, false
	}
	return position{second, event}, true
}

// look is what somebody looks at.
type look struct {
	draw, list       []string // names over time, names in the table; "*" is all
	drawAll, listAll bool
	errors, figures  bool
	key              string // the same for all who look at the same
}

func lookOf(v url.Values) *look {
	l := &look{draw: v["names"], list: v["rows"], errors: v.Get("errors") == "1"}
	l.drawAll, l.listAll = slices.Contains(l.draw, "*"), slices.Contains(l.list, "*")
	l.figures = v.Get("figures") == "1" || len(l.list) > 0 || l.errors
	l.key = fmt.Sprintf("%q %q %v", l.draw, l.list, l.errors)
	return l
}

func (l *look) draws(k stats.Key) bool { return l.drawAll || slices.Contains(l.draw, label(k)) }
func (l *look) lists(k stats.Key) bool { return l.listAll || slices.Contains(l.list, label(k)) }

const (
	heartbeat   = 15 * time.Second
	sendWithin  = 10 * time.Second
	behindMuch  = 600 // seconds: who is farther behind gets longer stretches
	retryMillis = 2000
)

// stream sends a run as it goes on: seconds, events, its end. Who comes back goes on where they were.
func (c *Console) stream(w http.ResponseWriter, r *http.Request) {
	select {
	case <-c.closing:
		problem(w, http.StatusServiceUnavailable, "stampede is coming to its end")
		return
	case c.streams <- struct{}{}:
		defer func() { <-c.streams }()
	default:
		w.Header().Set("Retry-After", "5")
		problem(w, http.StatusTooManyRequests, fmt.Sprintf("%d streams are open, which is all there may be: close some", mostStreams))
		return
	}
	from, resumed := parsePosition(r.Header.Get("Last-Event-ID"))
	if !resumed {
		from, resumed = parsePosition(r.URL.Query().Get("from"))
	}
	s := &sender{w: w, control: http.NewResponseController(w), console: c, look: lookOf(r.URL.Query()), at: from}
	if l := c.find(r.PathValue("run")); l != nil {
		if !resumed {
			s.at, _, _ = l.reached()
		}
		s.begin()
		s.follow(r, l)
		return
	}
	s.past(r)
}

// sender is one stream.
type sender struct {
	w       http.ResponseWriter
	control *http.ResponseController
	console *Console
	look    *look
	at      position
	buf     []byte
	err     error
}

// begin sends the header and something to read at once: browsers and proxies wait for it.
func (s *sender) begin() {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("X-Accel-Buffering", "no")
	s.buf = fmt.Appendf(s.buf[:0], "retry: %d\n: hello\n\n", retryMillis)
	s.flush()
}

// put adds a message.
func (s *sender) put(kind string, data json.RawMessage) {
	s.buf = fmt.Appendf(s.buf, "id: %s\nevent: %s\ndata: %s\n\n", s.at, kind, data)
}

// flush sends what was put. A browser that does not take it within a while is given up: it comes back and goes on where it was.
func (s *sender) flush() {
	if s.err != nil || len(s.buf) == 0 {
		return
	}
	if s.err = s.control.SetWriteDeadline(time.Now().Add(sendWithin)); s.err == nil {
		if _, s.err = s.w.Write(s.buf); s.err == nil {
			s.err = s.control.Flush()
		}
	}
	s.buf = s.buf[:0]
}

// follow sends the current run until its end.
func (s *sender) follow(r *http.Request, l *live) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	first := true
	for s.err == nil {
		reached, over, news := l.reached()
		if s.at != reached || over || first {
			first = false
			s.events(l)
			s.seconds(r, l, reached.second)
			if s.look.figures {
				if m := s.console.moment(l, s.look); m != nil {
					s.put("figures", m)
				}
			}
			if over {
				s.put("end", raw(map[string]string{"run": l.id(), "state": "done"}))
			}
			s.flush()
		}
		if over {
			return
		}
		select {
		case <-news:
		case <-beat.C:
			s.buf = append(s.buf, ": still here\n\n"...)
			s.flush()
		case <-r.Context().Done():
			return
		case <-s.console.closing:
			return
		}
	}
}

// RunEvent is something that happened to a run.
type RunEvent struct {
	Number int     `json:"number" doc:"from 0, in order"`
	At     float64 `json:"at_s"`
	Kind   string  `json:"kind"`
	Text   string  `json:"text"`
}

func (s *sender) events(l *live) {
	for _, e := range l.eventsFrom(s.at.event) {
		n := s.at.event
		s.at.event++
		s.put("event", raw(RunEvent{n, format.Seconds(e.At), e.Kind, e.Text}))
	}
}

// seconds sends what closed since; whoever is far behind gets it in stretches as long as a screen can show.
func (s *sender) seconds(r *http.Request, l *live, until int) {
	series, paced := l.series()
	if series == nil {
		return
	}
	if until-s.at.second <= behindMuch {
		for s.at.second < until {
			part, single := l.frames.part(series, s.at.second, paced, s.look)
			if !single {
				break
			}
			s.at.second++
			s.put("second", part)
		}
	}
	s.rest(r, memory{series, paced}, until)
}

// rest sends a part of a course in stretches.
func (s *sender) rest(r *http.Request, c course, until int) {
	if s.at.second >= until {
		return
	}
	all, err := seconds(r.Context(), c, query{from: s.at.second, to: until, names: s.look.draw, heat: true})
	if err != nil {
		s.err = err
		return
	}
	for i := range all {
		s.at.second = all[i].From + all[i].Width
		s.put("second", raw(all[i]))
	}
}

// past sends what is left of a run of the ledger, and its end.
func (s *sender) past(r *http.Request) {
	ctx, ref := r.Context(), r.PathValue("run")
	course, err := s.console.courseOf(ctx, ref)
	if err != nil {
		writeProblem(s.w, s.console.problemFor(ctx, "the stream", err))
		return
	}
	rep, err := s.console.cfg.Ledger.Report(ctx, ref, false)
	if err != nil {
		writeProblem(s.w, s.console.problemFor(ctx, "the stream", err))
		return
	}
	s.begin()
	for s.at.event < len(rep.Events) {
		e := rep.Events[s.at.event]
		n := s.at.event
		s.at.event++
		s.put("event", raw(RunEvent{n, format.Seconds(e.At), e.Kind, e.Text}))
	}
	_, end := course.span()
	s.rest(r, course, end)
	if s.err == nil {
		s.put("end", raw(map[string]string{"run": rep.Run.ID, "state": "done"}))
	}
	s.flush()
}
