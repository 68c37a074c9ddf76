package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fleet"
)

// served is a program that goes on beside a test.
type served struct {
	t          *testing.T
	url        string
	out        lockedBuffer
	interrupts chan os.Signal
	status     chan int
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serveBeside runs a command line until its page is open.
func serveBeside(t *testing.T, dir string, program Program, args ...string) *served {
	t.Helper()
	s := &served{t: t, interrupts: make(chan os.Signal, 2), status: make(chan int, 1)}
	go func() {
		s.status <- Main(context.Background(), program, System{
			Args: append([]string{"fans"}, args...), Environ: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}, Dir: dir,
			In: strings.NewReader(""), Out: &s.out, Err: &s.out, Interrupts: s.interrupts,
		})
	}()
	found := regexp.MustCompile(`the page is at (http://\S+?)/\s`)
	s.await(func(text string) bool {
		m := found.FindStringSubmatch(text + " ")
		if m != nil {
			s.url = m[1]
		}
		return m != nil
	})
	return s
}

// await waits until what was printed is so.
func (s *served) await(is func(string) bool) {
	s.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if is(s.out.String()) {
			return
		}
	}
	s.t.Fatalf("that never came; it said %s", s.out.String())
}

// end presses Ctrl-C and gives the exit status.
func (s *served) end() int {
	s.t.Helper()
	s.interrupts <- os.Interrupt
	select {
	case status := <-s.status:
		return status
	case <-time.After(2 * time.Minute):
		s.t.Fatalf("it does not end; it said %s", s.out.String())
		return -1
	}
}

// ask sends JSON and reads JSON.
func (s *served) ask(method, path, body string, into any) int {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("X-Stampede-Who", "Ann")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if into != nil {
		if err := json.Unmarshal(text, into); err != nil {
			s.t.Fatalf("%s %s: %d %s", method, path, resp.StatusCode, text)
		}
	}
	return resp.StatusCode
}

// untilState waits for a state of what goes on.
func (s *served) untilState(want string) {
	s.t.Helper()
	var status struct{ State string }
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if s.ask("GET", "/api/v1/status", "", &status); status.State == want {
			return
		}
	}
	s.t.Fatalf("the state is %q and never %q", status.State, want)
}

