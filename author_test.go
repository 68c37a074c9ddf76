package stampede_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stampede-load/stampede"
)

// Each kind of shape has the level that its words say.
func TestShapes(t *testing.T) {
	shape := func(s stampede.Shape, err error) stampede.Shape {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	const s = time.Second
	stages := shape(stampede.Stages(stampede.At{At: 0, Level: 0}, stampede.At{At: 10 * s, Level: 100}, stampede.At{At: 10 * s, Level: 20}, stampede.At{At: 20 * s, Level: 20}))
	steps := shape(stampede.Steps(10, 30, 10, 5*s))
	sine := shape(stampede.Sine(10, 30, 8*s))
	own := shape(stampede.ShapeFunc(func(at time.Duration) float64 { return at.Seconds() * 2 }, 10*s))
	for _, tt := range []struct {
		name  string
		shape stampede.Shape
		at    time.Duration
		want  float64
	}{
		{"stages", stages, 5 * s, 50},
		{"stages behind the jump", stages, 15 * s, 20},
		{"first step", steps, 2 * s, 10},
		{"second step", steps, 7 * s, 20},
		{"third step", steps, 12 * s, 30},
		{"sine at a quarter", sine, 2 * s, 20},
		{"sine at half", sine, 4 * s, 30},
		{"sine at the end of a period", sine, 8 * s, 10},
		{"function", own, 5 * s, 10},
		{"sum", shape(stampede.Sum(stages, stampede.Level(5))), 5 * s, 55},
		{"sum with a sine", shape(stampede.Sum(sine, steps)), 4 * s, 40},
	} {
		if got := tt.shape.Level(tt.at); got < tt.want-0.6 || got > tt.want+0.6 {
			t.Errorf("%s at %v: %v, want %v", tt.name, tt.at, got, tt.want)
		}
	}
	if end, ends := steps.End(); !ends || end != 15*s {
		t.Errorf("the steps end at %v, %v", end, ends)
	}
	if _, ends := shape(stampede.Sum(stages, stampede.Level(5))).End(); ends {
		t.Error("a sum with a level ends")
	}
	for name, err := range map[string]error{
		"stages without points": second(stampede.Stages()), "steps of nothing": second(stampede.Steps(1, 2, 0, s)),
		"sine without a period": second(stampede.Sine(1, 2, 0)), "function of nothing": second(stampede.ShapeFunc(nil, s)), "sum of nothing": second(stampede.Sum()),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func second(_ stampede.Shape, err error) error { return err }

// Thresholds made in Go say and judge what they say.
func TestThresholdsInGo(t *testing.T) {
	srv, _ := site(t)
	page := stampede.Typed("GET", "/pa*")
	rules := []struct {
		rule stampede.Threshold
		text string
		pass bool
	}{
		{stampede.P50(page).Above(time.Nanosecond), `GET "/pa*" p50 > 1ns`, true},
		{stampede.P50(page).Above(time.Hour), `GET "/pa*" p50 > 1h`, false},
		{stampede.RateOf(page).AtLeast(0.001), `GET "/pa*" rate >= 0.001/s`, true},
		{stampede.RateOf().AtLeast(1e9), `rate >= 1000000000/s`, false},
	}
	plan := stampede.Plan{Test: stampede.Test{Users: shoppers(stampede.Task[shopper]{Do: (*shopper).Browse})}, Host: srv.URL, Users: stampede.Level(2), Iterations: 40}
	for _, r := range rules {
		plan.Thresholds = append(plan.Thresholds, r.rule)
	}
	rep := run(t, plan)
	for i, r := range rules {
		if got := rep.Thresholds[i]; got.Passed != r.pass || !got.Judged {
			t.Errorf("%s: %+v", r.text, got)
		}
		again := stampede.ParseThreshold(r.rule.String())
		if again.String() != r.rule.String() || !strings.Contains(r.rule.String(), strings.Fields(r.text)[len(strings.Fields(r.text))-2]) {
			t.Errorf("%s is written %s", r.text, r.rule)
		}
	}
}

type account struct {
	Email string
	Age   int
	Score float64 `csv:"the score" json:"score"`
}

// Rows of every kind of file, in turn over all users.
func TestFeedersInTurn(t *testing.T) {
	files := fstest.MapFS{
		"lines.json": {Data: []byte("{\"Email\":\"a\",\"Age\":1}\n{\"Email\":\"b\",\"Age\":2}\n{\"Email\":\"c\"}\n")},
		"mark.json":  {Data: []byte("\ufeff{\"Email\":\"a\"}{\"Email\":\"b\"}\n\n{\"Email\":\"c\"}")},
		"array.json": {Data: []byte("[{\"Email\":\"a\"},{\"Email\":\"b\"},\n{\"Email\":\"c\"}]")},
		"wrong.json": {Data: []byte("{\"Email\":\"a\"}\n{\"Email\":3}\n")},
		"none.json":  {Data: []byte("\n")},
		"excel.csv":  {Data: []byte("\ufeff\"Email\";\"Age\";\"the score\"\r\n\"a\";\"1\";\"1,5\"\r\nb;2;2\r\nc;3;3,25\r\n;;\r\n")},
		"packed.csv": {Data: []byte("PK\x03\x04 and so on")},
	}
	for _, name := range []string{"lines.json", "mark.json", "array.json"} {
		f, err := stampede.JSONLines[account](files, name)
		if err != nil || f.Len() != 3 {
			t.Fatalf("%s: %v", name, err)
		}
		var mu sync.Mutex
		seen := map[string]int{}
		rep := once(t, echo, func(s *shopper, _ context.Context) error {
			for range 7 {
				mu.Lock()
				seen[f.Next(s).Email]++
				mu.Unlock()
			}
			return nil
		})
		if fmt.Sprint(seen) != "map[a:3 b:2 c:2]" || rep.Died != 0 {
			t.Errorf("%s: %v", name, seen)
		}
	}
	for name, want := range map[string]string{"wrong.json": "value 2", "none.json": "no rows", "gone.json": "there is no file"} {
		if _, err := stampede.JSONLines[account](files, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := stampede.CSV[account](files, "excel.csv")
	if err != nil || f.Len() != 3 {
		t.Fatal(err)
	}
	maps, err := stampede.CSV[map[string]string](files, "excel.csv")
	if err != nil || maps.Len() != 3 {
		t.Fatal(err)
	}
	once(t, echo, func(s *shopper, _ context.Context) error {
		if a := f.Next(s); a != (account{"a", 1, 1.5}) {
			t.Errorf("%+v", a)
		}
		if m := maps.Next(s); fmt.Sprint(m) != "map[Age:1 Email:a the score:1,5]" {
			t.Errorf("%v", m)
		}
		return nil
	})
	if _, err := stampede.CSV[account](files, "packed.csv"); err == nil || !strings.Contains(err.Error(), "save it as CSV") {
		t.Error(err)
	}
}

// A request without cookies sends none and keeps none.
func TestWithoutCookies(t *testing.T) {
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: strings.Trim(r.URL.Path, "/"), Value: "1", Path: "/"})
		fmt.Fprint(w, r.Header.Get("Cookie"))
	})
	var got []string
	once(t, site, func(s *shopper, ctx context.Context) error {
		for _, path := range []string{"/a", "/b", "/c"} {
			var opts []stampede.Option
			if path == "/b" {
				opts = append(opts, stampede.WithoutCookies())
			}
			r, err := s.Get(ctx, path, opts...)
			if err != nil {
				return err
			}
			got = append(got, r.Text())
		}
		return nil
	})
	if fmt.Sprintf("%q", got) != `["" "" "a=1"]` {
		t.Errorf("sent %q", got)
	}
}

// Answers and texts that are larger than anybody wants them cost no more than what is shown.
func TestLongTexts(t *testing.T) {
	const long = 10 << 20
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"a":`, strings.Repeat("1", long), "}")
	}))
	defer srv.Close()
	rep := once(t, echo, func(s *shopper, ctx context.Context) error {
		var number struct{ A int8 }
		if r, err := s.Get(ctx, srv.URL, stampede.Name("number")); err != nil || len(r.JSON(&number).Error()) > 1000 {
			t.Errorf("%v, or the error of a long number is long too", err)
		}
		s.Get(ctx, "/", stampede.Name("check"), stampede.Check(func(*stampede.Response) error { return fmt.Errorf("%s", strings.Repeat("é", long)) }))
		s.Get(ctx, "/", stampede.Name("panic"), stampede.Check(func(*stampede.Response) error { panic(strings.Repeat("x", long)) }))
		s.Record("SQL", "query", func() error { return fmt.Errorf("%s", strings.Repeat("y", long)) })
		return nil
	})
	for _, e := range rep.Whole.Errors {
		if len(e.Text) > 2<<10 {
			t.Errorf("%s: a text of %d bytes", e.Key.Name, len(e.Text))
		}
	}
	if len(rep.Whole.Errors) < 3 {
		t.Errorf("%d errors", len(rep.Whole.Errors))
	}
}
