package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
)

// Wish is what an operator asks for.
type Wish struct {
	Drain string `json:"drain,omitempty"` // the name of a worker; empty asks who is there
}

// Granted is the answer to a Wish.
type Granted struct {
	Problem string       `json:"problem,omitempty"`
	Workers []WorkerInfo `json:"workers,omitempty"`
}

// operate answers an operator.
func (c *Controller) operate(m *nats.Msg) {
	var w Wish
	g := Granted{}
	err := json.Unmarshal(m.Data, &w)
	if err == nil && w.Drain != "" {
		err = c.Drain(w.Drain, "")
	}
	if err != nil {
		g.Problem = err.Error()
	}
	g.Workers = c.Workers()
	if b, err := json.Marshal(g); err == nil {
		_ = m.Respond(b) // who asked and went asks again
	}
}

// Ask asks the controller whose folder this is, on this machine.
func Ask(folder string, w Wish) (*Granted, error) {
	run := filepath.Base(folder)
	s, err := loadState(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("fleet: no controller of this machine works on the run %s: it is over, or its controller is on another machine", show(run))
	case err != nil:
		return nil, err
	}
	server, options := s.NATS, []nats.Option{nats.CustomInboxPrefix(operatorInbox), nats.NoReconnect(), nats.Timeout(5 * time.Second)}
	if server == "" {
		server = "tls://" + s.Address
		options = append(options, nats.Secure(pinned(s.Identity.pin())), nats.UserInfo(operator, s.Operator))
	}
	nc, err := nats.Connect(server, options...)
	if err != nil {
		if s.NATS == "" && errors.Is(err, nats.ErrNoServers) {
			return nil, fmt.Errorf("fleet: the controller of the run %s was killed: go on with it by --resume %s", run, run)
		}
		return nil, fmt.Errorf("fleet: ask the controller of the run %s at %s: %w", run, s.Address, explain(JoinURL{Address: s.Address, Outside: s.NATS}, err))
	}
	defer nc.Close()
	q, err := json.Marshal(w)
	if err != nil {
		return nil, err
	}
	m, err := nc.Request(operatorSubject(), q, 5*time.Second)
	if err != nil {
		return nil, fmt.Errorf("fleet: the controller of the run %s does not answer (%w): is it held up?", run, reason(err))
	}
	var g Granted
	if err := json.Unmarshal(m.Data, &g); err != nil {
		return nil, fmt.Errorf("fleet: the controller's answer cannot be read: %w", err)
	}
	if g.Problem != "" {
		return &g, errors.New(g.Problem)
	}
	return &g, nil
}

// Going is the folder of the run that a controller of this machine works on: that of the name, or the latest.
func Going(cache, run string) (string, error) {
	runs, err := RunsFolder(cache)
	if err != nil {
		return "", err
	}
	if run != "" {
		return filepath.Join(runs, filepath.Base(run)), nil
	}
	entries, err := os.ReadDir(runs)
	if err != nil {
		return "", fmt.Errorf("fleet: %w", err)
	}
	for i := len(entries) - 1; i >= 0; i-- { // names sort by time
		folder := filepath.Join(runs, entries[i].Name())
		lock, err := lockFolder(folder)
		if err != nil {
			return folder, nil // somebody works there
		}
		lock.Close()
	}
	return "", errors.New("fleet: no run of a fleet goes on on this machine: ask where its controller is")
}
