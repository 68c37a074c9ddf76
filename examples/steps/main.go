// Command steps shows how to time what a visitor does as a whole: a page with its parts loaded side by side, and a purchase of several
// requests, each reported beside the requests it is made of.
package main

import (
	"context"
	"errors"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// Fan buys a ticket.
type Fan struct{ stampede.HTTPUser }

// Buy is one step of three requests; it fails when one of them does.
func (f *Fan) Buy(ctx context.Context) error {
	return f.Step(ctx, "Buy a ticket", func(ctx context.Context) error {
		if err := f.page(ctx); err != nil {
			return err
		}
		if err := f.Pause(ctx, 2*time.Second); err != nil { // people read before they click
			return err
		}
		resp, err := f.Post(ctx, "/basket", stampede.Name("Put in basket"), stampede.JSON(map[string]string{"seat": "12B"}))
		if err != nil {
			return err
		}
		var basket struct{ ID string }
		if err := resp.JSON(&basket); err != nil {
			return err
		}
		_, err = f.Post(ctx, "/basket/"+basket.ID+"/pay", stampede.Name("Pay"), stampede.Check(paid))
		return err
	})
}

// page loads the events page, then its style and its picture side by side.
func (f *Fan) page(ctx context.Context) error {
	if _, err := f.Get(ctx, "/events", stampede.Name("Events")); err != nil {
		return err
	}
	return f.Together(ctx, f.part("/style.css"), f.part("/stage.png"))
}

func (f *Fan) part(path string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := f.Get(ctx, path, stampede.Discard())
		return err
	}
}

func paid(r *stampede.Response) error {
	if !r.Contains("paid") {
		return errors.New("the ticket was not paid")
	}
	return nil
}

func main() {
	launch.Main(stampede.Test{
		Name: "Ticket sale",
		Users: []stampede.UserType{stampede.Users(stampede.Spec[Fan]{
			Wait:  stampede.Between(5*time.Second, 20*time.Second),
			Tasks: []stampede.Task[Fan]{{Do: (*Fan).Buy}},
		})},
	})
}
