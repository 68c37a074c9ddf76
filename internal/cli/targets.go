package cli

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/suggest"
)

// neverKey is the entry of hosts whose values are never to be asked.
const neverKey = "never"

// targets is what hosts in stampede.yaml says: targets by name, and the one that was chosen.
type targets struct {
	known  map[string]place
	chosen string
	never  []string
}

// place is a place that a test can be pointed at.
type place struct {
	url   string            // that stands for the test's host
	hosts map[string]string // or a URL for each host
}

// targetSettings name targets and what is never to be asked, and choose.
func (a *app) targetSettings(o *options) []setting.Setting {
	return []setting.Setting{
		{
			Name: "target", Arg: "NAME", Group: groupWhat, Read: text(&o.targets.chosen),
			Help: "ask the target of that name under hosts in stampede.yaml, with every URL of the test: staging",
		},
		{
			Name: "hosts", Arg: "NAME=URL", Group: groupWhat, List: true, Adds: true, Whole: true, Mask: setting.MaskURL, Read: o.targets.read(o),
			Help: "a target, and with never=HOST what is never to be asked, by no run: names, *.example.org, addresses; in a file a table; those of all sources count",
		},
	}
}

// read takes "staging=https://...", "staging=www.example.org=https://..." or "never=www.example.org".
func (t *targets) read(o *options) func(string) error {
	bad := errors.New("write NAME=URL, NAME=HOST=URL or never=HOST, such as staging=https://staging.example.org")
	return func(given string) error {
		name, rest, ok := strings.Cut(given, "=")
		name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
		if !ok || name == "" || rest == "" {
			return bad
		}
		if name == neverKey {
			t.never = append(t.never, rest)
			o.plan.HTTP.Never = append(o.plan.HTTP.Never, rest)
			return nil
		}
		host, raw, single := "", rest, true
		if at := strings.IndexByte(rest, '='); at > 0 && !strings.Contains(rest[:at], "://") {
			host, raw, single = rest[:at], rest[at+1:], false
		}
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			return bad
		}
		if t.known == nil {
			t.known = map[string]place{}
		}
		one := t.known[name]
		if single {
			one = place{url: strings.TrimSuffix(raw, "/")} // of a stronger source
		} else {
			one.url, one.hosts = "", maps.Clone(one.hosts)
			if one.hosts == nil {
				one.hosts = map[string]string{}
			}
			one.hosts[host] = raw
		}
		t.known[name] = one
		return nil
	}
}

// aim points the plan at the target that was chosen. It is called when the test is in the plan.
func (o *options) aim(given *setting.Set) error {
	t, p := &o.targets, &o.plan
	if t.chosen == "" {
		return nil
	}
	one, ok := t.known[t.chosen]
	if !ok {
		names := slices.Sorted(maps.Keys(t.known))
		switch near := suggest.Nearest(t.chosen, names); {
		case near != "":
			return fmt.Errorf("--target %s: hosts in stampede.yaml has no such target; did you mean %s?", t.chosen, near)
		case len(names) > 0:
			return fmt.Errorf("--target %s: hosts in stampede.yaml has no such target; there are %s", t.chosen, strings.Join(names, ", "))
		}
		return fmt.Errorf("--target %s: there are no targets; write them into stampede.yaml: hosts: {%s: https://...}", t.chosen, t.chosen)
	}
	switch host, target := given.Source("host"), given.Source("target"); {
	case host == target && host != setting.FromFile:
		return errors.New("--target and --host contradict each other: give one of them")
	case host > target:
		return nil // as with all settings, the stronger source counts
	}
	if one.url == "" {
		p.HTTP.Swap = one.hosts
		return o.covered(one)
	}
	sources := map[string]bool{}
	for _, raw := range p.Hosts() {
		if u, err := url.Parse(raw); err == nil {
			sources[u.Host] = true
		}
	}
	if len(sources) > 1 {
		return fmt.Errorf("--target %[1]s: the test asks %[2]s, and one URL cannot stand for all of them; write hosts: {%[1]s: {HOST: URL}} in stampede.yaml",
			t.chosen, strings.Join(slices.Sorted(maps.Keys(sources)), " and "))
	}
	p.Host = one.url
	u, err := url.Parse(one.url)
	if err != nil {
		return err
	}
	p.HTTP.Swap = map[string]string{}
	for source := range sources {
		if source != u.Host {
			p.HTTP.Swap[source] = u.Scheme + "://" + u.Host
		}
	}
	return nil
}

// targetsHere reads what stampede.yaml and the environment say of hosts in this folder, and nothing else of them.
func (a *app) targetsHere() (o options, wrong mistakes) {
	set := setting.New(pick(a.targetSettings(&o), setting.Table)...)
	file, err := setting.ReadFile(a.path(setting.FileName), false)
	wrong = mistakes{}
	wrong.add(err)
	wrong.add(set.Resolve(a.lookup, file.Only([]string{setting.Table}))...)
	return o, wrong
}

// neverHere is what is never to be asked by anything that runs in this folder, whoever wants it.
func (a *app) neverHere() ([]string, error) {
	o, wrong := a.targetsHere()
	return o.targets.never, wrong.err()
}

// hostsFile is what stampede.yaml and the environment say of hosts here, as a stampede.yaml for a controller elsewhere; empty when they say nothing.
func (a *app) hostsFile() (string, error) {
	o, wrong := a.targetsHere()
	hosts := map[string]any{}
	for name, one := range o.targets.known {
		if hosts[name] = one.hosts; one.url != "" {
			hosts[name] = one.url
		}
	}
	if len(o.targets.never) > 0 {
		hosts[neverKey] = o.targets.never
	}
	if len(hosts) == 0 || len(wrong) > 0 {
		return "", wrong.err()
	}
	text, err := yaml.Marshal(map[string]any{"hosts": hosts})
	return string(text), err
}

// covered wants a target that names hosts to name those that the test asks.
func (o *options) covered(one place) error {
	var stand []string
	for _, to := range one.hosts {
		if u, err := url.Parse(to); err == nil {
			stand = append(stand, u.Host)
		}
	}
	for _, raw := range o.plan.Hosts() { // swapped already
		if u, err := url.Parse(raw); err == nil && !slices.Contains(stand, u.Host) {
			return fmt.Errorf("--target %s says nothing of %s, which the test asks: add it under hosts in stampede.yaml", o.targets.chosen, u.Host)
		}
	}
	return nil
}
