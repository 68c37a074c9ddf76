package wire

import (
	"strconv"
	"time"
)

// unanswered says that the site closed the connection without an answer to the request on it, and if that had been waiting for its next
// request before, for how long: most sites close what was idle for a fixed time, and a request that comes at that moment is lost.
func (c *conn) unanswered(x *exchange) (text, hint string) {
	text = c.origin.place() + " closed the connection without an answer"
	idle := time.Duration(x.hopSent - c.used)
	if !x.resp.Reused || idle < idleTold {
		return text, ""
	}
	about := aboutTime(idle)
	return text + "; it had been idle for " + about, "the site's keep-alive timeout is about that: only a request that may be sent twice is tried again"
}

// idleTold is from when on a connection counts as having been idle.
const idleTold = 500 * time.Millisecond

// aboutTime is a time in so few words that failures group.
func aboutTime(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second))) + " s"
	case d < time.Minute:
		return strconv.Itoa(5*int(d.Round(5*time.Second)/(5*time.Second))) + " s"
	}
	return strconv.Itoa(int(d.Round(time.Minute)/time.Minute)) + " min"
}
