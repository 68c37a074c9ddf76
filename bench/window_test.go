package main

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A program is measured while it runs, one that does not end is ended, and one that ends too early is a failure that says what it said.
func TestObserve(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a process has used so far")
	}
	b := &bench{ctx: t.Context()}
	asked := int64(0)
	count := func(context.Context) (int64, error) { asked += 100; return asked, nil }
	w := window{settle: 50 * time.Millisecond, length: 200 * time.Millisecond, endless: true}
	u, err := b.observe(w, count, "sh", "-c", "while :; do :; done")
	if err != nil || u.requests != 100 || u.cpu > 20*time.Second {
		t.Errorf("%+v, %v", u, err)
	}
	if w.endless = false; w.runs() <= w.settle+w.length {
		t.Errorf("a program that is measured for %v is told to run for %v", w.length, w.runs())
	}
	if _, err = b.observe(w, count, "sh", "-c", "echo sorry >&2; exit 3"); err == nil || !strings.Contains(err.Error(), "sorry") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("a program that fails: %v", err)
	}
	if u, err := spentBy(os.Getpid()); err != nil || u.cpu < u.user {
		t.Errorf("%+v, %v", u, err)
	}
}
