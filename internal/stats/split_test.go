package stats

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// The same samples give the same totals, however they are split over shards, workers and seconds, in whatever order the snapshots come,
// and however often.
func TestTotalsDoNotDependOnTheSplit(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			const seconds = 20
			samples := someSamples(seed, 4000, seconds)
			one := NewRecorder(Options{Shards: 1})
			for i := range samples {
				one.Record(0, samples[i].Key, &samples[i].Sample)
			}
			whole := NewMerger(MergeOptions{})
			whole.Add(drained(one, 0, 0))
			whole.closeAll()
			want := whole.Whole()

			r := rand.New(rand.NewPCG(seed, 1))
			workers := 1 + r.IntN(7)
			merger := NewMerger(MergeOptions{Workers: workers, Warmup: time.Duration(r.IntN(10)) * time.Second})
			var closed []*Second
			for _, s := range shuffled(t, r, workers, seconds+3, samples) {
				merger.Add(s)
				closed = append(closed, merger.closeAll()...)
			}
			if len(merger.open) != 0 || merger.LateMerged() != 0 || merger.Missing() != 0 || merger.Repeated() == 0 {
				t.Fatalf("%d seconds open, %d late, %d missing, %d repeated", len(merger.open), merger.LateMerged(), merger.Missing(), merger.Repeated())
			}
			got := merger.Whole()
			sameRows(t, "whole run", got.Rows, want.Rows)
			sameRows(t, "whole total", []Row{got.Total}, []Row{want.Total})
			sameErrors(t, "whole run", got.Errors, want.Errors)

			series := NewSeries(SeriesOptions{Fine: 4 * time.Second, Medium: time.Second})
			for i, sec := range closed {
				if sec.Index != i || sec.Width != 1 || sec.Final != (i == len(closed)-1) {
					t.Fatalf("closed second %d is %d, %d wide, final %t", i, sec.Index, sec.Width, sec.Final)
				}
				series.Add(sec)
			}
			sameRows(t, "series", series.Window(0, 99).Rows, want.Rows)
			sameJudged(t, merger, closed)
		})
	}
}

// sameJudged compares the judged totals with the closed seconds that belong to them.
func sameJudged(t *testing.T, merger *Merger, closed []*Second) {
	t.Helper()
	after := newSum(1000, 1000)
	for _, sec := range closed {
		if time.Duration(sec.Index)*time.Second < merger.opt.Warmup {
			continue
		}
		for i := range sec.Rows {
			after.addRows(sec.Rows[i : i+1])
		}
		for i := range sec.Errors {
			after.addError(&sec.Errors[i])
		}
	}
	after.addUp()
	got := merger.Judged()
	sameRows(t, "judged", got.Rows, after.sortedRows())
	sameRows(t, "judged total", []Row{got.Total}, []Row{after.total})
	sameErrors(t, "judged", got.Errors, after.sortedErrors())
	if want := float64(len(closed)) - merger.opt.Warmup.Seconds(); got.Seconds != want {
		t.Errorf("%v s judged, want %v", got.Seconds, want)
	}
}

// shuffled gives samples to the recorders of workers at random, drains them each second, sends the snapshots through the wire, some of
// them twice, and mixes their order.
func shuffled(t *testing.T, r *rand.Rand, workers, seconds int, samples []keyed) []*Snapshot {
	t.Helper()
	recorders := make([]*Recorder, workers)
	for i := range recorders {
		recorders[i] = NewRecorder(Options{Shards: 1 + r.IntN(5)})
	}
	var sent []*Snapshot
	for second := range seconds {
		for len(samples) > 0 && samples[0].Done < int64(second+1)*1e9 || len(samples) > 0 && second == seconds-1 {
			recorders[r.IntN(workers)].Record(r.IntN(9), samples[0].Key, &samples[0].Sample)
			samples = samples[1:]
		}
		for w, recorder := range recorders {
			s := drained(recorder, w, second)
			s.Final = second == seconds-1
			for range 1 + r.IntN(5)/4 {
				travelled, err := DecodeSnapshot(s.AppendBinary(nil))
				if err != nil {
					t.Fatal(err)
				}
				sent = append(sent, travelled)
			}
		}
	}
	sent = append(sent, sent[0])
	for i := range sent { // within some seconds of each other, as a network would
		j := min(i+r.IntN(4*workers), len(sent)-1)
		sent[i], sent[j] = sent[j], sent[i]
	}
	if r.IntN(2) == 0 {
		slices.Reverse(sent)
	}
	return sent
}
