package console_test

import (
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/console"
)

// workers are those of a fleet, one of which may be asked to leave.
type workers struct{ told []string }

func (w *workers) Workers() []console.Worker {
	return []console.Worker{{Name: "worker-1", State: "running"}}
}

func (w *workers) Standing() bool { return true }

func (w *workers) Drain(name, who string) error {
	if name != "worker-1" {
		return console.ErrNoWorker
	}
	w.told = append(w.told, name+" by "+who)
	return nil
}

// A worker leaves when somebody asks for it, and the fleet learns who that was.
func TestDrain(t *testing.T) {
	t.Parallel()
	w := &workers{}
	r := newRig(t, func(c *console.Config) { c.Fleet = w })
	var fleet struct {
		Workers  []console.Worker
		Standing bool
	}
	r.into(&fleet, 200, "POST", "/api/v1/fleet/worker-1/drain", "", "X-Stampede-Who", "Ann%20B")
	if len(fleet.Workers) != 1 || !fleet.Standing || strings.Join(w.told, "; ") != "worker-1 by Ann B" {
		t.Errorf("%+v, told %q", fleet, w.told)
	}
	var wrong console.Problem
	if r.into(&wrong, 404, "POST", "/api/v1/fleet/worker-2/drain", ""); !strings.Contains(wrong.Detail, "no worker \"worker-2\"") {
		t.Errorf("%+v", wrong)
	}
}
