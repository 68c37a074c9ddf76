package fleet

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
)

// mostOf merges what workers left out of pages: of each host the most.
func mostOf(all, one map[string]map[string]int) map[string]map[string]int {
	for page, hosts := range one {
		if all == nil {
			all = map[string]map[string]int{}
		}
		if all[page] == nil {
			all[page] = map[string]int{}
		}
		for host, n := range hosts {
			all[page][host] = max(all[page][host], n)
		}
	}
	return all
}

// addCounts adds the counts of one more worker.
func addCounts(sum, more []int64) []int64 {
	for i, n := range more {
		if i >= len(sum) {
			sum = append(sum, 0)
		}
		sum[i] += n
	}
	return sum
}

// ending is how it ended.
func (d *drive) ending() stampede.Ending {
	e := stampede.Ending{Reason: d.reason}
	all := true
	for _, m := range d.members {
		switch {
		case m.ended != nil:
			e.Elapsed = max(e.Elapsed, time.Duration(m.ended.Elapsed))
			e.LoadEnd = max(e.LoadEnd, time.Duration(m.ended.LoadEnd))
			e.Stuck += m.ended.Stuck
			e.IO = m.ended.IO
			e.Pages = append(e.Pages, m.ended.Pages...)
			e.Foreign = mostOf(e.Foreign, m.ended.Foreign)
			e.Made, e.Picked = addCounts(e.Made, m.ended.Made), addCounts(e.Picked, m.ended.Picked)
			if e.Reason == "" {
				e.Reason = m.ended.Reason
			}
		case m.in:
			all = false
		}
	}
	if !all {
		e.Made = nil
	}
	if e.Elapsed == 0 {
		e.Elapsed = max(0, d.now())
	}
	return e
}

// sayUnheard counts as lost what members were to take over and never heard of: who is cut off from the order to the end of the plan has done its
// own share alone. c.mu is held.
func (d *drive) sayUnheard() {
	last := 0
	for _, o := range d.orders {
		if o.Kind == "join" || o.Kind == "leave" {
			last = o.Number
		}
	}
	for _, m := range d.members {
		if !m.in || m.gone || m.leaving || m.ended == nil || m.reported.Known >= last {
			continue
		}
		due := d.dueOf(m, max(d.now(), d.last))
		if more := due - d.collector.Reported(m.index).Planned; more > 0 {
			d.collector.Gone(m.index, due)
			d.collector.Doubt(fmt.Sprintf("%s (%s) was cut off and did not hear that it had to take over from others: %d arrivals were never sent", m.name, m.host(), more))
		}
	}
}
