package cli

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/pace"
)

// hitOptions are those of run, and what is asked for.
type hitOptions struct {
	options
	request request
	urls    string // a file of them
}

const groupRequest = "Request"

// What a hit does when nothing is said: enough to see something, short enough to wait for.
const (
	hitUsers = 50
	hitTime  = 10 * time.Second
)

// hitCommand is the quick load without a test.
func (a *app) hitCommand() *cobra.Command {
	var o hitOptions
	c := &cobra.Command{
		Use:   "hit [flags] URL...",
		Short: "Send load to one or more URLs, with no test written",
		Long: "Send load to one or more URLs, as fast as they answer (-u) or at a rate (--rate), and print what was felt. Each user asks for " +
			"the URLs in turn, without a pause. Requests are named by their path. As in curl, -H is a header here. " +
			setting.FileName + " belongs to a test: without --config it says only where the book of runs is.",
		Example: "  " + a.name() + " hit http://127.0.0.1:8080/\n" +
			"  " + a.name() + " hit -u 200 -t 30s https://example.org/ https://example.org/news\n" +
			"  " + a.name() + " hit --rate 1000/s -X POST -d '{\"id\":7}' -H 'Content-Type: application/json' http://127.0.0.1:8080/cart",
	}
	l := a.settings(c, a.hitSettings(&o), false)
	l.optional, l.only = true, []string{"ledger", "no-record"} // the book is the one that runs list shows here
	c.RunE = func(c *cobra.Command, args []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		o.hit(a, l.set, args, &wrong)
		wrong.add(pointless(l.set, &o.plan)...)
		if o.repeat.wanted() {
			g := again{a, l, false, a.hitSettings, func(h *hitOptions, set *setting.Set, wrong *mistakes) { h.hit(a, set, args, wrong) }}
			return g.inSeries(c.Context(), &o.options, wrong)
		}
		return a.drive(c.Context(), &o.options, wrong)
	}
	return c
}

// hitSettings are those of run that make sense without a test, and those of the request.
func (a *app) hitSettings(o *hitOptions) []setting.Setting {
	table := a.requestSettings(o)
	for _, s := range drop(a.runSettings(&o.options), "host", "tags", "exclude-tags", "log", "log-level") {
		switch s.Name {
		case "users":
			s.Default = "50"
			s.Help = "connections at once, each asking again as soon as it is answered (closed model): a number, or a shape over time"
		case "run-time":
			s.Default = "10s"
			s.Help = "how long: 90, 30s, 1h20m; with --iterations or a shape that ends, until then; else 10s with all of the load there"
		case "iterations":
			s.Short = "n"
			s.Help = "end after so many requests"
		case "insecure":
			s.Short = "k"
		}
		table = append(table, s)
	}
	return table
}

// requestSettings are what curl's users know.
func (a *app) requestSettings(o *hitOptions) []setting.Setting {
	r := &o.request
	return []setting.Setting{
		{Name: "request", Short: "X", Arg: "METHOD", Default: "GET", Group: groupRequest, Read: r.setMethod, Help: "the method; POST when there is a body"},
		{
			Name: "data", Short: "d", Arg: "TEXT|@FILE", Group: groupRequest, List: true, Verbatim: true, Read: a.body(r),
			Help: "the body; @FILE reads it from a file, @- from standard input, without line ends; several are joined by &, all as curl does",
		},
		{
			Name: "header", Short: "H", Arg: "'NAME: VALUE'", Group: groupRequest, List: true, Whole: true, Read: r.addHeader, Mask: setting.MaskHeader,
			Help: "a header; 'NAME:' leaves out one that is sent otherwise, 'NAME;' sends an empty one; may be repeated",
		},
		{
			Name: "urls", Arg: "FILE", Group: groupRequest, Read: text(&o.urls),
			Help: "a file with one URL a line, besides those of the command line",
		},
	}
}

// hit makes a plan of URLs.
func (o *hitOptions) hit(a *app, given *setting.Set, urls []string, wrong *mistakes) {
	if o.urls != "" {
		more, err := readURLs(a.path(o.urls))
		wrong.add(err)
		urls = append(urls, more...)
	}
	targets, errs := parseTargets(urls)
	wrong.add(errs...)
	p := &o.plan
	if p.Rate == nil && p.Users == nil && !given.Given("rate") && !given.Given("users") {
		p.Users = stampede.Level(hitUsers)
	}
	if p.Duration == 0 && p.Iterations == 0 && !given.Given("run-time") {
		p.Duration = hitLength(p)
	}
	if len(targets) == 0 {
		if len(urls) == 0 {
			wrong.add(errNoURL)
		}
		targets = []target{{}} // so that what else is mistaken can be found too
	} else {
		p.Host = targets[0].host
		for _, t := range targets[1:] {
			p.HTTP.AllowHosts = append(p.HTTP.AllowHosts, t.name)
			if t.host != p.Host {
				o.also = append(o.also, t.host)
			}
		}
	}
	p.Test = o.request.test(targets)
}

// hitLength is how long a hit lasts that was not told: until its load ends, or for a while after that has come to its last level.
func hitLength(p *stampede.Plan) time.Duration {
	length := time.Duration(hitTime)
	for _, s := range []stampede.Shape{p.Users, p.Rate} {
		if s == nil {
			continue
		}
		if _, ends := s.End(); ends {
			return 0
		}
		if phases := s.Phases(); len(phases) > 0 {
			length = phases[len(phases)-1].From + hitTime
		}
		if s == p.Users && p.SpawnRate > 0 {
			length += time.Duration(min(s.Max()/p.SpawnRate, pace.MaxTime.Seconds()) * float64(time.Second)).Round(time.Second)
		}
	}
	return length
}
