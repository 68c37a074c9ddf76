package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/testsite"
)

// fleetFreeze is the freeze test with the load of four worker processes.
//
// The closed form of freeze knows a server that has caught up at once. Four processes, a controller and the server share the cores of this machine,
// and the two thousand requests that were held up come to the server over some tens of milliseconds. So the truth is the server's own: it notes when
// each request arrives, and the plan says when it was due. The closed form with the time that catching up took is printed beside it.
func (b *bench) fleetFreeze() error {
	herd, err := b.herd()
	if err != nil {
		return err
	}
	p := frozen{1000, 30 * time.Second, 2 * time.Second}
	if b.length > 0 {
		p.length = b.length
	}
	for _, workers := range []int{0, 4} {
		child, err := b.site(testsite.Config{Mode: testsite.Fast})
		if err != nil {
			return err
		}
		err = b.fleetFrozen(herd, child, p, workers)
		child.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) fleetFrozen(herd string, child *testsite.Child, p frozen, workers int) error {
	ctx, cancel := context.WithTimeout(b.ctx, 2*p.length+time.Minute)
	defer cancel()
	held := freezeWhenAsked(ctx, child, p)
	file := filepath.Join(b.dir, "freeze.json")
	args := []string{
		"run", "-H", child.URL(), "--rate", strconv.Itoa(p.rate) + "/s", "-t", p.length.String(), "--max-users", "100", "--json", file, "--plain", "--no-record", "--allow-invalid",
	}
	if workers > 0 {
		args = append(args, "--workers", strconv.Itoa(workers))
	}
	if _, err := runOn(ctx, "", 0, herd, args...); err != nil {
		return err
	}
	if err := <-held; err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	r, err := readFleetResult(file)
	if err != nil {
		return err
	}
	came, err := child.Arrivals(ctx)
	if err != nil {
		return err
	}
	what := "one process: "
	if workers > 0 {
		what = fmt.Sprintf("%d workers:   ", workers)
	}
	if int64(len(came)) != r.Sent || r.Sent != r.Planned {
		return fmt.Errorf("%s the server got %d, %d of %d planned were sent, %d lost", what, len(came), r.Sent, r.Planned, r.Lost)
	}
	seen := seenByServer(came, p)
	var off, formOff float64
	line := ""
	for i, f := range []struct {
		name string
		got  float64
	}{{"mean", r.Total.Response.Mean}, {"p95", r.Total.Response.P95}, {"p99", r.Total.Response.P99}} {
		line += fmt.Sprintf("%s %.1f ms (server %.1f, form %.1f); ", f.name, f.got, seen.log[i], seen.form[i])
		off = max(off, math.Abs(f.got-seen.log[i])/seen.log[i])
		formOff = max(formOff, math.Abs(f.got-seen.form[i])/seen.form[i])
	}
	fmt.Printf("   %s %sworst %.1f %% off the server, %.1f %% off the form (reach: 5 %%)\n", what, line, 100*off, 100*formOff)
	fmt.Printf("      it stood still for %.0f ms and caught up within %.0f ms, without which the form were %.1f, %.1f and %.1f; %d sent + %d lost of %d planned; %s %s\n",
		ms(seen.pause), ms(seen.caughtUp), seen.atOnce[0], seen.atOnce[1], seen.atOnce[2], r.Sent, r.Lost, r.Planned, r.Verdict.Level, strings.Join(r.Verdict.Reasons, "; "))
	if off > 0.05 {
		return fmt.Errorf("%s %.1f %% off the server's own times", what, 100*off)
	}
	return nil
}

// freezeSeen is how long requests waited in a freeze: mean, p95 and p99, in ms.
type freezeSeen struct {
	log             [3]float64 // by the server's own times
	form            [3]float64 // by the closed form of a server that catches up at an even rate
	atOnce          [3]float64 // the same, of one that catches up at once
	pause, caughtUp time.Duration
}

// seenByServer works out how long each arrival waited for the server, whose times are sorted: the plan says when each was due, in the same order.
// The first that came without a wait says when the plan began.
func seenByServer(came []time.Duration, p frozen) (s freezeSeen) {
	waits := make([]time.Duration, len(came))
	gap := 0
	for i, at := range came {
		waits[i] = at - time.Duration(float64(i)/float64(p.rate)*float64(time.Second))
		if i > 0 && at-came[i-1] > s.pause {
			s.pause, gap = at-came[i-1], i
		}
	}
	begin := slices.Min(waits)
	for i := range waits {
		waits[i] -= begin
	}
	for i := gap; i < len(came) && waits[i] > 2*time.Millisecond; i++ {
		s.caughtUp = came[i] - came[gap]
	}
	var sum time.Duration
	for _, w := range waits {
		sum += w
	}
	slices.Sort(waits)
	at := func(q float64) float64 { return ms(waits[int(math.Ceil(q*float64(len(waits))))-1]) }
	s.log = [3]float64{ms(sum) / float64(len(waits)), at(0.95), at(0.99)}
	s.form, s.atOnce = freezeForm(s.pause, s.caughtUp, p.length), freezeForm(s.pause, 0, p.length)
	return s
}

// freezeForm is what a pause in a run does to its response times: who comes at its beginning waits for all of it, and the wait falls evenly to none at
// the moment at which the server has caught up.
func freezeForm(pause, caughtUp, length time.Duration) [3]float64 {
	p, through := ms(pause), ms(pause+caughtUp)
	wait := func(q float64) float64 { return max(0, p*(1-(1-q)*ms(length)/through)) }
	return [3]float64{p * through / (2 * ms(length)), wait(0.95), wait(0.99)}
}

// freezeWhenAsked stops a server for a while, a third of a run's length after its first request, and tells how that went.
func freezeWhenAsked(ctx context.Context, child *testsite.Child, p frozen) <-chan error {
	held := make(chan error, 1)
	go func() {
		for {
			if st, err := child.Stats(ctx); err == nil && st.Requests > 0 {
				break
			}
			select {
			case <-time.After(20 * time.Millisecond):
			case <-ctx.Done():
				held <- ctx.Err()
				return
			}
		}
		select {
		case <-time.After(p.length / 3):
		case <-ctx.Done():
			held <- ctx.Err()
			return
		}
		_, err := child.Freeze(ctx, p.pause)
		held <- err
	}()
	return held
}
