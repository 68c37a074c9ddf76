package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/apache"
	"github.com/stampede-load/stampede/internal/monitor/cloudwatch"
	"github.com/stampede-load/stampede/internal/monitor/command"
	"github.com/stampede-load/stampede/internal/monitor/exporter"
	"github.com/stampede-load/stampede/internal/monitor/haproxy"
	"github.com/stampede-load/stampede/internal/monitor/host"
	"github.com/stampede-load/stampede/internal/monitor/memcached"
	"github.com/stampede-load/stampede/internal/monitor/mysql"
	"github.com/stampede-load/stampede/internal/monitor/newrelic"
	"github.com/stampede-load/stampede/internal/monitor/nginx"
	"github.com/stampede-load/stampede/internal/monitor/phpfpm"
	"github.com/stampede-load/stampede/internal/monitor/postgres"
	"github.com/stampede-load/stampede/internal/monitor/prometheus"
	"github.com/stampede-load/stampede/internal/monitor/rabbitmq"
	"github.com/stampede-load/stampede/internal/monitor/redis"
)

// serverSources are the kinds of servers that give figures of now.
func serverSources() map[string]func(url string) (monitor.Source, error) {
	return map[string]func(string) (monitor.Source, error){
		"apache": apache.New, "nginx": nginx.New, "php-fpm": phpfpm.New, "haproxy": haproxy.New, "mysql": mysql.New, "postgres": postgres.New,
		"redis": redis.New, "memcached": memcached.New, "rabbitmq": rabbitmq.New, "host": host.New, "exporter": exporter.New,
	}
}

// serverKinds is the kinds, in the order of the documentation.
func serverKinds() []string {
	return []string{
		"apache", "nginx", "php-fpm", "haproxy", "mysql", "postgres", "redis", "memcached", "rabbitmq", "host", "exporter", "command", "prometheus", "cloudwatch", "newrelic",
	}
}

// openServers makes readers of what was named. ${NAME} in an address is a variable of the environment, so that secrets stand in no command line.
func (a *app) openServers(ctx context.Context, specs []monitor.Spec) ([]stampede.WatchedServer, error) {
	var wrong mistakes
	var out []stampede.WatchedServer
	seen := map[string]bool{}
	for _, spec := range specs {
		if seen[spec.Name] {
			wrong.add(fmt.Errorf("server %s: the name is given twice; each server has one of its own", spec.Name))
			continue
		}
		seen[spec.Name] = true
		one, err := a.openServer(ctx, spec)
		if err != nil {
			wrong.add(fmt.Errorf("server %s: %w", spec.Name, err))
			continue
		}
		out = append(out, one)
	}
	if len(wrong) > 0 {
		closeServers(out)
		return nil, wrong.err()
	}
	return out, nil
}

// plainAddresses are the kinds whose address is no URL.
var plainAddresses = []string{"mysql", "memcached", "command", "cloudwatch", "newrelic"}

func (a *app) openServer(ctx context.Context, spec monitor.Spec) (stampede.WatchedServer, error) {
	one := stampede.WatchedServer{Name: spec.Name, Kind: spec.Kind}
	url, err := monitor.Fill(spec.URL, !slices.Contains(plainAddresses, spec.Kind), a.lookup)
	if err != nil {
		return one, err
	}
	switch spec.Kind {
	case "prometheus":
		one.Historian, err = prometheus.New(url)
	case "cloudwatch":
		one.Historian, err = cloudwatch.New(ctx, url, cloudwatch.Options{})
	case "newrelic":
		one.Historian, err = newrelic.New(url, a.lookup)
	case "command":
		if strings.HasPrefix(url, "./") || strings.HasPrefix(url, "../") {
			url = a.path(url) // as every other file that is named
		}
		one.Source, err = command.New(url)
	default:
		one.Source, err = serverSources()[spec.Kind](url)
	}
	return one, err
}

func closeServers(all []stampede.WatchedServer) {
	for _, s := range all {
		if s.Source != nil {
			s.Source.Close()
		}
		if s.Historian != nil {
			s.Historian.Close()
		}
	}
}

// tellCosts says before a run what its servers will be asked for where that costs something. A run without a known end is priced by the hour.
func (a *app) tellCosts(servers []stampede.WatchedServer, length time.Duration) {
	span := "this run: "
	if length <= 0 || length >= longestSearch {
		span, length = "each hour of this run: ", time.Hour
	}
	for _, s := range servers {
		if f, can := s.Historian.(monitor.Estimator); can {
			a.warn([]string{s.Name + ", " + span + f.Estimate(length)})
		}
	}
}

// serversCommand has the commands about servers.
func (a *app) serversCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "servers", Short: "The servers that are read beside a run", Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	c.AddCommand(a.serversCheckCommand())
	return c
}

