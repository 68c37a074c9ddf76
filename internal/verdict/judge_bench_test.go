package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// crowdedSeconds are seconds of 200 names with a hundred requests each, log-normal around 20 ms.
func crowdedSeconds(n int) []*stats.Second {
	rng := rand.New(rand.NewPCG(1, 1))
	var seconds []*stats.Second
	for i := range n {
		var rows []stats.Row
		for name := range 200 {
			r := stats.Row{Key: stats.Key{Type: []string{"GET", "POST"}[name/150], Name: fmt.Sprintf("page %03d", name)}}
			for range 100 {
				shot{took: time.Duration(math.Exp(rng.NormFloat64()) * 2e7), lag: time.Duration(rng.IntN(1e6)) + 1}.addTo(&r)
			}
			rows = append(rows, r)
		}
		seconds = append(seconds, secondOf(i, rows))
	}
	return seconds
}

// crowdedRules are fifty rules: on names, on wildcards, on everything; at the end, over windows, every second.
func crowdedRules(t testing.TB, wildcards bool) []*Rule {
	var exprs []string
	for i := range 10 {
		name := fmt.Sprintf(`"page %03d"`, i*20)
		if wildcards {
			name = fmt.Sprintf(`"pa*%d*"`, i)
		}
		exprs = append(
			exprs,
			fmt.Sprintf(`%s p95 < %dms`, name, 200+i),
			fmt.Sprintf(`%s p99 < %dms over %ds stop`, name, 900+i, 10+i),
			fmt.Sprintf(`%s failures < 1%% and response.p99.9 < 5s over 60s`, name),
			fmt.Sprintf(`[GET "page *%d"] p90 < 1s over 10s`, i),
			fmt.Sprintf(`p%d < %dms over %ds`, 90+i, 500+i, 5*i+5),
		)
	}
	return rulesOf(t, exprs...)
}

// BenchmarkJudge is one second of a run with 200 names and 50 rules: taken in, and shown live. It should cost less than 1 % of a core,
// so less than 10 ms.
func BenchmarkJudge(b *testing.B) {
	for name, wildcards := range map[string]bool{"names": false, "wildcards": true} {
		b.Run(name, func(b *testing.B) {
			seconds := crowdedSeconds(64)
			j, err := NewJudge(crowdedRules(b, wildcards), JudgeOptions{Paced: true})
			if err != nil {
				b.Fatal(err)
			}
			next := 0
			second := func() {
				sec := *seconds[next%len(seconds)]
				sec.Index = next
				next++
				j.Second(&sec)
				j.Live()
			}
			for range 120 { // until all windows are full
				second()
			}
			b.ReportAllocs()
			for b.Loop() {
				second()
			}
		})
	}
}

// Fifty rules on 200 names stay far below a second each, even on a slow and busy machine.
func TestJudgingIsCheap(t *testing.T) {
	seconds := crowdedSeconds(8)
	j, err := NewJudge(crowdedRules(t, true), JudgeOptions{Paced: true})
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	const n = 80
	for i := range n {
		sec := *seconds[i%len(seconds)]
		sec.Index = i
		j.Second(&sec)
		j.Live()
	}
	if each := time.Since(begin) / n; each > 300*time.Millisecond {
		t.Errorf("judging one second took %v", each)
	}
}
