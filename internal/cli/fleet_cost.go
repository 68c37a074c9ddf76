package cli

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// fleetCost says in a run's report what its workers came to, by what they say of themselves. Only a controller that was started with --cost knows it better.
type fleetCost struct {
	mu      sync.Mutex
	workers func() []fleet.WorkerInfo
	most    runCost // of all of them, when it was most
}

// at names the controller whose workers they are. It may be called of none.
func (c *fleetCost) at(controller *fleet.Controller) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.workers = controller.Workers
}

// look asks what the workers that are there cost together.
func (c *fleetCost) look() runCost {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.workers == nil {
		return runCost{}
	}
	if now := costOfWorkers(c.workers()); now.hour > c.most.hour {
		c.most = now
	}
	return c.most
}

// Begin implements stampede.Observer.
func (c *fleetCost) Begin(stampede.RunInfo) { c.look() }

// Second implements stampede.Observer.
func (c *fleetCost) Second(*stampede.Second) {}

// Event implements stampede.Observer.
func (c *fleetCost) Event(stampede.Event) {}

// End implements stampede.Observer.
func (c *fleetCost) End(r *stampede.Report) {
	if cost := c.look(); cost.hour > 0 {
		r.Run.Cost, r.Run.CostBasis = ledger.CostOf(cost.hour, cost.basis, r.Run.Duration)
	}
}

// costOfWorkers adds up what workers say that they cost. What is no cost counts nothing.
func costOfWorkers(all []fleet.WorkerInfo) (sum runCost) {
	kinds := map[string]int{}
	for i := range all {
		var one runCost
		if all[i].State == "lost" || one.read(all[i].Cost) != nil {
			continue
		}
		sum.hour += one.hour
		kinds[format.Text(one.basis, 200)]++
	}
	var words []string
	for basis, n := range kinds {
		switch {
		case basis == "":
			continue
		case n > 1:
			basis = fmt.Sprintf("%d x %s", n, basis)
		}
		words = append(words, basis)
	}
	slices.Sort(words)
	if n := kinds[""]; n > 0 { // a deployment's mark stands at the end
		words = slices.Insert(words, 0, format.Plural(int64(n), "worker", "workers"))
	}
	sum.basis = strings.Join(words, " + ")
	return sum
}
