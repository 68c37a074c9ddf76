package setting

import "testing"

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "300000": 300000, "256MB": 256e6, "256 mb": 256e6, "1k": 1000, "1KiB": 1024, "1.5GiB": 3 << 29, "2 TB": 2e12, "8b": 8,
		"": 0, "0": 0, "-1": 0, "MB": 0, "1e3": 1000, "1XB": 0, "1Kb2": 0, "1 mega": 0, "0.1": 0, "9999999TB": 0, "NaN": 0, "1_000": 1000,
	} {
		got, err := ParseSize(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}
