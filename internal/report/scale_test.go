package report

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report/reporttest"
)

// twoHours is a run of two hours and 200 names.
func twoHours(rate int) *stampede.Report {
	return reporttest.Make(reporttest.Options{Names: 200, Seconds: 7200, Rate: rate, Stretch: reporttest.RolledUp(7200)})
}

// allExports is every file that a run can leave behind, the JSON with its series.
func allExports() []export {
	return append(exports(), export{"series.json", func(w io.Writer, r *stampede.Report) error { return WriteJSON(w, r, JSONOptions{Series: true}) }, nil})
}

// BenchmarkExport is two hours of 200 names into each kind of file.
func BenchmarkExport(b *testing.B) {
	r := twoHours(10)
	for _, e := range allExports() {
		b.Run(e.name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				n := counter(0)
				if err := e.write(&n, r); err != nil {
					b.Fatal(err)
				}
				size = int(n)
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
	b.Run("read series.json", func(b *testing.B) {
		var file bytes.Buffer
		if err := WriteJSON(&file, r, JSONOptions{Series: true}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := ReadJSON(bytes.NewReader(file.Bytes())); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func ExampleLine() {
	fmt.Println(Line(reporttest.One()))
	// Output: PASSED: 1 user: 0.10/s, p95 1.08 ms *, 0 % failed, VALID
}
