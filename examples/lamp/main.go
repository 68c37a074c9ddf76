// Command lamp is the tour announcement against a site of Apache, PHP, MariaDB and Redis, whose own figures are read beside the load: they say which of them
// gave way first. README.md leads through it; site.sh starts such a site on this machine.
//
//	./examples/lamp/site.sh &
//	go run ./examples/lamp run --config examples/lamp/stampede.yaml -u 0:1,2m:200 -t 2m
package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

// Fan is a visitor who has an account, and buys now and then.
type Fan struct{ stampede.HTTPUser }

// LogIn is done once, before anything else.
func (f *Fan) LogIn(ctx context.Context) error {
	number := 1 + f.Rand().IntN(1000)
	resp, err := f.Post(ctx, "/login", stampede.Name("Log In"), stampede.Form("email", fmt.Sprintf("fan%d@fans.example", number), "password", "encore"))
	if err != nil {
		return err
	}
	if resp.Cookie("session") == "" {
		return errors.New("logged in, and no session cookie was set")
	}
	return nil
}

// Events looks for a concert in a city.
func (f *Fan) Events(ctx context.Context) error {
	_, err := f.Get(ctx, fmt.Sprintf("/events?city=%d", f.Rand().IntN(500)), stampede.Name("Events"))
	return err // a failure is already recorded under its name
}

// Store looks at the shirts.
func (f *Fan) Store(ctx context.Context) error {
	_, err := f.Get(ctx, "/store", stampede.Name("Store"))
	return err
}

// Buy orders one of them.
func (f *Fan) Buy(ctx context.Context) error {
	_, err := f.Post(ctx, "/order", stampede.Name("Order"), stampede.Form("shirt", fmt.Sprint(1+f.Rand().IntN(20))))
	return err
}

// Reader is a visitor who has no account.
type Reader struct{ stampede.HTTPUser }

// News reads what is new.
func (r *Reader) News(ctx context.Context) error {
	_, err := r.Get(ctx, "/", stampede.Name("News"))
	return err
}

func main() {
	launch.Main(stampede.Test{
		Name: "Tour announcement",
		Host: "http://127.0.0.1:8100", // where site.sh listens
		Users: []stampede.UserType{
			stampede.Users(stampede.Spec[Fan]{
				Weight: 20, Tags: []string{"fans"}, Wait: stampede.Between(1*time.Second, 5*time.Second), OnStart: (*Fan).LogIn,
				Tasks: []stampede.Task[Fan]{{Weight: 5, Do: (*Fan).Events}, {Weight: 4, Do: (*Fan).Store}, {Weight: 1, Do: (*Fan).Buy}},
			}),
			stampede.Users(stampede.Spec[Reader]{
				Weight: 4, Tags: []string{"readers"}, Wait: stampede.Between(2*time.Second, 8*time.Second), Tasks: []stampede.Task[Reader]{{Do: (*Reader).News}},
			}),
		},
	})
}
