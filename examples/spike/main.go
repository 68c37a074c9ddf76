// Command spike shows the moment the tickets open: visitors arrive at a rate, whatever the site does, look around and leave. Thresholds in Go
// say what the site must bear.
//
//	go run ./examples/spike run -H https://... --rate "spike(20, 400, at=30s, for=20s, rise=2s)"
package main

import (
	"context"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// Fan comes, looks at a few pages and goes.
type Fan struct{ stampede.HTTPUser }

// Announcement is what everybody wants to read.
func (f *Fan) Announcement(ctx context.Context) error {
	_, err := f.Get(ctx, "/", stampede.Name("Announcement"))
	return err
}

// Tickets is where they go next.
func (f *Fan) Tickets(ctx context.Context) error {
	_, err := f.Get(ctx, "/tickets", stampede.Name("Tickets"))
	return err
}

func main() {
	launch.Main(stampede.Test{
		Name: "Tickets open",
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Fan]{
			Wait:  stampede.Between(time.Second, 4*time.Second),
			Visit: stampede.Visit{Tasks: 4},
			Tasks: []stampede.Task[Fan]{{Weight: 1, Do: (*Fan).Announcement}, {Weight: 3, Do: (*Fan).Tickets}},
		})},
		Thresholds: []stampede.Threshold{
			stampede.P95(stampede.Named("Tickets")).Below(800 * time.Millisecond).During("spike"),
			stampede.Failures().BelowShare(0.01),
			stampede.P99().Below(10 * time.Second).Over(10 * time.Second).Stop(), // spare a site that is down
		},
	})
}
