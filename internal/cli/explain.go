package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

// configCommand has the commands about settings.
func (a *app) configCommand() *cobra.Command {
	config := &cobra.Command{
		Use:   "config",
		Short: "Where settings come from",
		Args:  cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	config.AddCommand(a.explainCommand())
	return config
}

// explainCommand says of each setting what it is and where that came from.
func (a *app) explainCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "explain [flags]",
		Short: "Print each setting, its value, and where it came from",
		Long: "Print each setting of run, its value, and where it came from: a flag, the environment (STAMPEDE_...), " + setting.FileName +
			", or the default. It takes the flags of run, so that a whole command line can be tried. Passwords are hidden.",
		Args: words(cobra.NoArgs),
	}
	l := a.settings(c, a.runSettings(&o), true)
	c.RunE = func(*cobra.Command, []string) error {
		wrong, notes := a.resolve(l)
		put(a.Out, explained(l.set.Explain()))
		a.warn(notes)
		return wrong.err()
	}
	return c
}

// explained lays the lines out in columns.
func explained(lines []setting.Line) string {
	heading := setting.Line{Name: "SETTING", Value: "VALUE", From: "FROM"}
	names, values := len(heading.Name), len(heading.Value)
	for _, l := range lines {
		names, values = max(names, len(l.Name)), max(values, min(len(l.Value), 40))
	}
	var b strings.Builder
	for _, l := range append([]setting.Line{heading}, lines...) {
		fmt.Fprintf(&b, "%-*s  %-*s  %s\n", names, l.Name, values, l.Value, l.From)
	}
	return b.String()
}
