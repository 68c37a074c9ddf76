package eb

import (
	"context"
	"errors"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Hooks are what a deployment needs from whoever makes it, besides AWS. Nil fields do nothing.
type Hooks struct {
	Say func(text string) // progress, for people
	// Agree asks whether to go on; an error ends it before anything is made.
	Agree func(ctx context.Context, question string) error
	// Quit, once closed, ends the taking away of what an up made that was ended itself; down does the rest.
	Quit <-chan struct{}
	// Secrets makes a web token, a fleet token, and a certificate with its key, in base64 of their PEM. pin is the hash of the certificate.
	Secrets func() (web, fleet, key string, err error)
	// Joined asks a controller how many workers are there.
	Joined func(ctx context.Context, page Page) (int, error)
	// Save brings home what a controller has before it goes; it is called more than once. [ErrRunning] has nothing taken away.
	Save func(ctx context.Context, page Page) error
	// Spent is told what the instances came to, once they have gone.
	Spent func(ctx context.Context, s *Spent) error
	// JoinURL makes the join URL of a controller at an address.
	JoinURL func(address, fleetToken, key string) (string, error)
}

// ErrRunning says that a run goes on at a controller.
var ErrRunning = errors.New("a run goes on at the controller")

// Page is where a controller's page and API are.
type Page struct {
	Address string // IP; empty when there is no controller
	Token   string
	Key     string // base64 of the PEM that holds its certificate
}

// Deployment does the work.
type Deployment struct {
	*looker
	Hooks
	Now func() time.Time // nil means time.Now

	fresh  bool               // the controller is of this very up: it has no runs that anybody knows of
	before map[string]float64 // USD that environments came to that an up has taken away to make them anew, by name
}

// New is a deployment by its options; they must be checked.
func New(c *aws.Client, o *Options, h Hooks) *Deployment {
	return &Deployment{looker: &looker{Client: c, o: o}, Hooks: h, before: map[string]float64{}}
}

func (d *Deployment) say(text string) {
	if d.Say != nil {
		d.Say(text)
	}
}

func (d *Deployment) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}

// How long AWS is waited for.
const (
	lookEvery = 10 * time.Second // at most
	mostReady = 30 * time.Minute // until an environment is ready, or gone
	mostJoin  = 10 * time.Minute // until workers have joined
)
