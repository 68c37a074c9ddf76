package verdict

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
