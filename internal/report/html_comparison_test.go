package report

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// pageAgainst is what tests read back of a payload with a comparison.
type pageAgainst struct {
	Outcome    string `json:"outcome"`
	Line       string `json:"line"`
	Comparison *struct {
		Found pageFound `json:"found"`
		Rows  []struct {
			pageKey
			Outcome string `json:"outcome"`
			Figures []struct {
				Name    string `json:"name"`
				Outcome string `json:"outcome"`
				Change  any    `json:"change"`
				Low     any    `json:"low"`
				High    any    `json:"high"`
				P       any    `json:"p"`
				Reason  string `json:"reason"`
			} `json:"figures"`
		} `json:"rows"`
	} `json:"comparison"`
}

func writeAgainst(t testing.TB, r *stampede.Report, o HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTMLWith(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func unpackAgainst(t testing.TB, html string) pageAgainst {
	t.Helper()
	data, _ := unpackPage(t, html)
	var p pageAgainst
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// compared holds two runs against each other as the program does.
func compared(t testing.TB, baseline, r *stampede.Report) *compare.Result {
	t.Helper()
	found, err := compare.Compare([]compare.Run{compare.Of(baseline)}, []compare.Run{compare.Of(r)}, compare.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// figure is one that a test needs no real runs for.
func figure(name string, outcome verdict.Outcome, before, after, change, low, high, p float64) compare.Figure {
	return compare.Figure{Name: name, P: p, Comparison: verdict.Comparison{Outcome: outcome, Old: before, New: after, Change: change, Low: low, High: high}}
}

// smallPair is two short runs with a comparison by hand that has every outcome and every number that JSON lacks.
func smallPair() (r *stampede.Report, o HTMLOptions) {
	r, baseline := reporttest.Open(), reporttest.Open()
	baseline.Run.ID, baseline.Run.Started = "20261026T190000Z-51c0", baseline.Run.Started.AddDate(0, 0, -7)
	baseline.Run.Changes, r.Run.Changes = "cache on", "cache off"
	r.Verdict, baseline.Verdict = verdict.Health{}, verdict.Health{}
	inf, nan := math.Inf(1), math.NaN()
	doubt := figure("p95", verdict.Inconclusive, 60e6, 66e6, 1.1, 0.97, 1.24, 0.2)
	doubt.Reason = "the change may lie on either side of the limit of 5 %: runs about 4 times as long would decide"
	unknown := figure("p99", verdict.Inconclusive, inf, inf, nan, -inf, inf, nan)
	unknown.Reason = "50 requests in a run: at least 1,000 are needed for this figure"
	return r, HTMLOptions{Baseline: baseline, Comparison: &compare.Result{
		Old: []stampede.RunInfo{baseline.Run}, New: []stampede.RunInfo{r.Run}, Outcome: verdict.Regressed,
		Differences: []compare.Difference{{What: "users", Old: "80", New: "160", Advice: "compare runs of the same load", Refused: true}},
		Rows: []compare.Row{
			{Outcome: verdict.Regressed, Figures: []compare.Figure{
				figure("rate", verdict.Same, 95, 95, 1, 0.99, 1.01, 0.8), figure("failures", verdict.Regressed, 0, 0.0312, 0.0312, 0.021, 0.0415, 0.0001),
				figure("p50", verdict.Improved, 40123456, 30123456, 0.750769, 0.74, 0.76, 0.0002), doubt, unknown,
			}},
			{Key: stats.Key{Type: "GET", Name: "/"}, Outcome: verdict.Regressed, Figures: []compare.Figure{figure("p50", verdict.Regressed, 40e6, inf, inf, 1.5, inf, 0.001)}},
		},
		Missing: []stats.Key{{Type: "GET", Name: "/gone"}},
		Spans:   [2]compare.Span{{To: 10}, {From: 2, To: 10}}, Limits: verdict.CompareOptions{Limit: 0.05, Points: 0.005},
	}}
}

// The tests of the page read this payload: both sides agree on the form.
func TestHTMLAgainstGolden(t *testing.T) {
	r, o := smallPair()
	data, _ := unpackPage(t, writeAgainst(t, r, o))
	golden(t, filepath.Join("..", "..", "web", "test", "against.json"), string(data))
}

func TestHTMLAgainstCarriesBothRuns(t *testing.T) {
	baseline, r := reporttest.Pair()
	found := compared(t, baseline, r)
	html := writeAgainst(t, r, HTMLOptions{Baseline: baseline, Comparison: found})
	_, p := unpackPage(t, html)
	if len(p.Runs) != 2 || p.Runs[0].Run.ID != r.Run.ID || p.Runs[1].Run.ID != baseline.Run.ID {
		t.Fatalf("%d runs", len(p.Runs))
	}
	old := p.Runs[1]
	if got := total(sum(old.Series.Total.Count)); got != baseline.Judged.Total.Count {
		t.Errorf("the course of the baseline has %d requests, the run %d", got, baseline.Judged.Total.Count)
	}
	for i := range baseline.Judged.Rows {
		row := &baseline.Judged.Rows[i]
		if has, want := old.Series.Rows[i] != nil, r.Judged.Row(row.Key) != nil; has != want {
			t.Errorf("%v has a course: %t, want %t", row.Key, has, want)
		} else if has && (total(sum(old.Series.Rows[i].Count)) != row.Count || len(old.Series.Rows[i].Heat) != 0) {
			t.Errorf("the course of %v is %+v", row.Key, old.Series.Rows[i])
		}
	}
	against := unpackAgainst(t, html)
	if c := against.Comparison; c.Found.Outcome != "REGRESSED" || len(c.Rows) != len(found.Rows) || len(c.Found.Missing) != 2 || c.Found.Old[0].Changes != baseline.Run.Changes {
		t.Errorf("the comparison is %+v", c)
	}
}

// A run that passed by itself fails when it is worse than its baseline; one that something worse happened to keeps its word.
func TestHTMLAgainstOutcome(t *testing.T) {
	r, o := smallPair()
	if p := unpackAgainst(t, writeAgainst(t, r, o)); p.Outcome != "REGRESSED" || !strings.HasPrefix(p.Line, "REGRESSED: ") {
		t.Errorf("regressed: %q, %q", p.Outcome, p.Line)
	}
	r.Run.Interrupted = true
	if p := unpackAgainst(t, writeAgainst(t, r, o)); p.Outcome != "INTERRUPTED" {
		t.Errorf("interrupted: %q", p.Outcome)
	}
	r.Run.Interrupted = false
	o.Comparison.Outcome = verdict.Same
	if p := unpackAgainst(t, writeAgainst(t, r, o)); p.Outcome != "PASSED" || p.Line != Line(r) {
		t.Errorf("same: %q, %q", p.Outcome, p.Line)
	}
	o.Comparison = nil
	if p := unpackAgainst(t, writeAgainst(t, r, o)); p.Comparison != nil {
		t.Error("a comparison from nowhere")
	}
	if a, b := writeAgainst(t, r, HTMLOptions{Comparison: &compare.Result{Outcome: verdict.Regressed}}), writeHTML(t, r); a != b {
		t.Error("a comparison without a baseline shows")
	}
}

func TestHTMLAgainstWithoutScripts(t *testing.T) {
	r, o := smallPair()
	html := writeAgainst(t, r, o)
	for _, want := range []string{
		"<title>Tour announcement: REGRESSED</title>", "Compared with 20261026T190000Z-51c0 (2026-10-26 19:00, cache on)", "users: 80 before, 160 now: compare runs of the same load",
		"<td>+3.12 points</td><td>+2.1 to +4.15 points</td>", "<td>-24.9 %</td><td>-26.0 to -24.0 %</td><td>IMPROVED</td>", "<td>GET /</td><td>p50</td><td>40.0 ms</td><td>never</td>",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// What others wrote in the baseline is as harmless as in the run.
func TestHTMLAgainstHostile(t *testing.T) {
	harmless := strings.Count(writeAgainst(t, reporttest.One(), HTMLOptions{Baseline: reporttest.One(), Comparison: &compare.Result{}}), "<")
	for _, text := range reporttest.HostileTexts() {
		old := reporttest.One()
		old.Run.Changes, old.Run.Name, old.Judged.Rows[0].Name = text, text, text
		html := writeAgainst(t, reporttest.One(), HTMLOptions{Baseline: old, Comparison: &compare.Result{
			Old: []stampede.RunInfo{old.Run}, Reason: text, Missing: []stats.Key{{Type: text, Name: text}},
		}})
		if got := strings.Count(html, "<"); got != harmless {
			t.Errorf("%q makes %d marks of markup of %d", text, got, harmless)
		}
		if p := unpackAgainst(t, html); p.Comparison.Found.Reason != format.Text(text, htmlText) || p.Comparison.Found.Missing[0].Name != format.Text(text, htmlText) {
			t.Errorf("%q became %q", text, p.Comparison.Found.Reason)
		}
	}
}

// A baseline at most doubles what a run takes, the comparison included.
func TestHTMLAgainstSize(t *testing.T) {
	for name, r := range map[string]*stampede.Report{
		"200 names for ten minutes": reporttest.Make(reporttest.Options{Names: 200, Seconds: 600}),
		"10,000 names":              reporttest.Many(10_000),
		"one name":                  reporttest.One(),
	} {
		found := &compare.Result{Old: []stampede.RunInfo{r.Run}, New: []stampede.RunInfo{r.Run}}
		for i := range r.Judged.Rows {
			row := compare.Row{Key: r.Judged.Rows[i].Key, Outcome: verdict.Same}
			for k, figureName := range []string{"rate", "failures", "p50", "p95", "p99"} {
				x := math.Sqrt(float64(5*i + k + 2)) // digits that do not repeat
				row.Figures = append(row.Figures, figure(figureName, verdict.Same, x*1e7, x*1e7+1, 1+x/1e5, 1-x/1e4, 1+x/9e3, math.NaN()))
			}
			found.Rows = append(found.Rows, row)
		}
		alone := len(writeHTML(t, r)) - len(htmlPage)
		with := len(writeAgainst(t, r, HTMLOptions{Baseline: r, Comparison: found})) - len(htmlPage)
		t.Logf("%s: %d bytes of data, %d with a baseline", name, alone, with)
		if with > 2*alone+5000 {
			t.Errorf("%s: %d bytes of data become %d", name, alone, with)
		}
	}
}

func TestPageNumber(t *testing.T) {
	for want, v := range map[string]float64{
		"0": 0, "1": 1, "0.750769": 0.7507694, "40123500": 40123456, "null": math.NaN(), `"Infinity"`: math.Inf(1), `"-Infinity"`: math.Inf(-1), "-0.0312": -0.0312,
		"1e-07": 1e-7, "1.23457e+18": 1234567890123456789, "123457": 123456.7, "1234.4": 1234.4,
	} {
		got, err := json.Marshal(pageNumber(v))
		if err != nil || string(got) != want {
			t.Errorf("%v is %s, want %s (%v)", v, got, want, err)
		}
	}
}

func TestHTMLAgainstFullDisk(t *testing.T) {
	baseline, r := reporttest.Pair()
	o := HTMLOptions{Baseline: baseline, Comparison: &compare.Result{Old: []stampede.RunInfo{baseline.Run}}}
	room := fullDisk(len(writeAgainst(t, r, o)) - 1)
	if err := WriteHTMLWith(&room, r, o); err == nil {
		t.Error("the last byte was lost, and nobody said so")
	}
}

func BenchmarkHTMLAgainst(b *testing.B) {
	const hours = 2 * 3600
	r := reporttest.Make(reporttest.Options{Names: 200, Seconds: hours, Rate: 10, Stretch: reporttest.RolledUp(hours)})
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteHTMLWith(io.Discard, r, HTMLOptions{Baseline: r}); err != nil {
			b.Fatal(err)
		}
	}
}

// The page writes changes itself. This table of what package compare writes is what the page's tests check it against.
func TestChangesForThePage(t *testing.T) {
	var lines []string
	add := func(name string, change, low, high float64) {
		row := compare.Row{Figures: []compare.Figure{figure(name, verdict.Same, 1, 1, change, low, high, 0.5)}}
		f, p := &row.Figures[0], pageChangeOf(&row).Figures[0]
		text, err := json.Marshal(struct {
			Name   string     `json:"f"`
			Change pageNumber `json:"change"`
			Low    pageNumber `json:"low"`
			High   pageNumber `json:"high"`
			Text   string     `json:"text"`
			Range  string     `json:"range"`
		}{name, p.Change, p.Low, p.High, f.ChangeText(f.Change), f.IntervalText()})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	inf := math.Inf(1)
	for _, v := range []float64{0, 0.25, 0.5, 0.9996, 0.9994, 1, 1.0004, 1.0006, 1.27149, 1.5, 9.99, 12.3456, 151} {
		add("p95", v, v/1.07, v*1.31)
		add("failures", (v-1)/160, (v-1)/171, (v-1)/122)
		add("failures", (v-1)/1000, (v-1.1)/1000, (v-0.8)/1000)
	}
	add("rate", 1.1, 1.05, inf)
	add("p99", inf, 2, inf)
	add("p50", math.NaN(), math.Inf(-1), inf)
	golden(t, filepath.Join("..", "..", "web", "test", "changes.json"), "[\n"+strings.Join(lines, ",\n")+"\n]\n")
}
