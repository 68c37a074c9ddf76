package stampede_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What a test measures itself is a sample however its code ends. A panic is among the errors of the task too, with its stack, and ends it.
func TestMeasuredCodeThatPanics(t *testing.T) {
	for way, c := range map[string]struct {
		end   func()
		rows  string
		texts string
	}{
		"panic":  {func() { panic("no rows") }, "SQL find 1/1, STEP buy 1/1", "SQL: panic: no rows, STEP: panic: no rows, TASK: panic: no rows"},
		"exit":   {runtime.Goexit, "SQL find 1/1, STEP buy 1/1", "SQL: panic: the code ended its goroutine"},
		"return": {func() {}, "SQL find 1/0, STEP buy 1/0", ""},
	} {
		rep := once(t, echo, func(s *shopper, ctx context.Context) error {
			return s.Step(ctx, "buy", func(context.Context) error {
				return s.Record("SQL", "find", func() error { c.end(); return nil })
			})
		})
		var rows, texts []string
		for _, r := range rep.Whole.Rows {
			rows = append(rows, fmt.Sprintf("%s %s %d/%d", r.Type, r.Name, r.Count, r.Failures))
		}
		for _, e := range rep.Whole.Errors {
			texts = append(texts, e.Type+": "+e.Text)
			if e.Type == "TASK" && way == "panic" && !strings.Contains(e.Stack, "user_record_test.go") {
				t.Errorf("the stack of the task's error is %s", e.Stack)
			}
		}
		slices.Sort(rows)
		slices.Sort(texts)
		if got := strings.Join(rows, ", "); got != c.rows {
			t.Errorf("%s: rows %s, not %s", way, got, c.rows)
		}
		if got := strings.Join(texts, ", "); !strings.HasPrefix(got, c.texts) || c.texts == "" && got != "" {
			t.Errorf("%s: errors %s, not %s", way, got, c.texts)
		}
	}
}
