// Command scribe is a generator with many request names that writes its run into a ledger, or does not, so that the two can be compared. It
// prints nothing: what it costs the operating system knows, and what it sent the server.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/ledger"
)

// reader is the visitor.
type reader struct{ stampede.HTTPUser }

// pages are request names that take turns.
type pages struct {
	names []stampede.Option
	next  atomic.Uint64
}

func (p *pages) open(r *reader, ctx context.Context) error {
	_, err := r.Get(ctx, "/page", p.names[p.next.Add(1)%uint64(len(p.names))])
	return err
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "scribe:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	host := flag.String("host", "", "base URL of the site")
	users := flag.String("users", "", "users")
	rate := flag.String("rate", "", "arrivals a second")
	names := flag.Int("names", 1, "request names")
	length := flag.Duration("t", 5*time.Second, "length")
	where := flag.String("ledger", "", "the ledger to record into")
	flag.Parse()
	p := pages{}
	for i := range *names {
		p.names = append(p.names, stampede.Name(fmt.Sprintf("Page %03d", i)))
	}
	plan := stampede.Plan{
		Test: stampede.Test{Name: "scribe", Users: []stampede.UserType{stampede.Users(stampede.Spec[reader]{
			Tasks: []stampede.Task[reader]{{Do: p.open}},
		})}},
		Host: *host, Duration: *length, Seed: 1,
	}
	var err error
	if *rate != "" {
		plan.Rate, err = stampede.ParseShape(*rate)
	} else {
		plan.Users, err = stampede.ParseShape(*users)
	}
	if err != nil {
		return err
	}
	rep, err := record(ctx, plan, *where)
	if err == nil && rep.Whole.Total.Failures > 0 {
		err = fmt.Errorf("%d of %d requests failed", rep.Whole.Total.Failures, rep.Whole.Total.Count)
	}
	return err
}

// record makes a run, and writes it into a ledger as a command line does when where names one.
func record(ctx context.Context, p stampede.Plan, where string) (*stampede.Report, error) {
	if where == "" {
		return stampede.Run(ctx, p)
	}
	led, err := ledger.Open(ctx, where, ledger.Options{})
	if err != nil {
		return nil, err
	}
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	p.Observers = append(p.Observers, r)
	rep, err := stampede.Run(ctx, p)
	return rep, errors.Join(err, r.Close(ctx), led.Close())
}
