package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/capture"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/har"
)

// recordOptions are those of record.
type recordOptions struct {
	importOptions
	capture capture.Options
	browser string
	flags   []string
	ca, har string
}

// noBrowser is what --browser is told when somebody brings his own.
const noBrowser = "none"

// recordCommand writes a test of what somebody does in a browser.
func (a *app) recordCommand() *cobra.Command {
	var o recordOptions
	c := &cobra.Command{
		Use:   "record --host URL --out DIR",
		Short: "Write a test of what you do in a browser",
		Long: "Record what you do in a browser and write a Go test of it. A proxy on the loopback looks at what goes to the site (--host and hosts below it), and passes " +
			"everything else on unseen. A Chromium of this machine is opened with a profile of its own, which is empty and is removed afterwards, and trusts the proxy without your " +
			"doing anything; what you click becomes steps. With --browser none use any browser: enter the proxy in its settings, and for https import the certificate that --ca writes. " +
			"Close the browser, or press Ctrl-C, and the test is written. See docs/import.md.",
		Example: "  " + a.name() + " record --host https://staging.example.org --out shop",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.recordVisit(c.Context(), &o) },
	}
	f := c.Flags()
	f.StringVarP(&o.capture.Host, "host", "H", "", "the `URL` of the site; needed")
	f.StringVar(&o.capture.Listen, "listen", "127.0.0.1:0", "where the proxy listens; port 0 is any that is free")
	f.BoolVarP(&o.capture.Insecure, "insecure", "k", false, "take any certificate of the site")
	f.StringVar(&o.browser, "browser", "", "the Chromium to open: a `PROGRAM`, or none; unless told otherwise the first that is found")
	f.StringArrayVar(&o.flags, "browser-flag", nil, "one more `FLAG` of the browser; repeatable")
	f.StringVar(&o.ca, "ca", "", "write the proxy's certificate into this `FILE`, for a browser of your own")
	f.StringVar(&o.har, "har", "", "write the recording into this `FILE` too, to compare it with another one: import har FILE FILE. It holds what was typed, passwords too")
	o.importOptions.flags(c)
	return c
}

func (a *app) recordVisit(ctx context.Context, o *recordOptions) error {
	if o.capture.Host == "" {
		return errors.New("record: --host URL says which site to record")
	}
	if o.out == "" && o.har == "" {
		return errors.New("record: --out DIR says which folder to make of the test")
	}
	if _, err := os.Stat(a.path(o.out)); err == nil && o.out != "" {
		return fmt.Errorf("record: %s is there already; nothing was recorded", o.out)
	}
	var store importer.Store
	defer store.Close()
	o.capture.Hosts = o.allow
	p, err := capture.Start(o.capture, &store)
	if err != nil {
		return err
	}
	err = a.watchBrowser(ctx, p, o)
	rec := p.Close()
	if err != nil {
		return err
	}
	if len(rec.Requests) == 0 {
		return fmt.Errorf("record: nothing was asked of %s: no test was written", o.capture.Host)
	}
	if o.har != "" {
		if err := a.writeHAR(o.har, rec); err != nil {
			return fmt.Errorf("record: --har: %w", err)
		}
		if o.out == "" {
			put(a.Out, fmt.Sprintf("%s holds %s.\n", o.har, counted(len(rec.Requests), "request")))
			return nil
		}
	}
	rec.Name = o.name
	t, err := flow.Make([]*importer.Recording{rec}, flow.Options{Name: o.name, Allow: o.allow})
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return a.writeTest(context.WithoutCancel(ctx), t, &o.importOptions)
}

// writeHAR keeps a recording, for its owner alone.
func (a *app) writeHAR(file string, rec *importer.Recording) error {
	f, err := os.OpenFile(a.path(file), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(har.Write(f, rec), f.Close())
}

// watchBrowser returns when the recording is over: the browser was closed, or somebody pressed Ctrl-C.
func (a *app) watchBrowser(ctx context.Context, p *capture.Proxy, o *recordOptions) error {
	if o.ca != "" {
		if err := os.WriteFile(a.path(o.ca), p.CA(), 0o644); err != nil {
			return fmt.Errorf("record: --ca: %w", err)
		}
	}
	stop := make(chan struct{}, 1)
	a.presses.handle(func(int) {
		select {
		case stop <- struct{}{}:
		default:
		}
	})
	program := o.browser
	if program == "" {
		if program = capture.FindBrowser(); program == "" {
			program = noBrowser
			put(a.Out, "No Chromium was found on this machine.\n")
		}
	}
	var closed <-chan struct{}
	if program == noBrowser {
		put(a.Out, fmt.Sprintf("Enter %s as the proxy (HTTP and HTTPS) of a browser, open %s there and do what visitors do.\nFor https the browser must trust the certificate that --ca FILE writes; it is worth nothing once this is over.\n", p.URL(), o.capture.Host))
	} else {
		b, err := p.Open(ctx, program, o.flags...)
		if err != nil {
			return err
		}
		defer b.Close()
		closed = b.Done()
		put(a.Out, "A browser opens: do in it what visitors do, at their pace.\n")
	}
	put(a.Out, "Close it, or press Ctrl-C here, when you are done: then the test is written.\n")
	ticker := time.NewTicker(5 * time.Second)
	defer ticker.Stop()
	for told := 0; ; {
		select {
		case <-closed:
			return nil
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if n := p.Requests(); n != told {
				told = n
				put(a.Out, counted(n, "request")+" so far\n")
			}
		}
	}
}
