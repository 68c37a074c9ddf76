package reporttest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

// Options says what [Make] makes. The zero value is one name for ten seconds.
type Options struct {
	Names   int // "Page 001" and on; zero means 1
	Seconds int // zero means 10
	Rate    int // requests per name and second; zero means 10

	// Stretch says how long the stretch is that begins at a second; nil means 1. A run of hours is made faster in the stretches that its
	// series would be rolled up to anyway: see [RolledUp].
	Stretch func(second int) int

	seed    uint64                            // chance differs from that of other runs
	pages   []page                            // instead of Names
	traffic func(p *page, second int) traffic // instead of Rate
	gauges  func(second int) stats.Gauges     // instead of a constant load
}

// page is one request name and how it behaves when nothing is wrong.
type page struct {
	key     stats.Key
	typical time.Duration // its median, roughly
	share   int           // of the load, in percent
	size    int64         // of an answer, in bytes
}

// traffic is what happens to a page during a second.
type traffic struct {
	count   int
	slower  int                // times are multiplied by this percentage; 0 means 100
	late    time.Duration      // most that sends are late
	failing map[fault.Kind]int // per thousand
	texts   map[fault.Kind]string
	dropped int64
}

// start is when every run of this package began.
func start() time.Time { return time.Date(2026, time.November, 2, 19, 0, 0, 0, time.UTC) }

// RolledUp is the stretches of a run of so many seconds as a series keeps them: minutes at first, then tens of seconds, and single
// seconds in the last ten minutes.
func RolledUp(seconds int) func(second int) int {
	return func(second int) int {
		switch left := seconds - second; {
		case left > 4200:
			return 60
		case left > 600:
			return 10
		default:
			return 1
		}
	}
}

// Make makes the result of a run. The same options give the same result.
func Make(o Options) *stampede.Report {
	o = o.withDefaults()
	rng := rand.New(rand.NewPCG(20261102+o.seed, 190000))
	series := stats.NewSeries(stats.SeriesOptions{})
	rows := make(map[stats.Key]*stats.Row)
	errors := make(map[string]*stats.ErrorRow)
	var last stats.Gauges
	for second := 0; second < o.Seconds; {
		width := max(1, min(o.Stretch(second), o.Seconds-second))
		sec := &stats.Second{Index: second, Width: width, Gauges: o.gauges(second)}
		for i := range o.pages {
			p := &o.pages[i]
			row := stats.Row{Key: p.key}
			fill(rng, &row, p, o.traffic(p, second), width, func(k fault.Kind, text string) { noteError(errors, p.key, k, text, second) })
			if !row.IsEmpty() {
				sec.Rows = append(sec.Rows, row)
			}
		}
		slices.SortFunc(sec.Rows, func(a, b stats.Row) int { return a.Key.Compare(b.Key) })
		for i := range sec.Rows {
			add(rows, &sec.Rows[i])
			if !sec.Rows[i].Apart() {
				sec.Total.Add(&sec.Rows[i])
			}
		}
		last = sec.Gauges
		series.Add(sec)
		second += width
	}
	return assemble(o, rows, errors, series, last)
}

func (o Options) withDefaults() Options {
	o.Names = max(o.Names, 1)
	if o.Seconds <= 0 {
		o.Seconds = 10
	}
	if o.Rate <= 0 {
		o.Rate = 10
	}
	if o.Stretch == nil {
		o.Stretch = func(int) int { return 1 }
	}
	if o.pages == nil {
		for i := range o.Names {
			o.pages = append(o.pages, page{
				key: stats.Key{Type: "GET", Name: fmt.Sprintf("Page %03d", i+1)}, typical: time.Duration(20+7*i%400) * time.Millisecond, size: int64(1000 + 100*i),
			})
		}
	}
	if o.traffic == nil {
		rate := o.Rate
		o.traffic = func(*page, int) traffic { return traffic{count: rate, late: time.Millisecond} }
	}
	if o.gauges == nil {
		users, sent := 10*len(o.pages), int64(o.Rate*len(o.pages))
		o.gauges = func(second int) stats.Gauges {
			n := sent * int64(second+1)
			return stats.Gauges{Users: users, Target: users, Planned: n, Sent: n, UsersStarted: int64(users), CPU: 0.25, MachineCPU: 0.5}
		}
	}
	return o
}

