package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// asProgram makes this test's binary one of the programs of the tests, in a process of its own.
const asProgram = "STAMPEDE_TEST_PROGRAM"

// TestMain makes this test's binary a worker where a script started one as a process of its own.
func TestMain(m *testing.M) {
	_, joins := os.LookupEnv("STAMPEDE_JOIN")
	_, plays := os.LookupEnv(asProgram)
	if len(os.Args) > 1 && (plays || joins && os.Args[1] == "worker") {
		if p, ok := programs()[filepath.Base(os.Args[0])]; ok {
			os.Exit(Main(context.Background(), p, Process()))
		}
	}
	os.Exit(m.Run())
}

// started is a program in a process of its own.
type started struct {
	t   *testing.T
	cmd *exec.Cmd
	out *bufio.Reader
	err lockedBuffer
}

// start starts one, with a home of its own. It is killed when the test is over.
func start(t *testing.T, dir string, env []string, args ...string) *started {
	t.Helper()
	s := &started{t: t, cmd: exec.Command(os.Args[0])}
	s.cmd.Args, s.cmd.Dir = append([]string{"fans"}, args...), dir
	s.cmd.Env = append([]string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), asProgram + "=1"}, env...)
	s.cmd.Stderr = &s.err
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.out = bufio.NewReader(out)
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // one that has gone is what we want
		_ = s.cmd.Wait()
		if t.Failed() {
			t.Logf("%v said: %s", s.cmd.Args, s.err.String())
		}
	})
	return s
}

// joinURL is what a controller prints first.
func (s *started) joinURL() string {
	s.t.Helper()
	line, err := s.out.ReadString('\n')
	if err != nil {
		s.t.Fatalf("%v: %s", err, s.err.String())
	}
	go func() { _, _ = io.Copy(io.Discard, s.out) }() // its pipe must not fill up
	return quoted(line)
}

// quoted is what stands between the single quotes of a line.
func quoted(line string) string {
	_, after, _ := strings.Cut(line, "'")
	url, _, _ := strings.Cut(after, "'")
	return url
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("that never came: %s", what)
		}
	}
}

// The workers of serve stay from run to run, and take the next test.
func TestStandingFleet(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	s := serveBeside(t, t.TempDir(), programs()["fans"], "serve", "--web", "127.0.0.1:0", "--fleet", "127.0.0.1:0")
	s.await(func(text string) bool { return strings.Contains(text, "fans worker --join '") })
	_, line, _ := strings.Cut(s.out.String(), "fans worker --join ")
	var problem json.RawMessage
	body := fmt.Sprintf(`{"users":4,"run-time":1.2,"host":"%s"}`, site.URL)
	if status := s.ask("POST", "/api/v1/runs", body, &problem); status/100 != 4 || !strings.Contains(string(problem), "no worker is there") {
		t.Errorf("without a worker: %d %s", status, problem)
	}
	var none struct {
		Standing bool
		Workers  []any
	}
	if s.ask("GET", "/api/v1/fleet", "", &none); !none.Standing || none.Workers == nil || len(none.Workers) != 0 {
		t.Errorf("a fleet that waits for workers: %+v", none)
	}
	var workers []*started
	for range 2 {
		workers = append(workers, start(t, t.TempDir(), []string{"STAMPEDE_JOIN=" + quoted(line), "STAMPEDE_COST=3600 a machine of ours"}, "worker"))
	}
	for range 2 {
		eventually(t, "two workers", func() bool { // also after a run: who is ready later joins, and this one is short
			var fleet struct{ Workers []struct{ State string } }
			s.ask("GET", "/api/v1/fleet", "", &fleet)
			return len(fleet.Workers) == 2 && fleet.Workers[0].State == "ready" && fleet.Workers[1].State == "ready"
		})
		var run struct{ ID string }
		eventually(t, "a run", func() bool { return s.ask("POST", "/api/v1/runs", body, &run) == 201 })
		eventually(t, "what each worker does", func() bool {
			var fleet struct {
				Workers []struct {
					State string
					Users int
					Sent  int64
				}
			}
			var status struct{ State string }
			s.ask("GET", "/api/v1/fleet", "", &fleet)
			s.ask("GET", "/api/v1/status", "", &status)
			return status.State == "done" || fleet.Workers[0].Users == 2 && fleet.Workers[1].Users == 2 && fleet.Workers[0].Sent > 0
		})
		s.untilState("done")
		var report struct {
			Sent    int64
			Workers []struct{ Sent int64 }
			Run     struct {
				Cost  float64 `json:"cost_usd"`
				Basis string  `json:"cost_basis"`
			}
		}
		eventually(t, "its report", func() bool { return s.ask("GET", "/api/v1/runs/"+run.ID+"/report.json", "", &report) == 200 })
		if len(report.Workers) != 2 || report.Workers[0].Sent == 0 || report.Workers[1].Sent == 0 || report.Workers[0].Sent+report.Workers[1].Sent != report.Sent {
			t.Errorf("%+v", report)
		}
		if report.Run.Cost < 2 || !strings.HasSuffix(report.Run.Basis, "at 7200 USD an hour: 2 x a machine of ours") { // each says what it costs, a dollar a second
			t.Errorf("the run came to %v USD: %s", report.Run.Cost, report.Run.Basis)
		}
	}
	if status := s.end(); status != 0 {
		t.Errorf("status %d", status)
	}
	for _, w := range workers {
		if err := w.cmd.Wait(); err != nil {
			t.Errorf("a worker that was let go: %v: %s", err, w.err.String())
		}
	}
}