// A test without a command serves its page: runs are started from it, recorded, compared, annotated and listed.
func TestServe(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	s := serveBeside(t, t.TempDir(), programs()["fans"], "serve", "--web", "127.0.0.1:0")
	var test struct {
		Name     string
		Hash     string
		CanStart bool `json:"can_start"`
		Settings []struct{ Key, Value string }
	}
	s.ask("GET", "/api/v1/test", "", &test)
	if test.Name == "" || len(test.Hash) != 16 || !test.CanStart || len(test.Settings) < 20 {
		t.Errorf("the test: %+v", test)
	}
	for _, c := range []struct{ body, want string }{
		{`{"users":"many"}`, "body.users"},
		{`{"user":5}`, "did you mean users?"},
		{`{"csv":"/tmp/x"}`, "this is for the command line"},
		{`{"ledger":"/tmp/x"}`, "this is for the command line"},
		{`{"users":5,"rate":5}`, "--users and --rate contradict each other"},
		{`{"users":5,"thresholds":["p95 <"]}`, "body.thresholds"},
		{`{"users":5,"spawn-rate":-1}`, "body.spawn-rate"},
		{`{"users":5,"run-time":"soon","host":"nowhere at all"}`, "body.run-time"},
	} {
		var problem json.RawMessage
		if status := s.ask("POST", "/api/v1/runs", c.body, &problem); status != 422 || !strings.Contains(string(problem), c.want) {
			t.Errorf("%s: %d %s", c.body, status, problem)
		}
		var plan json.RawMessage
		if status := s.ask("POST", "/api/v1/plan", c.body, &plan); status != 200 || !strings.Contains(string(plan), `"message"`) {
			t.Errorf("plan %s: %d %s", c.body, status, plan)
		}
	}
	var ids [2]string
	for i := range ids {
		var started struct{ ID string }
		if status := s.ask("POST", "/api/v1/runs", `{"users":3,"run-time":1.2,"host":"`+site.URL+`","changes":"number `+string(rune('1'+i))+`","thresholds":"p95 < 5s\nfailures < 50%"}`, &started); status != 201 {
			t.Fatalf("start: %d; it said %s", status, s.out.String())
		}
		ids[i] = started.ID
		s.untilState("done")
	}
	s.await(func(text string) bool { return strings.Count(text, "run "+ids[1]) == 2 })
	var listed struct {
		Runs []struct {
			ID, Changes, State string
			Thresholds         int
		}
	}
	s.ask("GET", "/api/v1/runs", "", &listed)
	if len(listed.Runs) != 2 || listed.Runs[0].ID != ids[1] || listed.Runs[1].Changes != "number 1" || listed.Runs[0].State != "done" || listed.Runs[0].Thresholds != 2 {
		t.Errorf("the ledger: %+v", listed)
	}
	var edited struct {
		Notes string
		Tags  []string
	}
	s.ask("PATCH", "/api/v1/runs/"+ids[0], `{"notes":"the cache was cold","tags":["tour","cold"]}`, nil)
	s.ask("PATCH", "/api/v1/runs/"+ids[0], `{"tags":["tour"]}`, &edited)
	if edited.Notes != "the cache was cold" || len(edited.Tags) != 1 || edited.Tags[0] != "tour" {
		t.Errorf("edited: %+v", edited)
	}
	if status := s.ask("PATCH", "/api/v1/runs/"+ids[0], `{"notes":"mine","was_notes":"something else"}`, nil); status != 409 {
		t.Errorf("notes that somebody else changed: %d", status)
	}
	var found struct {
		Comparison json.RawMessage
		Runs       []any
	}
	if status := s.ask("GET", "/api/v1/compare?page=1&before="+ids[0]+"&now="+ids[1], "", &found); status != 200 || len(found.Runs) != 2 || len(found.Comparison) < 10 {
		t.Errorf("compared: %d %d runs", status, len(found.Runs))
	}
	for path, want := range map[string]int{
		"/api/v1/runs/" + ids[0] + "/seconds?names=*": 200, "/api/v1/runs/" + ids[0] + "/report.xlsx": 200, "/api/v1/runs/" + ids[0] + "/stats.csv": 200,
		"/api/v1/runs.xlsx": 200, "/api/v1/runs.csv": 200, "/api/v1/runs/none": 404, "/api/v1/trend?run=last": 409, "/": 200, "/healthz": 200, "/api/openapi.json": 200,
	} {
		if status := s.ask("GET", path, "", nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if status := s.ask("DELETE", "/api/v1/runs/"+ids[0], "", nil); status != 204 {
		t.Errorf("delete: %d", status)
	}
	var started struct{ ID string }
	s.ask("POST", "/api/v1/runs", `{"users":2,"host":"`+site.URL+`"}`, &started)
	if status := s.end(); status != 0 { // with a run going on, which comes to its end first
		t.Errorf("the status is %d", status)
	}
	if text := s.out.String(); !strings.Contains(text, "run "+started.ID+" INTERRUPTED") || !strings.Contains(text, "started by Ann") {
		t.Errorf("it said %s", text)
	}
}

// A page whose address is taken is a mistake in plain words, with the status of one.
func TestServeWhereSomethingListens(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	status, said := fans(t, dir, []string{"HOME=" + dir}, "serve", "--web", l.Addr().String())
	if status != statusUsage || !strings.Contains(said, "nothing can listen there") || strings.Contains(said, "mistakes") {
		t.Errorf("it ends with %d: %s", status, said)
	}
}

// A run of the terminal shows the page while it goes on, and with --stay afterwards.
func TestRunWithThePage(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	s := serveBeside(t, t.TempDir(), programs()["fans"], "run", "--web", "127.0.0.1:0", "--stay", "--allow-invalid", "-u", "2", "-H", site.URL, "--web-base-path", "/load")
	s.untilState("running")
	select { // a run in which nothing was measured is no success
	case <-site.asked:
	case <-time.After(2 * time.Minute):
		t.Fatal("the site was never asked for anything")
	}
	if status := s.ask("POST", "/api/v1/runs", `{"users":1}`, nil); status != 409 {
		t.Errorf("a second run from the page: %d", status)
	}
	if status := s.ask("POST", "/api/v1/runs/current/stop", "", nil); status != 200 {
		t.Errorf("stop: %d", status)
	}
	s.await(func(text string) bool { return strings.Contains(text, "the page stays at") })
	if status := s.ask("GET", "/api/v1/runs/last/page", "", nil); status != 200 {
		t.Errorf("the page afterwards: %d", status)
	}
	if !strings.HasSuffix(s.url, "/load") {
		t.Errorf("the page is at %s", s.url)
	}
	if status := s.end(); status != 0 || !strings.Contains(s.out.String(), "PASSED") {
		t.Errorf("status %d; it said %s", status, s.out.String())
	}
}

// What is never to be asked is refused by the API too, which cannot change the rule; a target can be chosen there.
func TestServeKeepsTheFence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	site := newSite()
	defer site.Close()
	settings := "host: https://www.example.org\nhosts:\n  here: " + site.URL + "\n  never: [www.example.org, elsewhere.example]\n"
	if err := os.WriteFile(dir+"/stampede.yaml", []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0")
	var problem struct{ Detail string }
	for body, want := range map[string]string{
		`{"users":1,"iterations":1}`:                                              "www.example.org is never to be asked",
		`{"host":"http://elsewhere.example","iterations":1}`:                      "elsewhere.example is never to be asked",
		`{"hosts":["never=a.example"],"iterations":1}`:                            "hosts: this is for the command line",
		`{"target":"there","iterations":1}`:                                       "has no such target",
		`{"target":"here","host":"http://127.0.0.1:1","iterations":1}`:            "contradict each other",
		`{"target":"here","allow-host":["elsewhere.example"],"iterations":1}`:     "elsewhere.example is never to be asked",
		`{"target":"here","allow-host":["*.elsewhere.example"],"host":"x","t":1}`: "no setting has that name",
	} {
		if status := s.ask("POST", "/api/v1/runs", body, &problem); status != http.StatusUnprocessableEntity || !strings.Contains(problem.Detail, want) {
			t.Errorf("%s: %d %s, want %s", body, status, problem.Detail, want)
		}
	}
	var started struct{ ID string }
	if status := s.ask("POST", "/api/v1/runs", `{"target":"here","iterations":1}`, &started); status != http.StatusCreated {
		t.Fatalf("the target cannot be asked: %d; %s", status, s.out.String())
	}
	s.await(func(text string) bool {
		return strings.Contains(text, "run "+started.ID+" PASSED") || strings.Contains(text, "INVALID")
	})
	s.end()
}

// A worker does not ask what the stampede.yaml of its own folder forbids, whatever its controller wants.
func TestWorkerKeepsItsFence(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/stampede.yaml", []byte("hosts: {never: [www.example.org]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	fans := programs()["fans"]
	a := &app{Program: fans, own: ownFlags(fans), System: System{Args: []string{"fans"}, Dir: dir, Environ: []string{"HOME=" + dir}}}
	for host, forbidden := range map[string]bool{"https://www.example.org": true, "https://staging.example.org": false} {
		carried, err := (&stampede.Plan{Test: *fans.Test, Host: host}).Carry()
		if err != nil {
			t.Fatal(err)
		}
		plan, _, err := a.jobPlan(t.Context(), &fleet.Job{Command: "run", Plan: carried}, t.TempDir())
		if (err != nil) != forbidden || forbidden && !strings.Contains(err.Error(), "never to be asked") {
			t.Errorf("%s: %v", host, err)
		}
		if !forbidden && len(plan.HTTP.Never) != 1 {
			t.Errorf("the rule is lost: %v", plan.HTTP.Never)
		}
	}
}
