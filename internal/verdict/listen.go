package verdict

import (
	"fmt"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
)

// resendSteps is after how many seconds in all a kernel asks for a connection again, when nobody answers: Linux since 6.5. Older ones, and
// other systems, ask after 1, 3 and 7 s.
func resendSteps() []int { return []int{1, 2, 3, 4, 5, 7} }

// The least that says that times cluster above those: so many requests, and such a share of all that took about as long.
const (
	clusterLeast = 10
	clusterShare = 0.8
)

// ListenNotices tells the signs of a site whose listen queue is full, or of packets that are lost on the way: connections that never came to
// be beside good answers, and times just above the whole seconds after which a kernel asks again. total is of the whole run.
func ListenNotices(total *stats.Row) []string {
	var notices []string
	if n := total.FaultsOf(fault.ConnectTimeout, 0); n > 0 && total.Count > total.Failures {
		notices = append(notices, fmt.Sprintf("%s got no connection while others were answered: the site's listen queue may be full (the backlog of its "+
			"server, net.core.somaxconn), or something on the way drops what it cannot take", countWords(n, "request")))
	}
	if n, steps := clustered(&total.Service); n > 0 {
		notices = append(notices, fmt.Sprintf("%s took a little more than %s s, and hardly any a time in between: so long a kernel waits before it asks for a "+
			"connection again, so the site's listen queue was full or packets were lost", countWords(n, "request"), steps))
	}
	return notices
}

// clustered counts the times that lie just above the steps, and says which steps those are; 0 where there is no cluster. The answers themselves
// must be quick, or what is above a whole second says nothing.
func clustered(h *hist.Hist) (n int64, steps string) {
	median := time.Duration(h.Quantile(0.5))
	width := 60*time.Millisecond + 2*median // a resend is late by a tick or two, and the answer takes its time
	if width > 350*time.Millisecond {
		return 0, ""
	}
	within := func(from, to time.Duration) int64 { return h.CountAbove(int64(from)) - h.CountAbove(int64(to)) }
	last := resendSteps()[len(resendSteps())-1]
	all := within(700*time.Millisecond, time.Duration(last)*time.Second+width) // what is a little faster speaks against it too
	var named []string
	for _, s := range resendSteps() {
		at := time.Duration(s) * time.Second
		here := within(at-at/200, at+width) // histograms know a time to half a per cent
		if n += here; here >= 3 {
			named = append(named, fmt.Sprint(s))
		}
	}
	if n < clusterLeast || float64(n) < clusterShare*float64(all) || len(named) == 0 {
		return 0, ""
	}
	if last := len(named) - 1; last > 0 {
		return n, strings.Join(named[:last], ", ") + " or " + named[last]
	}
	return n, named[0]
}
