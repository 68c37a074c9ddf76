// Command fanclub tests the web site of a band on the day it announces a tour: fans log in and look at the fan club, the events and the
// store, while others just read the news.
//
// Without --host it starts a demo site of its own on a free loopback port, so that it can be tried at once:
//
//	go run ./examples/fanclub run -u 200 -r 20 -t 30s
package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/examples/fanclub/site"
	"github.com/stampede-load/stampede/launch"
)

// Account is one row of the fans' log-ins.
type Account struct {
	Email, Password string
}

var accounts = stampede.Must(stampede.CSV[Account](site.AccountsCSV, "accounts.csv"))

// Fan is a visitor who has an account.
type Fan struct {
	stampede.HTTPUser // this fan's cookies and connections
	userID            string
}

// LogIn is done once, before anything else.
func (f *Fan) LogIn(ctx context.Context) error {
	account := accounts.Pick(f.Rand())
	resp, err := f.Post(ctx, "/login", stampede.Name("Log In"),
		stampede.Form("email", account.Email, "password", account.Password, "rememberMe", "1"),
		stampede.Check(loggedIn))
	if err != nil {
		return err
	}
	f.userID = resp.Cookie("userId")
	if f.userID == "" {
		return errors.New("logged in, and no userId cookie was set")
	}
	return nil
}

// loggedIn decides whether the answer to a log-in is a success: the site answers 200 to a wrong password too.
func loggedIn(r *stampede.Response) error {
	var answer struct {
		Success bool
		Error   string
	}
	if err := r.JSON(&answer); err != nil {
		return err
	}
	if !answer.Success {
		return errors.New(answer.Error)
	}
	return nil
}

// FanClub opens the fans' own page, with its style sheets, pictures and iframe, as a browser does.
func (f *Fan) FanClub(ctx context.Context) error {
	_, err := f.Page(ctx, "/demo/fanclub", stampede.Name("Logged In Fan Club"))
	return err // a failure is already recorded under its name
}

// Events looks for a concert nearby.
func (f *Fan) Events(ctx context.Context) error {
	_, err := f.Page(ctx, "/demo/events", stampede.Name("Logged In Event Page"))
	return err
}

// Store looks at the shirts.
func (f *Fan) Store(ctx context.Context) error {
	_, err := f.Page(ctx, "/demo/store", stampede.Name("Logged In Store Page"))
	return err
}

// Reader is a visitor who has no account.
type Reader struct{ stampede.HTTPUser }

// News reads what is new.
func (r *Reader) News(ctx context.Context) error {
	_, err := r.Get(ctx, "/news", stampede.Name("News"))
	return err
}

// Tour looks at the dates.
func (r *Reader) Tour(ctx context.Context) error {
	resp, err := r.Get(ctx, "/tour", stampede.Name("Tour"))
	if err != nil {
		return err
	}
	if !strings.Contains(resp.Header("Content-Type"), "html") {
		return fmt.Errorf("the tour page is %s", resp.Header("Content-Type"))
	}
	return nil
}

func test() stampede.Test {
	return stampede.Test{
		Name: "Tour announcement",
		Users: []stampede.UserType{
			stampede.Users(stampede.Spec[Fan]{
				Weight:  20,
				Tags:    []string{"fans"},
				Wait:    stampede.Between(1*time.Second, 10*time.Second),
				OnStart: (*Fan).LogIn,
				Tasks: []stampede.Task[Fan]{
					{Weight: 30, Do: (*Fan).FanClub},
					{Weight: 30, Do: (*Fan).Events},
					{Weight: 30, Do: (*Fan).Store},
				},
			}),
			stampede.Users(stampede.Spec[Reader]{
				Weight: 4,
				Tags:   []string{"readers"},
				Wait:   stampede.Between(2*time.Second, 8*time.Second),
				Tasks: []stampede.Task[Reader]{
					{Weight: 2, Do: (*Reader).News},
					{Weight: 1, Do: (*Reader).Tour},
				},
			}),
		},
	}
}

func main() { launch.MainWith(test(), demoSite()) }
