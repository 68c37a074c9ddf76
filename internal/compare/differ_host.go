package compare

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// hostKinds is how far away a run's host is, and how it is spoken to; "" when the test's user types have hosts of their own.
func hostKinds(r *stampede.Report) string {
	u, err := url.Parse(r.Run.Host)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + ", " + distance(u.Hostname())
}

// distance is where a host is, as far as its name or address tells.
func distance(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if addr, err := netip.ParseAddr(host); err == nil {
		switch addr = addr.Unmap(); {
		case addr.IsLoopback():
			return "this machine"
		case addr.IsPrivate(), addr.IsLinkLocalUnicast():
			return "a private network"
		default:
			return "the internet"
		}
	}
	switch {
	case host == "localhost" || strings.HasSuffix(host, ".localhost"):
		return "this machine"
	case !strings.Contains(host, "."), strings.HasSuffix(host, ".local"), strings.HasSuffix(host, ".internal"), strings.HasSuffix(host, ".lan"):
		return "a private network"
	default:
		return "the internet"
	}
}

// hostOfPlan is a run's host as the hash of its plan has it: the port of a site on this machine, which is another one each time, is no part
// of it.
func hostOfPlan(r *stampede.Report) string {
	u, err := url.Parse(r.Run.Host)
	if err != nil {
		return r.Run.Host
	}
	name := u.Hostname()
	if addr, err := netip.ParseAddr(name); name != "localhost" && (err != nil || !addr.IsLoopback()) {
		return r.Run.Host
	}
	u.Host = name
	return u.String()
}

// hostKindsDiffer reports whether the kinds of hosts say already that the hosts differ.
func hostKindsDiffer(before, after []Run) bool {
	kinds := trait{value: hostKinds}
	return !slices.Equal(kinds.values(before), kinds.values(after))
}

// durations compares how long the runs took; up to twice as long is the same. Where the plans differ and nothing known says in what, a tenth
// more is told too: it may be what the plans differ in.
func durations(before, after []Run, known []Difference) (Difference, bool) {
	extent := func(runs []Run) (least, most time.Duration) {
		least, most = runs[0].Report.Run.Duration, runs[0].Report.Run.Duration
		for _, run := range runs {
			least, most = min(least, run.Report.Run.Duration), max(most, run.Report.Run.Duration)
		}
		return least, most
	}
	oldLeast, oldMost := extent(before)
	newLeast, newMost := extent(after)
	least, most := min(oldLeast, newLeast), max(oldMost, newMost)
	advice := "a longer run sees more: caches that fill, memory that leaks, the work of each hour"
	switch {
	case most >= 2*least:
	case plansDiffer(before, after) && !explained(before, after, known) && most >= least+least/10:
		advice += "; if the plans differ in more than their length, in tasks, weights or tags, this is no comparison"
	default:
		return Difference{}, false
	}
	text := func(least, most time.Duration) string {
		if format.Span(least) == format.Span(most) {
			return format.Span(least)
		}
		return format.Span(least) + " to " + format.Span(most)
	}
	return Difference{
		What: traitDuration, Old: text(oldLeast, oldMost), New: text(newLeast, newMost),
		Advice: advice,
	}, true
}