// fill adds the samples of a page during a stretch.
func fill(rng *rand.Rand, row *stats.Row, p *page, t traffic, width int, failed func(fault.Kind, string)) {
	row.Dropped += t.dropped
	slower := int64(t.slower)
	if slower == 0 {
		slower = 100
	}
	kinds := make([]fault.Kind, 0, len(t.failing))
	for k := range t.failing {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	for range t.count * width {
		service := int64(p.typical) * slower / 100 * (500 + rng.Int64N(1000)) / 1000
		if rng.IntN(100) < 5 { // a tail
			service += int64(p.typical) * rng.Int64N(8)
		}
		lag := int64(0)
		if t.late > 0 {
			lag = rng.Int64N(int64(t.late)) * rng.Int64N(100) / 100
		}
		kind := fault.None
		draw := rng.IntN(1000)
		for _, k := range kinds {
			if draw < t.failing[k] {
				kind = k
				break
			}
			draw -= t.failing[k]
		}
		record(row, p, kind, service, lag, t.late > 0)
		if kind != fault.None {
			failed(kind, t.texts[kind])
		}
	}
}

// record adds one sample as the recorder of a run does.
func record(row *stats.Row, p *page, kind fault.Kind, service, lag int64, planned bool) {
	row.Count++
	row.BytesOut += 240
	if planned {
		row.Lag.Record(lag)
	}
	timeout := kind.IsTimeout()
	if timeout {
		service = int64(5 * time.Second)
	}
	if kind == fault.None || timeout {
		row.Service.Record(service)
		row.Response.Record(service + lag)
	}
	if kind == fault.None {
		row.FirstByte.Record(service * 7 / 10)
		row.BytesIn += p.size + 180
		row.Decoded += p.size
		return
	}
	row.Failures++
	row.Failed.Record(service + lag)
	status := 0
	if kind == fault.Status {
		status = 503
		row.BytesIn += 300
		row.Decoded += 120
	}
	if timeout {
		row.Timeouts++
		row.TimedOut.Record(service + lag)
	}
	one := stats.Row{Faults: []stats.FaultCount{{Kind: kind, Status: status, Count: 1}}}
	row.Add(&one)
}

func noteError(errors map[string]*stats.ErrorRow, key stats.Key, kind fault.Kind, text string, second int) {
	at := time.Duration(second)*time.Second + 137*time.Millisecond
	id := strings.Join([]string{key.Type, key.Name, text}, "\x00")
	e := errors[id]
	if e == nil {
		e = &stats.ErrorRow{Key: key, Kind: kind, Text: text, First: at, Workers: []int{second % 2}}
		if kind == fault.Status {
			e.Detail = "We are full: come back in a minute"
		}
		errors[id] = e
	}
	e.Count++
	e.Last = at + 500*time.Millisecond
	if worker := second % 2; !slices.Contains(e.Workers, worker) {
		e.Workers = append(e.Workers, worker)
		slices.Sort(e.Workers)
	}
}

func add(rows map[stats.Key]*stats.Row, row *stats.Row) {
	into := rows[row.Key]
	if into == nil {
		into = &stats.Row{Key: row.Key}
		rows[row.Key] = into
	}
	into.Add(row)
}

// assemble makes the report of what was counted.
func assemble(o Options, rows map[stats.Key]*stats.Row, errors map[string]*stats.ErrorRow, series *stats.Series, last stats.Gauges) *stampede.Report {
	t := stats.Totals{Seconds: float64(o.Seconds)}
	for _, row := range rows {
		t.Rows = append(t.Rows, *row)
	}
	slices.SortFunc(t.Rows, func(a, b stats.Row) int { return a.Key.Compare(b.Key) })
	for i := range t.Rows {
		if !t.Rows[i].Apart() {
			t.Total.Add(&t.Rows[i])
		}
	}
	for _, e := range errors {
		t.Errors = append(t.Errors, *e)
	}
	slices.SortFunc(t.Errors, func(a, b stats.ErrorRow) int {
		if c := a.Key.Compare(b.Key); c != 0 {
			return c
		}
		return strings.Compare(a.Text, b.Text)
	})
	length := time.Duration(o.Seconds) * time.Second
	return &stampede.Report{
		Run: stampede.RunInfo{
			ID: "20261102T190000Z-7f3a", Name: "Tour announcement", Started: start(), Duration: length,
			Users: last.Users, UsersText: fmt.Sprint(last.Users), Host: "https://shop.example.org", Seed: 42, Model: stampede.Closed, Paced: true,
			PlanHash: "5d41402abc4b2a76", Version: "v1.0.0", IO: "net", Stopped: "time",
		},
		Planned: last.Planned, Sent: last.Sent, Dropped: last.Dropped, InFlight: int64(last.InFlight),
		Judged: t, Whole: t, Series: series,
		UsersStarted: last.UsersStarted, StartFailed: last.StartFailed, Died: last.Died, PeakUsers: last.Users,
		Workers: []stampede.Worker{{Number: 0, Name: "local", Users: last.Users, CPU: 0.25, Sent: last.Sent, LastSecond: o.Seconds - 1}},
	}
}
