// Command sequence shows visitors that do things in order: a chain that loops, a set that is left, and a Markov chain.
package main

import (
	"context"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// Shopper follows the same path each time.
type Shopper struct{ stampede.HTTPUser }

// open is a task that opens one page.
func open(path string) func(*Shopper, context.Context) error {
	return func(s *Shopper, ctx context.Context) error {
		_, err := s.Get(ctx, path)
		return err
	}
}

// Browser goes from page to page as people do: what comes next depends on where they are.
type Browser struct{ stampede.HTTPUser }

// Home is where everybody begins.
func (b *Browser) Home(ctx context.Context) error { return b.page(ctx, "/") }

// Events is the list of concerts.
func (b *Browser) Events(ctx context.Context) error { return b.page(ctx, "/events") }

// Store is the shop.
func (b *Browser) Store(ctx context.Context) error { return b.page(ctx, "/store") }

func (b *Browser) page(ctx context.Context, path string) error {
	_, err := b.Get(ctx, path)
	return err
}

func main() {
	launch.Main(stampede.Test{
		Name: "Paths",
		Users: []stampede.UserType{
			stampede.Users(stampede.Spec[Shopper]{
				Order: stampede.InOrder,
				Wait:  stampede.Constant(time.Second),
				Tasks: []stampede.Task[Shopper]{
					{Name: "Home", Do: open("/")},
					{Name: "Looking around", Set: &stampede.Set[Shopper]{
						Stay: 3, // then on to the checkout
						Tasks: []stampede.Task[Shopper]{
							{Name: "Shirts", Weight: 2, Do: open("/store/shirts")},
							{Name: "Records", Do: open("/store/records")},
						},
					}},
					{Name: "Checkout", Do: open("/checkout")},
				},
			}),
			stampede.Users(stampede.Spec[Browser]{
				Order: stampede.Markov,
				Wait:  stampede.Between(time.Second, 4*time.Second),
				Tasks: []stampede.Task[Browser]{{Do: (*Browser).Home}, {Do: (*Browser).Events}, {Do: (*Browser).Store}},
				Next: map[string]map[string]float64{
					"Home":   {"Events": 3, "Store": 1},
					"Events": {"Events": 2, "Home": 1},
					"Store":  {"Home": 1},
				},
			}),
		},
	})
}
