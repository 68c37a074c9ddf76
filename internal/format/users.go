package format

import (
	"strconv"
	"strings"
	"time"
)

// Users is how many users a run had and, where that differs, was to have: "500 users", "402 of 1,500 users". wanted is the load as text;
// one that was changed while the run went on stands as it is: "20, then 50 users".
func Users(ran int, wanted string) string {
	if strings.Contains(wanted, ", then ") || strings.Contains(wanted, ", changed ") {
		return wanted + " users"
	}
	if n, err := strconv.Atoi(wanted); err == nil && n > ran {
		return Count(int64(ran)) + " of " + Count(int64(n)) + " users"
	}
	return Plural(int64(ran), "user", "users")
}

// Ran is how long a run took: "1 min", or "1 min, then waited 4 s for the last answers" when it did so for long enough to be seen.
func Ran(all, drain time.Duration) string {
	if drain < 100*time.Millisecond {
		return Span(all)
	}
	return Span(all-drain) + ", then waited " + Span(drain) + " for the last answers"
}
