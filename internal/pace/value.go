package pace

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// parseNumber reads a plain number. Forms that only programs write (hexadecimal, underscores, inf) are refused.
func parseNumber(s string) (float64, error) {
	if strings.Trim(s, "0123456789.eE+-") != "" || strings.Trim(s, ".eE+-") == "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

// parseLevel reads a level: a number, or one per second, minute or hour.
func parseLevel(s string) (float64, error) {
	text, unit, rate := strings.Cut(s, "/")
	level, err := parseNumber(text)
	switch {
	case strings.EqualFold(text, "nan"), strings.EqualFold(strings.TrimLeft(text, "+-"), "inf"), errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%q is no level a machine could reach: write a number, such as 500 or 300/m", s)
	case err != nil:
		return 0, fmt.Errorf("%q is no level: write a number, such as 500 or 300/m", s)
	}
	if rate {
		per := map[string]float64{"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hour": 3600}[unit]
		if per == 0 {
			return 0, fmt.Errorf("%q is per what? Write %s/s, %s/m or %s/h", s, text, text, text)
		}
		level /= per
	}
	if err := CheckLevel(level); err != nil {
		return 0, err
	}
	return level + 0, nil // no negative zero
}

// isTime reports whether s is a time with its unit, which no level has.
func isTime(s string) bool {
	_, err := time.ParseDuration(s)
	return err == nil
}

// parseTime reads a time: as Go writes them, or bare seconds.
func parseTime(s string) (time.Duration, error) {
	if x, err := parseNumber(s); err == nil {
		if math.Abs(x) > 2*MaxTime.Seconds() {
			x = math.Copysign(2*MaxTime.Seconds(), x)
		}
		d := time.Duration(math.Round(x * 1e9))
		return d, checkTime("time", d)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no time: write 30s, 1h20m, or seconds", s)
	}
	return d, checkTime("time", d)
}
