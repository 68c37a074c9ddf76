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

// child starts a program against a site and tells when the site was first asked.
func child(t *testing.T, handler http.HandlerFunc, args ...string) (cmd *exec.Cmd, asked <-chan struct{}, out *listener) {
	t.Helper()
	first := make(chan struct{}, 1)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case first <- struct{}{}:
		default:
		}
		handler(w, r)
	}))
	t.Cleanup(site.Close)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, os.Args[0], append(args, "-H", site.URL)...)
	cmd.Env = append(os.Environ(), childVariable+"=1", "STAMPEDE_NO_RECORD=true")
	out = &listener{stopping: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, first, out
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

func status(cmd *exec.Cmd) int {
	if err := cmd.Wait(); err != nil && cmd.ProcessState == nil {
		return -1
	}
	return cmd.ProcessState.ExitCode()
}

// A real signal stops a real process in an orderly way, and its files are whole.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "run.json")
			cmd, asked, out := child(t, page, "run", "-u", "2", "-t", "1h", "--json", file)
			<-asked
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if got := status(cmd); got != 130 || !strings.Contains(out.String(), "INTERRUPTED: ") {
				t.Errorf("status %d\n%s", got, out)
			}
			whole(t, file)
		})
	}
}

// The second signal ends a run whose tasks would go on for an hour; it still writes its files.
func TestSecondSignalEndsNow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	cmd, asked, out := child(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"run", "-u", "2", "-t", "1h", "--stop-timeout", "1h", "--timeout", "1h", "--json", file)
	<-asked
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	<-out.stopping // two signals of a kind at once would be one
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if got := status(cmd); got != 130 {
		t.Errorf("status %d\n%s", got, out)
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
	cmd, _, out := child(t, page, "run", "--iterations", "3", "--allow-invalid")
	if got := status(cmd); got != 0 {
		t.Errorf("status %d\n%s", got, out)
	}
	cmd, _, out = child(t, page, "run", "-u", "0")
	if got := status(cmd); got != 2 || !strings.Contains(out.String(), "--users 0") {
		t.Errorf("status %d\n%s", got, out)
	}
}
