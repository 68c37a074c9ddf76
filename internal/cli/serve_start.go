package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/suggest"
)

// starter starts runs that the page asks for, one at a time.
type starter struct {
	*app
	ctx    context.Context
	ledger ledgerOptions
	page   *webServer
	fleet  *keptFleet // of serve; nil when runs are made here

	reading sync.Mutex // the flags of the test's own are its variables
	runs    sync.WaitGroup

	mu      sync.Mutex
	ending  bool
	current *going
}

// going is a run that goes on here.
type going struct {
	*stampede.Running
	kept  chan struct{}   // closed when all of it is in the ledger
	found *compare.Result // beside its baseline, nil for none; known when it is kept
}

// typesKey is the key under which user types are chosen on the page and by the API; the command line takes their names as words.
const typesKey = "types"

// readSettings makes options of the settings of a request, as if they had been given on the command line. own reads the flags of the test's
// own too, which are its variables: not while a run goes on.
func (s *starter) readSettings(settings map[string]any, own bool) (*options, console.Mistakes) {
	if own {
		s.own.VisitAll(func(f *pflag.Flag) {
			if list, ok := f.Value.(pflag.SliceValue); ok {
				_ = list.Replace(nil) // what an earlier run was given; the default comes back with the next line
			}
			_ = f.Value.Set(f.DefValue)
		})
	}
	o := &options{}
	l := s.settings(&cobra.Command{}, s.runSettings(o), own)
	l.optional = true
	var wrong console.Mistakes
	for key, v := range settings {
		if key == typesKey {
			o.plan.UserTypes = textsOf(v, true)
			continue
		}
		if key == neverKey { // of whoever asks, besides those of this folder
			o.plan.HTTP.Never = append(o.plan.HTTP.Never, textsOf(v, true)...)
			continue
		}
		one := l.set.ByKey(key)
		if one == nil && !own && s.own.Lookup(key) != nil {
			continue
		}
		if one == nil {
			wrong = append(wrong, console.Mistake{Key: format.Text(key, 60), Text: unknownKey(l.set, key)})
			continue
		}
		if !offered(one) {
			wrong = append(wrong, console.Mistake{Key: key, Text: key + ": this is for the command line; on the page files are downloaded from the run"})
			continue
		}
		texts := textsOf(v, one.List)
		if len(texts) == 0 {
			continue
		}
		if err := l.set.Give(one.Name, texts...); err != nil {
			wrong = append(wrong, console.Mistake{Key: key, Text: err.Error()})
		}
	}
	slices.SortFunc(wrong, func(a, b console.Mistake) int { return strings.Compare(a.Key, b.Key) })
	more, _ := s.resolve(l)
	o.plan.Test, o.ledger, o.web = *s.Test, s.ledger, webOptions{}
	o.fleet.command, o.fleet.given, o.fleet.addr, o.fleet.nats = "run", l.set, "", "" // the fleet is serve's
	more.add(o.aim(l.set))
	more.add(pointless(l.set, &o.plan)...)
	return o, append(wrong, keyed(l.set, more)...)
}

func unknownKey(set *setting.Set, key string) string {
	if near := suggest.Nearest(key, set.Keys()); near != "" {
		return fmt.Sprintf("%s: no setting has that name; did you mean %s?", format.Text(key, 60), near)
	}
	return fmt.Sprintf("%s: no setting has that name", format.Text(key, 60))
}

// offered reports whether a setting may be given on the page: not those that write or read files here, or that are about the terminal.
func offered(s *setting.Setting) bool {
	switch s.Group {
	case groupLoad, groupWhat, groupJudge, groupHTTP, groupNotes, groupOwn:
		return !slices.Contains([]string{"cacert", "cert", "unix-socket", "ledger", "no-record", "cost", "repeat", "interleave", "hosts"}, s.Name) && !s.NotInFile
	}
	return s.Group == groupFleet && s.Name == "workers"
}

