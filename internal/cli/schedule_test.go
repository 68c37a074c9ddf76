package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/schedule/nights"
)

// scheduled gives what the API says of the one schedule.
func (s *served) scheduled() console.Schedule {
	s.t.Helper()
	var all struct{ Schedules []console.Schedule }
	if status := s.ask("GET", "/api/v1/schedules", "", &all); status != http.StatusOK || len(all.Schedules) != 1 {
		s.t.Fatalf("%d: %+v", status, all)
	}
	return all.Schedules[0]
}

// ailingSite is a site that answers 503 while it is sick.
func ailingSite(t *testing.T) (url string, sick *atomic.Bool) {
	sick = &atomic.Bool{}
	site := newSite()
	t.Cleanup(site.Close)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if sick.Load() {
			http.Error(w, "down for maintenance", http.StatusServiceUnavailable)
			return
		}
		site.Config.Handler.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL, sick
}

// One run of a schedule by the API, from adding it to what is in the ledger; then a target that is not well, and rules that are broken.
func TestScheduledRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	front, sick := ailingSite(t)
	if err := os.WriteFile(dir+"/stampede.yaml", []byte("hosts: {here: "+front+", never: [www.example.org]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--ledger", "ledger.db")
	defer s.end()
	var problem struct{ Detail string }
	for body, want := range map[string]string{
		`{"name":"n","cron":"61 2 * * *","settings":{"users":0}}`:                    "minute \"61\"",
		`{"name":"n","cron":"@daily","settings":{"host":"https://www.example.org"}}`: "never to be asked",
		`{"name":"n","cron":"@daily","settings":{"usres":1}}`:                        "did you mean users",
		`{"name":"n","cron":"@daily","settings":{"hosts":"never=a"}}`:                "this is for the command line",
		`{"name":"../n","cron":"@daily","tz":"Mars/Base","settings":{"target":"x"}}`: "is not known",
	} {
		if status := s.ask("POST", "/api/v1/schedules", body, &problem); status != http.StatusUnprocessableEntity || !strings.Contains(problem.Detail, want) {
			t.Errorf("%s: %d %s", body, status, problem.Detail)
		}
	}
	nightly := `{"name":"nightly","cron":"30 2 * * *","tz":"Europe/Berlin","busy":true,"settings":{"target":"here","users":2,"iterations":4,"tags":["quick"]}}`
	if status := s.ask("POST", "/api/v1/schedules", nightly, new(any)); status != http.StatusCreated {
		t.Fatalf("it is not taken: %d, %s", status, s.out.String())
	}
	if status := s.ask("POST", "/api/v1/schedules", nightly, &problem); status != http.StatusConflict {
		t.Errorf("twice: %d %s", status, problem.Detail)
	}
	if one := s.scheduled(); !one.On || one.Next == nil || one.Next.In(time.UTC).Minute() != 30 || len(one.Turns) != 0 {
		t.Errorf("it is kept as %+v", one)
	}
	run := func() {
		t.Helper()
		if status := s.ask("POST", "/api/v1/schedules/nightly/run", "", new(any)); status != http.StatusOK {
			t.Fatalf("it cannot be asked for: %d", status)
		}
	}
	run()
	s.await(func(text string) bool { return strings.Contains(text, " is over: ") })
	one := s.scheduled()
	if len(one.Turns) != 1 || one.Turns[0].State != "ran" || one.Turns[0].Ended == nil || !strings.Contains(one.Turns[0].Words, "2 users") {
		t.Errorf("the turn is %+v", one.Turns)
	}
	if out := s.out.String(); !strings.Contains(out, "run "+one.Turns[0].Run+" started by schedule nightly") {
		t.Errorf("it said %s", out)
	}
	var kept struct{ ID string }
	if status := s.ask("GET", "/api/v1/runs/"+one.Turns[0].Run, "", &kept); status != http.StatusOK {
		t.Errorf("the run is not in the ledger: %d", status)
	}
	sick.Store(true)
	run()
	s.await(func(text string) bool { return strings.Contains(text, "was skipped: the target is unhealthy: ") })
	if one := s.scheduled(); len(one.Turns) != 2 || one.Turns[1].State != "skipped" || one.Turns[1].Run != "" || !strings.Contains(one.Turns[1].Words, "503") {
		t.Errorf("the turns are %+v", one.Turns)
	}
	if one := s.scheduled(); len(one.Coming) < 34 || !one.Coming[0].Equal(*one.Next) {
		t.Errorf("what comes is %v, and next %v", one.Coming, one.Next)
	}
	ran := one.Turns[0].Run
	if status := s.ask("POST", "/api/v1/schedules/nightly/accept?run="+ran, "", new(any)); status != http.StatusOK || !s.scheduled().Turns[0].Accepted {
		t.Errorf("a level cannot be accepted: %d %+v", status, s.scheduled().Turns)
	}
	for path, want := range map[string]int{
		"nightly/off": 200, "nightly/on": 200, "nope/on": 404, "nightly/xylophone": 422, "nope/accept": 404, "nightly/accept": 409, "nightly/accept?run=x": 409,
	} {
		if status := s.ask("POST", "/api/v1/schedules/"+path, "", new(any)); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	if status := s.ask("DELETE", "/api/v1/schedules/nightly", "", new(any)); status != http.StatusOK {
		t.Errorf("it cannot be removed: %d", status)
	}
}

// A serve that is killed in the middle of a scheduled run: the next one says so, and goes on with what is due.
func TestServeKilledDuringAScheduledRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := newSite()
	defer site.Close()
	kept, err := ledger.Open(t.Context(), filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	now := time.Now()
	s := ledger.Schedule{
		Name: "nightly", Cron: "0 0 1 1 *", Settings: map[string][]string{"host": {site.URL}, "users": {"2"}, "run-time": {"10m"}, "tags": {"slow"}}, On: true, Busy: true,
		Created: now, Since: now.AddDate(-3, 0, 0), Asked: now,
	}
	if err := kept.AddSchedule(t.Context(), &s); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out lockedBuffer
	c := exec.Command(self, "serve", "--web", "127.0.0.1:0", "--ledger", "ledger.db")
	c.Args[0], c.Dir, c.Stdout, c.Stderr, c.Env = "fans", dir, &out, &out, append(os.Environ(), asProgram+"=1", "HOME="+dir)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, &out, func() bool {
		turns, err := kept.Turns(t.Context(), "nightly", 0)
		if err != nil || len(turns) == 0 || len(site.asked) == 0 {
			return false
		}
		last := turns[len(turns)-1]
		_, err = kept.Find(t.Context(), last.Run) // a run is known before it is in the ledger
		return err == nil && last.State == ledger.TurnRunning
	})
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ignore(c.Wait()) // it was killed
	if !strings.Contains(out.String(), "schedule nightly: missed 3 runs from ") && !strings.Contains(out.String(), "schedule nightly: missed 2 runs") {
		t.Errorf("what nobody was there for is not told: %s", out.String())
	}
	if err := kept.SwitchSchedule(t.Context(), "nightly", false, now); err != nil {
		t.Fatal(err)
	}
	again := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--ledger", "ledger.db")
	again.await(func(text string) bool {
		return strings.Contains(text, "schedule nightly: the run of ") && strings.Contains(text, " failed: it was cut off")
	})
	again.end()
	turns, err := kept.Turns(t.Context(), "nightly", 0)
	if err != nil || len(turns) != 2 || turns[1].State != ledger.TurnFailed || turns[0].State != ledger.TurnMissed {
		t.Fatalf("%v: %+v", err, turns)
	}
	if run, err := kept.Find(t.Context(), turns[1].Run); err != nil || run.State != ledger.Interrupted {
		t.Errorf("the run in the ledger: %v, %+v", err, run)
	}
}

