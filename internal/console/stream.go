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
	s := &sender{w: w, control: http.NewResponseController(w), console: c, look: lookOf(r.URL.Query()), at: from, envelope: envelopeFor(r)}
	if l := c.find(r.PathValue("run")); l != nil {
		if !resumed {
			s.at, _ = l.reached()
		}
		s.begin()
		s.follow(r, l)
		s.finish()
		return
	}
	s.past(r)
}

// sender is one stream.
type sender struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	console  *Console
	look     *look
	at       position
	envelope envelope
	unsent   []byte
	err      error
}

// begin sends the header and something to read at once: browsers and proxies wait for it.
func (s *sender) begin() {
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache, no-store, no-transform")
	h.Set("X-Accel-Buffering", "no")
	h.Add("Vary", "Accept-Encoding")
	if _, packs := s.envelope.(*gzipped); packs {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Transfer-Encoding", "identity") // no chunks: what is sent at once goes out in one piece, and the stream ends with its connection
	s.unsent = s.envelope.open(s.unsent)
	s.add(hello)
	s.flush()
}

var (
	hello     = plain(fmt.Appendf(nil, "retry: %d\n: hello\n\n", retryMillis))
	stillHere = plain([]byte(": still here\n\n"))
)

// put adds a message of this stream alone.
func (s *sender) put(kind string, data json.RawMessage) { s.add(written(s.at, kind, data)) }

// add adds a message that others may get, too.
func (s *sender) add(m *message) { s.unsent = s.envelope.add(s.unsent, m) }

// mostKept is how much room a stream keeps for what it sends next.
const mostKept = 16 << 10

// flush sends what was added, in one write. A browser that does not take it within a while is given up: it comes back and goes on where it was.
func (s *sender) flush() {
	if s.err != nil || len(s.unsent) == 0 {
		return
	}
	if s.err = s.control.SetWriteDeadline(time.Now().Add(sendWithin)); s.err == nil {
		_, s.err = s.w.Write(s.unsent)
	}
	if s.err == nil {
		s.err = s.control.Flush()
	}
	if s.unsent = s.unsent[:0]; cap(s.unsent) > mostKept {
		s.unsent = nil
	}
}

// finish ends the stream for those who unpack it: without its end a file is a broken one.
func (s *sender) finish() {
	s.unsent = s.envelope.close(s.unsent)
	s.flush()
}

// follow sends the current run until its end.
func (s *sender) follow(r *http.Request, l *live) {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	first, told := true, position{}
	for s.err == nil {
		at, over, news := l.announced()
		if first { // whoever comes is told all there is
			at, over = l.reached()
		}
		if at.second > told.second || at.event > told.event || over || first {
			first, told = false, at
			s.events(l, at.event)
			s.seconds(r, l, at.second)
			if s.look.figures {
				if m := s.console.moment(l, s.look, s.at); m != nil {
					s.add(m)
				}
			}
			if over {
				s.put("end", raw(map[string]string{"run": l.id(), "state": "done"}))
			}
			s.flush()
			if over {
				return
			}
		}
		select {
		case <-news:
		case <-s.early(at.second):
			first = true
		case <-beat.C:
			s.add(stillHere)
			s.flush()
		case <-r.Context().Done():
			return
		case <-s.console.closing:
			if _, over, _ := l.announced(); !over {
				return
			}
		}
	}
}

// earlyEach is how often figures are sent before the first second has closed.
const earlyEach = 250 * time.Millisecond

// early comes soon as long as no second has closed: whoever has pressed Start is shown users and what was begun meanwhile.
func (s *sender) early(second int) <-chan time.Time {
	if second > 0 || !s.look.figures {
		return nil
	}
	return time.After(earlyEach)
}

// RunEvent is something that happened to a run.
type RunEvent struct {
	Number int     `json:"number" doc:"from 0, in order"`
	At     float64 `json:"at_s"`
	Kind   string  `json:"kind"`
	Text   string  `json:"text"`
}

func (s *sender) events(l *live, until int) {
	for _, e := range l.eventsBetween(s.at.event, until) {
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
			part, single := l.frames.part(series, s.at, paced, s.look)
			if !single {
				break
			}
			s.at.second++
			s.add(part)
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
	s.finish()
}
