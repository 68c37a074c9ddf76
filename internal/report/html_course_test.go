package report

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/hist"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
)

// timeOf is the way back from a code, as the page does it.
func timeOf(code int32) int64 {
	if code <= 1000 {
		return int64(code) - 1
	}
	above := int64(code) - 1001
	ns := above%900 + 100
	for range above/900 + 1 {
		ns *= 10
	}
	return ns
}

func TestTimeCode(t *testing.T) {
	before := int64(-1)
	for code := int32(1); code < 14_000; code++ {
		ns := timeOf(code)
		if ns <= before || timeCode(ns) != code {
			t.Fatalf("code %d is %d ns (after %d), which is code %d", code, ns, before, timeCode(ns))
		}
		before = ns
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		ns := int64(math.Exp(rng.Float64() * math.Log(1e17)))
		three, err := strconv.ParseFloat(strconv.FormatFloat(float64(ns), 'e', 2, 64), 64)
		if err != nil {
			t.Fatal(err)
		}
		if ns >= 1000 && float64(timeOf(timeCode(ns))) != three && math.Abs(float64(ns)-three)*2 < math.Pow(10, math.Floor(math.Log10(float64(ns)))-2)*0.999999 {
			t.Fatalf("%d ns in three digits is %v, the code says %d", ns, three, timeOf(timeCode(ns)))
		}
	}
	for _, ns := range []int64{-5, 0, 1, 999, 1000, math.MaxInt64} {
		if got := timeOf(timeCode(ns)); math.Abs(float64(got-min(max(ns, 0), 1e18))) > 0.005*float64(max(ns, 0)) {
			t.Errorf("%d ns comes back as %d", ns, got)
		}
	}
}

func TestDeltas(t *testing.T) {
	for want, list := range map[string]deltas{"[]": {}, "[5]": {5}, "[5,0,-2,4294967290]": {5, 5, 3, math.MaxInt32}} {
		got, err := list.MarshalJSON()
		if want == "[5,0,-2,4294967290]" {
			want = "[5,0,-2," + strconv.Itoa(math.MaxInt32-3) + "]"
		}
		if err != nil || string(got) != want {
			t.Errorf("%v is %s, want %s (%v)", []int32(list), got, want, err)
		}
	}
}

func TestCurve(t *testing.T) {
	var h hist.Hist
	if got := curveOf(&h, 0); len(got) != 0 {
		t.Errorf("nothing has the curve %v", got)
	}
	for i := range 1000 {
		h.Record(int64(i+1) * 1e6)
	}
	curve := curveOf(&h, 0)
	if timeOf(curve[0]) != 1e6 {
		t.Errorf("it begins at %d ns", timeOf(curve[0]))
	}
	if got := timeOf(curve[8]); math.Abs(float64(got)-900e6) > 9e6 {
		t.Errorf("one nine is %d ns", got)
	}
	if got := timeOf(curve[len(curve)-1]); got != 1e9 {
		t.Errorf("it ends at %d ns and not the maximum", got)
	}
	if dropped := curveOf(&h, 1000); len(dropped) >= len(curve) || len(dropped) == 0 {
		t.Errorf("with as many dropped as measured the curve has %d points, without %d", len(dropped), len(curve))
	}
}

func TestBands(t *testing.T) {
	var h hist.Hist
	rng := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		h.Record(int64(math.Exp(rng.Float64() * 25)))
	}
	flat := bands([]int32{7, 7}, &h)
	if flat[0] != 7 || int(flat[2])*2+3 != len(flat) {
		t.Fatalf("%d cells in %d numbers", flat[2], len(flat))
	}
	var count int64
	band := int32(0)
	for i := 3; i < len(flat); i += 2 {
		if i > 3 && flat[i] <= 0 {
			t.Fatalf("band %d comes after %d", band+flat[i], band)
		}
		band += flat[i]
		count += int64(flat[i+1])
	}
	if count != h.Count() {
		t.Errorf("the bands hold %d of %d", count, h.Count())
	}
	if low, high := math.Pow(10, float64(band)/10), math.Pow(10, float64(band+1)/10); float64(h.Max()) < low*0.99 || float64(h.Max()) > high*1.01 {
		t.Errorf("the maximum %d is not in the last band, %v to %v", h.Max(), low, high)
	}
}

