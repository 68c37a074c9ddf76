package newrelic

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// fake answers as NerdGraph's documentation says: results at once, or a query to ask about until it is complete.
type fake struct {
	t       *testing.T
	slow    int // so many answers say that the query goes on
	refuse  string
	off     time.Duration // of its clock from ours
	queries []string
	keys    map[string]int
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.keys == nil {
		f.keys = map[string]int{}
	}
	f.keys[r.Header.Get("API-Key")]++
	w.Header().Set("Date", time.Now().Add(f.off).UTC().Format(http.TimeFormat))
	var in struct {
		Query     string
		Variables struct {
			Account int
			NRQL    string
			ID      string
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Variables.Account != 1234567 {
		f.t.Errorf("asked %+v, %v", in, err)
	}
	if f.refuse != "" {
		fmt.Fprintf(w, `{"data":{"actor":{"account":{"nrql":null}}},"errors":[{"message":%q,"extensions":{"errorClass":"SERVER_ERROR"}}]}`, f.refuse)
		return
	}
	if in.Variables.NRQL != "" {
		f.queries = append(f.queries, in.Variables.NRQL)
	}
	if f.slow > 0 {
		f.slow--
		fmt.Fprint(w, `{"data":{"actor":{"account":{"nrql":{"results":[],"queryProgress":{"queryId":"q-1","completed":false,"retryAfter":1}}}}}}`)
		return
	}
	if in.Variables.ID != "" && in.Variables.ID != "q-1" {
		f.t.Errorf("asked for %q", in.Variables.ID)
	}
	if in.Variables.ID != "" {
		in.Variables.NRQL = f.queries[len(f.queries)-1]
	}
	json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"actor": map[string]any{"account": map[string]any{"nrql": map[string]any{
		"results": rows(f.t, in.Variables.NRQL), "queryProgress": map[string]any{"queryId": "q-1", "completed": true},
	}}}}})
}

var times = regexp.MustCompile(`SINCE (\d+) UNTIL (\d+) TIMESERIES 1 minute$`)

// rows is a row for each minute, or one for each facet and minute.
func rows(t *testing.T, nrql string) (out []map[string]any) {
	m := times.FindStringSubmatch(nrql)
	if m == nil {
		t.Errorf("%s has no time", nrql)
		return nil
	}
	from, _ := strconv.ParseInt(m[1], 10, 64)
	to, _ := strconv.ParseInt(m[2], 10, 64)
	for at := from / 1000; at < to/1000; at += 60 {
		row := func(more map[string]any) {
			more["beginTimeSeconds"], more["endTimeSeconds"] = at, at+60
			out = append(out, more)
		}
		switch {
		case strings.Contains(nrql, "FACET"):
			for i, f := range []string{"MySQL wp_posts select", "PHP"} {
				row(map[string]any{"facet": f, "segmentName": f, "sum.x": float64(i + 1)})
			}
		case strings.Contains(nrql, "apdex"):
			row(map[string]any{"apdex": map[string]any{"s": 1, "t": 2, "f": 3, "count": 6, "score": 0.75}})
		default:
			row(map[string]any{"average.duration": 0.25})
		}
	}
	return out
}

func key(name string) (string, bool) { return "NRAK-GEHEIM", name == "NEW_RELIC_API_KEY" }

func TestPresets(t *testing.T) {
	f := &fake{t: t, slow: 1}
	site := httptest.NewServer(f)
	defer site.Close()
	h, err := New("1234567/Shop's?endpoint="+url.QueryEscape(site.URL), key)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	series, complete, err := h.Range(t.Context(), from, from.Add(4*time.Minute))
	if err != nil || !complete {
		t.Fatal(complete, err)
	}
	got := map[string]float64{}
	for _, s := range series {
		if len(s.Times) != 5 || !s.Times[1].Equal(from.Add(time.Minute)) {
			t.Errorf("%s: %v", s.Name, s.Times)
		}
		got[s.Name] = s.Is[0]
	}
	for name, want := range map[string]float64{"time.MySQL_wp_posts_select": 1, "time.PHP": 2, "web": 250, "apdex": 0.75} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v: %v", name, got[name], want, got)
		}
	}
	for _, q := range f.queries {
		if strings.Contains(q, "appName") && !strings.Contains(q, `appName = 'Shop\'s'`) {
			t.Errorf("the name is not escaped: %s", q)
		}
	}
	if f.keys["NRAK-GEHEIM"] == 0 || len(f.keys) != 1 {
		t.Errorf("keys %v", f.keys)
	}
}

