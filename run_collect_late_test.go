package stampede

import (
	"context"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

type nobody struct{ User }

func (*nobody) do(context.Context) error { return nil }

// tardy is a driver of two workers: the seconds of one are closed without the other, which delivers its own at the very end.
type tardy struct {
	Driver
	collector *Collector
	stopping  chan struct{}
}

func (d *tardy) Begin(_ context.Context, c *Collector) (time.Time, error) {
	d.collector = c
	return time.Now(), nil
}

func (d *tardy) Stop(string)               {}
func (d *tardy) Stopping() <-chan struct{} { return d.stopping }

func (d *tardy) Run() (Ending, error) {
	defer close(d.stopping)
	for w := range 2 {
		d.collector.Expect(Worker{Number: w}, 0)
	}
	for w, n := range []int64{5, 7} {
		for second := range 3 {
			row := stats.Row{Key: Key{Type: "DO", Name: "it"}, Count: n}
			row.Service.RecordN(1e6, n)
			s := &stats.Snapshot{Run: d.collector.Info().ID, Worker: w, Seq: uint64(second + 1), Second: second, Final: second == 2, Rows: []stats.Row{row}}
			s.Gauges = stats.Gauges{Planned: n * int64(second+1), Sent: n * int64(second+1), CPU: -1, MachineCPU: -1}
			d.collector.Add(s)
		}
		d.collector.Overdue(2)
	}
	return Ending{Reason: "time", Elapsed: 3 * time.Second}, nil
}

// toldSum adds up what an observer is told.
type toldSum struct {
	count, late int64
	seconds     int
	final       bool
}

func (s *toldSum) Begin(RunInfo) {}
func (s *toldSum) Event(Event)   {}
func (s *toldSum) End(*Report)   {}
func (s *toldSum) Second(x *Second) {
	if x.Index != s.seconds {
		s.count = -1 << 40
	}
	s.seconds++
	s.final = x.Final
	s.count += x.Total.Count
	for i := range x.Earlier {
		s.late += x.Earlier[i].Total.Count
	}
}

// What a worker delivers after the last second was closed is told to the observers as well: else the ledger's course would lack it.
func TestLateAtTheVeryEnd(t *testing.T) {
	var told toldSum
	plan := Plan{
		Test:  Test{Users: []UserType{Users(Spec[nobody]{Tasks: []Task[nobody]{{Name: "it", Do: (*nobody).do}}})}},
		Users: Level(2), Duration: 3 * time.Second, Observers: []Observer{&told},
		Thresholds: []Threshold{ParseThreshold("count >= 36")},
	}
	running, err := StartWith(t.Context(), plan, &tardy{stopping: make(chan struct{})})
	if err != nil {
		t.Fatal(err)
	}
	r, err := running.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if told.count != 15 || told.late != 21 || told.seconds != 4 || !told.final {
		t.Errorf("told %d in %d seconds and %d late, the last %v: want 15 in 4 and 21", told.count, told.seconds, told.late, told.final)
	}
	var series int64
	for sec := range r.Series.Seconds() {
		series += sec.Total.Count
	}
	if r.Whole.Total.Count != 36 || series != 36 || r.Planned != 36 || r.Sent != 36 {
		t.Errorf("%d in the totals, %d in the series, %d of %d sent: want 36", r.Whole.Total.Count, series, r.Sent, r.Planned)
	}
	if res := r.Thresholds[0]; !res.Judged || !res.Passed {
		t.Errorf("%+v", res)
	}
}
