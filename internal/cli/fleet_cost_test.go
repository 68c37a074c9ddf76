package cli

import (
	"math"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fleet"
)

// What workers say that they cost is added up; the report has it when it was most, since a worker that has left was paid for.
func TestCostOfWorkers(t *testing.T) {
	task := fleet.WorkerInfo{State: "ready", Cost: "0.079 task of Fargate at 0.079 USD by the price list of AWS - deployment tour"}
	fleetNow := []fleet.WorkerInfo{
		task, task, {State: "running", Cost: "0.5"}, {State: "lost", Cost: "9 a machine that has gone"}, {State: "ready"}, {State: "ready", Cost: "cheap"}, {State: "ready", Cost: "-1 of us"},
	}
	var c fleetCost
	c.Begin(stampede.RunInfo{}) // without a fleet nothing is known
	c.workers = func() []fleet.WorkerInfo { return fleetNow }
	c.Begin(stampede.RunInfo{})
	fleetNow = fleetNow[:1]
	var r stampede.Report
	r.Run.Duration = 30 * time.Minute
	c.End(&r)
	want := "30 min at 0.658 USD an hour: 1 worker + 2 x task of Fargate at 0.079 USD by the price list of AWS - deployment tour"
	if math.Abs(r.Run.Cost-0.329) > 1e-9 || r.Run.CostBasis != want {
		t.Errorf("%v USD: %s", r.Run.Cost, r.Run.CostBasis)
	}
	r = stampede.Report{}
	(&fleetCost{}).End(&r)
	if r.Run.Cost != 0 || r.Run.CostBasis != "" {
		t.Errorf("of nobody: %v USD: %s", r.Run.Cost, r.Run.CostBasis)
	}
}
