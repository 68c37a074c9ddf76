package stats_test

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// One worker measures for two seconds, a controller adds its snapshots up.
func Example() {
	recorder := stats.NewRecorder(stats.Options{})
	merger := stats.NewMerger(stats.MergeOptions{Workers: 1})
	series := stats.NewSeries(stats.SeriesOptions{})
	key := stats.Key{Type: "GET", Name: "/tickets"}

	for second := range 2 {
		start := int64(second) * int64(time.Second)
		for i := range int64(100) {
			due := start + 1 + i*int64(10*time.Millisecond)
			recorder.Record(0, key, &stats.Sample{Intended: due, Sent: due + 50_000, Done: due + int64(3*time.Millisecond)})
		}
		snap := &stats.Snapshot{Run: "r", Seq: uint64(second + 1), Second: second, Final: second == 1}
		recorder.Drain(snap, start+int64(time.Second))

		travelled, err := stats.DecodeSnapshot(snap.AppendBinary(nil))
		if err != nil {
			fmt.Println(err)
			return
		}
		merger.Add(travelled)
		merger.Add(travelled) // a second time changes nothing
		for sec, ok := merger.Next(); ok; sec, ok = merger.Next() {
			series.Add(sec)
		}
	}
	whole := merger.Whole()
	row := whole.Row(key)
	fmt.Println(row.Count, "requests,", row.Rate(whole.Seconds), "a second")
	fmt.Println("p99", time.Duration(row.Headline(true).Quantile(0.99)), "lag", time.Duration(row.Lag.Max()))
	fmt.Println("last second:", series.Recent(time.Second).Total.Count)
	// Output:
	// 200 requests, 100 a second
	// p99 3ms lag 50µs
	// last second: 100
}
