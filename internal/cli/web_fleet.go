package cli

import (
	"errors"
	"strings"
	"sync"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/format"
)

// pageFleet is the workers as the page shows them: those of the run that goes on, or of the last one that had any.
type pageFleet struct {
	mu         sync.Mutex
	controller *fleet.Controller
	running    *stampede.Running // the run that goes on, or the last one; nil before the first
	standing   bool
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

// stand says that the workers shown are those of a standing fleet.
func (p *pageFleet) stand() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.standing = true
}

// Standing implements console.Fleet.
func (p *pageFleet) Standing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.standing
}

// Workers implements console.Fleet.
func (p *pageFleet) Workers() []console.Worker {
	p.mu.Lock()
	controller, running := p.controller, p.running
	p.mu.Unlock()
	if controller == nil {
		return nil
	}
	parts := partsOfRun(running)
	var out []console.Worker
	for _, w := range controller.Workers() {
		one := console.Worker{
			Name: w.Name, Host: w.Host, Weight: w.Weight, State: w.State, RTT: format.Millis(w.RTT), ClockOffset: format.Millis(w.ClockOffset), ClockError: format.Millis(w.ClockError),
			Reason: strings.Join(w.Reasons, "; "),
		}
		if part := parts[w.Number]; part != nil {
			one.Users, one.Sent = part.UsersNow, part.Sent
		}
		out = append(out, one)
	}
	return out
}

// Drain implements console.Fleet.
func (p *pageFleet) Drain(name, who string) error {
	p.mu.Lock()
	controller := p.controller
	p.mu.Unlock()
	if controller == nil {
		return console.ErrNoWorker
	}
	err := controller.Drain(name, who)
	if errors.Is(err, fleet.ErrNoWorker) {
		err = console.ErrNoWorker
	}
	return err
}

// follow makes a run the one whose users are told.
func (p *pageFleet) follow(running *stampede.Running) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running = running
}

// partsOfRun is what each worker does of a run that goes on, by its number.
func partsOfRun(running *stampede.Running) map[int]*stampede.LiveWorker {
	parts := map[int]*stampede.LiveWorker{}
	if running == nil {
		return parts
	}
	select {
	case <-running.Done():
		return parts
	default:
	}
	all := running.Workers()
	for i := range all {
		parts[all[i].Number] = &all[i]
	}
	return parts
}
