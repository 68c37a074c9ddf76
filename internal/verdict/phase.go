package verdict

import "time"

// Phase is a named stretch of the run: "warm-up", "ramp", "steady", "ramp-down", or a name the test declares. To is exclusive; 0 means
// until the end of the load. Several phases may bear one name (the two ramps of a staircase): a rule `during` that name is judged on all
// of them together, and its windows lie whole within one of them.
type Phase struct {
	Name     string
	From, To time.Duration
}
