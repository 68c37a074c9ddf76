package stampede

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// unanswered is what is known of requests that were cut off: whether the site had left them without an answer. A request that had waited
// longer than any answer took is slower than all that were measured, however long it would have gone on; to leave it out would be to praise
// a site for never answering.
type unanswered struct {
	slowest  atomic.Int64 // ns, the longest that any answer took
	shortest atomic.Int64 // ns, the shortest wait of those that count as timeouts
}

// leastUnanswered is the shortest wait that is no answer. A run that does not wait for its last answers cuts off requests that were about
// to get theirs.
const leastUnanswered = time.Second

// noAnswer is the text of such timeouts.
const noAnswer = "no answer when the run ended, after more time than any answer took"

// saw takes note of the answers of a second.
func (u *unanswered) saw(s *stats.Snapshot) {
	u.sawRows(s.Rows)
	for i := range s.Earlier {
		u.sawRows(s.Earlier[i].Rows)
	}
}

func (u *unanswered) sawRows(rows []stats.Row) {
	for i := range rows {
		if row := &rows[i]; !row.Apart() {
			u.slowest.Store(max(u.slowest.Load(), row.Service.Max(), row.Failed.Max()))
		}
	}
}

// leftWaiting decides what becomes of a request that was cut off. It reports true, and makes the sample a timeout, when the request had
// waited longer than any answer took; else the request is counted as one in flight at the end, and is no sample.
func (r *run) leftWaiting(s *stats.Sample) bool {
	age := s.Done - s.Sent
	if age < int64(leastUnanswered) || age <= r.slowest.Load() {
		r.inFlightAtEnd(age)
		return false
	}
	for {
		old := r.shortest.Load()
		if old != 0 && old <= age || r.shortest.CompareAndSwap(old, age) {
			break
		}
	}
	s.Fault, s.Err = fault.Timeout, noAnswer
	return true
}

// leftUnanswered says how many requests of a report were left without an answer; nil when none was.
func (r *run) leftUnanswered(rep *Report) []string {
	var n int64
	for i := range rep.Judged.Errors {
		if e := &rep.Judged.Errors[i]; e.Text == noAnswer {
			n += e.Count
		}
	}
	if n == 0 {
		return nil
	}
	since := ""
	if shortest := r.shortest.Load(); shortest > 0 {
		since = " in the last " + format.Span(time.Duration(shortest).Truncate(100*time.Millisecond)) + " of the run"
	}
	who := fmt.Sprintf("%s of %s users", format.Count(n), format.Count(int64(rep.PeakUsers)))
	if n > int64(rep.PeakUsers) { // some asked for several things side by side
		who = format.Plural(n, "request", "requests")
	}
	return []string{fmt.Sprintf("%s got no answer%s, and had waited longer than any answer took: the site had left them waiting (a full queue for new "+
		"connections, a lock, a lost packet); they count as timeouts", who, since)}
}
