//go:build !race

package stampede_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
)

// A visitor who waits with 50 parts of a page in the cache takes no more than 6 KB above one who asked for the document alone: what is kept of the
// parts, and five connections more. Two numbers of visitors tell that from what a run has once.
func TestPageMemoryBudget(t *testing.T) {
	const few, many, budget = 200, 800, 6 << 10
	site := keptSite(t)
	spendGoroutines(10 * many)
	each := func(load func(*caching, context.Context) error) int64 {
		less := heapOf(t, site, few, load)
		return (heapOf(t, site, many, load) - less) / (many - few)
	}
	alone := each(func(u *caching, ctx context.Context) error {
		_, err := u.Get(ctx, "/", stampede.Name("Page"))
		return err
	})
	whole := each(func(u *caching, ctx context.Context) error {
		p, err := u.Page(ctx, "/", stampede.Name("Page"))
		if err == nil && p.Requests != keptParts+1 {
			t.Errorf("%d requests", p.Requests)
		}
		return err
	})
	t.Logf("%d bytes for a visitor with the parts, %d for one without", whole, alone)
	if whole-alone > budget {
		t.Errorf("a visitor with %d parts in the cache takes %d bytes above one without, the budget is %d", keptParts, whole-alone, budget)
	}
}

type caching struct{ stampede.HTTPUser }

// heapOf has so many users load a page and wait, and is the heap that all of them hold together.
func heapOf(t *testing.T, site string, users int, load func(*caching, context.Context) error) (held int64) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var there atomic.Int64
	task := func(u *caching, ctx context.Context) error {
		defer there.Add(1)
		return load(u, ctx)
	}
	before := live()
	go func() {
		defer stop()
		for range 1200 {
			if time.Sleep(50 * time.Millisecond); there.Load() >= int64(users) {
				break
			}
		}
		time.Sleep(100 * time.Millisecond) // until the last has given back what its task had
		held = live() - before
	}()
	rep, err := stampede.Run(ctx, stampede.Plan{
		Host: site, Users: stampede.Level(float64(users)), SpawnRate: float64(users) / 4,
		Test: stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[caching]{
			Wait: stampede.Constant(time.Hour), Tasks: []stampede.Task[caching]{{Name: "page", Do: task}},
		})}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if f := rep.Whole.Total.Failures; f > 0 || there.Load() < int64(users) {
		t.Fatalf("%d failures, %d users came", f, there.Load())
	}
	return held
}

// spendGoroutines has the runtime make what it keeps for ever of so many goroutines at once: how many there are, while pages are being loaded, is a
// matter of how slow the machine is.
func spendGoroutines(n int) {
	var all sync.WaitGroup
	end := make(chan struct{})
	for range n {
		all.Go(func() { <-end })
	}
	close(end)
	all.Wait()
}

// live is what the heap holds.
func live() int64 {
	runtime.GC()
	runtime.GC() // what pools held lives through one
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