// until waits until something is so.
func until(t *testing.T, out *lockedBuffer, is func() bool) {
	t.Helper()
	for range 6000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("that never came; it said %s", out.String())
}

// The table says when, in the zone of the schedule, and nothing in it moves the cursor.
func TestScheduleTable(t *testing.T) {
	due := time.Date(2026, 11, 2, 1, 30, 0, 0, time.UTC)
	all := []console.Schedule{{
		Name: "nightly", Cron: "30 2 * * *", Zone: "Europe/Berlin", Settings: map[string][]string{"users": {"500"}},
		Turns: []console.Turn{
			{Due: due.AddDate(0, 0, -1), State: "missed", Missed: 3, Words: "serve was not there"},
			{Due: due, State: "ran", Run: "20261102-023000-3f9a", Words: "PASSED: \x1b[31mred"},
		},
	}}
	got := scheduleTable(all, true)
	for _, want := range []string{"off", "Mon 2026-11-02 02:30 CET ran, run 20261102-023000-3f9a: PASSED", "Sun 2026-11-01 02:30 CET missed, 3 times: serve was not there", "users: 500"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") {
		t.Errorf("what a ledger holds moves the cursor: %q", got)
	}
	if text, err := json.Marshal(all); err != nil || !bytes.Contains(text, []byte(`"next":null`)) {
		t.Errorf("%v %s", err, text)
	}
}