// A controller that is killed can be started again: the run comes to its end with every second, and is in the ledger once and whole.
func TestResumeInTheLedger(t *testing.T) {
	t.Parallel()
	site := newSite()
	defer site.Close()
	dir := t.TempDir()
	at := fmt.Sprintf("127.0.0.1:%d", peer.FreePort(t)) // which it has to get again
	c := start(t, dir, nil, "run", "-H", site.URL, "--rate", "100/s", "-t", "7s", "--fleet", at, "--expect-workers", "2", "--plain", "--allow-invalid", "Guest")
	url := c.joinURL()
	for range 2 {
		start(t, t.TempDir(), []string{"STAMPEDE_JOIN=" + url}, "worker", "--quiet")
	}
	runs := filepath.Join(dir, ".cache", "stampede", "fleet", "runs")
	id := ""
	eventually(t, "a run that goes on", func() bool {
		entries, err := os.ReadDir(runs)
		if err != nil || len(entries) != 1 {
			return false
		}
		id = entries[0].Name()
		state, err := os.ReadFile(filepath.Join(runs, id, "state.json"))
		return err == nil && bytes.Contains(state, []byte(`"kind":"start"`))
	})
	time.Sleep(1500 * time.Millisecond) // some seconds of it are in the ledger
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
	var out lockedBuffer
	run := func(args ...string) int {
		return Main(context.Background(), programs()["fans"], System{
			Args: append([]string{"fans"}, args...), Environ: []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH")}, Dir: dir,
			In: strings.NewReader(""), Out: &out, Err: &out, Interrupts: make(chan os.Signal),
		})
	}
	file := filepath.Join(dir, "run.json")
	if status := run("run", "-H", site.URL, "--resume", id, "--plain", "--allow-invalid", "--json", file, "Guest"); status != 0 {
		t.Fatalf("status %d: %s", status, out.String())
	}
	var r struct {
		Run                 struct{ ID string }
		Planned, Sent, Lost int64
	}
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil || r.Run.ID != id || r.Planned != 700 || r.Sent != 700 || r.Lost != 0 {
		t.Errorf("%v, %+v", err, r)
	}
	out = lockedBuffer{}
	if status := run("runs", "list"); status != 0 || strings.Count(out.String(), id) != 1 {
		t.Errorf("status %d: %s", status, out.String())
	}
	out = lockedBuffer{}
	if status := run("runs", "show", id); status != 0 || !strings.Contains(out.String(), "700") || strings.Contains(out.String(), "INTERRUPTED") {
		t.Errorf("status %d: %s", status, out.String())
	}
}
