package verdict

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
)

var propertyRules = []string{
	`p95 < 30ms`, `"Home" p99 < 1s over 5s`, `[GET "*o*"] failures(5xx) < 5%`, `rate >= 20/s`, `"Log In" mean < 1s or failed < 3 over 4s stop`,
	`seconds(p90 < 50ms) >= 50% over 8s`, `dropped < 10 during steady`, `bytes > 1KB`, `not p50 > 20ms over 3s`, `lag.p99 < 1ms`,
	`"Buy" max < 1s`, `max < 1s stop`, `failures < 1% stop`, `first_byte.p50 < 5ms and "Nothing" p50 < 1s`,
}

// samplesAt random of a whole run.
func samplesAt(rng *rand.Rand, n, seconds int) []shot {
	shots := make([]shot, n)
	for i := range shots {
		s := shot{second: rng.IntN(seconds), key: []stats.Key{home, logIn, buy}[rng.IntN(3)], took: time.Duration(rng.ExpFloat64() * 2e7), bytes: rng.Int64N(500)}
		switch rng.IntN(15) {
		case 0:
			s.kind, s.status = fault.Status, 500
		case 1:
			s.kind = fault.Timeout
		case 2:
			s.lag = time.Duration(rng.IntN(int(2 * milli)))
		case 3:
			s.dropped = true
		}
		shots[i] = s
	}
	return shots
}

// throughMerger hands samples out to workers, whose snapshots come in any order and some of them twice.
func throughMerger(t *testing.T, rng *rand.Rand, shots []shot, seconds, workers int) []*stats.Second {
	t.Helper()
	parts := make([][][]shot, workers)
	for w := range parts {
		parts[w] = make([][]shot, seconds)
	}
	for _, s := range shots {
		w := rng.IntN(workers)
		parts[w][s.second] = append(parts[w][s.second], s)
	}
	var snaps []*stats.Snapshot
	for w := range parts {
		for s := range seconds {
			for range 1 + rng.IntN(2) {
				snap := &stats.Snapshot{Worker: w, Seq: uint64(s + 1), Second: s, Rows: rowsOf(parts[w][s])}
				if w == 0 {
					snap.Gauges.Users, snap.Gauges.InFlight = 10, 3
				}
				snaps = append(snaps, snap)
			}
		}
	}
	rng.Shuffle(len(snaps), func(a, b int) { snaps[a], snaps[b] = snaps[b], snaps[a] })
	merger := stats.NewMerger(stats.MergeOptions{Workers: workers})
	var closed []*stats.Second
	drain := func() {
		for {
			sec, ok := merger.Next()
			if !ok {
				return
			}
			sec.Final = false // whether anybody is waited for when the last second closes depends on the order
			closed = append(closed, sec)
		}
	}
	for _, s := range snaps {
		merger.Add(s)
		drain()
	}
	merger.Finish()
	drain()
	if len(closed) != seconds {
		t.Fatalf("%d seconds were closed, want %d", len(closed), seconds)
	}
	return closed
}

// Splitting the same samples over any number of workers changes nothing.
func TestWorkersChangeNoJudgement(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	o := JudgeOptions{Paced: true, Warmup: 2 * time.Second, Phases: []Phase{{Name: "steady", From: 5 * time.Second}}}
	for range 8 {
		const seconds = 20
		shots := samplesAt(rng, 50+rng.IntN(2000), seconds)
		one := judgeOf(t, o, run(seconds, shots), propertyRules...)
		for range 3 {
			many := judgeOf(t, o, throughMerger(t, rng, shots, seconds, 1+rng.IntN(6)), propertyRules...)
			if a, b := one.Final(), many.Final(); !reflect.DeepEqual(a, b) {
				t.Fatalf("one worker:\n%+v\nseveral:\n%+v", a, b)
			}
			if a, b := one.Live(), many.Live(); !reflect.DeepEqual(a, b) {
				t.Fatalf("live, one worker:\n%+v\nseveral:\n%+v", a, b)
			}
			ra, sa := one.Stopped()
			rb, sb := many.Stopped()
			if sa != sb || !reflect.DeepEqual(ra, rb) {
				t.Fatalf("one worker is stopped by %+v, several by %+v", ra, rb)
			}
		}
	}
}

// Moving samples from second to second changes nothing for rules that look at the whole run.
func TestSecondsChangeNoJudgementOfTheWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	rules := []string{
		`p95 < 30ms`, `"Home" p99.9 < 1s`, `[GET "*o*"] failures(5xx) < 5%`, `rate >= 20/s`, `"Log In" mean < 1s or failed < 3`, `dropped < 10`,
		`bytes > 1KB`, `not p50 > 20ms`, `"Buy" max < 1s`, `lag.p99 < 1ms`, `min > 1us`, `failed.p50 < 1s`,
	}
	for range 10 {
		const seconds = 15
		shots := samplesAt(rng, 1+rng.IntN(1000), seconds)
		want := judgeOf(t, JudgeOptions{Paced: true}, run(seconds, shots), rules...).Final()
		for range 3 {
			for i := range shots {
				shots[i].second = rng.IntN(seconds)
			}
			if got := judgeOf(t, JudgeOptions{Paced: true}, run(seconds, shots), rules...).Final(); !reflect.DeepEqual(got, want) {
				t.Fatalf("got\n%+v\nwant\n%+v", got, want)
			}
		}
	}
}

// A rule built with not says the opposite of the rule, wherever both have a figure.
func TestNotIsTheOpposite(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 10 {
		seconds := run(10, samplesAt(rng, 500, 10))
		for _, expr := range []string{`p50 < 15ms`, `p50 < 15ms and failed > 30`, `p50 < 15ms or not (failed > 30 and "Home" max < 100ms)`, `max < 80ms or min < 10us`} {
			both := judgeOf(t, JudgeOptions{}, seconds, expr, `not (`+expr+`)`).Final()
			if both[0].Passed == both[1].Passed {
				t.Errorf("%+v\n%+v", both[0], both[1])
			}
		}
	}
}

// What a live judge has said of a window is not taken back.
func TestLiveIsNeverTakenBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 4))
	rules := []string{`p90 < 40ms over 3s`, `failed < 3 over 4s and p50 < 30ms over 2s`, `"Log In" max < 60ms over 5s`, `failures < 20% stop`, `max < 90ms stop`}
	for range 10 {
		j := judgeOf(t, JudgeOptions{}, nil, rules...)
		firsts := make([]time.Duration, len(rules))
		for _, sec := range run(20, samplesAt(rng, 300, 20)) {
			j.Second(sec)
			for i, live := range j.Live() {
				if firsts[i] > 0 && (live.Passed || live.FirstBroken != firsts[i]) {
					t.Fatalf("broken at %v, then %+v", firsts[i], live)
				}
				firsts[i] = live.FirstBroken
			}
		}
		for i, final := range j.Final() {
			if final.FirstBroken != firsts[i] || final.Passed && firsts[i] > 0 {
				t.Fatalf("live said %v, the end %+v", firsts[i], final)
			}
		}
	}
}
