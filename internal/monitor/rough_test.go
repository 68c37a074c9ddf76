package monitor_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/exporter"
	"github.com/stampede-load/stampede/internal/monitor/prometheus"
	"github.com/stampede-load/stampede/internal/monitor/redis"
	"github.com/stampede-load/stampede/internal/monitor/servertest"
)

// TestHugePage: of a page of 50 MB no more is taken than a page may have, whatever it says of its length, and the note says what to do.
func TestHugePage(t *testing.T) {
	const size = 50 << 20
	var sent atomic.Int64
	block := []byte(strings.Repeat("app_figure 1\n", 5000))
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for n := 0; n < size; n += len(block) {
			k, err := w.Write(block)
			sent.Add(int64(k))
			if err != nil {
				return
			}
		}
	}))
	defer site.Close()
	s := source(t)(exporter.New(site.URL))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := s.Read(t.Context())
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "larger than 8 MB; ask for less of it") {
		t.Fatalf("%v", err)
	}
	if sent.Load() >= size {
		t.Errorf("all %d bytes were taken", sent.Load())
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("it took %d MB to refuse it", grown>>20)
	}
}

// TestOddNumbers: what is no number is a gap, on every way to a series.
func TestOddNumbers(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "# TYPE a gauge\na NaN\nb +Inf\nc -Inf\n# TYPE e_total counter\ne_total NaN\nf 3\n")
	}))
	defer site.Close()
	s := source(t)(exporter.New(site.URL))
	w := monitor.Watch(t.Context(), time.Now(), []monitor.Watched{{Name: "app", Source: s}})
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) && len(points(w, "f")) < 2 {
		time.Sleep(20 * time.Millisecond)
	}
	w.Stop()
	for _, one := range w.Servers()[0].Series {
		for _, p := range one.Points {
			if math.IsNaN(p.Value) || math.IsInf(p.Value, 0) {
				t.Errorf("%s has %v", one.Name, p.Value)
			}
		}
	}
	if len(points(w, "f")) < 2 || len(points(w, "a")) > 0 || len(points(w, "b")) > 0 || len(points(w, "e_total")) > 0 {
		t.Errorf("%+v", w.Servers()[0])
	}
}

func points(w *monitor.Watcher, name string) []monitor.Point {
	s, _, _ := w.Since(w.Servers()[0].Name, name, 0)
	return s.Points
}

// TestKilledMidRun kills a real server while it is watched and starts it again: a gap, a note, and then it goes on; its counters begin at nothing, which is no
// fall of a rate.
func TestKilledMidRun(t *testing.T) {
	t.Parallel()
	program, port := servertest.Find(t, "redis-server"), servertest.Port(t)
	start := func() *exec.Cmd {
		return servertest.Start(t, servertest.Addr(port), program, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--dir", servertest.Dir(t))
	}
	first := start()
	s, err := redis.New(servertest.Addr(port))
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	w := monitor.Watch(t.Context(), begun, []monitor.Watched{{Name: "cache", Kind: "redis", Source: s}})
	defer w.Stop()
	await := func(what string, is func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %+v", what, w.Servers()[0])
			}
		}
	}
	await("it is read", func() bool { return len(points(w, "commands")) >= 2 })
	if err := syscall.Kill(-first.Process.Pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	await("it is missed", func() bool { return w.Servers()[0].Failed >= 3 }) // of fewer the gap may be short, where a reading before was late
	gone := time.Since(begun)
	start()
	before := len(points(w, "clients"))
	await("it is read again", func() bool { return w.Problem(0) == "" && len(points(w, "clients")) >= before+3 })
	w.Stop()

	one := w.Servers()[0]
	if one.Failed == 0 || len(one.Notes) == 0 || !strings.Contains(one.Notes[0], "refused") {
		t.Errorf("failed %d, notes %q", one.Failed, one.Notes)
	}
	for _, p := range points(w, "commands") {
		if p.Value < 0 || p.Value > 100 {
			t.Errorf("%v commands a second at %v", p.Value, p.At)
		}
	}
	series, widest := points(w, "clients"), time.Duration(0)
	for i := 1; i < len(series); i++ {
		if series[i-1].At <= gone {
			widest = max(widest, series[i].At-series[i-1].At)
		}
	}
	if widest < 1900*time.Millisecond {
		t.Errorf("no gap where it was gone: %v", series)
	}
}