// Nights are judged by what the ledger has of them: the figures of each name, those of one plan alone, and what was accepted.
func TestNightsOfALedger(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := newSite()
	defer site.Close()
	run := func(more ...string) {
		t.Helper()
		var out bytes.Buffer
		args := append([]string{"fans", "run", "-H", site.URL, "--iterations", "3", "--tags", "quick", "--ledger", "ledger.db", "--allow-invalid", "--plain"}, more...)
		if status := Main(t.Context(), programs()["fans"], System{Args: args, Environ: []string{"HOME=" + dir}, Dir: dir, In: strings.NewReader(""), Out: &out, Err: &out}); status != 0 {
			t.Fatalf("%d: %s", status, out.String())
		}
	}
	run("--changes", "cache off")
	run("-u", "2") // another plan
	run()
	kept, err := ledger.Open(t.Context(), filepath.Join(dir, "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	runs, err := kept.Runs(t.Context(), ledger.Filter{})
	if err != nil || len(runs) != 3 {
		t.Fatal(err, len(runs))
	}
	if err := kept.AddSchedule(t.Context(), &ledger.Schedule{Name: "nightly", Cron: "@daily"}); err != nil {
		t.Fatal(err)
	}
	var turns []ledger.Turn
	for i := range runs {
		one := ledger.Turn{Schedule: "nightly", Due: time.Unix(int64(i)*86400, 0).UTC(), Begun: time.Unix(1, 0), State: ledger.TurnRan, Run: runs[i].ID}
		if _, err := kept.BeginTurn(t.Context(), &one); err != nil {
			t.Fatal(err)
		}
		turns = append(turns, one)
	}
	plan := runs[2].PlanHash
	same, err := kept.Runs(t.Context(), ledger.Filter{Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	all, baseline, err := nightsOf(t.Context(), kept, turns, same, plan)
	if err != nil || baseline != nil || len(all) != 2 || all[0].Changes != "cache off" || all[1].Run != runs[2].ID {
		t.Fatalf("%v: %+v", err, all)
	}
	if v := all[0].Values[nights.Figure{Kind: nights.Failures, Name: "GET /"}]; v.Requests != 3 || v.Is != 0 || len(all[0].Values) != 1 {
		t.Errorf("the figures are %+v", all[0].Values)
	}
	judged, err := judgeNights(t.Context(), kept, "nightly")
	if j := lastOf(judged); err != nil || len(judged) != 2 || j.Level == nights.Same || j.Level == nights.Regressed {
		t.Errorf("%v: two nights are known to be %s", err, j.Words())
	}
	turns[1].Again, turns[2].Again = true, true // all of one night
	if all, _, err := nightsOf(t.Context(), kept, turns, same, plan); err != nil || len(all) != 1 || all[0].Values[nights.Figure{Kind: nights.Failures, Name: "GET /"}].Requests != 6 {
		t.Errorf("%v: pooled they are %+v", err, all)
	}
}

// A night whose first run is in the ledger no more is one of its own: its second run does not go to the night before.
func TestNightWithoutItsFirstRun(t *testing.T) {
	b, err := ledger.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	turns := []ledger.Turn{{Run: "a"}, {Run: "b", Again: true}, {Run: "gone"}, {Run: "c", Again: true}, {Run: "d", Again: true}}
	runs := make([]ledger.Run, 4)
	for i, id := range []string{"a", "b", "c", "d"} {
		runs[i].ID, runs[i].Number, runs[i].State = id, int64(i+1), ledger.Done
	}
	all, _, err := nightsOf(t.Context(), b, turns, runs, "plan")
	if err != nil || len(all) != 2 || all[0].Run != "a" || all[1].Run != "c" {
		t.Errorf("%v: the nights are %+v", err, all)
	}
}
