package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// runToEnd runs a command line to its end.
func runToEnd(dir string, program Program, env []string, args ...string) (status int, out string) {
	var b lockedBuffer
	status = Main(context.Background(), program, System{
		Args: append([]string{"fans"}, args...), Environ: append([]string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}, env...), Dir: dir,
		In: strings.NewReader(""), Out: &b, Err: &b,
	})
	return status, b.String()
}

// A run is carried out by a controller, and looks from here as if it had been here: lines, files, the exit status.
func TestRunOn(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	dir := t.TempDir()
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0", "--web-token", "a-long-token")
	env := []string{"STAMPEDE_TOKEN=a-long-token"}
	status, out := runToEnd(dir, programs()["fans"], env, "run", "--on", s.url, "-u", "3", "-t", "2s", "-H", site.URL, "--allow-invalid", "--threshold", "p95 < 1ns", "--json", "got.json", "--changes", "from afar")
	if status != 3 || !strings.Contains(out, "FAILED") || !strings.Contains(out, "at "+s.url) {
		t.Errorf("status %d: %s", status, out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "got.json")); err != nil || !strings.Contains(string(text), "from afar") {
		t.Errorf("the result: %v", err)
	}
	status, out = runToEnd(dir, programs()["fans"], append(env, "USER=Ann"), "run", "--on", s.url, "-u", "2", "-t", "1.5s", "-H", site.URL, "--csv", "got", "--csv-full-history",
		"--json", "guests.json", "--baseline", "last", "--allow-invalid", "Guest")
	if status != 0 && status != 4 || !strings.Contains(out, "against run ") {
		t.Errorf("status %d: %s", status, out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "guests.json")); err != nil || !strings.Contains(string(text), `"name":"/"`) || strings.Contains(string(text), `"/slow"`) {
		t.Errorf("of the type Guest alone: %v %.400s", err, text)
	}
	for file, begins := range map[string]string{
		"got_stats.csv": "Type,Name,Request Count", "got_stats_history.csv": "Timestamp,User Count", "got_failures.csv": "Method,Name,Error", "got_exceptions.csv": "Count,Message",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err != nil || !strings.HasPrefix(string(text), begins) {
			t.Errorf("%s: %v %.60s", file, err, text)
		}
	}
	if text, err := os.ReadFile(filepath.Join(dir, "got_stats_history.csv")); err != nil || !strings.Contains(string(text), ",GET,/,") {
		t.Errorf("the history by name: %v %s", err, text)
	}
	if !strings.Contains(s.out.String(), "started by Ann") {
		t.Errorf("who asked is not told: %s", s.out.String())
	}
	for _, c := range []struct {
		program string
		env     []string
		args    []string
		want    string
	}{
		{"fans", nil, nil, "STAMPEDE_TOKEN"},
		{"fans", []string{"STAMPEDE_TOKEN=wrong-token"}, nil, "a token is needed"},
		{"broken", env, nil, "another test stands there"},
		{"fans", env, []string{"-u", "3", "--host", "nowhere at all"}, "host"},
		{"fans", env, []string{"-H", site.URL, "Gest"}, `there is no user type "Gest"`},
		{"fans", env, []string{"-H", site.URL, "--baseline", "nothing-like-it"}, "--baseline nothing-like-it"},
		{"fans", append(env, "STAMPEDE_HOSTS=never=127.0.0.0/8"), []string{"-H", site.URL}, "127.0.0.1 is never to be asked"}, // the rules of who asks hold there too
		{"fans", append(env, "STAMPEDE_HOSTS=never=127.0.0.0/8"), []string{"-H", strings.Replace(site.URL, "127.0.0.1", "localhost", 1)}, "localhost, which is at 127.0.0.1, is never to be asked"},
		{"fans", env, []string{"-H", site.URL, "--baseline", "baseline?"}, "name a run there"},
		{"fans", env, []string{"--cacert", "/dev/null"}, "--cacert"},
		{"fans", env, []string{"--web"}, "--web does not go with --on"},
	} {
		status, out := runToEnd(dir, programs()[c.program], c.env, append([]string{"run", "--on", s.url}, c.args...)...)
		if status != statusUsage || !strings.Contains(out, c.want) {
			t.Errorf("%v: %d %s", c.args, status, out)
		}
	}
	if status, out := runToEnd(dir, programs()["fans"], env, "run", "--on", "http://127.0.0.1:1"); status != statusUsage || !strings.Contains(out, "--on http://127.0.0.1:1: it does not answer") {
		t.Errorf("nobody there: %d %s", status, out)
	}
	status, out = runToEnd(dir, programs()["fans"], env, "runs", "import", "--from", "http://127.0.0.1:1", "--yes", "--ledger", "other.db")
	if status == 0 || !strings.Contains(out, "--from http://127.0.0.1:1: it does not answer") {
		t.Errorf("nobody there to import from: %s", out)
	}
	s.end()
}

