package main

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/stats"
)

// pageOf opens the page of a controller at an address; the run that is watched becomes the one it shows.
func pageOf(ctx context.Context, addr string) (watched *console.Watched, end func(), err error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, nil, err
	}
	c := console.New(console.Config{Test: console.Test{Name: "herd"}, Pages: herdPages{}})
	s := c.Server()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // it ends when it is closed
	}()
	return c.Watch(), func() {
		_ = s.Close() // whoever looks is done
		<-done
	}, nil
}

// startShown starts a run, and shows it at an address when there is one. end closes the page.
func startShown(ctx context.Context, plan stampede.Plan, d stampede.Driver, addr string) (running *stampede.Running, end func(), err error) {
	if addr == "" {
		running, err = stampede.StartWith(ctx, plan, d)
		return running, func() {}, err
	}
	page, end, err := pageOf(ctx, addr)
	if err != nil {
		return nil, nil, err
	}
	plan.Observers = append(plan.Observers, page)
	if running, err = stampede.StartWith(ctx, plan, d); err != nil {
		end()
		return nil, nil, err
	}
	page.Going(shown{running})
	return running, end, nil
}

// shown is a run as the page changes it.
type shown struct{ *stampede.Running }

func (s shown) SetUsers(who string, n int, rate float64) error { return s.As(who).SetUsers(n, rate) }
func (s shown) SetRate(who string, rate float64) error         { return s.As(who).SetRate(rate) }
func (s shown) Pause(who string)                               { s.As(who).Pause() }
func (s shown) Resume(who string)                              { s.As(who).Resume() }
func (s shown) Stop(who string)                                { s.Running.Stop("stopped by " + who) }
func (s shown) Annotate(who, text string)                      { s.As(who).Annotate(text) }

type herdPages struct{}

func (herdPages) Page(w io.Writer, r *stampede.Report) error { return report.WritePage(w, r) }

func (herdPages) Row(row *stats.Row) ([]byte, error) { return report.PageRow(row) }
func (herdPages) Servers(w io.Writer, r *stampede.Report, from time.Duration, points int) error {
	return report.WriteServers(w, r, from, points)
}
func (herdPages) Formats() []console.Format { return nil }
