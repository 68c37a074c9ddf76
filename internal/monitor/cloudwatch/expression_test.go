package cloudwatch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

func names(series []monitor.Recorded) (out []string) {
	for _, s := range series {
		out = append(out, s.Name)
	}
	return out
}

// TestExpressions: metric math names metrics by their names here, and a search gives a series for each label, of which no two share a name, and which keep
// theirs when more come.
func TestExpressions(t *testing.T) {
	const search = `SEARCH('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', 'Average', 60)`
	f, url := newFake(t)
	f.set(func() {
		f.values = func(string, time.Time) (float64, bool) { return 7, true }
		f.labels = map[string][]string{search: {"i-1"}}
	})
	h := historian(t, "alb/app/shop/50dc6c495c0c9188?region=eu-west-1#errors=100*target_5xx/requests;machines="+search, url)
	ask := func() []string {
		series, complete, err := h.Range(t.Context(), noon, noon.Add(10*time.Minute))
		if err != nil || !complete {
			t.Fatalf("complete %v, %v", complete, err)
		}
		for _, s := range series {
			if len(s.Times) != 11 {
				t.Errorf("%s has %d points", s.Name, len(s.Times))
			}
		}
		return names(series)[8:]
	}
	if got := ask(); !slices.Equal(got, []string{"errors", "machines"}) {
		t.Errorf("%q", got)
	}
	f.set(func() {
		if f.asked[1] != "response_p95: TargetResponseTime app/shop/50dc6c495c0c9188" || !slices.Contains(f.asked, "errors: 100*target_5xx/requests") {
			t.Errorf("asked for %q", f.asked)
		}
	})
	f.set(func() { f.labels[search] = []string{"i-1", "i 2", "i/2"} })
	if got := ask(); !slices.Equal(got, []string{"errors", "machines.i_2", "machines", "machines.i_2_2"}) {
		t.Errorf("when two were added: %q", got)
	}
	if h.Cost() != "22 CloudWatch metrics requested: $0.0002" { // ten, and twelve when the search found two more
		t.Errorf("%q", h.Cost())
	}
	for text, want := range map[string]string{
		"rds/a#cpu":                 "write NAME=EXPRESSION",
		"rds/a#a b=1":               "write NAME=EXPRESSION",
		"rds/a#x= ":                 "write NAME=EXPRESSION",
		"rds/a#cpu2=ANOMALY(cpu);;": "",
		"#all=" + search:            "",
	} {
		if _, err := New(t.Context(), text, options(url)); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// TestSameMetricOfTwo: what has the same name is told apart by what it is of.
func TestSameMetricOfTwo(t *testing.T) {
	f, url := newFake(t)
	f.set(func() { f.values = func(m string, _ time.Time) (float64, bool) { return float64(len(m)), true } })
	series, _, err := historian(t, "rds/one,rds/three,A/B?D=x,A/B?D=y&stat=p99", url).Range(t.Context(), noon, noon.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	got := names(series)
	for _, want := range []string{"one.cpu", "three.cpu", "x.B", "p99.y.B"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s: %q", want, got)
		}
	}
	slices.Sort(got)
	if n := len(got); len(slices.Compact(got)) != n || n != 22 {
		t.Errorf("%d series: %q", n, got)
	}
}

// TestRefusedBesideOthers: a metric that may not be read costs its own series only, and what the service says is told.
func TestRefusedBesideOthers(t *testing.T) {
	f, url := newFake(t)
	f.set(func() {
		f.values, f.refused = func(string, time.Time) (float64, bool) { return 7, true }, "CPU"
	})
	h := historian(t, "rds/shop-db", url)
	series, complete, err := h.Range(t.Context(), noon, noon.Add(time.Minute))
	if err == nil || err.Error() != "ask CloudWatch for cpu: Forbidden" || !complete || len(series) != 10 || len(series[0].Times) != 0 || len(series[1].Times) != 2 {
		t.Errorf("%v, complete %v, %v", names(series), complete, err)
	}
	f.set(func() { f.refused, f.message = "", "MaxMetricsExceeded" })
	if series, complete, err = h.Range(t.Context(), noon, noon.Add(time.Minute)); err == nil || err.Error() != "ask CloudWatch: MaxMetricsExceeded too much was asked for" || !complete || len(series[0].Times) != 2 {
		t.Errorf("complete %v, %v", complete, err)
	}
}
