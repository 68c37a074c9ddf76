package flow

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// Options say what the recordings do not.
type Options struct {
	Name    string    // of the test; "" means that of the site
	Allow   []string  // hosts that belong to the site, besides those of its domain
	Weights []float64 // of the recordings; missing ones are 1
	Alone   bool      // each request is a task by itself
	Cookies bool      // cookies are sent as they were, as no answer gives them
}

// Make makes a test of recordings. Those of the same flow are compared; every other one becomes a task.
func Make(recordings []*importer.Recording, o Options) (*Test, error) {
	if len(recordings) == 0 || len(recordings[0].Requests) == 0 {
		return nil, errors.New("there is no request in it")
	}
	m := &maker{Options: o, test: &Test{Name: o.Name}}
	home, ok := homeOf(recordings[0])
	if !ok {
		return nil, fmt.Errorf("the address %s cannot be read", importer.Brief(recordings[0].Requests[0].URL))
	}
	m.test.Site = home.Site()
	m.origins = []string{home.Site()}
	if m.test.Name == "" {
		m.test.Name = home.Host
	}
	m.clean.own, m.clean.others, m.clean.left = ownHosts(home, o.Allow), map[string]int{}, &m.left
	var flows [][]*ask
	for _, r := range recordings {
		m.left.Merge(r.Left)
		all := m.clean.sort(m.clean.asks(r))
		if len(all) == 0 {
			return nil, fmt.Errorf("%s: no request in it is for %s; --allow-host HOST says which other hosts belong to the site", r.Name, home.Host)
		}
		for _, a := range all {
			if a.Kind != importer.Socket {
				m.build(a)
			}
		}
		all = arrange(all, !o.Alone)
		for _, a := range all {
			if a.Kind == importer.Socket {
				m.build(a)
			}
		}
		flows = append(flows, all)
	}
	m.pair(recordings, flows)
	m.notes(recordings)
	m.files()
	return m.test, nil
}

// files leaves out those that only a second recording has.
func (m *maker) files() {
	used := map[string]bool{}
	for _, t := range m.test.Tasks {
		for _, s := range t.Steps {
			for _, c := range s.Calls {
				used[c.BodyFile] = true
				if c.Said != nil {
					used[c.Said.BodyFile] = true
				}
				for _, f := range c.Files {
					used[f.File] = true
				}
			}
		}
	}
	kept := m.test.Files[:0]
	for _, f := range m.test.Files {
		if used[f.Name] {
			kept = append(kept, f)
		}
	}
	m.test.Files = kept
}

type maker struct {
	Options
	test    *Test
	clean   cleaner
	left    importer.Counts
	origins []string
	names   map[string]bool // of methods
	numbers map[string]int  // what comes next behind a name that is taken
	unfound []string
	sockets int // that are kept for later steps
}

func (m *maker) build(a *ask) {
	(&builder{store: m.store, alone: m.Cookies}).build(a)
	a.call.Origin = m.origin(a.site())
	a.own = &m.origins
	a.answer = answerOf(a)
}

// origin is the number of a host of the site.
func (m *maker) origin(site string) int {
	for i, o := range m.origins {
		if o == site {
			return i + 1
		}
	}
	m.origins = append(m.origins, site)
	m.test.Others = append(m.test.Others, site)
	return len(m.origins)
}

