package report

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report/reporttest"
)

// page is what tests read back of a payload.
type page struct {
	Payload int    `json:"payload"`
	Outcome string `json:"outcome"`
	Line    string `json:"line"`
	Runs    []struct {
		Run        pageRun          `json:"run"`
		Thresholds []pageThreshold  `json:"thresholds"`
		Counts     pageCounts       `json:"counts"`
		Judged     pageTotalsObject `json:"judged"`
		Series     *struct {
			Starts     []int32       `json:"starts"`
			End        int           `json:"end"`
			HeatStarts []int32       `json:"heat_starts"`
			Total      pageTrack     `json:"total"`
			Rows       []*pageTrack  `json:"rows"`
			Gauges     pageGaugeList `json:"gauges"`
		} `json:"series"`
		Events []jsonEvent `json:"events"`
	} `json:"runs"`
}

type (
	pageTotalsObject struct {
		Seconds float64     `json:"seconds"`
		Total   pageRow     `json:"total"`
		Rows    []pageRow   `json:"rows"`
		Errors  []jsonError `json:"errors"`
	}
	pageTrack struct {
		Count    []int32 `json:"count"`
		Failures []int32 `json:"failures"`
		P95      []int32 `json:"p95"`
		Heat     []int32 `json:"heat"`
	}
	pageGaugeList struct {
		Users []int32 `json:"users"`
	}
)

func writeHTML(t testing.TB, r *stampede.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unpackPage takes the payload out of a page, as a browser does.
func unpackPage(t testing.TB, html string) ([]byte, page) {
	t.Helper()
	_, rest, ok := strings.Cut(html, `<script type="application/json" id="data">`)
	packed, _, ok2 := strings.Cut(rest, "</script>")
	if !ok || !ok2 {
		t.Fatal("the page has no data")
	}
	data, err := io.ReadAll(flate.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(packed))))
	if err != nil {
		t.Fatal(err)
	}
	var p page
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	return data, p
}

// sum adds differences up: the values of a list of the page.
func sum(list []int32) []int64 {
	values := make([]int64, len(list))
	var v int64
	for i, d := range list {
		v += int64(d)
		values[i] = v
	}
	return values
}

func total(values []int64) (n int64) {
	for _, v := range values {
		n += v
	}
	return n
}

func TestHTMLCarriesTheReport(t *testing.T) {
	for name, r := range map[string]*stampede.Report{
		"sample": reporttest.Sample(), "empty": reporttest.Empty(), "one": reporttest.One(), "allfailed": reporttest.AllFailed(), "open": reporttest.Open(),
	} {
		t.Run(name, func(t *testing.T) {
			_, p := unpackPage(t, writeHTML(t, r))
			if p.Payload != htmlPayload || p.Outcome != OutcomeOf(r, false).String() || p.Line != Line(r) || len(p.Runs) != 1 {
				t.Fatalf("payload %d, %q, %q, %d runs", p.Payload, p.Outcome, p.Line, len(p.Runs))
			}
			run := p.Runs[0]
			if len(run.Judged.Rows) != len(r.Judged.Rows) || len(run.Judged.Errors) != len(r.Judged.Errors) || len(run.Thresholds) != len(r.Thresholds) || len(run.Events) != len(r.Events) {
				t.Errorf("%d rows, %d errors, %d thresholds, %d events", len(run.Judged.Rows), len(run.Judged.Errors), len(run.Thresholds), len(run.Events))
			}
			for i := range r.Judged.Rows {
				row, got := &r.Judged.Rows[i], run.Judged.Rows[i]
				want := quantilesOf(&row.Response, row.Dropped)
				if got.Name != row.Name || got.Count != row.Count || got.Failures != row.Failures || got.Times.Response[5] != int64(want.P95) || got.Times.Response[8] != int64(want.Max) {
					t.Errorf("row %d is %+v", i, got)
				}
			}
			if got := total(sum(run.Series.Total.Count)); got != r.Judged.Total.Count {
				t.Errorf("the course has %d requests, the run %d", got, r.Judged.Total.Count)
			}
			if run.Run.Seed != "42" {
				t.Errorf("seed %q", run.Run.Seed)
			}
		})
	}
}

// A result that was saved without its seconds has no course, and that is no error.
func TestHTMLWithoutSeries(t *testing.T) {
	r := reporttest.Sample()
	r.Series = nil
	if _, p := unpackPage(t, writeHTML(t, r)); p.Runs[0].Series != nil {
		t.Error("a course from nowhere")
	}
}

