package verdict

import "time"

// Result is one threshold judged. Its numbers are finite, so that it can be written as JSON as it stands.
type Result struct {
	Expr        string        // as written, or the canonical form of a rule built in Go
	Passed      bool          // no data is not a pass
	Judged      bool          // false while a live rule has no data or no whole window yet, and at the end when it had none
	Provisional bool          // live only: the rule is judged at the end, this is the figure so far
	Value       float64       // the (worst, for windows; current, when live) value seen: ms for times, share 0 to 1 for failures and seconds
	Limit       float64       // in the unit of Value; 0 when the rule compares with a baseline that is not there
	Beyond      bool          // the true value lies beyond Value: dropped arrivals count as infinitely slow, Value is the slowest answer
	ValueText   string        // the value with its unit: "412 ms", "0.3 %"; "no data"; one for each condition of a joined rule
	LimitText   string        // "500 ms"
	Margin      float64       // how far inside the limit, as a share of it; 0 or below when broken
	Reason      string        // why it failed, in words; "" when it passed
	FirstBroken time.Duration // end of the first window (or second, for a stop rule) that broke it; 0 when none did or it is judged only at the end
	Stop        bool          // the rule ends the run when broken
}
