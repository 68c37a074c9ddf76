package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/deploy/eb"
)

// ebIdleCommand ends workers that have nothing to do. The controller's instance of a deployment runs it; people have no use for it.
func (a *app) ebIdleCommand() *cobra.Command {
	f := &ebFlags{}
	on := ""
	c := &cobra.Command{
		Use: "idle --on URL [flags]", Short: "On a controller's instance: end workers that have nothing to do", Args: words(cobra.NoArgs), Hidden: true,
		Long: "Watch a controller, and have AWS scale the group of its workers to zero once nothing has been done with them for --idle-exit: no run, and no worker that came or went. " +
			"The controller's instance runs this by itself, with the rights that \"deploy eb policy --instances\" prints.",
	}
	a.findFlags(c, &f.Name, &f.Prefix, &f.Region)
	c.Flags().DurationVar(&f.Idle, "idle-exit", 30*time.Minute, "after so long: `TIME`")
	c.Flags().StringVar(&on, "on", "", "the controller's page: `URL`; its token is read from STAMPEDE_WEB_TOKEN")
	c.RunE = func(c *cobra.Command, _ []string) error {
		token, _ := a.lookup("STAMPEDE_WEB_TOKEN")
		r, err := remoteAt("--on", on, token)
		switch {
		case err != nil:
			return fmt.Errorf("--on: %w", err)
		case on == "":
			return errors.New("--on: give the controller's page, such as http://127.0.0.1:5000")
		case f.Idle <= 0:
			return errors.New("--idle-exit: give a time above zero")
		}
		client, err := aws.Open(c.Context(), f.Region)
		if err != nil {
			return err
		}
		f.Region = client.Region
		f.Fill()
		if err := f.Find(); err != nil {
			return err
		}
		err = eb.New(client, &f.Options, eb.Hooks{Say: a.progress}).EndIdle(c.Context(), eb.Idle{After: f.Idle, Life: r.life})
		if c.Context().Err() != nil {
			return nil // it was told to end
		}
		return err
	}
	return c
}

// life says what there is at a controller: the number of its runs, the last of them, and its workers.
func (r *remote) life(ctx context.Context) (words string, busy bool, err error) {
	over, going, err := r.farRuns(ctx)
	if err != nil {
		return "", false, err
	}
	n, err := r.workersThere(ctx)
	if err != nil {
		return "", false, err
	}
	last := ""
	if len(over) > 0 {
		last = over[len(over)-1].ID
	}
	return fmt.Sprintf("%d runs to %s, %d workers", len(over), last, n), len(going) > 0, nil
}
