package cli

import (
	"errors"
	"regexp"
	"slices"
	"strings"
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
			"without a pause; of several URLs each comes in its turn. Requests are named by their path. For a WebSocket (ws://, wss://) each user opens " +
			"one and keeps it, and each request is a message (-d) and the next one that comes, or a ping where no -d is given. The flags of a request are curl's: -H is a " +
			"header here, -d a body, -b a cookie. " +
			setting.FileName + " belongs to a test: without --config it says only where the ledger is, and which hosts are never to be asked.",
		Example: "  " + a.name() + " hit http://127.0.0.1:8080/\n" +
			"  " + a.name() + " hit -u 200 -t 30s https://example.org/ https://example.org/news\n" +
			"  " + a.name() + " hit --rate 1000/s -X POST -d '{\"id\":7}' -H 'Content-Type: application/json' http://127.0.0.1:8080/cart",
	}
	l := a.settings(c, a.hitSettings(&o), false)
	l.optional, l.only = true, []string{"ledger", "no-record", "hosts"} // the ledger is the one that runs list shows here
	c.RunE = func(c *cobra.Command, args []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		o.hit(a, l.set, args, &wrong)
		o.fleet.command, o.fleet.args, o.fleet.given = "hit", args, l.set
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
	for _, s := range drop(a.runSettings(&o.options), "host", "tags", "exclude-tags", "log", "log-level", "send", "on", "target") {
		switch s.Name {
		case "users":
			s.Default = "50"
			s.Mask = notAPassword
			s.Read = usersOrLogIn(s.Read)
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
			Name: dataFlag, Short: "d", Arg: "TEXT|@FILE", Group: groupRequest, List: true, Verbatim: true, Read: a.body(r, dataFlag),
			Help: "the body; @FILE reads it from a file, @- from standard input, without line ends; several are joined by &, all as curl does",
		},
		{
			Name: dataBinaryFlag, Arg: "TEXT|@FILE", Group: groupRequest, List: true, Verbatim: true, Read: a.body(r, dataBinaryFlag),
			Help: "the body as it is, line ends and all",
		},
		{
			Name: dataRawFlag, Arg: "TEXT", Group: groupRequest, List: true, Verbatim: true, Read: a.body(r, dataRawFlag),
			Help: "the body; an @ at its beginning is no file",
		},
		{
			Name: dataURLFlag, Arg: "TEXT", Group: groupRequest, List: true, Verbatim: true, Read: a.body(r, dataURLFlag),
			Help: "a part of the body that is encoded: CONTENT, NAME=CONTENT, @FILE or NAME@FILE",
		},
		{
			Name: "form", Short: "F", Arg: "NAME=CONTENT", Group: groupRequest, List: true, Verbatim: true, Read: a.addForm(r),
			Help: "a field of a multipart form; NAME=@FILE sends a file (;type= and ;filename= may follow), NAME=<FILE what it holds",
		},
		{Name: "get", Short: "G", Group: groupRequest, Default: "false", Read: onOff(&r.inQuery), Help: "put the data of -d into the URL's query"},
		{
			Name: "cookie", Short: "b", Arg: "'NAME=VALUE; ...'|FILE", Group: groupRequest, List: true, Verbatim: true, Read: a.addCookies(r), Mask: setting.Mask,
			Help: "cookies that each user begins with, or a file of them as curl -c and browsers write it",
		},
		{Name: "user-agent", Short: "A", Arg: "TEXT", Group: groupRequest, Read: r.setHeader("User-Agent"), Help: "what the requests say they come from; \"\" leaves the header out"},
		{Name: "referer", Short: "e", Arg: "URL", Group: groupRequest, Read: r.setHeader("Referer"), Help: "the page that the requests say they come from"},
		{
			Name: "location", Short: "L", Group: groupRequest, Default: "true", Read: func(t string) error {
				on, err := setting.ParseSwitch(t)
				r.stay = !on
				return err
			}, Help: "follow redirects, which is done anyway; --location=false takes a redirect for the answer",
		},
		{
			Name: "compressed", Group: groupRequest, Default: "true", Read: func(t string) error {
				on, err := setting.ParseSwitch(t)
				r.plain = !on
				return err
			}, Help: "ask for compressed answers, which is done anyway; --compressed=false does not",
		},
		{
			Name: "header", Short: "H", Arg: "'NAME: VALUE'", Group: groupRequest, List: true, Whole: true, Read: a.headers(r), Mask: setting.MaskHeader,
			Help: "a header; @FILE reads them from a file, one a line; 'NAME:' leaves out one that is sent otherwise, 'NAME;' sends an empty one; may be repeated",
		},
		{
			Name: "page", Group: groupRequest, Default: "false", Read: onOff(&r.page),
			Help: "load each URL as a browser does: the document, each time, and its parts, with a cache for each user",
		},
		{
			Name: "urls", Arg: "FILE|-", Group: groupRequest, Read: text(&o.urls),
			Help: "a file with one URL a line, or in vegeta's form (METHOD URL, header fields, @FILE for the body), besides those of the command line; - is standard input",
		},
	}
}

// hit makes a plan of URLs.
func (o *hitOptions) hit(a *app, given *setting.Set, urls []string, wrong *mistakes) {
	targets, errs := parseTargets(urls)
	wrong.add(errs...)
	byHand := len(targets)
	if o.urls != "" {
		more, errs := a.readList(o.urls)
		wrong.add(errs...)
		targets = append(targets, more...)
	}
	nameTargets(targets, byHand)
	o.request.join(given)
	wrong.add(o.request.contradictions())
	p := &o.plan
	if p.Rate == nil && p.Users == nil && !given.Given("rate") && !given.Given("users") {
		p.Users = stampede.Level(hitUsers)
	}
	if p.Duration == 0 && p.Iterations == 0 && !given.Given("run-time") {
		p.Duration = hitLength(p)
	}
	if len(targets) == 0 {
		if len(urls) == 0 && o.urls == "" {
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
	if o.request.page && slices.ContainsFunc(targets, o.request.noPage) {
		wrong.add(errPageMethod)
	}
	o.request.forTargets(targets)
	if slices.ContainsFunc(targets, func(t target) bool { return t.socket }) {
		wrong.add(o.request.fitsSockets(targets, given))
		p.Test = o.request.socketTest(targets, p.HTTP.Timeout)
		return
	}
	counted := new(codes)
	o.tail = counted.tail
	p.Test = o.request.test(targets, counted)
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

// logIn is curl's -u: a user and a password.
var logIn = regexp.MustCompile(`^[A-Za-z][^(:]*:.`)

// usersOrLogIn answers curl's -u, which is another thing.
func usersOrLogIn(read func(string) error) func(string) error {
	return func(t string) error {
		if logIn.MatchString(t) {
			return errors.New("-u is the number of users here; a log-in by user and password is a header: -H \"Authorization: Basic $(printf 'USER:PASSWORD' | base64)\"")
		}
		return read(t)
	}
}

func notAPassword(t string) string {
	if logIn.MatchString(t) {
		user, _, _ := strings.Cut(t, ":")
		return user + ":" + setting.Hidden
	}
	return t
}
