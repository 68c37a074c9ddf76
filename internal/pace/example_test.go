package pace_test

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
)

func ExampleParse() {
	s, err := pace.Parse("0:0,30s:500,5m:500 + spike(0, 2000, at=1m, for=10s)")
	if err != nil {
		fmt.Println(err)
		return
	}
	end, _ := s.End()
	fmt.Printf("%.0f %.0f, at most %.0f, until %v\n", s.Level(15*time.Second), s.Level(65*time.Second), s.Max(), end)
	fmt.Println(s.Phases())
	_, err = pace.Parse("0:0,30s:500,20s:100")
	fmt.Println(err)
	// Output:
	// 250 2500, at most 2500, until 5m0s
	// [{ramp 0s 30s} {steady 30s 1m0s} {spike 1m0s 1m10s} {steady 1m10s 5m0s}]
	// shape "0:0,30s:500,20s:100", at character 13: time goes back from 30s to 20s: stages are in order of time, each counted from the start
}

// Two workers share ten arrivals a second; each works its own out, and together they are all of them.
func ExampleNewArrivals() {
	for i := range 2 {
		a := pace.NewArrivals(pace.Constant(10), pace.Options{Share: pace.Share{I: i, N: 2}, Until: 500 * time.Millisecond})
		for {
			n, due, ok := a.Next()
			if !ok {
				break
			}
			fmt.Printf("worker %d: arrival %d at %v\n", i, n, due)
		}
	}
	// Output:
	// worker 0: arrival 0 at 0s
	// worker 0: arrival 2 at 200ms
	// worker 0: arrival 4 at 400ms
	// worker 1: arrival 1 at 100ms
	// worker 1: arrival 3 at 300ms
}

// Somebody raises the rate while the run goes on: nothing that was due is lost, and nothing comes twice.
func ExampleSwitch() {
	changed := pace.Switch(pace.Constant(2), 1500*time.Millisecond, pace.Constant(4))
	a := pace.NewArrivals(changed, pace.Options{Until: 2 * time.Second})
	for {
		n, due, ok := a.Next()
		if !ok {
			break
		}
		fmt.Println(n, due)
	}
	fmt.Println(changed)
	// Output:
	// 0 0s
	// 1 500ms
	// 2 1s
	// 3 1.5s
	// 4 1.75s
	// 2 for 1.5s then 4
}

func ExampleNewLevels() {
	l := pace.NewLevels(pace.Toward(5, 2, 1), 0)
	for {
		at, users, ok := l.Next()
		if !ok {
			break
		}
		fmt.Println(at, users)
	}
	// Output:
	// 0s 5
	// 1s 4
	// 2s 3
	// 3s 2
}
