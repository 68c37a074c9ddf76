package verdict

import (
	"slices"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// shot is one sample of a run made by hand.
type shot struct {
	second  int
	key     stats.Key
	took    time.Duration // service time
	lag     time.Duration // 0: nothing planned it
	kind    fault.Kind
	status  int
	bytes   int64
	dropped bool
}

// milli is one thousandth of a second.
const milli = time.Millisecond

var (
	home  = stats.Key{Type: "GET", Name: "Home"}
	logIn = stats.Key{Type: "POST", Name: "Log In"}
	buy   = stats.Key{Type: stats.StepType, Name: "Buy"}
)

// addTo counts the sample in a row, as a recorder does.
func (s shot) addTo(r *stats.Row) {
	if s.dropped {
		r.Dropped++
		return
	}
	r.Count++
	r.BytesIn += s.bytes
	if s.lag > 0 {
		r.Lag.Record(int64(s.lag))
	}
	if s.kind != fault.None {
		r.Failures++
		r.Failed.Record(int64(s.took + s.lag))
		r.Add(&stats.Row{Faults: []stats.FaultCount{{Kind: s.kind, Status: s.status, Count: 1}}})
	}
	if s.kind.IsTimeout() {
		r.Timeouts++
	}
	if s.kind == fault.None || s.kind.IsTimeout() {
		r.Service.Record(int64(s.took))
		r.Response.Record(int64(s.took + s.lag))
		r.FirstByte.Record(int64(s.took / 2))
	}
}

// rowsOf adds samples up by name.
func rowsOf(shots []shot) []stats.Row {
	byKey := map[stats.Key]*stats.Row{}
	var keys []stats.Key
	for _, s := range shots {
		if byKey[s.key] == nil {
			byKey[s.key] = &stats.Row{Key: s.key}
			keys = append(keys, s.key)
		}
		s.addTo(byKey[s.key])
	}
	slices.SortFunc(keys, func(a, b stats.Key) int {
		if a.Type != b.Type {
			return slices.Compare([]byte(a.Type), []byte(b.Type))
		}
		return slices.Compare([]byte(a.Name), []byte(b.Name))
	})
	var rows []stats.Row
	for _, k := range keys {
		rows = append(rows, *byKey[k])
	}
	return rows
}

// secondOf closes a second.
func secondOf(index int, rows []stats.Row) *stats.Second {
	sec := &stats.Second{Index: index, Width: 1, Rows: rows}
	for i := range rows {
		if rows[i].Type != stats.StepType {
			sec.Total.Add(&rows[i])
		}
	}
	sec.Gauges.Users, sec.Gauges.InFlight = 10, 3
	return sec
}

// run is n seconds with samples in them.
func run(n int, shots []shot) []*stats.Second {
	seconds := make([]*stats.Second, n)
	for i := range seconds {
		var now []shot
		for _, s := range shots {
			if s.second == i {
				now = append(now, s)
			}
		}
		seconds[i] = secondOf(i, rowsOf(now))
	}
	return seconds
}

// steady is n samples a second of one name from a second up to another, all of one duration.
func steady(key stats.Key, from, to, n int, took time.Duration) []shot {
	var shots []shot
	for s := from; s < to; s++ {
		for range n {
			shots = append(shots, shot{second: s, key: key, took: took})
		}
	}
	return shots
}

// rulesOf parses rules that must be right.
func rulesOf(t testing.TB, exprs ...string) []*Rule {
	t.Helper()
	rules, err := ParseAll(exprs)
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

// judgeOf is a judge that has seen seconds.
func judgeOf(t testing.TB, o JudgeOptions, seconds []*stats.Second, exprs ...string) *Judge {
	t.Helper()
	j, err := NewJudge(rulesOf(t, exprs...), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, sec := range seconds {
		j.Second(sec)
	}
	return j
}
