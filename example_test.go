package stampede_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
)

// Reader is a visitor that reads the news.
type Reader struct{ stampede.HTTPUser }

// News is its only task.
func (r *Reader) News(ctx context.Context) error {
	_, err := r.Get(ctx, "/news")
	return err
}

func ExampleRun() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "news") }))
	defer site.Close()

	report, err := stampede.Run(context.Background(), stampede.Plan{
		Test: stampede.Test{
			Users: []stampede.UserType{stampede.Users(stampede.Spec[Reader]{
				Tasks: []stampede.Task[Reader]{{Do: (*Reader).News}},
			})},
			Thresholds: []stampede.Threshold{stampede.P95().Below(time.Minute), stampede.Failures().BelowShare(0.01)},
		},
		Host:       site.URL,
		Users:      stampede.Level(5),
		Iterations: 200,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Whole.Total.Count, "requests,", report.Whole.Total.Failures, "failed")
	for _, t := range report.Thresholds {
		fmt.Println(t.Expr, t.Passed)
	}
	// Output:
	// 200 requests, 0 failed
	// p95 < 1m true
	// failures < 1% true
}

func ExampleParseShape() {
	shape, err := stampede.ParseShape("0:0,30s:500,5m:500")
	if err != nil {
		fmt.Println(err)
		return
	}
	end, _ := shape.End()
	fmt.Printf("%.0f %.0f %v\n", shape.Level(15*time.Second), shape.Level(time.Minute), end)
	_, err = stampede.ParseShape("spke(100, 2000)")
	fmt.Println(err)
	// Output:
	// 250 500 5m0s
	// shape "spke(100, 2000)", at character 1: there is no shape "spke"; did you mean spike? For example spike(100, 2000, at=1m, for=10s, rise=2s)
}

func ExampleThen() {
	must := func(s stampede.Shape, err error) stampede.Shape {
		if err != nil {
			panic(err)
		}
		return s
	}
	calm := must(stampede.For(stampede.Level(20), time.Minute))
	rush := must(stampede.Playback("last year", strings.NewReader("time,rate\n0,100\n10,400\n20,50\n"), 1))
	day := must(stampede.Then(calm, must(stampede.Scale(2, rush))))
	end, _ := day.End()
	fmt.Println(day)
	fmt.Printf("%.0f %.0f %v\n", day.Level(30*time.Second), day.Level(75*time.Second), end)
	// Output:
	// 20 for 1m then 2 * playback("last year")
	// 20 800 1m30s
}

func ExampleRows() {
	seats := stampede.Rows([]string{"A1", "A2", "A3", "A4", "A5"})
	mine, err := seats.Of(1, 2) // the second of two processes
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mine.Len(), "of", seats.Len())
	// Output: 2 of 5
}

// A shape within a literal.
func ExampleMust() {
	plan := stampede.Plan{Rate: stampede.Must(stampede.Ramp(0, 500, 30*time.Second)), Duration: time.Minute}
	fmt.Printf("%.0f/s\n", plan.Rate.Level(15*time.Second))
	// Output: 250/s
}