// Each bucket says what the series says of its stretch.
func TestCourseAgreesWithTheSeries(t *testing.T) {
	for name, r := range map[string]*stampede.Report{
		"sample": reporttest.Sample(),
		"long":   reporttest.Make(reporttest.Options{Names: 3, Seconds: 5000, Stretch: reporttest.RolledUp(5000)}),
	} {
		t.Run(name, func(t *testing.T) {
			c := courseOf(r)
			ends := append([]int32{}, c.starts[1:]...)
			ends = append(ends, int32(c.end))
			if len(c.starts) > courseBuckets || len(c.heatStarts) > heatColumns || len(c.total.Count) != len(c.starts) || len(c.gauges.Users) != len(c.starts) {
				t.Fatalf("%d buckets, %d columns, %d counts, %d gauges", len(c.starts), len(c.heatStarts), len(c.total.Count), len(c.gauges.Users))
			}
			for i := 0; i < len(ends); i += 7 {
				sec := r.Series.Window(int(c.starts[i]), int(ends[i]))
				if sec.Index != int(c.starts[i]) || sec.Index+sec.Width != int(ends[i]) {
					t.Fatalf("bucket %d covers %d to %d, which no stretches do", i, c.starts[i], ends[i])
				}
				if int64(c.total.Count[i]) != sec.Total.Count || c.total.P99[i] != timeCode(sec.Total.Response.Quantile(0.99)) {
					t.Errorf("bucket %d has %d requests and p99 %d, the series %d and %d", i, c.total.Count[i], timeOf(c.total.P99[i]), sec.Total.Count, sec.Total.Response.Quantile(0.99))
				}
				for n, track := range c.rows {
					row := sec.Row(r.Judged.Rows[n].Key)
					if row == nil {
						row = new(stats.Row)
					}
					if int64(track.Failures[i]) != row.Failures || track.P50[i] != quantileCode(&row.Response, 0, 0.5) || track.LagP99[i] != quantileCode(&row.Lag, 0, 0.99) {
						t.Errorf("bucket %d of %v differs from the series", i, r.Judged.Rows[n].Key)
					}
				}
			}
		})
	}
}

// A last second of which the run lived only a moment gets no point of its own.
func TestBucketEnds(t *testing.T) {
	s := stats.NewSeries(stats.SeriesOptions{})
	for i := range 100 {
		s.Add(&stats.Second{Index: i, Width: 1})
	}
	for _, c := range []struct {
		lasted float64
		most   int
		want   []int // how many, and the last but one
	}{
		{100, 720, []int{100, 99}}, {99.1, 720, []int{99, 98}}, {99.7, 720, []int{100, 99}}, {100, 10, []int{10, 90}}, {100, 30, []int{25, 96}}, {0, 3, []int{2, 34}},
	} {
		ends := bucketEnds(s, c.lasted, c.most)
		if len(ends) != c.want[0] || ends[len(ends)-2] != c.want[1] || ends[len(ends)-1] != 100 {
			t.Errorf("%v s in at most %d buckets: %v", c.lasted, c.most, ends)
		}
	}
	if ends := bucketEnds(stats.NewSeries(stats.SeriesOptions{}), 0, 10); len(ends) != 0 {
		t.Errorf("nothing has buckets: %v", ends)
	}
}

// Of very many names the page keeps the course of those that failed and the busiest.
func TestTrackedRows(t *testing.T) {
	rows := make([]stats.Row, 3*courseNames)
	for i := range rows {
		rows[i].Count = int64(i)
	}
	rows[0].Failures = 1
	got := trackedRows(rows)
	if len(got) != courseNames || got[0] != 0 || got[1] != len(rows)-1 {
		t.Errorf("%d rows, first %v", len(got), got[:2])
	}
}

func TestPageLine(t *testing.T) {
	r := reporttest.Sample()
	index := func(name string) int {
		for i := range r.Judged.Rows {
			if r.Judged.Rows[i].Name == name {
				return i
			}
		}
		return -2
	}
	for expr, want := range map[string]int{
		"p95 < 500ms": -1, "response.p99 <= 1s": -1, `"Log In" p99 < 1s over 10s`: index("Log In"), `[POST "Log In"] p50 < 1s stop`: index("Log In"),
		"service.p95 < 1s": -2, "p75 < 1s": -2, "p95 > 1s": -2, "p95 < 1s and p99 < 2s": -2, `"Logged*" p95 < 1s`: -2, "failures < 1%": -2,
		"p95 < 1s during steady": -2, `"Nobody" p95 < 1s`: -2, `"Log In" p95 < 1s and "Home" p95 < 2s`: -2, "p95 <": -2, "lag.p99 < 5ms": -2,
	} {
		r.Thresholds = []verdict.Result{{Expr: expr, Limit: 500}}
		got := -2
		if l := pageLineOf(r, 0); l != nil {
			got = l.Row
			if l.At != 500e6 {
				t.Errorf("%s: the line is at %d ns", expr, l.At)
			}
		}
		if got != want {
			t.Errorf("%s: row %d, want %d", expr, got, want)
		}
	}
}
