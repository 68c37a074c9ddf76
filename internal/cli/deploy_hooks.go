package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/eb"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/ledger"
)

// progress says how far a deployment is.
func (a *app) progress(text string) { put(a.Err, a.name()+": "+text+"\n") }

// agreed asks whether to make a deployment, unless yes was said before.
func (a *app) agreed(yes bool) func(ctx context.Context, question string) error {
	return func(ctx context.Context, question string) error {
		if yes {
			return nil
		}
		defer a.presses.ask()()
		err := a.agree(ctx, question, "nothing was made")
		if ctx.Err() != nil {
			return errors.New("nothing was made")
		}
		return err
	}
}

// ebHooks are what a deployment needs from here.
func (a *app) ebHooks(f *ebFlags) eb.Hooks {
	h := eb.Hooks{
		Say:   a.progress,
		Agree: a.agreed(f.yes),
		Secrets: func() (web, token, key string, err error) {
			key, err = fleet.NewKey()
			return fleet.NewToken(), fleet.NewToken(), key, err
		},
		JoinURL: func(address, token, key string) (string, error) {
			pin, err := fleet.KeyPin(key)
			if err != nil {
				return "", fmt.Errorf("the parameter fleet-key of the deployment: %w", err)
			}
			u := fleet.JoinURL{Token: token, Address: address, Pin: pin}
			return u.String(), nil
		},
		Joined: joinedAt,
	}
	if !f.discard {
		h.Save = func(ctx context.Context, page eb.Page) error { return a.saveRuns(ctx, &f.ledger, &page) }
	}
	h.Spent = func(ctx context.Context, s *eb.Spent) error {
		return a.keepSpent(ctx, &f.ledger, f.Name, s.USD, s.Since)
	}
	return h
}

// pageURL is what --on takes.
func pageURL(page *eb.Page) (string, error) {
	pin, err := fleet.KeyPin(page.Key)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "https", Host: page.Address, RawQuery: "pin=sha256:" + pin}
	return u.String(), nil
}

// remoteOf is a deployment's controller, as runs are started on it.
func remoteOf(page *eb.Page) (*remote, error) {
	on, err := pageURL(page)
	if err != nil {
		return nil, err
	}
	return remoteAt("the controller at", on, page.Token)
}

// joinedAt counts the workers at a controller.
func joinedAt(ctx context.Context, page eb.Page) (int, error) {
	ctx, stop := context.WithTimeout(ctx, 15*time.Second)
	defer stop()
	r, err := remoteOf(&page)
	if err != nil {
		return 0, err
	}
	return r.workersThere(ctx)
}

// workersThere counts those that could run users.
func (r *remote) workersThere(ctx context.Context) (n int, err error) {
	var all struct{ Workers []struct{ State string } }
	err = r.ask(ctx, http.MethodGet, "/api/v1/fleet", nil, &all)
	for _, w := range all.Workers {
		if w.State == "ready" || w.State == "running" {
			n++
		}
	}
	return n, err
}

// saveRuns brings home what a controller has: its runs into the ledger here, with their results and their whole course.
func (a *app) saveRuns(ctx context.Context, o *ledgerOptions, page *eb.Page) error {
	hint := "; nothing more is taken away. Try again, or give --discard-runs"
	r, err := remoteOf(page)
	if err != nil {
		return err
	}
	over, going, err := r.farRuns(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("the controller's runs cannot be fetched: %w%s", err, hint)
	case len(going) > 0:
		return fmt.Errorf("%w: %s. Stop it on the page, or wait for its end%s", eb.ErrRunning, format.Text(going[0].ID, 60), hint)
	case len(over) == 0:
		return nil
	}
	b, err := a.open(ctx, o)
	if err != nil {
		return fmt.Errorf("the controller's runs do not come into the ledger: %w%s; --ledger names another one", err, hint)
	}
	missing, err := missingHere(ctx, b, over)
	added := 0
	if err == nil {
		added, err = r.fetchAll(ctx, b, missing)
	}
	if err = errors.Join(err, b.Close()); err != nil {
		return fmt.Errorf("the controller's runs do not come into the ledger: %w%s", err, hint)
	}
	if added > 0 {
		put(a.Err, fmt.Sprintf("%s: %s of the controller, with the whole course: %d new in the ledger (runs list), %d were there\n",
			a.name(), format.Plural(int64(len(over)), "run", "runs"), added, len(over)-added))
	}
	return nil
}

// keepSpent writes what a deployment came to until now beside the cost of each of its runs, as far as the ledger here has them.
func (a *app) keepSpent(ctx context.Context, o *ledgerOptions, name string, usd float64, since time.Time) error {
	if a.present(o) != nil {
		return nil // there is none
	}
	b, err := a.open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { ignore(b.Close()) }()
	runs, err := b.Runs(ctx, ledger.Filter{})
	if err != nil {
		return err
	}
	const at = "2006-01-02 15:04"
	n := 0
	for i := range runs {
		r := &runs[i]
		basis, _, _ := strings.Cut(r.CostBasis, "; ")
		if r.Started.Before(since) || !strings.HasSuffix(basis, deploy.Mark(name)) {
			continue
		}
		basis += fmt.Sprintf("; all of that from %s to %s UTC, idle time and other runs included: %s", since.UTC().Format(at), time.Now().UTC().Format(at), format.Dollars(usd))
		if err := b.WriteCost(ctx, r, r.Cost, basis); err != nil {
			return err
		}
		n++
	}
	if n > 0 {
		put(a.Err, fmt.Sprintf("%s: that stands in the ledger with %s (runs show)\n", a.name(), format.Plural(int64(n), "run", "runs")))
	}
	return nil
}
