package launch_test

import (
	"context"
	"net/http"
	"net/http/httptest"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

type Fan struct{ stampede.HTTPUser }

func (f *Fan) News(ctx context.Context) error {
	_, err := f.Get(ctx, "/news")
	return err
}

func test() stampede.Test {
	return stampede.Test{Users: []stampede.UserType{
		stampede.Users(stampede.Spec[Fan]{Tasks: []stampede.Task[Fan]{{Do: (*Fan).News}}}),
	}}
}

// A test becomes a program with one line.
func ExampleMain() {
	launch.Main(test())
}

// A test with a flag of its own, that brings a site when no --host is given.
func ExampleMainWith() {
	var text string
	launch.MainWith(test(), launch.Options{
		Flags: func(flags *pflag.FlagSet) {
			flags.StringVar(&text, "site-text", "hello", "what the site answers")
		},
		Prepare: func(_ context.Context, plan *stampede.Plan) (func(), error) {
			if plan.Host != "" {
				return nil, nil
			}
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Write([]byte(text))
			}))
			plan.Host = site.URL
			return site.Close, nil
		},
	})
}