// serversCheckCommand asks each server and prints what it gives.
func (a *app) serversCheckCommand() *cobra.Command {
	var o options
	c := &cobra.Command{
		Use:   "check [flags]",
		Short: "Ask each server once and print every series that it gives now",
		Long: "Ask each server once and print every series that it gives now, with its limit where the server knows it. Counters are asked for twice, a " +
			"second apart, and shown as rates. No load is sent.",
		Example: "  " + a.name() + " servers check --server web=nginx:http://127.0.0.1/status --server here=host:",
		Args:    words(cobra.NoArgs),
	}
	l := a.settings(c, pick(a.runSettings(&o), "server"), false)
	l.optional, l.only = true, []string{"servers"}
	c.RunE = func(c *cobra.Command, _ []string) error {
		wrong, notes := a.resolve(l)
		a.warn(notes)
		if len(o.servers) == 0 {
			wrong.add(fmt.Errorf("no server: give --server NAME=KIND:URL, or servers: in %s", setting.FileName))
		}
		if err := wrong.err(); err != nil {
			return err
		}
		servers, err := a.openServers(c.Context(), o.servers)
		if err != nil {
			return err
		}
		if failed := a.checkServers(c.Context(), servers); failed > 0 {
			a.status = statusFailures
		}
		return nil
	}
	return c
}

// longestCheck is how long a check waits for the first word of a server: one that does not answer at all is told after five seconds.
const longestCheck = 7 * time.Second

// unheard reports whether a server has given no figure yet, and nobody has said why.
func unheard(s monitor.Server) bool { return !gives(&s) && len(s.Notes) == 0 }

// gives reports whether a server gave a figure of its own: how long it was waited for is none.
func gives(s *monitor.Server) bool {
	return slices.ContainsFunc(s.Series, func(one monitor.Series) bool { return one.Name != monitor.AnswerTime })
}

// checkServers watches all of them for two readings and prints them. It says how many did not answer.
func (a *app) checkServers(ctx context.Context, servers []stampede.WatchedServer) (failed int) {
	start := time.Now()
	w := monitor.Watch(ctx, start, servers)
	for pause := 2500 * time.Millisecond; ctx.Err() == nil && time.Since(start) < longestCheck; pause = 100 * time.Millisecond {
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		if !slices.ContainsFunc(w.Servers(), unheard) {
			break
		}
	}
	w.Stop()
	w.Late(ctx, 0, time.Second)
	var silent []string
	for i, s := range w.Servers() {
		if servers[i].Historian != nil {
			s = a.lately(ctx, servers[i], s)
		}
		if !gives(&s) {
			silent = append(silent, s.Name)
		}
		a.printServer(&s)
	}
	for _, c := range w.Costs() {
		put(a.Out, c+"\n")
	}
	w.Close()
	if len(silent) == 0 {
		put(a.Out, format.Plural(int64(len(servers)), "server answers", "servers answer")+"\n")
	} else {
		put(a.Out, fmt.Sprintf("%d of %s: no figures of %s\n", len(servers)-len(silent), format.Plural(int64(len(servers)), "server answers", "servers answer"), strings.Join(silent, ", ")))
	}
	return len(silent)
}

// printServer prints a server: what is wrong with it first, then its series, those with a limit before the others, since they are what a suspect can be.
func (a *app) printServer(s *monitor.Server) {
	known := 0
	for i := range s.Series {
		if s.Series[i].Limit > 0 {
			known++
		}
	}
	switch {
	case !gives(s):
		put(a.Out, fmt.Sprintf("%s (%s): no figures\n", s.Name, s.Kind))
		if len(s.Notes) == 0 {
			put(a.Out, "  ! it answered, and has nothing of what was asked for: are the names right, and is anything collected under them?\n")
		}
	default:
		put(a.Out, fmt.Sprintf("%s (%s): %d series, %d with a limit\n", s.Name, s.Kind, len(s.Series), known))
	}
	for _, n := range s.Notes {
		put(a.Out, "  ! "+n+"\n")
	}
	all := slices.Clone(s.Series)
	slices.SortStableFunc(all, func(a, b monitor.Series) int { return -cmp.Compare(min(1, a.Limit), min(1, b.Limit)) })
	printSeries(a.Out, all)
}

// lately is what a historian has of the last quarter of an hour.
func (a *app) lately(ctx context.Context, server stampede.WatchedServer, s monitor.Server) monitor.Server {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	now := time.Now()
	series, _, err := server.Historian.Range(ctx, now.Add(-15*time.Minute), now)
	if err != nil && !slices.ContainsFunc(s.Notes, func(n string) bool { return strings.HasSuffix(n, err.Error()) }) {
		s.Notes = append(s.Notes, err.Error())
	}
	s.Series = nil
	for _, r := range series {
		for i, at := range r.Times {
			r.Points = append(r.Points, monitor.Point{At: at.Sub(now), Value: r.Is[i]})
		}
		s.Series = append(s.Series, r.Series)
	}
	return s
}

func printSeries(w io.Writer, all []monitor.Series) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range all {
		value, limit := "no value yet", ""
		n := len(s.Points)
		if n > 0 {
			value = format.Amount(s.Points[n-1].Value, s.Unit)
		}
		if s.Limit > 0 {
			limit = "of " + format.Amount(s.Limit, s.Unit)
			if n > 0 && s.Unit != "%" {
				limit += fmt.Sprintf(" (%.0f %%)", 100*s.Points[n-1].Value/s.Limit)
			}
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", s.Name, value, limit, s.Help)
	}
	_ = t.Flush() // a reader that went away needs no error
}
