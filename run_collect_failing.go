package stampede

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// What makes a stretch of failures an event of the run.
const (
	failingSeconds  = 3
	failingRequests = 5
	failingTexts    = 100 // different texts that are counted
)

// failing finds the stretches in which every request failed. The zero value is ready.
type failing struct {
	on          bool
	since, last int // seconds
	count       int64
	texts       map[string]int64
	told        bool
}

// add takes the next second in. kind is "failing" once a stretch is long enough, "recovered" when one that was told has ended, else "".
func (f *failing) add(sec *stats.Second) (kind, text string) {
	total := &sec.Total
	switch {
	case total.Count == 0: // nothing ended, so nothing is known
		return "", ""
	case total.Failures < total.Count:
		if f.told {
			kind = "recovered"
			text = fmt.Sprintf("requests succeed again, after %s in which every one of %s failed",
				format.Span(time.Duration(sec.Index-f.since)*time.Second), format.Count(f.count))
		}
		*f = failing{}
		return kind, text
	case !f.on:
		*f = failing{on: true, since: sec.Index, texts: map[string]int64{}}
	}
	f.last = sec.Index
	f.count += total.Failures
	for i := range sec.Errors {
		e := &sec.Errors[i]
		if _, known := f.texts[e.Text]; known || len(f.texts) < failingTexts {
			f.texts[e.Text] += e.Count
		}
	}
	if f.told || f.last-f.since+1 < failingSeconds || f.count < failingRequests {
		return "", ""
	}
	f.told = true
	return "failing", fmt.Sprintf("every request has failed since %s: %s", format.Clock(time.Duration(f.since)*time.Second), f.most())
}

// most is the most frequent text of the stretch; of equals the first by alphabet.
func (f *failing) most() string {
	best, n := "", int64(0)
	for text, count := range f.texts {
		if count > n || count == n && text < best {
			best, n = text, count
		}
	}
	return best
}

// explained gives failures of the judged part the detail and the stack that were told during the warm-up: each is told once.
func explained(judged, whole []stats.ErrorRow) {
	for i := range judged {
		j := &judged[i]
		for k := range whole {
			w := &whole[k]
			if w.Key == j.Key && w.Kind == j.Kind && w.Text == j.Text {
				if j.Detail == "" {
					j.Detail = w.Detail
				}
				if j.Stack == "" {
					j.Stack = w.Stack
				}
				break
			}
		}
	}
}
