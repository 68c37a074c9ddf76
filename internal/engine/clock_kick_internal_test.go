package engine

import (
	"testing"
	"time"
)

// heard is an alarm that remembers what it was set to last.
type heard struct{ in time.Duration }

func (*heard) open() error            { return nil }
func (h *heard) set(in time.Duration) { h.in = in }
func (*heard) wait()                  {}
func (*heard) close()                 {}

// A kick that comes after the clock has looked, and before it sleeps, is not undone by its sleep.
func TestKickBeforeSleep(t *testing.T) {
	a := &heard{}
	c := &clock{e: &Engine{cfg: Config{Start: time.Now()}}, alarm: a, opened: true, armed: never}
	c.sleep(never)
	if a.in < time.Minute {
		t.Errorf("with nothing due it sleeps for %v", a.in)
	}
	c.kick()
	c.sleep(never)
	if a.in > time.Second {
		t.Errorf("kicked, it sleeps for %v", a.in)
	}
}
