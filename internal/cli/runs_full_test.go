//go:build linux || darwin

package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fullDisk tells the test program to run a test against a site, with a disk that is full from the first request on.
const fullDisk = "STAMPEDE_CLI_TEST_FULL_DISK"

// TestFullDiskMidRun: a ledger that was named and could not be written is told next to the last line, and in the status.
func TestFullDiskMidRun(t *testing.T) {
	if where := os.Getenv(fullDisk); where != "" {
		runOnFullDisk(where)
		return
	}
	where := filepath.Join(t.TempDir(), "runs.db")
	c := exec.Command(os.Args[0], "-test.run=^TestFullDiskMidRun$")
	c.Env = append(os.Environ(), fullDisk+"="+where)
	out, err := c.CombinedOutput()
	text := string(out)
	at, last := strings.Index(text, "the run is not whole in the ledger"), strings.Index(text, "PASSED: ")
	if err != nil || !strings.Contains(text, "status 2") || at < 0 || last < at || strings.Count(text[at:last], "\n") > 3 {
		t.Errorf("%v\n%s", err, text)
	}
}

func runOnFullDisk(where string) {
	signal.Ignore(syscall.SIGXFSZ)
	s := newSite()
	defer s.Close()
	go func() {
		for range 20 {
			<-s.asked
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1, Max: 1}); err != nil {
			panic(err)
		}
	}()
	var out bytes.Buffer
	status := Main(context.Background(), programs()["fans"], System{
		Args:    []string{"fans", "run", "-H", s.URL, "-u", "2", "-t", "3s", "--ledger", where, "--allow-invalid", "--plain"},
		Environ: os.Environ(), In: strings.NewReader(""), Out: &out, Err: &out,
	})
	fmt.Printf("%s\nstatus %d\n", out.String(), status)
}
