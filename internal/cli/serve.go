package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/console"
)

// serveCommand shows the page, and starts runs from it.
func (a *app) serveCommand() *cobra.Command {
	var o options
	long := "Show the page and answer the API: start, watch, change and stop runs, read and edit the ledger, compare. " +
		"Settings of a run that stampede.yaml and the environment give stand in its form. Without --web it is at " + webAddress + "."
	if a.Test == nil {
		long = "Show the ledger in a browser: read, edit, compare, export. To start runs from the page, serve a test: go run ./mytest serve."
	}
	c := &cobra.Command{
		Use: "serve [flags]", Short: "The page and the API: start, watch, change and compare runs in a browser", Long: long, Args: words(cobra.NoArgs),
		Example: "  " + a.name() + " serve\n  " + a.name() + " serve --web 0.0.0.0:8089 --web-token $(openssl rand -hex 16)",
	}
	l := a.settings(c, a.serveSettings(&o), false)
	l.optional, l.only = true, servedKeys() // others are for the form of the page
	c.RunE = func(c *cobra.Command, _ []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		if o.web.addr == "" {
			o.web.addr = webAddress
		}
		wrong.add(o.web.check())
		if len(wrong) > 0 {
			return wrong.err()
		}
		return a.serve(c.Context(), &o, false)
	}
	return c
}

// servedKeys are the keys of stampede.yaml that are serve's own.
func servedKeys() []string {
	return []string{"ledger", "cost", "web", "web-base-path", "web-token", "web-read-token", "fleet", "nats", "fleet-token", "fleet-key", "fleet-host", "send", "notify"}
}

// serveSettings are those of the page and of the ledger.
func (a *app) serveSettings(o *options) []setting.Setting {
	table := append(drop(a.webSettings(&o.web), "stay"), pick(a.ledgerSettings(&o.ledger), "ledger", "cost")...)
	if a.Test != nil {
		table = append(table, a.notifySetting(&o.notify))
		table = append(table, pick(a.fleetSettings(o), "fleet", "nats", "fleet-token", "fleet-key", "fleet-host", "send")...)
	}
	for i := range table {
		if table[i].Name == "web" {
			table[i].Bare, table[i].Default, table[i].Help = "", webAddress, "where the page is; beyond this machine it takes --web-token"
		}
	}
	return table
}

// serve answers until Ctrl-C. byDefault says that no command was given: settings are read from the environment and the file alone.
func (a *app) serve(ctx context.Context, o *options, byDefault bool) error {
	if byDefault {
		l := a.settings(&cobra.Command{}, a.serveSettings(o), false)
		l.optional, l.only = true, servedKeys()
		wrong, _ := a.resolve(l)
		if o.web.addr == "" {
			o.web.addr = webAddress
		}
		if wrong.add(o.web.check()); len(wrong) > 0 {
			return wrong.err()
		}
	}
	b, err := a.open(ctx, &o.ledger)
	if err != nil {
		return err
	}
	kept := &pageLedger{app: a, ledger: b}
	s := &starter{app: a, ctx: ctx, ledger: o.ledger}
	if _, err := kept.Runs(ctx); err != nil { // read once, so that the first who opens the page need not wait for a long ledger
		return both(err, b.Close())
	}
	cfg := console.Config{Ledger: kept, Pages: pages{}, Test: console.Test{Version: stampede.Version, Types: nil}}
	if a.Test != nil {
		cfg.Start, cfg.Test = s, a.pageTest(s)
		cfg.Schedules = &schedules{starter: s, ledger: b}
	}
	page, err := a.openWeb(ctx, &o.web, cfg)
	if err != nil {
		return both(err, b.Close())
	}
	s.page, page.ledger = page, kept
	fleet, err := a.standing(ctx, o)
	if err != nil {
		page.close()
		return both(err, b.Close())
	}
	defer fleet.close()
	if s.fleet = fleet; fleet != nil {
		page.show(fleet.members.Controller)
		page.fleet.stand()
		put(a.Out, a.joinLine(fleet.members.Controller))
	}
	put(a.Out, fmt.Sprintf("%s (Ctrl-C ends it)\n", o.web.invitation(page.url)[:len(o.web.invitation(page.url))-1]))
	stop := func() {}
	if a.Test != nil {
		stop = s.keep(ctx, b, o.notify)
	}
	s.until(ctx)
	stop()
	page.close()
	var wrong mistakes
	wrong.add(b.Close())
	return wrong.err()
}

// both is two errors as mistakes; nil when there is neither.
func both(errs ...error) error {
	var wrong mistakes
	wrong.add(errs...)
	return wrong.err()
}
