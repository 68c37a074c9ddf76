package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/console"
)

// take makes the first word behind a --web without a value its address, where it is one and no user type.
func (o *webOptions) take(set *setting.Set, words []string) []string {
	if len(words) == 0 || o.addr != webAddress || set.Source("web") != setting.FromFlag || !looksLikeAddr(words[0]) {
		return words
	}
	if err := webAddr(&o.addr)(words[0]); err != nil {
		return words
	}
	return words[1:]
}

// beside opens the page beside a run from the terminal; end closes it.
func (a *app) beside(ctx context.Context, o *options) (end func(), err error) {
	if o.web.addr == "" {
		return func() {}, nil
	}
	cfg := console.Config{Pages: pages{}}
	if a.Test != nil {
		cfg.Test = a.pageTest(nil)
	} else {
		cfg.Test = console.Test{Name: testName(&o.plan.Test), Types: o.plan.Test.Outline(), Version: stampede.Version}
	}
	ledger := func() {}
	var kept *pageLedger
	if !o.ledger.noRecord {
		if b, err := a.open(ctx, &o.ledger); err == nil { // what is wrong with the ledger is told when the run is to be recorded
			kept = &pageLedger{app: a, ledger: b}
			cfg.Ledger = kept
			ledger = func() {
				if err := b.Close(); err != nil {
					a.warn([]string{err.Error()})
				}
			}
		}
	}
	page, err := a.openWeb(ctx, &o.web, cfg)
	if err != nil {
		ledger()
		return nil, err
	}
	o.page, page.ledger = page, kept
	put(a.Err, fmt.Sprintf("%s: %s", a.name(), o.web.invitation(page.url)))
	return func() {
		page.close()
		ledger()
	}, nil
}

// remain keeps the page open after the run, when that was asked for, until Ctrl-C.
func (a *app) remain(ctx context.Context, o *options) {
	if o.page == nil || !o.web.stay || a.presses.count() > 1 {
		return
	}
	put(a.Err, fmt.Sprintf("%s: the page stays at %s until Ctrl-C\n", a.name(), o.page.url))
	done := make(chan struct{}, 1)
	before := a.presses.count()
	a.presses.handle(func(count int) {
		if count > before {
			select {
			case done <- struct{}{}:
			default:
			}
		}
	})
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// watch makes the run of a plan the one that the page shows, once it begins. It may be called of no page.
func (w *webServer) watch(plan *stampede.Plan) *pageRun {
	if w == nil {
		return nil
	}
	p := &pageRun{w.console.Watch(), w.fleet}
	plan.Observers = append(plan.Observers, p.Watched)
	shown := p.Log()
	if plan.Log != nil {
		shown = slog.NewMultiHandler(plan.Log.Handler(), shown)
	}
	plan.Log = slog.New(shown)
	return p
}

// pageRun is a run on its way to the page; nil for no page.
type pageRun struct {
	*console.Watched
	fleet *pageFleet
}

func (p *pageRun) going(running *stampede.Running) {
	if p != nil {
		p.fleet.follow(running)
		p.Going(controlled{running})
	}
}
