// Package launch makes a program of a test: a main.go that calls [Main] has the commands run, check, runs, config
// explain, help and version.
//
//	func main() { launch.Main(stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[Fan]{...})}}) }
//
// A test that needs flags of its own, or a site of its own, uses [MainWith].
package launch

import (
	"context"
	"os"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli"
)

// Options is what a program adds to its test. The zero value adds nothing.
type Options struct {
	// Flags adds flags of the test's own to run and check. They are settings like all others: STAMPEDE_* variables and stampede.yaml
	// reach them too, and config explain shows them. A name that stampede has already is reported when the program starts.
	Flags func(*pflag.FlagSet)
	// Prepare is called with the plan before anything of a run or a check starts, and may change it: a program that brings its own site
	// starts it here and sets plan.Host when it is empty. stop, when not nil, is called when all is over. An error is shown as a mistake
	// in the configuration, and nothing is started.
	Prepare func(ctx context.Context, plan *stampede.Plan) (stop func(), err error)
}

// Main runs the command line of this process against a test and ends the process with its exit status.
func Main(test stampede.Test) { MainWith(test, Options{}) }

// MainWith is Main with options.
func MainWith(test stampede.Test, o Options) {
	os.Exit(run(context.Background(), &test, o, cli.Process()))
}

// run is one command line; it returns the exit status.
func run(ctx context.Context, test *stampede.Test, o Options, s cli.System) int {
	return cli.Main(ctx, cli.Program{Test: test, Flags: o.Flags, Prepare: o.Prepare}, s)
}