// textsOf is a value as texts of a flag. Nothing, and empty texts, mean that it was not given.
func textsOf(v any, list bool) []string {
	var texts []string
	switch v := v.(type) {
	case string:
		if list {
			for _, line := range strings.Split(v, "\n") {
				if strings.TrimSpace(line) != "" {
					texts = append(texts, strings.TrimSpace(line))
				}
			}
		} else if strings.TrimSpace(v) != "" {
			texts = append(texts, strings.TrimSpace(v))
		}
	case bool:
		texts = append(texts, strconv.FormatBool(v))
	case float64:
		texts = append(texts, strconv.FormatFloat(v, 'f', -1, 64))
	case []any:
		for _, one := range v {
			texts = append(texts, textsOf(one, false)...)
		}
	}
	return texts
}

var flagInText = regexp.MustCompile(`--([a-z][a-z-]*)`)

// beginnings are how the library's own mistakes begin, and which setting each is about.
var beginnings = []struct{ text, key string }{
	{"spawn rate", "spawn-rate"},
	{"a spawn rate", "spawn-rate"},
	{"users or a rate", "users"},
	{"users", "users"},
	{"rate", "rate"},
	{"run time", "run-time"},
	{"the warm-up", "warmup"},
	{"warm-up", "warmup"},
	{"iterations", "iterations"},
	{"threshold", "thresholds"},
	{"host", "host"},
	{"there is no tag", "tags"},
	{"there is no user type", typesKey},
}

// keyed puts each mistake to the setting that it is about, as far as its words say it.
func keyed(set *setting.Set, wrong mistakes) console.Mistakes {
	var out console.Mistakes
	for _, err := range wrong {
		m := console.Mistake{Text: err.Error()}
		if found := flagInText.FindStringSubmatch(m.Text); found != nil {
			set.Each(func(s *setting.Setting) {
				if s.Name == found[1] {
					m.Key = s.FileKey()
				}
			})
		}
		for _, b := range beginnings {
			if m.Key == "" && strings.HasPrefix(m.Text, b.text) {
				m.Key = b.key
			}
		}
		out = append(out, m)
	}
	return out
}

// Plan implements console.Starter.
func (s *starter) Plan(_ context.Context, settings map[string]any) (stampede.Load, console.Mistakes) {
	s.reading.Lock()
	defer s.reading.Unlock()
	o, wrong := s.readSettings(settings, false)
	var more mistakes
	if o.baseline == "" {
		more.add(o.plan.Validate())
	}
	wrong = append(wrong, keyed(setting.New(s.runSettings(&options{})...), more)...)
	load, err := o.plan.Load(241)
	if err != nil && len(wrong) == 0 && o.baseline == "" {
		wrong = append(wrong, console.Mistake{Text: err.Error()})
	}
	return load, wrong
}

// Begin implements console.Starter.
func (s *starter) Begin(ctx context.Context, settings map[string]any, who string) (string, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if s.isEnding() {
		return "", console.ErrBusy
	}
	o, wrong := s.readSettings(settings, true)
	var more mistakes
	if len(wrong) == 0 {
		more.add(s.earlier(ctx, o))
		more.add(o.plan.Validate())
	}
	set := setting.New(s.runSettings(&options{})...)
	if wrong = append(wrong, keyed(set, more)...); len(wrong) > 0 {
		return "", wrong
	}
	stop, err := s.ready(ctx, &o.plan, nil)
	if err != nil {
		return "", keyed(set, partsOf(err))
	}
	recorded, err := s.record(ctx, o)
	if err != nil {
		stop()
		return "", err
	}
	if o.plan.Servers, err = s.openServers(s.runContext(), o.servers); err != nil {
		dropRecord(recorded)
		stop()
		return "", keyed(set, partsOf(err))
	}
	o.page, o.fleet.kept = s.page, s.fleet
	watched := s.page.watch(&o.plan)
	running, end, err := s.start(s.runContext(), o)
	if err != nil {
		closeServers(o.plan.Servers)
		dropRecord(recorded)
		stop()
		more = nil
		more.add(err)
		return "", keyed(set, more)
	}
	watched.going(running)
	s.page.edited()
	s.follow(running, who, func(r *stampede.Report) (*compare.Result, error) {
		defer stop()
		end()
		_, err := recorded()
		base, uncompared := o.against(r)
		if base.worse(r) && err == nil {
			s.tag(&o.ledger, r.Run.ID, report.RegressedTag)
		}
		s.page.edited()
		return base.found, errors.Join(err, uncompared)
	})
	return running.Info().ID, nil
}

