package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// maxOutside is how many bytes of snapshots an outside NATS is asked to keep.
const maxOutside = 1 << 30

// outsideWait is how long a controller that is there already may take to say so.
const outsideWait = 5 * time.Second

// outside connects to a NATS of others. Who comes in there and what they may do is its own business: docs/fleet.md has the permissions. One
// controller at a time can use an account, since the subjects are the same for all.
func (c *Controller) outside() (*nats.Conn, error) {
	u, err := ParseJoinURL(c.opt.NATS)
	if err != nil || u.Outside == "" {
		return nil, fmt.Errorf("fleet: --nats %s is no URL of a NATS server: write nats://USER:PASSWORD@HOST:PORT, or tls:// for TLS", u.Redacted())
	}
	c.state.Address = u.Address
	gone := make(chan error, 1)
	nc, err := nats.Connect(u.Outside, append(dialOptions("", gone), nats.Name("stampede controller"), nats.CustomInboxPrefix(operatorInbox))...)
	if err != nil {
		return nil, fmt.Errorf("fleet: connect to the NATS server at %s: %w", u.Address, explain(u, err))
	}
	q, err := json.Marshal(Wish{})
	if err == nil {
		_, err = nc.Request(operatorSubject(), q, outsideWait)
	}
	switch {
	case err == nil:
		nc.Close()
		return nil, fmt.Errorf("fleet: another controller uses the NATS account at %s: wait for its end, or give this one an account of its own", u.Address)
	case errors.Is(err, nats.ErrNoResponders):
	case errors.Is(err, nats.ErrTimeout): // the server says at once when nobody is there: somebody is
		nc.Close()
		return nil, fmt.Errorf("fleet: another controller uses the NATS account at %s, and did not answer for %v: it is held up, or its machine has just gone; "+
			"end it, or give this one an account of its own", u.Address, outsideWait)
	default:
		nc.Close()
		return nil, fmt.Errorf("fleet: the NATS server at %s: %w", u.Address, err)
	}
	c.done.Go(func() {
		if err := <-gone; err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
			c.say("the NATS server at %s does not let the controller do its work: %v", u.Address, err)
		}
	})
	c.leaveOutside = func() { tell(gone, nil) }
	return nc, nil
}
