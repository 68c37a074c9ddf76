package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// state is what a controller must know to go on after it was killed. It is written to state.json before anybody is told of it.
type state struct {
	Protocol int         `json:"protocol"`
	Identity identity    `json:"identity"`
	Token    string      `json:"token"`
	Address  string      `json:"address"`
	NATS     string      `json:"nats,omitempty"` // where an outside NATS is
	Operator string      `json:"operator"`       // password of who can read this
	Workers  []peerState `json:"workers"`
	Next     int         `json:"next"` // number of the next worker
	Run      *runState   `json:"run,omitempty"`
}

type peerState struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Addr   string `json:"addr"`
	Hello  Hello  `json:"hello"`
}

type runState struct {
	Job     Job           `json:"job"`
	Start   int64         `json:"start"`
	Members []memberState `json:"members"`
	Orders  []Order       `json:"orders"`
}

type memberState struct {
	Number int   `json:"number"`
	Index  int   `json:"index"`
	Weight int64 `json:"weight"`
	Gone   bool  `json:"gone,omitempty"`
	Due    int64 `json:"due,omitempty"`

	Left   int64  `json:"left,omitempty"`   // of one that is gone: the run time, ns
	Reason string `json:"reason,omitempty"` // and why
}

const stateFile = "state.json"

// save writes the state, whole or not at all.
func (s *state) save(folder string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(folder, "state-")
	if err != nil {
		return fmt.Errorf("fleet: keep the state of the run: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(folder, stateFile))
	}
	if err != nil {
		return fmt.Errorf("fleet: keep the state of the run: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

// loadState reads the state of a controller that was there before.
func loadState(folder string) (*state, error) {
	b, err := os.ReadFile(filepath.Join(folder, stateFile))
	if err != nil {
		return nil, err
	}
	var s state
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("fleet: %s in %s cannot be read: %w", stateFile, folder, err)
	}
	if s.Protocol != Protocol {
		return nil, fmt.Errorf("fleet: the run in %s speaks protocol %d, and this program %d: use the stampede that began it", folder, s.Protocol, Protocol)
	}
	return &s, nil
}