// However hostile the names are, the page holds the same elements that run scripts, and the same policy.
func TestHTMLKeepsHostileTextsText(t *testing.T) {
	harmless := writeHTML(t, reporttest.One())
	hostile := writeHTML(t, reporttest.Hostile())
	for _, element := range []string{"<script", "</script", "<svg/", "<img", "<a href"} {
		if got, want := strings.Count(hostile, element), strings.Count(harmless, element); got != want {
			t.Errorf("%q occurs %d times, %d in a harmless page", element, got, want)
		}
	}
	_, p := unpackPage(t, hostile)
	for _, row := range p.Runs[0].Judged.Rows {
		if row.Name != format.Text(row.Name, htmlText) {
			t.Errorf("name %q has characters that do something", row.Name)
		}
	}
	if !strings.Contains(hostile, "default-src 'none'; script-src 'sha256-") {
		t.Error("the page has no content security policy")
	}
}

// What the page says without scripts is escaped and says the result.
func TestHTMLFallback(t *testing.T) {
	r := reporttest.Sample()
	html := writeHTML(t, r)
	for _, want := range []string{
		"<title>Tour announcement: FAILED</title>", "<noscript>", "&#34;Log In&#34; p99 &lt; 1s over 10s", "POST Log In", format.Count(r.Judged.Total.Count),
		at(r, &r.Judged.Total, 0.95), "503 Service Unavailable",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// The same run gives the same page.
func TestHTMLIsDeterministic(t *testing.T) {
	if a, b := writeHTML(t, reporttest.Sample()), writeHTML(t, reporttest.Sample()); a != b {
		t.Error("two pages of one run differ")
	}
}

var errDisk = errors.New("no space left on device")

// fullDisk takes so many bytes.
type fullDisk int

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > int(*d) {
		n := int(*d)
		*d = 0
		return n, errDisk
	}
	*d -= fullDisk(len(p))
	return len(p), nil
}

func TestHTMLReportsAFullDisk(t *testing.T) {
	r := reporttest.Sample()
	size := len(writeHTML(t, r))
	for _, room := range []int{0, 1000, len(htmlPage) / 2, size - 70_000, size - 1} {
		d := fullDisk(room)
		if err := WriteHTML(&d, r); !errors.Is(err, errDisk) {
			t.Errorf("with room for %d of %d bytes: %v", room, size, err)
		}
	}
}

// Pages fit into a mail. Two hours of 200 names have fewer points than ten minutes, whose every second has one: see stats.SeriesOptions.
func TestHTMLSize(t *testing.T) {
	const most = 5_000_000
	for name, r := range map[string]*stampede.Report{
		"200 names for ten minutes": reporttest.Make(reporttest.Options{Names: 200, Seconds: 600}),
		"10,000 names":              reporttest.Many(10_000),
	} {
		if n := len(writeHTML(t, r)); n >= most {
			t.Errorf("%s: the page has %d bytes, the limit is %d", name, n, most)
		}
	}
}

// The tests of the page read this payload: both sides agree on the form.
func TestHTMLPayloadGolden(t *testing.T) {
	for name, r := range map[string]*stampede.Report{"open": reporttest.Open(), "one": reporttest.One()} {
		data, _ := unpackPage(t, writeHTML(t, r))
		golden(t, filepath.Join("..", "..", "web", "test", name+".json"), string(data))
	}
}

func FuzzHTML(f *testing.F) {
	for _, text := range reporttest.HostileTexts() {
		f.Add(text)
	}
	harmless := strings.Count(writeHTML(f, reporttest.One()), "<")
	f.Fuzz(func(t *testing.T, text string) {
		r := reporttest.One()
		r.Run.Name, r.Judged.Rows[0].Name = text, text
		r.Run.Notes, r.Run.Host = text, text
		html := writeHTML(t, r)
		if got := strings.Count(html, "<"); got != harmless {
			t.Errorf("%q makes %d marks of markup of %d", text, got, harmless)
		}
		if _, p := unpackPage(t, html); p.Runs[0].Judged.Rows[0].Name != format.Text(text, htmlText) {
			t.Errorf("%q became %q", text, p.Runs[0].Judged.Rows[0].Name)
		}
	})
}

func BenchmarkHTML(b *testing.B) {
	const hours = 2 * 3600
	r := reporttest.Make(reporttest.Options{Names: 200, Seconds: hours, Rate: 10, Stretch: reporttest.RolledUp(hours)})
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteHTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
