package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
)

// Ctrl-C at the question about the price is a no: nothing is made, and nothing more is asked.
func TestInterruptAtTheQuestion(t *testing.T) {
	cloud := deploytest.New(deploytest.Known(t))
	asAWS(t, cloud)
	dir := t.TempDir()
	join := "stampede://0123456789abcdef@10.0.0.2:7422?pin=sha256:" + strings.Repeat("ab", 32)
	if err := os.WriteFile(filepath.Join(dir, "join.url"), []byte(join), 0o600); err != nil {
		t.Fatal(err)
	}
	nobody, typing := io.Pipe() // who is asked types nothing
	defer typing.Close()
	pressed := make(chan os.Signal, 1)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	var said lockedBuffer
	over := make(chan int, 1)
	go func() {
		over <- Main(ctx, programs()["fans"], System{
			Args: []string{"fans", "deploy", "ecs", "up", "--image", "registry.example/load:1", "--workers", "12", "--subnets", "subnet-1", "--join", "@join.url", "--confirm-above", "0.01"},
			Dir:  dir, Environ: append(os.Environ(), "HOME="+dir), In: nobody, Out: &said, Err: &said, Interrupts: pressed,
		})
	}()
	for !strings.Contains(said.String(), "[y/N]") && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	pressed <- os.Interrupt
	if status := <-over; status != statusInterrupted || !strings.Contains(said.String(), "nothing was made") || strings.Contains(said.String(), "press Ctrl-C again") {
		t.Errorf("it ends with %d: %s", status, said.String())
	}
	deploytest.Clean(t, cloud)
}
