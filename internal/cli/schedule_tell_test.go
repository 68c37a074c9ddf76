package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/notify"
	"github.com/stampede-load/stampede/internal/schedule/nights"
)

func TestNews(t *testing.T) {
	due := time.Date(2026, 11, 2, 1, 30, 0, 0, time.UTC)
	turn := func(state ledger.TurnState, words string) *ledger.Turn {
		return &ledger.Turn{Schedule: "nightly", Due: due, State: state, Words: words, Run: "r"}
	}
	p95, p50 := nights.Figure{Kind: nights.P95, Name: "Log In"}, nights.Figure{Kind: nights.P50, Name: "Log In"}
	alarm := func(f nights.Figure) nights.Alarm {
		return nights.Alarm{Figure: f, Change: 0.38, Since: due, Nights: 2, With: "cache off"}
	}
	stands := nights.Judgement{Level: nights.Regressed, Alarms: []nights.Alarm{alarm(p95)}}
	for what, tt := range map[string]struct {
		was, is *ledger.Turn
		judged  []nights.Judgement
		want    string
	}{
		"all is well":              {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "PASSED: b"), []nights.Judgement{{Level: nights.Same}, {Level: nights.Same}}, ""},
		"the first of all":         {nil, turn(ledger.TurnRan, "PASSED: a"), []nights.Judgement{{Level: nights.Inconclusive}}, ""},
		"a regression":             {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "PASSED: b"), []nights.Judgement{{Level: nights.Inconclusive}, stands}, "regression p95 of Log In +38 % since 'cache off' (2026-11-02), 2 nights"},
		"it stands":                {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "PASSED: b"), []nights.Judgement{stands, stands}, ""},
		"another one":              {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "PASSED: b"), []nights.Judgement{stands, {Alarms: []nights.Alarm{alarm(p95), alarm(p50)}}}, "regression p50 of Log In +38 % since 'cache off' (2026-11-02), 2 nights"},
		"recovered":                {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "PASSED: b"), []nights.Judgement{stands, {Level: nights.Same, Recovered: []nights.Alarm{alarm(p95)}}}, "recovery p95 of Log In is as it was before 2026-11-02"},
		"a threshold":              {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "FAILED: p95 < 1s"), nil, "regression FAILED: p95 < 1s"},
		"the threshold again":      {turn(ledger.TurnRan, "FAILED: a"), turn(ledger.TurnRan, "FAILED: p95 < 1s"), nil, ""},
		"the threshold holds":      {turn(ledger.TurnRan, "FAILED: a"), turn(ledger.TurnRan, "PASSED: b"), nil, "recovery PASSED: b"},
		"skipped":                  {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnSkipped, "503"), nil, "failure was skipped: 503"},
		"skipped again":            {turn(ledger.TurnSkipped, "503"), turn(ledger.TurnFailed, "reset"), nil, ""},
		"the first one fails":      {nil, turn(ledger.TurnFailed, "reset"), nil, "failure failed: reset"},
		"the generator was late":   {turn(ledger.TurnRan, "PASSED: a"), turn(ledger.TurnRan, "INVALID: late"), []nights.Judgement{{}, {Level: nights.Invalid}}, "failure is over: INVALID: late"},
		"made again":               {turn(ledger.TurnMissed, "away"), turn(ledger.TurnRan, "PASSED: a"), nil, "recovery runs are made again: PASSED: a"},
		"made again, and it fails": {turn(ledger.TurnMissed, "away"), turn(ledger.TurnRan, "FAILED: a"), nil, "regression runs are made again: FAILED: a"},
	} {
		var got []string
		for _, m := range newsOf(tt.was, tt.is, tt.judged) {
			text := m.Text
			if rest, found := strings.CutPrefix(text, "the run of "+clock(due)+" "); found {
				text = rest
			}
			got = append(got, string(m.Event)+" "+text)
		}
		if text := strings.Join(got, "\n"); text != tt.want {
			t.Errorf("%s: told %q, want %q", what, text, tt.want)
		}
	}
}

