package hist_test

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
)

// Many goroutines record into an Atomic; its owner drains it, and histograms of any number of owners merge.
func Example() {
	var recording hist.Atomic
	for i := range 1000 {
		recording.Record(int64(time.Duration(i+1) * time.Millisecond))
	}
	var second hist.Hist
	recording.Drain(&second)

	var total hist.Hist
	if _, err := total.MergeBinary(second.AppendBinary(nil)); err != nil { // as from another process
		fmt.Println(err)
	}
	fmt.Println("count", total.Count(), "max", time.Duration(total.Max()))
	fmt.Println("p99 within 0.4 % of 990ms:", total.Quantile(0.99)/1e7 == 98 || total.Quantile(0.99)/1e7 == 99)
	fmt.Println("beyond it:", total.Beyond(0.99))
	// Output:
	// count 1000 max 1s
	// p99 within 0.4 % of 990ms: true
	// beyond it: 10
}

// A closed loop that stalled for a second measured one long wait. BackFill estimates the requests it should have sent meanwhile.
func ExampleHist_BackFill() {
	var h hist.Hist
	h.RecordN(int64(time.Millisecond), 99)
	h.Record(int64(time.Second))
	filled := h.BackFill(int64(10 * time.Millisecond))
	fmt.Println(h.Count(), "samples measured,", filled.Count(), "with the estimate")
	// Output: 100 samples measured, 199 with the estimate
}
