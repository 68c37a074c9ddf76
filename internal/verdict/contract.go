package verdict

import "time"

// Level says how far the numbers of a run can be trusted. It is about the generator, not about the site.
type Level uint8

// The levels, from good to bad.
const (
	Valid Level = iota
	Suspect
	Invalid
)

// String is VALID, SUSPECT or INVALID.
func (l Level) String() string {
	switch l {
	case Valid:
		return "VALID"
	case Suspect:
		return "SUSPECT"
	default:
		return "INVALID"
	}
}

// Health is a verdict with its reasons, worst first. Reasons is empty for Valid.
type Health struct {
	Level   Level
	Reasons []string // in words, with figures and what to do: "31 % of sends were more than 1 ms late; add workers or lower the rate"
}

// Phase is a named stretch of the run. To is exclusive; 0 means until the end.
type Phase struct {
	Name     string
	From, To time.Duration
}

// Result is one threshold judged.
type Result struct {
	Expr        string        // as written
	Passed      bool          // no data is not a pass
	Judged      bool          // false while a live rule has no data or no whole window yet
	Value       float64       // the (worst, for windows) value seen, in the unit of the rule: ms for times, share 0 to 1 for failures
	ValueText   string        // the value with its unit: "412 ms", "0.3 %"; "no data"
	LimitText   string        // "500 ms"
	Margin      float64       // how far inside the limit, as a share of it; negative when broken
	Reason      string        // why it failed, in words; "" when it passed
	FirstBroken time.Duration // end of the first window that broke it; 0 when it never did or the rule is judged only at the end
	Stop        bool          // the rule ends the run when broken
}