// runContext is that of runs: they do not end with the request that started them.
func (s *starter) runContext() context.Context { return context.WithoutCancel(s.ctx) }

func (s *starter) isEnding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending
}

// follow says on the terminal that a run goes on and how it ended. over keeps it, and compares it with its baseline.
func (s *starter) follow(running *stampede.Running, who string, over func(*stampede.Report) (*compare.Result, error)) {
	g := &going{Running: running, kept: make(chan struct{})}
	s.mu.Lock()
	s.current = g
	s.mu.Unlock()
	by := ""
	if who != "" {
		by = " by " + who
	}
	put(s.Out, fmt.Sprintf("run %s started%s\n", running.Info().ID, by))
	s.runs.Go(func() {
		r, err := running.Wait()
		found, unkept := over(r)
		g.found = found
		close(g.kept)
		put(s.Out, fmt.Sprintf("run %s %s\n", r.Run.ID, report.LineAgainst(r, found)))
		var wrong mistakes
		wrong.add(err, unkept)
		for _, err := range wrong {
			put(s.Err, fmt.Sprintf("%s: %s\n", s.name(), err))
		}
	})
}

// until waits for Ctrl-C; a run that goes on comes to its end in an orderly way.
func (s *starter) until(ctx context.Context) {
	pressed := make(chan struct{})
	var once sync.Once
	s.presses.handle(func(count int) {
		s.mu.Lock()
		s.ending = true
		current := s.current
		s.mu.Unlock()
		if current != nil && current.Progress().State != "done" {
			if count == 1 {
				current.Stop(stoppedByPerson)
				put(s.Err, "stopping: tasks that have begun may end; press Ctrl-C again to end them now\n")
			} else {
				current.Cancel(stoppedByPerson)
			}
		}
		once.Do(func() { close(pressed) })
	})
	select {
	case <-pressed:
	case <-ctx.Done():
	}
	s.runs.Wait()
}

// pageTest is the test as the page shows it.
func (a *app) pageTest(s *starter) console.Test {
	t := console.Test{
		Name: testName(a.Test), Hash: a.testHash(), Types: a.Test.Outline(), Host: setting.MaskURL(a.Test.Host), Version: stampede.Version,
	}
	if s != nil {
		t.Settings = a.pageSettings()
	}
	return t
}

// testHash tells tests apart, whatever the load and the host.
func (a *app) testHash() string {
	return stampede.Plan{Test: *a.Test, Host: broughtSite}.Hash()
}

// pageSettings are those of the page's form, with what the file and the environment say.
func (a *app) pageSettings() []console.Setting {
	var o options
	l := a.settings(&cobra.Command{}, a.runSettings(&o), true)
	wrong, _ := a.resolve(l)
	for _, err := range wrong {
		put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), err))
	}
	values := map[string][]string{}
	for _, line := range l.set.Explain() {
		if line.From != "default" && !strings.Contains(line.From, "not used") {
			values[line.Name] = append(values[line.Name], line.Value)
		}
	}
	var out []console.Setting
	l.set.Each(func(s *setting.Setting) {
		if !offered(s) {
			return
		}
		one := console.Setting{Key: s.FileKey(), Group: s.Group, Arg: s.Arg, Default: s.Default, Help: s.Help, List: s.List}
		if s.Mask == nil {
			one.Value = strings.Join(values[s.Name], "\n")
		}
		if s.Adds {
			one.Value = "" // they hold in any case: the form adds to them
		}
		out = append(out, one)
	})
	if len(a.Test.Users) < 2 {
		return out
	}
	types := console.Setting{Key: typesKey, Group: groupWhat, Arg: "NAME", Default: "all", Help: "only users of these types", List: true}
	return append(out, types)
}
