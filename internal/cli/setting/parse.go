package setting

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/suggest"
)

// ParseDuration reads Go's durations ("1h20m", "1.5s") and plain seconds ("90", "0.5").
func ParseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	d, err := time.ParseDuration(text)
	if err != nil {
		seconds, wrong := strconv.ParseFloat(text, 64)
		if wrong != nil || math.IsNaN(seconds) || math.IsInf(seconds, 0) {
			return 0, errors.New(`not a length of time; write seconds ("90") or a time with units ("1m30s", "250ms")`)
		}
		if math.Abs(seconds) > math.MaxInt64/float64(time.Second) {
			return 0, errors.New("longer than 292 years")
		}
		d = time.Duration(seconds * float64(time.Second))
	}
	if d < 0 {
		return 0, errors.New("a length of time cannot be negative")
	}
	return d, nil
}

// ParseRate reads so many each second: "50", "50/s", "300/m", "7200/h".
func ParseRate(text string) (float64, error) {
	number, unit, found := strings.Cut(strings.TrimSpace(text), "/")
	per := 1.0
	switch strings.TrimSpace(unit) {
	case "s", "sec":
	case "m", "min":
		per = 60
	case "h":
		per = 3600
	default:
		if found {
			return 0, fmt.Errorf(`rates are per second, minute or hour: write "50", "50/s", "300/m" or "7200/h"`)
		}
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return 0, errors.New(`not a rate; write a number such as "50", "50/s" or "300/m"`)
	case v < 0:
		return 0, errors.New("a rate cannot be negative")
	case v == 0:
		return 0, errors.New("a rate of nothing starts nothing; give one above zero")
	}
	return v / per, nil
}

// ParseSize reads a number of bytes: "300000", "256MB" (a million each), "1.5 GiB".
func ParseSize(text string) (int64, error) {
	text = strings.TrimSpace(text)
	digits := strings.TrimRight(text, "BKMGTibkmgt ")
	factor, known := map[string]float64{
		"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}[strings.ToLower(strings.TrimSpace(text[len(digits):]))]
	v, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || !known || math.IsNaN(v):
		return 0, errors.New(`not a size; write bytes ("300000") or a number with a unit ("256MB", "1.5GiB")`)
	case v*factor < 1:
		return 0, errors.New("a size must be at least one byte")
	case v*factor > 1<<50:
		return 0, errors.New("larger than any memory")
	}
	return int64(v * factor), nil
}

// ParseCount reads a whole number from low up; thousands may be apart ("10,000", "10_000").
func ParseCount(text string, low int64) (int64, error) {
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", "_", "").Replace(strings.TrimSpace(text)), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errors.New("too large a number")
	case err != nil:
		return 0, errors.New("not a whole number")
	case n < low:
		return 0, fmt.Errorf("must be %d or more", low)
	}
	return n, nil
}

// ParseSwitch reads true and false, yes and no, on and off, 1 and 0.
func ParseSwitch(text string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "on", "1":
		return true, nil
	case "false", "no", "off", "0":
		return false, nil
	}
	return false, errors.New("write true or false")
}

// Choice reads one of a few words and suggests the nearest one otherwise.
func Choice(text string, words ...string) (string, error) {
	for _, w := range words {
		if strings.EqualFold(strings.TrimSpace(text), w) {
			return w, nil
		}
	}
	if near := suggest.Nearest(text, words); near != "" {
		return "", fmt.Errorf("write one of %s; did you mean %s?", strings.Join(words, ", "), near)
	}
	return "", fmt.Errorf("write one of %s", strings.Join(words, ", "))
}

// Split parts a text at commas that are outside quotes and brackets, and drops the spaces around each part and empty parts.
func Split(text string) []string {
	var parts []string
	quote, depth, start := false, 0, 0
	cut := func(end int) {
		if part := strings.TrimSpace(text[start:end]); part != "" {
			parts = append(parts, part)
		}
		start = end + 1
	}
	for i, r := range text {
		switch {
		case r == '"':
			quote = !quote
		case quote:
		case r == '(' || r == '[':
			depth++
		case r == ')' || r == ']':
			depth = max(depth-1, 0)
		case r == ',' && depth == 0:
			cut(i)
		}
	}
	if start <= len(text) {
		cut(len(text))
	}
	return parts
}
