package verdict_test

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

func ExampleParse() {
	rule, err := verdict.Parse(`"Log In" p(99)<1000ms over 60s stop`)
	fmt.Println(rule, err)
	_, err = verdict.Parse(`failures < 0.01`)
	fmt.Println(err)
	// Output:
	// "Log In" p99 < 1s over 1m stop <nil>
	// threshold: failures is a share and 0.01 has no unit; write 1% (a share of 0.01) or 0.01%; failed is the number of them
	//     failures < 0.01
	//                ^
}

func ExampleNewRule() {
	rule := verdict.NewRule(verdict.Quantile(95), verdict.Named("Log In"), verdict.Less, verdict.Time(500*time.Millisecond))
	fmt.Println(rule.Over(10 * time.Second).During("steady"))
	// Output: "Log In" p95 < 500ms over 10s during steady
}

func ExampleJudge() {
	rules, err := verdict.ParseAll([]string{`max < 500ms over 2s stop`, `failures < 1%`})
	if err != nil {
		fmt.Println(err)
		return
	}
	judge, err := verdict.NewJudge(rules, verdict.JudgeOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for second, took := range []time.Duration{100, 200, 700, 100} {
		var times hist.Hist
		times.Record(int64(took * time.Millisecond))
		judge.Second(&stats.Second{Index: second, Width: 1, Total: stats.Row{Count: 1, Service: times}})
	}
	for _, r := range judge.Final() {
		fmt.Println(r.Passed, r.Expr, r.ValueText, r.FirstBroken, r.Reason)
	}
	// Output:
	// false max < 500ms over 2s stop 700 ms 3s max was 700 ms in the 2s up to second 3, not < 500 ms; 2 of 3 windows broke it
	// true failures < 1% 0 % 0s
}
