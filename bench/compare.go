package main

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/verdict"
)

// What the runs of pairs are like: fans of the demo site whose pages take 15 ms on average, on far more workers than they need.
const (
	pairUsers   = "2000"
	pairSpawn   = "500"
	pairWarmup  = 6 * time.Second
	pairService = 15 * time.Millisecond
	pairLength  = 26 * time.Second
	pairCount   = 20
)

// planted is a change of the site and how often it is made.
type planted struct {
	slower float64
	runs   int
}

// pairs makes run after run of the demo site, as it is and slower, compares them as runs compare does, from the ledger, and counts.
func (b *bench) pairs() error {
	p, err := b.pairing()
	if err != nil {
		return err
	}
	defer p.ledger.Close()
	fmt.Printf("   %d runs of %v, each compared with the one before; alarms of all requests and any name\n", p.count+1, p.length)
	var same []compare.Run
	for range p.count + 1 {
		run, err := p.run(b.ctx, pairService)
		if err != nil {
			return err
		}
		same = append(same, run)
	}
	found := tally{}
	for i := range p.count {
		if err := found.add(same[i:i+1], same[i+1:i+2]); err != nil {
			return err
		}
	}
	fmt.Printf("   the same, pairs:         %v\n", found)
	if err := p.groups(same); err != nil {
		return err
	}
	p.between(same)
	fewer := max(1, p.count/4)
	for _, change := range []planted{{1.10, fewer}, {1.25, fewer}} {
		found, all := tally{}, []compare.Run(nil)
		for i := range change.runs {
			run, err := p.run(b.ctx, time.Duration(float64(pairService)*change.slower))
			if err != nil {
				return err
			}
			all = append(all, run)
			if err := found.add(same[i:i+1], all[i:i+1]); err != nil {
				return err
			}
		}
		fmt.Printf("   pages %.0f %% slower, pairs: %v\n", 100*(change.slower-1), found)
		if len(all) >= 4 {
			found = tally{}
			if err := found.add(same[:len(all)], all); err != nil {
				return err
			}
			fmt.Printf("   %d of them a side:        %v\n", len(all), found)
		}
	}
	return nil
}

// pairing is how the runs of pairs are made and where they are kept.
type pairing struct {
	program string // the demo site and its fans
	where   string
	ledger  *ledger.Ledger
	count   int
	length  time.Duration
	seed    int
}

func (b *bench) pairing() (*pairing, error) {
	p := &pairing{where: filepath.Join(b.dir, "pairs.db"), count: pairCount, length: pairLength}
	if b.count > 0 {
		p.count = b.count
	}
	if b.length > 0 {
		p.length = b.length
	}
	var err error
	if p.program, err = b.build("examples/fanclub"); err != nil {
		return nil, err
	}
	p.ledger, err = ledger.Open(b.ctx, p.where, ledger.Options{})
	return p, err
}

// run makes one run and reads it from the ledger.
func (p *pairing) run(ctx context.Context, service time.Duration) (compare.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*p.length)
	defer cancel()
	p.seed++
	cmd := exec.CommandContext(ctx, p.program, "run", "--users", pairUsers, "--spawn-rate", pairSpawn, "--run-time", p.length.String(), "--warmup", pairWarmup.String(),
		"--seed", strconv.Itoa(p.seed), "--site-workers", "64", "--site-service-time", service.String(), "--ledger", p.where, "--no-record=false", "--allow-invalid",
		"--threshold", "failures < 100%") // a bad moment of the machine is part of what is measured
	cmd.WaitDelay = 10 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return compare.Run{}, fmt.Errorf("%s: %w: %s", cmd, err, out)
	}
	row, err := p.ledger.Find(ctx, "last")
	if err != nil {
		return compare.Run{}, err
	}
	rep, err := p.ledger.Report(ctx, row)
	if err != nil {
		return compare.Run{}, err
	}
	return compare.Of(rep), nil
}

// groups holds every other run against the rest, as runs that interleave are, in groups of five a side.
func (p *pairing) groups(same []compare.Run) error {
	found := tally{}
	for from := 0; from+10 <= len(same); from += 10 {
		var sides [2][]compare.Run
		for i, run := range same[from : from+10] {
			sides[i%2] = append(sides[i%2], run)
		}
		if err := found.add(sides[0], sides[1]); err != nil {
			return err
		}
	}
	if found.n > 0 {
		fmt.Printf("   the same, five a side:   %v\n", found)
	}
	return nil
}

// between says how much runs of one and the same site differ.
func (p *pairing) between(same []compare.Run) {
	valid := 0
	var rates, p50, p95 []float64
	for _, run := range same {
		if run.Report.Verdict.Level == verdict.Valid {
			valid++
		}
		judged := &run.Report.Judged
		rates = append(rates, judged.Total.Rate(judged.Seconds))
		for q, to := range map[float64]*[]float64{0.5: &p50, 0.95: &p95} {
			ns, _ := judged.Total.Quantile(run.Report.Run.Paced, q)
			*to = append(*to, float64(ns)/1e6)
		}
	}
	fmt.Printf("   the runs: rate %v/s, p50 %v ms, p95 %v ms; they vary by %.1f, %.1f and %.1f %%; %d of %d VALID\n",
		spreadOf(rates), spreadOf(p50), spreadOf(p95), variation(rates), variation(p50), variation(p95), valid, len(same))
}

// variation is the standard deviation in per cent of the mean.
func variation(values []float64) float64 {
	var mean, squares float64
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return 100 * math.Sqrt(squares/float64(len(values)-1)) / mean
}

// tally counts what comparisons found.
type tally struct {
	n        int
	outcomes [4]int // of the whole, by verdict.Outcome
	figures  map[string]*[4]int
}

// add compares two sides. Runs on a busy machine are often not VALID: they are compared all the same, since what is in question is the
// comparison.
func (t *tally) add(before, after []compare.Run) error {
	r, err := compare.Compare(before, after, compare.Options{Anyway: true})
	if err != nil {
		return err
	}
	t.n++
	t.outcomes[r.Outcome]++
	if t.figures == nil {
		t.figures = map[string]*[4]int{}
	}
	for _, f := range r.Rows[0].Figures {
		if t.figures[f.Name] == nil {
			t.figures[f.Name] = &[4]int{}
		}
		t.figures[f.Name][f.Outcome]++
	}
	return nil
}

func (t tally) String() string {
	text := fmt.Sprintf("%d: %s;", t.n, outcomes(t.outcomes))
	for _, m := range compare.Measures() {
		if t.figures[m.Name] != nil {
			text += fmt.Sprintf(" %s %s;", m.Name, outcomes(*t.figures[m.Name]))
		}
	}
	return text[:len(text)-1]
}

// outcomes names those that were found.
func outcomes(n [4]int) string {
	text := ""
	for _, o := range []verdict.Outcome{verdict.Regressed, verdict.Improved, verdict.Same, verdict.Inconclusive} {
		if n[o] > 0 {
			text += fmt.Sprintf(" %d %v", n[o], o)
		}
	}
	return text[min(1, len(text)):]
}
