// Command herd is what the benchmarks of the fleet run: a test with the commands that every test has (run, worker and so on), and beside them
//
//	herd controller    a controller with an observer that measures it; prints one line of JSON
//	herd join          workers whose clocks are set apart, or who only report: the join URL is in STAMPEDE_JOIN
//	herd site          a site for very many connections
//
// Command bench starts it.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

func main() {
	own := map[string]func(context.Context, []string) error{"controller": control, "join": join, "site": site}
	if len(os.Args) > 1 && own[os.Args[1]] != nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		err := own[os.Args[1]](ctx, os.Args[2:])
		stop()
		if err != nil {
			fmt.Fprintln(os.Stderr, "herd:", err)
			os.Exit(1)
		}
		return
	}
	launch.MainWith(herd(), launch.Options{Flags: func(f *pflag.FlagSet) {
		f.DurationVar(&think, "think", 0, "the time between two requests of a user, on average")
	}})
}

// think is a flag of the test's own.
var think time.Duration

// walker asks for one page again and again.
type walker struct{ stampede.HTTPUser }

// Page asks for it. The site learns which process asked.
func (w *walker) Page(ctx context.Context) error {
	_, err := w.Get(ctx, page, stampede.Name("Page"))
	return err
}

var page = fmt.Sprintf("/page?of=%d", os.Getpid())

func herd() stampede.Test {
	return stampede.Test{Name: "herd", Users: []stampede.UserType{
		stampede.Users(stampede.Spec[walker]{Wait: pause(), Tasks: []stampede.Task[walker]{{Do: (*walker).Page}}}),
	}}
}

// pause is random around what the flag says when a user waits, and not when the test is made: flags are read later.
func pause() stampede.Wait {
	return stampede.WaitFunc(func(r *rand.Rand) time.Duration {
		return think/2 + time.Duration(r.Float64()*float64(think))
	})
}
