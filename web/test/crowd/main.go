// Command crowd is a test that asks no site: its users record requests with names and failures of every kind, for the tests of the page.
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// Guest records what the flags say.
type Guest struct{ stampede.User }

var names int

// Look records one request of many names.
func (g *Guest) Look(context.Context) error {
	name := fmt.Sprintf("/item/%03d", g.Rand().IntN(max(names, 1)))
	return g.Record("GET", name, func() error {
		time.Sleep(time.Duration(g.Rand().IntN(4)) * time.Millisecond)
		return nil
	})
}

// Trick has a name that would be markup, and fails with a text that would be too.
func (g *Guest) Trick(context.Context) error {
	g.Log().Warn("a trick", "text", `<script>window.hacked=3</script>`)
	return g.Record("GET", `<img src=x onerror="window.hacked=1"><b>bold</b>`, func() error {
		return errors.New(`<script>window.hacked=2</script> & "quotes"`)
	})
}

// Idle does nothing at all.
func (g *Guest) Idle(context.Context) error { return nil }

func main() {
	wait := stampede.Constant(100 * time.Millisecond)
	launch.MainWith(stampede.Test{
		Name: `A crowd <i>of names</i>`,
		Users: []stampede.UserType{
			stampede.Users(stampede.Spec[Guest]{Name: "Guest", Weight: 9, Tags: []string{"many"}, Wait: wait, Tasks: []stampede.Task[Guest]{{Do: (*Guest).Look}}}),
			stampede.Users(stampede.Spec[Guest]{Name: "Trickster", Tags: []string{"tricks"}, Wait: wait, Tasks: []stampede.Task[Guest]{{Do: (*Guest).Trick}}}),
			stampede.Users(stampede.Spec[Guest]{Name: "Idler", Tags: []string{"idle"}, Weight: 0.1, Wait: wait, Tasks: []stampede.Task[Guest]{{Do: (*Guest).Idle}}}),
		},
	}, launch.Options{Flags: func(f *pflag.FlagSet) { f.IntVar(&names, "names", 5, "how many names there are") }})
}