func TestBefore(t *testing.T) {
	missed := ledger.Turn{State: ledger.TurnMissed, Words: stillWentOn}
	turns := []ledger.Turn{{Number: 1}, {Number: 2}, {Number: 3, Again: true}, {Number: 4, Again: true}, {Number: 5}, missed, {Number: 7}, missed, {Number: 9}, {Number: 10, Again: true}, missed, {Number: 12}, {Number: 13}, missed}
	for i := range turns {
		turns[i].Number = int64(i + 1)
	}
	for n, again := range map[int64]bool{6: false, 8: true, 11: true, 14: false} { // people are told of the first of them
		if got := overlapsAgain(turns, &turns[n-1]); got != again {
			t.Errorf("%d overlaps again: %v", n, got)
		}
	}
	for n, want := range map[int64]int64{1: 0, 2: 1, 3: 1, 4: 1, 5: 4, 6: 5, 7: 5, 8: 7, 9: 7, 10: 7, 12: 10, 13: 12} {
		got := before(turns, &turns[n-1])
		if got == nil && want != 0 || got != nil && got.Number != want {
			t.Errorf("before %d is %+v, want %d", n, got, want)
		}
	}
}

// serve tells once that runs are not made, and once that they are again.
func TestPeopleAreTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	front, sick := ailingSite(t)
	sick.Store(true)
	for name, text := range map[string]string{
		"tell.sh": "#!/bin/sh\ncat >> told.json\n", "stampede.yaml": "notify: ['command:./tell.sh']\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--ledger", "ledger.db")
	nightly := `{"name":"nightly","cron":"30 2 * * *","busy":true,"repeat_when_unsure":2,"settings":{"host":"` + front + `","users":2,"iterations":4,"tags":["quick"]}}`
	if status := s.ask("POST", "/api/v1/schedules", nightly, new(any)); status != http.StatusCreated {
		t.Fatalf("it is not taken: %d, %s", status, s.out.String())
	}
	turns := func(n int) {
		t.Helper()
		if status := s.ask("POST", "/api/v1/schedules/nightly/run", "", new(any)); status != http.StatusOK {
			t.Fatalf("it cannot be asked for: %d", status)
		}
		for range 6000 {
			if one := s.scheduled(); len(one.Turns) >= n && one.Turns[len(one.Turns)-1].Ended != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("turn %d never came: %s", n, s.out.String())
	}
	turns(1)
	turns(2)
	if one := s.scheduled(); one.Repeats != 2 || one.Turns[1].State != "skipped" {
		t.Errorf("%+v", one)
	}
	sick.Store(false)
	turns(3)
	s.end() // waits for messages that are on their way
	text, err := os.ReadFile(filepath.Join(dir, "told.json"))
	if err != nil {
		t.Fatal(err, s.out.String())
	}
	d := json.NewDecoder(bytes.NewReader(text))
	var events []string
	for {
		var m notify.Message
		if d.Decode(&m) != nil {
			break
		}
		events = append(events, string(m.Event))
	}
	if got := strings.Join(events, " "); !strings.HasPrefix(got, "failure recovery") && got != "failure" || strings.Count(got, "failure") != 1 {
		t.Errorf("people were told of %q: %s", got, text)
	}
}

// A run that leaves its night open is made again at once, as often as was said and not more; people are told once.
func TestUnsureRunsAreMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := newSite()
	defer site.Close()
	if err := os.WriteFile(filepath.Join(dir, "tell.sh"), []byte("#!/bin/sh\ncat >> told.json\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--ledger", "ledger.db", "--notify", "command:./tell.sh")
	invalid := `{"name":"nightly","cron":"30 2 * * *","busy":true,"repeat_when_unsure":2,"settings":` +
		`{"host":"` + site.URL + `","rate":"20000/s","max-users":2,"run-time":"1s","stop-timeout":"0","tags":["slow"]}}`
	var problem struct{ Detail string }
	if status := s.ask("POST", "/api/v1/schedules", invalid, &problem); status != http.StatusCreated {
		t.Fatalf("it is not taken: %d %s", status, problem.Detail)
	}
	if status := s.ask("POST", "/api/v1/schedules/nightly/run", "", new(any)); status != http.StatusOK {
		t.Fatalf("it cannot be asked for: %d", status)
	}
	s.await(func(text string) bool { return strings.Count(text, " is over: INVALID") == 3 })
	s.await(func(text string) bool { return strings.Contains(text, "run again (2 of at most 2)") })
	turns := s.scheduled().Turns
	s.end()
	if len(turns) != 3 || turns[0].Again || !turns[1].Again || !turns[2].Again || turns[2].Run == turns[1].Run {
		t.Errorf("the turns are %+v", turns)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "told.json")); err != nil || strings.Count(string(text), `"event":"failure"`) != 1 {
		t.Errorf("people were told %s (%v)", text, err)
	}
}