func TestRefused(t *testing.T) {
	f := &fake{t: t, refuse: "NRQL Syntax Error: Error at line 1"}
	site := httptest.NewServer(f)
	defer site.Close()
	h, err := New("1234567?endpoint="+url.QueryEscape(site.URL)+"#x=SELECT nonsense", key)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = h.Range(t.Context(), time.Now().Add(-time.Hour), time.Now())
	if err == nil || !strings.Contains(err.Error(), "Syntax Error") || strings.Contains(err.Error(), "GEHEIM") {
		t.Errorf("%v", err)
	}
	for text, want := range map[string]string{
		"":                              "no account number",
		"12":                            "nothing is asked for",
		"12#x":                          "NAME=NRQL",
		"12#x=SELECT a SINCE 1 day ago": "come from the run",
	} {
		if _, err := New(text, key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := New("12/App", func(string) (string, bool) { return "", false }); err == nil || !strings.Contains(err.Error(), "NEW_RELIC_API_KEY") {
		t.Errorf("without a key: %v", err)
	}
}

// TestClock: where our clock is an hour off, New Relic is asked by its own, and its points stand where they belong in the run.
func TestClock(t *testing.T) {
	f := &fake{t: t, off: time.Hour}
	site := httptest.NewServer(f)
	defer site.Close()
	h, err := New("1234567?endpoint="+url.QueryEscape(site.URL)+"#x=SELECT average(duration) FROM Transaction", key)
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now().Add(-10 * time.Minute)
	series, complete, err := h.Range(t.Context(), begun, time.Now().Add(-5*time.Minute))
	if err != nil || !complete || len(series) != 1 || len(series[0].Times) < 5 {
		t.Fatalf("%+v, complete %v, %v", series, complete, err)
	}
	if d := series[0].Times[0].Sub(begun); d > 2*time.Second || d < -time.Minute-2*time.Second {
		t.Errorf("the first point stands %v after the beginning of the run", d)
	}
	if from := times.FindStringSubmatch(f.queries[len(f.queries)-1])[1]; !strings.HasPrefix(from, strconv.FormatInt(begun.Add(time.Hour).Truncate(time.Minute).Unix(), 10)) {
		t.Errorf("asked from %s", from)
	}
}

// TestPartial: queries that are answered count when others are refused, and what is null is a gap.
func TestPartial(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Variables struct{ NRQL string } }
		json.NewDecoder(r.Body).Decode(&in)
		if strings.Contains(in.Variables.NRQL, "nonsense") {
			fmt.Fprint(w, `{"data":{"actor":{"account":{"nrql":null}}},"errors":[{"message":"NRQL Syntax Error"}]}`)
			return
		}
		fmt.Fprint(w, `{"data":{"actor":{"account":{"nrql":{"results":[{"beginTimeSeconds":60,"average.duration":null},{"beginTimeSeconds":120,"average.duration":2}]}}}}}`)
	}))
	defer site.Close()
	h, err := New("12?endpoint="+url.QueryEscape(site.URL)+"#good=SELECT average(duration) FROM Transaction;bad=SELECT nonsense", key)
	if err != nil {
		t.Fatal(err)
	}
	series, _, err := h.Range(t.Context(), time.Unix(60, 0), time.Unix(180, 0))
	if err == nil || err.Error() != "ask New Relic for bad: NRQL Syntax Error" || len(series) != 1 || len(series[0].Is) != 1 || series[0].Is[0] != 2 {
		t.Errorf("%+v, %v", series, err)
	}
	if told := h.(monitor.Estimator).Estimate(10 * time.Minute); told != "about 30 NRQL queries" {
		t.Errorf("%q", told)
	}
}

// TestSeveralFigures: percentiles and queries that select several things give a series for each, and no two facets share one.
func TestSeveralFigures(t *testing.T) {
	answers := map[string]string{
		"one":    `{"percentile.duration":{"95":0.25},"beginTimeSeconds":60,"endTimeSeconds":120}`,
		"two":    `{"percentile.duration":{"95":0.25,"99":0.5},"beginTimeSeconds":60}`,
		"many":   `{"average.duration":2,"count":5,"beginTimeSeconds":60,"inspectedCount":9}`,
		"facets": `{"facet":"a b","appName":"a b","count":1,"beginTimeSeconds":60},{"facet":"a/b","appName":"a/b","count":2,"beginTimeSeconds":60},{"facet":["x","y"],"count":3,"beginTimeSeconds":60},{"facet":[null,"y"],"count":4,"beginTimeSeconds":60}`,
		"nulls":  `{"average.duration":null,"beginTimeSeconds":60},{"percentile.duration":{"95":null},"beginTimeSeconds":60},{"beginTimeSeconds":60}`,
	}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Variables struct{ NRQL string } }
		json.NewDecoder(r.Body).Decode(&in)
		fmt.Fprintf(w, `{"data":{"actor":{"account":{"nrql":{"results":[%s]}}}}}`, answers[strings.Fields(in.Variables.NRQL)[1]])
	}))
	defer site.Close()
	h, err := New("12?endpoint="+url.QueryEscape(site.URL)+"#one=SELECT one;two=SELECT two;many=SELECT many;by=SELECT facets;no=SELECT nulls", key)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the names stay
		series, _, err := h.Range(t.Context(), time.Unix(60, 0), time.Unix(120, 0))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, s := range series {
			got[s.Name] = s.Is[0]
		}
		want := map[string]float64{"one": 0.25, "two.95": 0.25, "two.99": 0.5, "many.average.duration": 2, "many.count": 5, "by.a_b": 1, "by.a_b_2": 2, "by.x.y": 3, "by._nil_.y": 4}
		if !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
