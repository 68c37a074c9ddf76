package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// siteCommand starts the demo site alone.
func (a *app) siteCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "site [flags]",
		Short: "Start the demo site, something to try a test on",
		Long: "Start the demo site: the pages of a band on the day it announces a tour, with log-ins, cookies and a limit to what it bears. A test that " +
			"\"" + a.name() + " new\" has written asks it as it is. It goes on until Ctrl-C.",
		Example: "  " + a.name() + " site\n  " + a.name() + " site --listen 127.0.0.1:0 --workers 4 --service-time 30ms",
		Args:    words(cobra.NoArgs),
	}
	listen := c.Flags().String("listen", "127.0.0.1:8080", "the `ADDRESS` to listen on; the port 0 is any free one. Beyond loopback the site is open to the network")
	a.Site.Flags(c.Flags())
	c.RunE = func(c *cobra.Command, _ []string) error {
		url, hint, stop, err := a.Site.Start(*listen)
		if err != nil {
			return fmt.Errorf("site: %w", err)
		}
		defer stop()
		put(a.Out, fmt.Sprintf("the demo site is at %s until you press Ctrl-C\n%s\n", url, hint))
		<-c.Context().Done()
		return nil
	}
	return c
}
