//go:build unix

package ledger_test

import (
	"testing"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/stats"
)

// forget ends every connection to the databases of a server, as its restart would.
func (s *server) forget(t *testing.T) {
	t.Helper()
	if err := s.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'ledger%' AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
}

// recordedForgotten records 95 of 130 seconds, during which the server forgets twice who records: the first time nobody looks, the second
// time another program takes the run for one that was cut off.
func (s *server) recordedForgotten(t *testing.T, where string, story *ledgertest.Story) *ledger.Recorder {
	t.Helper()
	led, _ := opened(t, where)
	t.Cleanup(func() { led.Close() })
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	r.Begin(story.Info)
	for i, sec := range story.Seconds[:95] {
		r.Second(sec)
		if i != 20 && i != 75 {
			continue
		}
		if err := r.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.forget(t)
		if i == 75 {
			other, said := opened(t, where)
			// It says that the run was left behind, unless the recorder was quicker to hold it again: both are right.
			if len(said) > 1 {
				t.Errorf("the other program said %q", said)
			}
			if err := other.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if err := r.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	other, said := opened(t, where)
	defer other.Close()
	if run, err := other.Find(t.Context(), "last"); err != nil || run.State != ledger.Running || len(said) > 0 {
		t.Errorf("the run goes on and is %s, %v: %q", run.State, err, said)
	}
	return r
}

// testForgetful wants a run whole that was recorded on a server that forgot about it.
func testForgetful(t *testing.T, s *server) {
	story := ledgertest.Make(ledgertest.Load{Names: 3, Seconds: 130, Rate: 3})
	where := s.database(t)
	r := s.recordedForgotten(t, where, story)
	for _, sec := range story.Seconds[95:] {
		r.Second(sec)
	}
	for _, e := range story.Events {
		r.Event(e)
	}
	r.End(story.Report)
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	led, said := opened(t, where)
	defer led.Close()
	run, err := led.Find(t.Context(), "last")
	if err != nil || run.State != ledger.Done || len(said) > 0 {
		t.Fatalf("the run is %+v, %v; it was said %q", run, err, said)
	}
	rep, err := led.Report(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	ledgertest.Same(t, rep, story.Report)
}

// testForgetfulAndCutOff wants every second of such a run, should its recorder die in the end.
func testForgetfulAndCutOff(t *testing.T, s *server) {
	story := ledgertest.Make(ledgertest.Load{Names: 3, Seconds: 130, Rate: 3})
	where := s.database(t)
	r := s.recordedForgotten(t, where, story)
	if err := r.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	led, said := opened(t, where)
	defer led.Close()
	run, err := led.Find(t.Context(), "last")
	if err != nil || run.State != ledger.Interrupted || len(said) != 1 {
		t.Fatalf("the run is %+v, %v; it was said %q", run, err, said)
	}
	var want stats.Row
	for _, sec := range story.Seconds[:95] {
		want.Add(&sec.Total)
	}
	got, err := led.Window(t.Context(), run, stats.Key{}, 0, 0)
	if err != nil || !sameRow(&got, &want) {
		t.Errorf("%d requests are in the ledger, want %d (%v)", got.Count, want.Count, err)
	}
	rep, err := led.Report(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	var failed int64
	for _, e := range rep.Whole.Errors {
		failed += e.Count
	}
	if failed != want.Failures || rep.Whole.Total.Count != want.Count {
		t.Errorf("the errors count %d failures of %d requests, want %d of %d", failed, rep.Whole.Total.Count, want.Failures, want.Count)
	}
}
