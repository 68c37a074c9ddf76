//go:build unix

package launch

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A reader that goes away ("run | head -1") does not take the run with it: it goes on to its end, and its files are there.
func TestReaderGoesAway(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(http.HandlerFunc(page))
	defer site.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "run", "--iterations", "3", "--allow-invalid", "--json", file, "-H", site.URL)
	cmd.Env = append(os.Environ(), childVariable+"=1", "STAMPEDE_NO_RECORD=true")
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if _, err := bufio.NewReader(r).ReadString('\n'); err != nil {
		t.Error(err)
	}
	r.Close()
	if err := cmd.Wait(); err != nil {
		t.Errorf("the run ended with %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// A terminal that goes away stops the run as Ctrl-C does, but under nohup, where it is to go on.
func TestHangup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "run.json")
	p := child(t, page, "run", "-u", "2", "-t", "1h", "--json", file)
	p.until(t, p.asked, "it asked the site")
	p.signal(t, syscall.SIGHUP)
	if signal.Ignored(syscall.SIGHUP) { // these tests run under nohup themselves, and so does the program
		p.signal(t, syscall.SIGTERM)
	}
	if got := p.status(); got != 130 {
		t.Errorf("status %d\n%s", got, p.out)
	}
	whole(t, file)
}
