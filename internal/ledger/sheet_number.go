package ledger

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	digits    = regexp.MustCompile(`\d+`)
	dotGroups = regexp.MustCompile(`^\d{1,3}(?:\.\d{3})+$`)
	commaed   = regexp.MustCompile(`^[+-]?\d{1,3}(?:,\d{3})+$`)
	thousand  = regexp.MustCompile(`^(\d+(?:[.,]\d+)?) ?[kK]$`)
)

// firstNumber is the first whole number in a text, and whether it is all of it. Marks between thousands do not count: 1,200 and 1.200
// and 1 200 are the same, since nobody counts users in parts. 1.2k is the same too.
func firstNumber(text string) (n int, exact bool) {
	if dotGroups.MatchString(text) {
		text = strings.ReplaceAll(text, ".", "")
	}
	v, ok := plainNumber(text)
	if k := thousand.FindStringSubmatch(text); k != nil {
		if v, ok = plainNumber(k[1]); ok {
			v = math.Round(v * 1000)
		}
	}
	if ok && v == math.Trunc(v) && v >= 0 && v <= math.MaxInt32 {
		return int(v), true
	}
	n, err := strconv.Atoi(digits.FindString(strings.ReplaceAll(text, ",", "")))
	if err != nil || n > math.MaxInt32 {
		return 0, false
	}
	return n, false
}

// plainNumber reads a number as people and spreadsheets write it: 1,204.5 and 1.204,5 and 1 204.5 and 0,5. A single comma with three digits
// behind it stands between thousands.
func plainNumber(text string) (float64, bool) {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "\u2019", "").Replace(text)
	comma, dot := strings.LastIndexByte(text, ','), strings.LastIndexByte(text, '.')
	switch {
	case comma < 0:
	case dot > comma || commaed.MatchString(text):
		text = strings.ReplaceAll(text, ",", "")
	case strings.Count(text, ",") == 1:
		text = strings.Replace(strings.ReplaceAll(text, ".", ""), ",", ".", 1)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}
