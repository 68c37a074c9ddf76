package testsite

import (
	"encoding/json"
	"time"
)

// Stats is a server's own account of what arrived. Times in it are those at which the server had read a whole request head, so on a busy
// machine they lag behind the network.
type Stats struct {
	Mode        Mode          `json:"mode"`
	Requests    int64         `json:"requests"`    // since the start or the last reset
	Kept        int64         `json:"kept"`        // how many arrival times the figures below rest on: the first of all requests
	Connections int64         `json:"connections"` // accepted since the start
	Open        int           `json:"open"`        // connections now
	Uptime      time.Duration `json:"uptime_ns"`
	CPU         time.Duration `json:"cpu_ns"` // of the whole process since its start, user and system; zero where the system does not tell
	First       time.Time     `json:"first"`  // arrival; zero if none
	Last        time.Time     `json:"last"`   // arrival among those kept
	Gaps        Gaps          `json:"gaps"`
	PerSecond   []int64       `json:"per_second"` // arrivals in each second from First

	// Handling is how long the first requests took, in order of arrival and up to the first that is not done: from when the server had read
	// the head, which for a usual request is when it had read its first byte, to when the kernel had taken the last byte of the answer. It
	// is there when Config.Handling asks for it.
	Handling []time.Duration `json:"handling_ns,omitempty"`
}

// Stats takes the account as it is now. It sorts all arrival times kept, which takes a tenth of a second for a million.
func (s *Server) Stats() Stats {
	times := s.arrivals.sorted()
	stats := Stats{
		Mode:        s.config.Mode,
		Requests:    s.arrivals.count.Load(),
		Kept:        int64(len(times)),
		Connections: s.accepted.Load(),
		Open:        s.openConns(),
		Uptime:      s.clock.since(),
		CPU:         cpuTime(),
		Gaps:        gaps(times),
		PerSecond:   perSecond(times),
		Handling:    s.handling.all(),
	}
	if len(times) > 0 {
		stats.First = s.clock.origin.Add(times[0])
		stats.Last = s.clock.origin.Add(times[len(times)-1])
	}
	return stats
}

// ResetStats starts the account anew, and with it the numbering that decides which requests make up a share and when a freeze comes.
func (s *Server) ResetStats() {
	s.arrivals.reset()
	s.handling.reset()
}

func (s *Server) openConns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// The addresses of the account.
const (
	statsPath    = "/_stats"
	arrivalsPath = "/_stats/arrivals"
	resetPath    = "/_stats/reset"
)

// account answers a request for the account, and reports false for ok if it is not one.
func (c *conn) account(h head) (goOn, ok bool) {
	switch {
	case string(h.target) == statsPath:
		return c.tell(h, c.server.Stats()), true
	case string(h.target) == arrivalsPath:
		return c.tell(h, c.server.arrivals.sorted()), true
	case string(h.target) == resetPath && string(h.method) == "POST":
		c.server.ResetStats()
		return c.tell(h, struct{}{}), true
	}
	return false, false
}

// tell answers with numbers.
func (c *conn) tell(h head, numbers any) bool {
	body, err := json.Marshal(numbers)
	return err == nil && c.send(h, newPage("200 OK", "application/json", "", body)) // numbers always encode
}

// answer counts a request and lets the server's behaviour answer it. It reports false if the connection is of no more use.
func (c *conn) answer(h head) bool {
	if len(h.target) > 1 && h.target[1] == '_' {
		if goOn, ok := c.account(h); ok {
			return goOn
		}
	}
	clock := &c.server.clock
	arrived := clock.since()
	number := c.server.arrivals.add(arrived)
	goOn := c.server.behave(exchange{conn: c, head: h, number: number, since: clock.at(arrived)})
	if handling := &c.server.handling; !handling.off() {
		handling.set(number, clock.since()-arrived)
	}
	return goOn
}
