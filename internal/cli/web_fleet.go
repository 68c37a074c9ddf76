package cli

import (
	"sync"

	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/format"
)

// pageFleet is the workers as the page shows them: those of the run that goes on, or of the last one that had any.
type pageFleet struct {
	mu         sync.Mutex
	controller *fleet.Controller
}

// show makes a controller's workers those of the page. It may be called of no page.
func (w *webServer) show(c *fleet.Controller) {
	if w == nil {
		return
	}
	w.fleet.mu.Lock()
	defer w.fleet.mu.Unlock()
	w.fleet.controller = c
}

// Workers implements console.Fleet.
func (p *pageFleet) Workers() []console.Worker {
	p.mu.Lock()
	controller := p.controller
	p.mu.Unlock()
	if controller == nil {
		return nil
	}
	var out []console.Worker
	for _, w := range controller.Workers() {
		out = append(out, console.Worker{
			Name: w.Name, Host: w.Host, Weight: w.Weight, State: w.State, RTT: format.Millis(w.RTT), ClockOffset: format.Millis(w.ClockOffset), ClockError: format.Millis(w.ClockError),
		})
	}
	return out
}
