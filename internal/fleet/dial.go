package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// dial connects to a controller, or to the NATS server of others where it meets its workers, and tries again for a while when nobody answers yet: a worker
// may be started before its controller. What it waits for is said at once, and how long; what waiting cannot mend is an error at once.
func dial(ctx context.Context, u JoinURL, options []nats.Option, most time.Duration, log func(string)) (*nats.Conn, error) {
	said := false
	for end := time.Now().Add(most); ; {
		nc, err := nats.Connect(u.server(), options...)
		switch {
		case err == nil:
			return nc, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case forGood(err):
			return nil, explain(u, err)
		case time.Now().After(end):
			return nil, fmt.Errorf("tried for %v: %w", most, explain(u, err))
		case !said:
			said = true
			log(fmt.Sprintf("%s: no answer yet (%v): trying for %v", u.Address, reason(err), most))
		}
		select {
		case <-time.After(min(500*time.Millisecond, most)):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// forGood reports whether an error stays what it is however long one waits.
func forGood(err error) bool {
	for _, one := range []error{errPin, nats.ErrAuthorization, nats.ErrNoInfoReceived, nats.ErrSecureConnWanted, nats.ErrSecureConnRequired} {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// reason is what an error of a connection means in plain words.
func reason(err error) error {
	var name *net.DNSError
	var late net.Error
	switch {
	case errors.Is(err, nats.ErrNoServers): // it says so of a refused connection
		return errors.New("nobody listens there")
	case errors.As(err, &name):
		return fmt.Errorf("the name %s has no address", show(name.Name))
	case errors.Is(err, nats.ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.As(err, &late) && late.Timeout():
		return errors.New("nothing came back")
	case errors.Is(err, nats.ErrNoInfoReceived), errors.Is(err, nats.ErrSecureConnWanted), errors.Is(err, nats.ErrSecureConnRequired):
		return errors.New("something else listens there")
	}
	return err
}

// explain says what an error of the connection means, and what to look at.
func explain(u JoinURL, err error) error {
	who, port := "the controller (run --fleet, serve --fleet)", u.Address
	if _, p, cut := net.SplitHostPort(u.Address); cut == nil {
		port = p
	}
	if u.Outside != "" {
		who = "the NATS server"
	}
	switch {
	case errors.Is(err, errPin):
		return errPin
	case errors.Is(err, nats.ErrAuthorization) && u.Outside != "":
		return errors.New("the NATS server does not accept this user and password: compare them with its configuration")
	case errors.Is(err, nats.ErrAuthorization):
		return errors.New("the controller does not accept the token; the join URL is of another controller, or a part of it is missing")
	case errors.Is(err, nats.ErrNoServers):
		return fmt.Errorf("nobody listens there: start %s first, and compare host and port with what it printed", who)
	case forGood(err):
		return fmt.Errorf("what listens there is not what the URL says: compare host and port with what %s printed, and nats:// with tls://", who)
	}
	var name *net.DNSError
	if errors.As(err, &name) {
		return fmt.Errorf("%w: correct the host in the URL, or write its address", reason(err))
	}
	if why := reason(err); why != err {
		return fmt.Errorf("%w: is %s there and not held up, and does every firewall between let TCP port %s through?", why, who, port)
	}
	return err
}

// unanswered says why nobody answered a question over a connection that works.
func unanswered(ctx context.Context, u JoinURL, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("no controller is at this NATS server: asked for %v; start it first (run --nats), with a user of the same account", joinPatience)
	case errors.Is(err, context.DeadlineExceeded) && u.Outside != "":
		return fmt.Errorf("the controller did not answer within %v: it is held up, or this user may not do what docs/fleet.md lists for workers", joinPatience)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the controller did not answer within %v: it is held up, or the network is", joinPatience)
	}
	return explain(u, err)
}

// dialOptions are those of every connection over the network. Without a pin the URL says whether there is TLS, and the system whom to trust.
func dialOptions(pin string, gone chan<- error) []nats.Option {
	var once bool
	var secure []nats.Option
	if pin != "" {
		secure = append(secure, nats.Secure(pinned(pin)))
	}
	return append(secure,
		nats.PingInterval(pingEvery), nats.MaxPingsOutstanding(pingsMissed), nats.FlusherTimeout(2*time.Second),
		nats.MaxReconnects(-1), nats.ReconnectWait(250*time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		nats.Timeout(5*time.Second), nats.ReconnectBufSize(-1), nats.NoCallbacksAfterClientClose(),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) || strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
				tell(gone, fmt.Errorf("fleet: the controller does not let this worker do what it wants to: %w", err))
			}
		}),
		nats.ClosedHandler(func(nc *nats.Conn) {
			if once {
				return
			}
			once = true
			err := nc.LastError()
			if err == nil {
				err = nats.ErrConnectionClosed
			}
			tell(gone, err)
		}),
	)
}

func tell(to chan<- error, err error) {
	select {
	case to <- err:
	default:
	}
}

// deserted is why a worker ends whose controller has said nothing for so long.
func (w *Worker) deserted(quiet time.Duration) error {
	err := fmt.Errorf("%w: nothing was heard of %s for %v; start this worker again when the controller is back", errDeserted, w.cfg.URL.Address, quiet.Round(time.Second))
	if last := w.nc.LastError(); last != nil && forGood(last) {
		return fmt.Errorf("%w: %w", err, explain(w.cfg.URL, last))
	}
	return err
}

// lostFor is the end of a connection for good.
func (w *Worker) lostFor(err error) error {
	w.mu.Lock()
	p := w.part
	w.mu.Unlock()
	if p != nil {
		p.stop(desertedReason)
		p.cancel() // what is left cannot be delivered any more
		p.wait()
	}
	if errors.Is(err, nats.ErrAuthorization) && w.cfg.URL.Outside == "" {
		return fmt.Errorf("fleet: the controller at %s was started anew and does not know this worker any more: start the worker again", w.cfg.URL.Address)
	}
	return fmt.Errorf("fleet: the connection to the controller is over: %w", explain(w.cfg.URL, err))
}