// A run of a controller as a dashboard here sees and changes it.
func TestDistantRun(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	s := serveBeside(t, t.TempDir(), programs()["fans"], "serve", "--web", "127.0.0.1:0", "--fleet", "127.0.0.1:0")
	s.await(func(text string) bool { return strings.Contains(text, "fans worker --join '") })
	_, line, _ := strings.Cut(s.out.String(), "fans worker --join ")
	start(t, t.TempDir(), []string{"STAMPEDE_JOIN=" + quoted(line)}, "worker", "--name", "one")
	r := &remote{url: s.url, who: "Ann"}
	var started struct{ ID string }
	eventually(t, "a run", func() bool {
		return r.ask(t.Context(), "POST", "/api/v1/runs", map[string]any{"users": 3, "host": site.URL}, &started) == nil
	})
	run := &distant{remote: r, id: started.ID, planned: time.Minute, done: make(chan struct{})}
	eventually(t, "a first look", func() bool { return run.look(t.Context()) == nil })
	go run.watch(t.Context())
	eventually(t, "users, a course, rows and a worker", func() bool {
		l := run.Live()
		return l.Users == 3 && len(l.History) >= 2 && len(l.Rows) > 0 && l.RecentAll.Count > 0 && l.State == "running" && l.Planned == time.Minute &&
			len(l.Workers) == 1 && l.Workers[0].Name == "one" && l.Workers[0].UsersNow == 3 && l.Workers[0].RateNow > 0
	})
	if err := run.SetUsers(5, 0); err != nil {
		t.Error(err)
	}
	if err := run.SetRate(5); err == nil {
		t.Error("a closed run took a rate")
	}
	eventually(t, "five users", func() bool { return run.Live().Users == 5 })
	run.Pause()
	eventually(t, "a pause", func() bool { return run.Live().State == "paused" })
	run.Resume()
	eventually(t, "that it goes on", func() bool { return run.Live().State == "running" })
	run.Stop(stoppedByPerson)
	<-run.Done()
	if run.report == nil || !run.report.Run.Interrupted || run.report.Judged.Total.Count == 0 || run.report.Series == nil {
		t.Fatalf("%v: %+v", run.wrong, run.report)
	}
	by := false
	for _, e := range run.report.Events {
		by = by || strings.Contains(e.Text, "users set to 5 (from 3), by Ann")
	}
	if !by {
		t.Errorf("%+v", run.report.Events)
	}
	s.end()
}

// Every block of docs/api.md does what it says.
func TestAPIDoc(t *testing.T) {
	t.Parallel()
	peer.Need(t, "curl", "curl", "--version")
	site := newSite()
	defer site.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "stampede.yaml"), []byte("host: "+site.URL+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveBeside(t, dir, programs()["fans"], "serve", "--web", "127.0.0.1:0")
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) < 8 {
		t.Fatalf("only %d blocks", len(blocks))
	}
	for _, b := range blocks {
		if strings.Contains(b[1], "runs/last/report") {
			s.untilState("done")
		}
		c := exec.Command("sh", "-ec", b[1])
		c.Env, c.Dir = append(os.Environ(), "URL="+s.url), dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s%v: %s", b[1], err, out)
		}
	}
	s.end()
}
