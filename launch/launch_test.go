//go:build unix

package launch

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// childVariable makes this test's binary the program of a test.
const childVariable = "LAUNCH_TEST_CHILD"

type visitor struct{ stampede.HTTPUser }

func (v *visitor) Home(ctx context.Context) error {
	_, err := v.Get(ctx, "/")
	return err
}

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		Main(stampede.Test{Name: "child", Users: []stampede.UserType{
			stampede.Users(stampede.Spec[visitor]{Wait: stampede.Constant(20 * time.Millisecond), Tasks: []stampede.Task[visitor]{{Do: (*visitor).Home}}}),
		}})
	}
	os.Exit(m.Run())
}

// program is a process under test, and the site that it asks.
type program struct {
	cmd   *exec.Cmd
	asked chan struct{} // gets a value when the site is asked
	out   *listener
	ended chan struct{} // closed when the process is gone and out is complete
}

// child starts a program against a site. It is killed after a minute, so that a program that hangs fails its test and does not hold it.
func child(t *testing.T, handler http.HandlerFunc, args ...string) *program {
	t.Helper()
	p := &program{asked: make(chan struct{}, 1), out: &listener{stopping: make(chan struct{})}, ended: make(chan struct{})}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.asked <- struct{}{}:
		default:
		}
		handler(w, r)
	}))
	t.Cleanup(site.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	p.cmd = exec.CommandContext(ctx, os.Args[0], append(args, "-H", site.URL)...)
	p.cmd.Env = append(os.Environ(), childVariable+"=1", "STAMPEDE_NO_RECORD=true")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // the exit status is in ProcessState
	}()
	t.Cleanup(func() { // also when the test fails before the program has ended
		cancel()
		<-p.ended
	})
	return p
}

// until waits for something that the program does before it ends.
func (p *program) until(t *testing.T, happened <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-happened:
	case <-p.ended:
		t.Fatalf("the program ended, status %d, before %s\n%s", p.cmd.ProcessState.ExitCode(), what, p.out)
	}
}

// signal sends a signal to the program.
func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// status waits for the end of the program.
func (p *program) status() int {
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// listener keeps what a program says, and tells when it says that it is stopping.
type listener struct {
	said     bytes.Buffer
	stopping chan struct{}
	told     bool
}

// String is what was said; it is complete when the program has ended.
func (l *listener) String() string { return l.said.String() }

func (l *listener) Write(b []byte) (int, error) {
	n, err := l.said.Write(b)
	if !l.told && strings.Contains(l.String(), "stopping: ") {
		l.told = true
		close(l.stopping)
	}
	return n, err
}

func page(http.ResponseWriter, *http.Request) {}

// A real signal stops a real process in an orderly way, and its files are whole.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "run.json")
			p := child(t, page, "run", "-u", "2", "-t", "1h", "--json", file)
			p.until(t, p.asked, "it asked the site")
			p.signal(t, signal)
			if got := p.status(); got != 130 || !strings.Contains(p.out.String(), "INTERRUPTED: ") {
				t.Errorf("status %d\n%s", got, p.out)
			}
			whole(t, file)
		})
	}
}

// The second signal ends a run whose tasks would go on for an hour; it still writes its files.
func TestSecondSignalEndsNow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	p := child(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"run", "-u", "2", "-t", "1h", "--stop-timeout", "1h", "--timeout", "1h", "--json", file)
	p.until(t, p.asked, "it asked the site")
	p.signal(t, syscall.SIGINT)
	p.until(t, p.out.stopping, "it said that it is stopping") // two signals of a kind at once would be one
	p.signal(t, syscall.SIGINT)
	if got := p.status(); got != 130 {
		t.Errorf("status %d\n%s", got, p.out)
	}
	whole(t, file)
}

func whole(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	var result struct{ Run struct{ Interrupted bool } }
	if err != nil || json.Unmarshal(b, &result) != nil || !result.Run.Interrupted {
		t.Errorf("%s: %v\n%s", file, err, b)
	}
}

func TestStatusOfAProcess(t *testing.T) {
	p := child(t, page, "run", "--iterations", "3", "--allow-invalid")
	if got := p.status(); got != 0 {
		t.Errorf("status %d\n%s", got, p.out)
	}
	p = child(t, page, "run", "-u", "0")
	if got := p.status(); got != 2 || !strings.Contains(p.out.String(), "--users 0") {
		t.Errorf("status %d\n%s", got, p.out)
	}
}
