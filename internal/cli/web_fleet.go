package cli

import (
	"sync"

	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/show"
)

// pageFleet is the workers as the page shows them: those of the run that goes on, or of the last one that had any.
type pageFleet struct {
	mu   sync.Mutex
	crew *fleet.Controller
}

// show makes a controller's workers those of the page. It may be called of no page.
func (w *webServer) show(c *fleet.Controller) {
	if w == nil {
		return
	}
	w.fleet.mu.Lock()
	defer w.fleet.mu.Unlock()
	w.fleet.crew = c
}

// Workers implements console.Fleet.
func (p *pageFleet) Workers() []console.Worker {
	p.mu.Lock()
	crew := p.crew
	p.mu.Unlock()
	if crew == nil {
		return nil
	}
	var out []console.Worker
	for _, w := range crew.Workers() {
		out = append(out, console.Worker{
			Name: w.Name, Host: w.Host, Weight: w.Weight, State: w.State, RTT: show.Millis(w.RTT), ClockOffset: show.Millis(w.ClockOffset), ClockError: show.Millis(w.ClockError),
		})
	}
	return out
}
