package format

import "strconv"

// Dollars is an amount of USD: two decimals, and of less than a cent four.
func Dollars(usd float64) string {
	decimals := 2
	if usd < 0.01 && usd > 0 {
		decimals = 4
	}
	return strconv.FormatFloat(usd, 'f', decimals, 64) + " USD"
}