// TestClockOffByAnHour asks a Prometheus whose clock is an hour behind: it is asked on its own clock, and the points stand where they belong in the run.
func TestClockOffByAnHour(t *testing.T) {
	const behind = -time.Hour
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(behind).UTC().Format(http.TimeFormat))
		var from, to float64
		fmt.Sscan(r.FormValue("start"), &from)
		fmt.Sscan(r.FormValue("end"), &to)
		var values []string
		for at := from; at <= to && at <= float64(time.Now().Add(behind).Unix())+1; at += 5 { // it knows nothing of what comes later
			values = append(values, fmt.Sprintf(`[%.3f,"%d"]`, at, len(values)))
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}`, strings.Join(values, ","))
	}))
	defer site.Close()
	h, err := prometheus.New(site.URL + "#up")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	asked := time.Now()
	begun := asked.Add(-time.Minute)
	series, _, err := h.Range(ctx, begun, asked)
	slow := time.Since(asked) // its clock is known to a second, and to what an answer takes
	if err != nil || len(series) != 1 || len(series[0].Times) < 12-int(slow/(5*time.Second)) {
		t.Fatalf("after %v: %+v, %v", slow, series, err)
	}
	for i, at := range series[0].Times {
		want := begun.Add(time.Duration(i) * 5 * time.Second)
		if d := at.Sub(want); d.Abs() > 2*time.Second+slow || series[0].Is[i] != float64(i) {
			t.Errorf("point %d is %v at %v, want %v", i, series[0].Is[i], at, want)
		}
	}
}

// TestMachinesThatCome: when a query gives one series and then several, as those of machines that were added, the first keeps its name, and no two share one.
func TestMachinesThatCome(t *testing.T) {
	var rows atomic.Value
	rows.Store(`{"metric":{"instance":"a:1","job":"x"},"values":[[1000,"1"]]}`)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/v1/") {
			http.NotFound(w, r)
			return
		}
		fmt.Fprintf(w, `{"status":"success","data":{"resultType":"matrix","result":[%s]}}`, rows.Load())
	}))
	defer site.Close()
	h, err := prometheus.New(site.URL + "#load")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	names := func() (out []string) {
		series, _, err := h.Range(t.Context(), time.Unix(990, 0), time.Unix(1010, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range series {
			out = append(out, s.Name)
		}
		return out
	}
	if got := names(); !slices.Equal(got, []string{"load"}) {
		t.Errorf("one: %q", got)
	}
	rows.Store(`{"metric":{"instance":"b:1","job":"x"},"values":[[1000,"2"]]},{"metric":{"instance":"a:1","job":"x"},"values":[[1000,"1"]]},{"metric":{"instance":"b:1","job":"y"},"values":[[1000,"3"]]}`)
	for range 2 {
		if got := names(); !slices.Equal(got, []string{"load.b_1", "load", "load.b_1_2"}) {
			t.Errorf("three: %q", got)
		}
	}
	wrong, err := prometheus.New(site.URL + "/graph#load")
	if err != nil {
		t.Fatal(err)
	}
	defer wrong.Close()
	if _, _, err := wrong.Range(t.Context(), time.Unix(990, 0), time.Unix(1010, 0)); err == nil || !strings.Contains(err.Error(), "name Prometheus itself") {
		t.Errorf("%v", err)
	}
}

// TestLabelsThatLookAlike: labels whose names here would be the same have series of their own.
func TestLabelsThatLookAlike(t *testing.T) {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "q{name=\"заказы\"} 1\nq{name=\"письма\"} 2\nq{name=\"a/b\"} 3\nq{name=\"a:b\"} 4\n")
	}))
	defer site.Close()
	s := source(t)(exporter.New(site.URL))
	for range 2 {
		r, err := s.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, v := range r.Values {
			got[v.Name] = v.Value
		}
		if want := map[string]float64{"q._": 1, "q.__2": 2, "q.a_b": 3, "q.a_b_2": 4}; !maps.Equal(got, want) {
			t.Errorf("%v", got)
		}
	}
}

// TestUnknownCA: a page whose certificate nobody here knows says what to do about that.
func TestUnknownCA(t *testing.T) {
	site := httptest.NewUnstartedServer(http.NotFoundHandler())
	site.Config.ErrorLog = log.New(io.Discard, "", 0)
	site.StartTLS()
	defer site.Close()
	_, err := source(t)(exporter.New(site.URL)).Read(t.Context())
	if err == nil || !strings.Contains(err.Error(), "SSL_CERT_FILE") {
		t.Errorf("%v", err)
	}
}
