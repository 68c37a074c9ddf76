package cli

import (
	"bytes"
	"context"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"github.com/stampede-load/stampede"
)

// Whoever takes over hears of what was pressed before, and of what comes after.
func TestInterruptsAreHandedOver(t *testing.T) {
	signals := make(chan os.Signal)
	ctx, i := watchInterrupts(context.Background(), signals)
	signals <- os.Interrupt
	<-ctx.Done() // nobody was responsible: the command is given up
	var heard []int
	i.handle(func(count int) { heard = append(heard, count) })
	i.press()
	i.press()
	i.close()
	if want := []int{1, 2, 3}; !reflect.DeepEqual(heard, want) || i.count() != 3 {
		t.Errorf("heard %v, counted %d", heard, i.count())
	}
}

func TestInterruptsClose(t *testing.T) {
	ctx, i := watchInterrupts(context.Background(), nil)
	i.handle(func(int) { t.Error("nothing was pressed") })
	i.close()
	if ctx.Err() == nil {
		t.Error("the context outlives its command")
	}
}

// Ctrl-C before the run begins ends the command at once; there is nothing to stop with care.
func TestInterruptedBeforeTheRun(t *testing.T) {
	signals := make(chan os.Signal, 1)
	p := programs()["fans"]
	p.Prepare = func(ctx context.Context, _ *stampede.Plan) (func(), error) {
		signals <- os.Interrupt
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var out, errs bytes.Buffer
	status := Main(context.Background(), p, System{Args: []string{"fans", "run"}, Dir: t.TempDir(), Out: &out, Err: &errs, Interrupts: signals})
	if status != 130 || out.Len() > 0 || !strings.Contains(errs.String(), "interrupted before anything was started") {
		t.Errorf("status %d, %q, %q", status, out.String(), errs.String())
	}
}

// SIGTERM stops a series now: whoever ends a job waits for seconds, and not for the end of a run.
func TestTerminatedSeries(t *testing.T) {
	s := newSite()
	defer s.Close()
	signals := make(chan os.Signal, 1)
	go func() {
		<-s.asked
		signals <- syscall.SIGTERM
	}()
	var out, errs bytes.Buffer
	status := Main(context.Background(), programs()["fans"], System{
		Args: []string{"fans", "run", "-H", s.URL, "-u", "2", "-t", "1h", "--repeat", "2", "--no-record"}, Dir: t.TempDir(), Out: &out, Err: &errs, Interrupts: signals,
	})
	if status != 130 || !strings.Contains(out.String(), "run 1 of 2: INTERRUPTED") || strings.Contains(out.String(), "run 2 of 2") {
		t.Errorf("status %d\n%s%s", status, out.String(), errs.String())
	}
}