// store puts a body into a file of the test, once.
func (m *maker) store(name string, data []byte) string {
	name = strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, path.Base(strings.ReplaceAll(name, `\`, "/")))
	if name = strings.Trim(name, ".-_"); name == "" {
		name = "file"
	}
	for n, base := 2, name; ; n++ {
		taken := false
		for _, f := range m.test.Files {
			if f.Name == name {
				taken = true
				if string(f.Data) == string(data) {
					return name
				}
			}
		}
		if !taken {
			break
		}
		name = fmt.Sprintf("%d-%s", n, base)
	}
	m.test.Files = append(m.test.Files, File{Name: name, Data: data})
	return name
}

// alike is how much of two recordings must be the same for them to be of one flow.
const alike = 0.75

// pair compares recordings of the same flow, and makes the tasks.
func (m *maker) pair(recordings []*importer.Recording, flows [][]*ask) {
	m.names, m.numbers = map[string]bool{}, map[string]int{}
	used := make([]bool, len(flows))
	for i, all := range flows {
		if used[i] {
			continue
		}
		r := recordings[i]
		doc := "is what was recorded in " + r.Name
		compared := false
		for k := i + 1; k < len(flows) && !m.Alone; k++ {
			if used[k] {
				continue
			}
			if n := align(all, flows[k]); float64(n) < alike*float64(max(asked(all), asked(flows[k]))) {
				unpair(all)
				continue
			}
			used[k], compared = true, true
			doc = fmt.Sprintf("is what was recorded in %s, compared with %s", r.Name, recordings[k].Name)
			m.test.Notes = append(m.test.Notes, fmt.Sprintf("%s and %s are of the same flow: what differs was told apart by comparing them.", r.Name, recordings[k].Name))
			break
		}
		weight := 1.0
		if i < len(m.Weights) && m.Weights[i] > 0 {
			weight = m.Weights[i]
		}
		t := &Task{Name: taskName(r.Name), Doc: doc, Weight: weight}
		c := &correlator{asks: all, compared: compared, task: t, origins: m.origins}
		c.run()
		m.unfound = append(m.unfound, c.noted...)
		for _, a := range all {
			a.call.settle(a)
		}
		if m.Alone {
			m.alone(t, all)
			continue
		}
		m.steps(t, all)
		m.test.Tasks = append(m.test.Tasks, t)
	}
}

func unpair(all []*ask) {
	for _, a := range all {
		a.twin = nil
	}
}

// taskName is what a recording is called, in words: "buy-ticket.har" is "Buy Ticket".
func taskName(file string) string {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	base = strings.TrimSuffix(base, path.Ext(base))
	if n := spoken(words(base)); exported(n) != "" {
		return n
	}
	return "Visit"
}

// settle puts the pieces of an address together.
func (c *Call) settle(a *ask) {
	whole := true
	var p Value
	for i, s := range c.segments {
		if i > 0 {
			p = append(p, Part{Text: "/"})
		}
		if _, same := s.Constant(); !same {
			whole = false
			p = append(p, s...)
			continue
		}
		p = append(p, Part{Text: strings.Split(a.url.Path, "/")[i]}) // as it was written
	}
	if c.Path = squeeze(p); whole {
		c.Path = constant(a.url.Path)
	}
	var fixed []string
	dynamic := c.Query[:0:0]
	for _, q := range c.Query {
		if _, same := q.Value.Constant(); same {
			fixed = append(fixed, q.raw)
		} else {
			dynamic = append(dynamic, q)
		}
	}
	c.Query, c.Fixed = dynamic, strings.Join(fixed, "&")
	if c.referer != "" {
		c.refer(a)
	}
}

// refer says which page a form was sent from: sites look at it as a guard against forged requests.
func (c *Call) refer(a *ask) {
	site := a.site()
	rest, ok := strings.CutPrefix(c.referer, site)
	if !ok || rest != "" && rest[0] != '/' && rest[0] != '?' {
		return
	}
	rest, _, _ = strings.Cut(rest, "?")
	for s := range strings.SplitSeq(rest, "/") {
		if hasDigit(s) && (digits(s) || random(s)) {
			rest = "/"
			break
		}
	}
	if rest == "" {
		rest = "/"
	}
	c.Headers = append(c.Headers, &Pair{Name: "Referer", Value: Value{{Origin: c.Origin}, {Text: rest}}})
}

// notes says what was left out and what is to be done.
func (m *maker) notes(recordings []*importer.Recording) {
	t := m.test
	add := func(format string, args ...any) { t.Notes = append(t.Notes, fmt.Sprintf(format, args...)) }
	for _, line := range m.left.Lines() {
		add("left out: %s", line)
	}
	if len(m.clean.order) > 0 {
		var hosts []string
		for _, h := range m.clean.order {
			hosts = append(hosts, fmt.Sprintf("%s (%d)", h, m.clean.others[h]))
		}
		add("left out: requests to hosts that are not the site's: %s. --allow-host lets one of them in, here and in a run.", strings.Join(hosts, ", "))
	}
	if len(t.Others) > 0 {
		add("other hosts of the site are asked too: %s", strings.Join(t.Others, ", "))
	}
	seen := map[string]bool{}
	for _, u := range m.unfound {
		if !seen[u] {
			add("not found: %s; it is a column of the data file.", u)
		}
		seen[u] = true
	}
	for _, r := range recordings {
		if r.NoCookies {
			add("%s has no cookies and no Authorization, as browsers export it unless \"with sensitive data\" is chosen. The visitor takes cookies from the site by itself; "+
				"if the recording began after a log-in, record the log-in too.", r.Name)
		}
	}
	for _, r := range recordings {
		if r.Unmade {
			add("none of the requests of %s has got an answer: nobody has made them, so nothing was looked for in answers.", r.Name)
		}
		if r.NoBodies {
			add("%s does not hold what the site answered: tokens and ids were looked for in vain. Record with the content of the answers.", r.Name)
		}
	}
	for _, task := range t.Tasks {
		for _, s := range task.Steps {
			for _, c := range s.Calls {
				for _, n := range c.Notes {
					add("%s %s: %s", c.Method, s.Name, n)
				}
			}
		}
	}
}
