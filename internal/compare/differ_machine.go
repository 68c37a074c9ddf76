package compare

import (
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
)

// machines compares what the load came from: the settings of the generator that change what it measures. What is not known of one side, as
// of a run that was cut off, is no difference.
func machines(before, after []Run) (Difference, bool) {
	var old, fresh []string
	for _, name := range []string{"os", "kernel", "cpu", "cores", "gomaxprocs", "governor", "cpu quota", "go", "gogc", "io"} {
		t := trait{value: func(r *stampede.Report) string { return setting(r, name) }}
		a, b := t.values(before), t.values(after)
		if slices.Equal(a, b) && len(a) == 1 || slices.Contains(a, "") || slices.Contains(b, "") {
			continue
		}
		old, fresh = append(old, name+" "+strings.Join(a, " or ")), append(fresh, name+" "+strings.Join(b, " or "))
	}
	return Difference{
		What: "machine of the generator", Old: strings.Join(old, ", "), New: strings.Join(fresh, ", "),
		Advice: "part of a small change may come from there: run both on one machine, with the same settings",
	}, len(old) > 0
}

// setting is one of the environment of a run; "" when it is not known.
func setting(r *stampede.Report, name string) string {
	for _, s := range r.Environment {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}
