//go:build linux || darwin

package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
)

// smallDisk tells the test program to record into a ledger on a disk that is soon full: files may not grow beyond half a megabyte.
const smallDisk = "STAMPEDE_LEDGER_TEST_SMALL_DISK"

// TestFullDisk records until nothing more can be written. The run must end, the trouble must be told, and the ledger must be whole.
func TestFullDisk(t *testing.T) {
	where := filepath.Join(t.TempDir(), "runs.db")
	recorded(t, where, ledgertest.Load{ID: "20261101-190000-0000"})
	if os.Getenv(smallDisk) != "" {
		fillDisk(os.Getenv(smallDisk))
		return
	}
	c := exec.Command(os.Args[0], "-test.run=^TestFullDisk$")
	c.Env = append(os.Environ(), smallDisk+"="+where)
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "could not be written") {
		t.Fatalf("the program with the small disk: %v\n%s", err, out)
	}
	intact(t, where)
	led, said := opened(t, where)
	defer led.Close()
	if len(said) != 1 || !strings.Contains(said[0], "cut off") {
		t.Errorf("opening the ledger said %q", said)
	}
	run, err := led.Find(t.Context(), "last")
	if err != nil || run.State != ledger.Interrupted || run.Requests == 0 {
		t.Errorf("%v: the row is %+v", err, run)
	}
	if first, err := led.Find(t.Context(), "20261101"); err != nil || first.State != ledger.Done {
		t.Errorf("%v: the run before is %+v", err, first)
	}
}

func fillDisk(where string) {
	signal.Ignore(syscall.SIGXFSZ)
	limit := syscall.Rlimit{Cur: 500_000, Max: 500_000}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
	ctx := context.Background()
	led, err := ledger.Open(ctx, where, ledger.Options{})
	if err != nil {
		panic(err)
	}
	s := ledgertest.Make(ledgertest.Load{Names: 50, Seconds: 600})
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	r.Begin(s.Info)
	for _, sec := range s.Seconds {
		r.Second(sec)
		short, stop := context.WithTimeout(ctx, time.Second)
		err := r.Flush(short)
		stop()
		if err != nil {
			break
		}
	}
	r.End(s.Report)
	short, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	fmt.Println(errors.Join(r.Close(short), led.Close()))
}
