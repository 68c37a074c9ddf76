package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/format"
)

// fleetCommand looks after the workers of a run that goes on on this machine.
func (a *app) fleetCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "fleet", Short: "The workers of the run whose controller is on this machine", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	var run string
	ask := func(w fleet.Wish) error {
		folder, err := fleet.Going(a.cache(), run)
		if err != nil {
			return err
		}
		g, err := fleet.Ask(folder, w)
		if err != nil {
			return err
		}
		put(a.Out, workerTable(g.Workers))
		return nil
	}
	list := &cobra.Command{
		Use: "list", Short: "Who is there", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return ask(fleet.Wish{}) },
	}
	drain := &cobra.Command{
		Use: "drain WORKER", Short: "Let a worker end its users' tasks and leave; its load goes to the others", Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return ask(fleet.Wish{Drain: args[0]}) },
	}
	for _, one := range []*cobra.Command{list, drain} {
		one.Flags().StringVar(&run, "run", "", "the `RUN`; without it the latest that goes on")
		c.AddCommand(one)
	}
	return c
}

// workerTable is a line for each worker.
func workerTable(all []fleet.WorkerInfo) string {
	var b strings.Builder
	for _, w := range all {
		fmt.Fprintf(&b, "%-20s %-10s %-24s weight %-6g clock ±%-8s %s\n", w.Name, w.State, w.Host, w.Weight, format.Duration(w.ClockError), w.Verdict)
	}
	if len(all) == 0 {
		return "no worker is there\n"
	}
	return b.String()
}
