package report

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/format"
)

// The page writes numbers itself. This table of what package format writes is what the page's tests check it against: every figure looks
// the same on paper, in the terminal and in the browser.
func TestFormatsForThePage(t *testing.T) {
	type line struct {
		Format string  `json:"f"`
		Value  float64 `json:"v"`
		Text   string  `json:"t"`
	}
	var table []line
	add := func(format string, v float64, text string) { table = append(table, line{format, v, text}) }
	try := func(v float64) {
		n := int64(math.Round(v))
		add("number", v, format.Number(v))
		add("rate", v, format.Rate(v))
		add("percent", v/1e6, format.Percent(v/1e6))
		add("count", float64(n), format.Count(n))
		add("bytes", float64(n), format.Bytes(n))
		add("duration", float64(n), format.Duration(time.Duration(n)))
		add("span", float64(n), format.Span(time.Duration(n)))
		add("dollars", v/1e6, format.Dollars(v/1e6))
		add("clock", float64(n), format.Clock(time.Duration(n)))
	}
	for _, v := range []float64{
		0, 1, 9.994, 9.995, 9.996, 99.95, 412.5, 413.5, 999.4, 999.5, 1000, 1204.4, 4125000, 4135000, 999499999, 999500000, 59949999999, 59950000000,
		3599499999999, 3599500000000, 86369999999999, 86370000000000, 0.5, 0.25, 0.125, 0.005, 0.015, 0.994, 0.995, -3, -1500000,
	} {
		try(v)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 150 {
		try(math.Exp(rng.Float64() * math.Log(1e15)))
	}
	lines := make([]string, len(table))
	for i := range table {
		text, err := json.Marshal(table[i])
		if err != nil {
			t.Fatal(err)
		}
		lines[i] = string(text)
	}
	golden(t, filepath.Join("..", "..", "web", "test", "format.json"), "[\n"+strings.Join(lines, ",\n")+"\n]\n")
}
