package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/mask"
)

// Program is what a binary is: the commands around one test, or the stock binary.
type Program struct {
	// Test is the test that run and check run. nil makes the stock binary, with hit, new, report and run PACKAGE.
	Test *stampede.Test
	// Flags adds flags of the test's own to the commands that run it. They are settings like all others: STAMPEDE_* and stampede.yaml
	// reach them too. nil adds none.
	Flags func(*pflag.FlagSet)
	// Prepare is called with the plan before anything else of a run or check happens, and may change it: a test that brings its own site
	// starts it here and sets plan.Host. stop, when not nil, is called when all is over. An error is a mistake in the configuration.
	Prepare func(ctx context.Context, plan *stampede.Plan) (stop func(), err error)
	// Site is the demo site of the stock binary's site command; nil leaves the command out.
	Site *DemoSite
}

// DemoSite is a site to try load tests on.
type DemoSite struct {
	// Flags adds what can be set of it.
	Flags func(*pflag.FlagSet)
	// Start makes it listen on an address until stop. url is where it is; hint may say how to get in.
	Start func(addr string) (url, hint string, stop func(), err error)
}

// Main runs one command line and returns its exit status: see docs/exit-status.md.
func Main(ctx context.Context, p Program, s System) int {
	a := &app{Program: p, System: s, own: pflag.NewFlagSet("own", pflag.ContinueOnError)}
	if p.Flags != nil {
		p.Flags(a.own) // once: each call would set the test's variables back
	}
	ctx, a.presses = watchInterrupts(ctx, s.Interrupts)
	defer a.presses.close()
	root := a.root()
	args := s.Args[min(1, len(s.Args)):]
	root.SetArgs(args)
	err := a.singleDash(root, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err != nil && !deserted(err) {
		return a.complain(err)
	}
	return a.status
}

// deserted reports whether an error is no more than that nobody reads standard output any longer, as in "runs list --json | head -1".
func deserted(err error) bool {
	var all mistakes
	if errors.As(err, &all) && len(all) > 1 {
		return false
	}
	var at *fs.PathError
	return errors.Is(err, syscall.EPIPE) && errors.As(err, &at) && at.Path == os.Stdout.Name()
}

// app is one command line on its way.
type app struct {
	Program
	System
	own     *pflag.FlagSet // the flags of the test's own
	input   []byte         // standard input, when a flag asked for it
	presses *interrupts
	status  int // of a command that did its work
}

// complain prints what kept a command from its work and gives the status for it.
func (a *app) complain(err error) int {
	if a.presses.count() > 0 && errors.Is(err, context.Canceled) {
		fmt.Fprintf(a.Err, "%s: interrupted before anything was started\n", a.name())
		return statusInterrupted
	}
	var all mistakes
	if errors.As(err, &all) && len(all) > 1 {
		fmt.Fprintf(a.Err, "%s: %d mistakes, so nothing was started\n", a.name(), len(all))
		for _, one := range all {
			fmt.Fprintf(a.Err, "  %s\n", mask.Text(one.Error()))
		}
		return statusUsage
	}
	fmt.Fprintf(a.Err, "%s: %s\n", a.name(), mask.Text(err.Error()))
	return statusUsage
}

// root is the tree of commands.
func (a *app) root() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:           a.name(),
		Short:         "Load testing for the moment everyone arrives at once",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return a.unknownCommand(c, args[0])
			case version:
				put(a.Out, versionLine())
				return nil
			}
			if a.Test == nil {
				return c.Help()
			}
			return a.serve(c.Context(), &options{web: webOptions{addr: webAddress}}, true)
		},
	}
	root.Flags().BoolVarP(&version, "version", "V", false, "print the version")
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetHelpFunc(a.help)
	root.SetFlagErrorFunc(a.flagError)
	if a.Test != nil {
		root.Short = "Load test: " + testName(a.Test)
		root.AddCommand(a.runCommand(), a.serveCommand(), a.checkCommand(), a.limitCommand(), a.scheduleCommand())
	} else {
		root.AddCommand(a.hitCommand(), a.serveCommand(), a.newCommand(), a.importCommand(), a.recordCommand(), a.packageCommand(), a.reportCommand(), a.limitCommand())
		if a.Site != nil {
			root.AddCommand(a.siteCommand())
		}
	}
	root.AddCommand(a.workerCommand(), a.fleetCommand(), a.deployCommand(), a.runsCommand(), a.configCommand(), a.serversCommand(), a.versionCommand())
	root.SetHelpCommand(a.helpCommand())
	return root
}

// testName is what a test is called.
func testName(t *stampede.Test) string {
	if t.Name == "" {
		return "test"
	}
	return t.Name
}

// put writes to a stream of the system. A closed pipe at the other end is no reason to stop.
func put(w io.Writer, text string) {
	if _, err := io.WriteString(w, text); err != nil {
		return // nobody is there to be told
	}
}
