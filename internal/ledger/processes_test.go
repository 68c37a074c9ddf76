package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/stats"
)

// scribeLedger tells the test program to record one run to its end, and which ledger into; scribeRun which run.
const (
	scribeLedger = "STAMPEDE_LEDGER_TEST_SCRIBE"
	scribeRun    = "STAMPEDE_LEDGER_TEST_RUN"
)

// scribed is run i of those that are recorded at the same time.
func scribed(i int) *ledgertest.Story {
	return ledgertest.Make(ledgertest.Load{ID: fmt.Sprintf("20261103-20000%d-0000", i), Names: 3, Seconds: 90, Rate: 3, Seed: uint64(i)})
}

// scribe records a run and says after each second that it is on the disk.
func scribe(where string) error {
	i, err := strconv.Atoi(os.Getenv(scribeRun))
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Minute)
	defer stop()
	led, err := ledger.Open(ctx, where, ledger.Options{Wait: time.Minute})
	if err != nil {
		return err
	}
	s := scribed(i)
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	r.Begin(s.Info)
	for at, sec := range s.Seconds {
		r.Second(sec)
		if err := r.Flush(ctx); err != nil {
			return err
		}
		fmt.Println(at)
	}
	for _, e := range s.Events {
		r.Event(e)
	}
	r.End(s.Report)
	return errors.Join(r.Close(ctx), led.Close())
}

// TestManyProcesses lets four processes record into one ledger while this one reads it; two of them are killed on the way.
func TestManyProcesses(t *testing.T) { recordTogether(t, filepath.Join(t.TempDir(), "runs.db")) }

func recordTogether(t *testing.T, where string) {
	const processes, killed = 4, 2
	led, _ := opened(t, where)
	type end struct {
		i, written int
		err        error
	}
	ended := make(chan end, processes)
	for i := range processes {
		c, lines, complaint := recorder(t, scribeLedger+"="+where, scribeRun+"="+strconv.Itoa(i))
		go func() {
			e := end{i: i}
			for lines.Scan() {
				if e.written++; i < killed && e.written == 20+10*i {
					c.Process.Kill()
				}
			}
			if err := c.Wait(); err != nil && i >= killed {
				e.err = fmt.Errorf("%w: %s", err, complaint.String())
			}
			ended <- e
		}()
	}
	written := make([]int, processes)
	for left := processes; left > 0; {
		select {
		case e := <-ended:
			left--
			written[e.i] = e.written
			if e.err != nil {
				t.Errorf("process %d: %v", e.i, e.err)
			}
		default:
			if _, err := led.Runs(t.Context(), ledger.Filter{}); err != nil {
				t.Fatalf("reading while others write: %v", err)
			}
		}
	}
	if err := led.Close(); err != nil {
		t.Fatal(err)
	}
	led, _ = opened(t, where)
	defer led.Close()
	for i := range processes {
		s := scribed(i)
		run, err := led.Find(t.Context(), s.Info.ID)
		if err != nil {
			t.Fatal(err)
		}
		if i >= killed {
			rep, err := led.Report(t.Context(), run)
			if err != nil {
				t.Fatal(err)
			}
			ledgertest.Same(t, rep, s.Report)
			continue
		}
		got, err := led.Window(t.Context(), run, stats.Key{}, 0, 0)
		if least := int64(written[i]) * s.Seconds[0].Total.Count; err != nil || got.Count < least || run.State != ledger.Interrupted {
			t.Errorf("process %d was killed after %d seconds: %d requests are in the ledger, want %d or more; %s, %v", i, written[i], got.Count, least, run.State, err)
		}
	}
}
