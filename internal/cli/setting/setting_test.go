package setting

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load is a small table like that of the run command, reading into itself.
type load struct {
	users       string
	rate        float64
	tags, rules []string
	quiet       bool
	most        int64
}

func (l *load) set() *Set {
	return New(
		Setting{Name: "users", Short: "u", Arg: "N", Default: "1", Against: []string{"rate"}, Help: "users", Read: func(t string) error {
			l.users = t
			if t == "0" {
				return errors.New("at least one user is needed")
			}
			return nil
		}},
		Setting{Name: "rate", Arg: "RATE", Help: "rate", Against: []string{"users"}, Read: func(t string) (err error) { l.rate, err = ParseRate(t); return err }},
		Setting{Name: "max-users", Arg: "N", Needs: "rate", Help: "bound", Read: func(t string) (err error) { l.most, err = ParseCount(t, 1); return err }},
		Setting{Name: "tags", Short: "T", Arg: "TAG", List: true, Help: "tags", Read: func(t string) error { l.tags = append(l.tags, t); return nil }},
		Setting{Name: "threshold", Key: "thresholds", Arg: "EXPR", List: true, Adds: true, Whole: true, Help: "rule", Read: func(t string) error {
			l.rules = append(l.rules, t)
			return nil
		}},
		Setting{Name: "quiet", Help: "quiet", Read: func(t string) (err error) { l.quiet, err = ParseSwitch(t); return err }},
		Setting{Name: "proxy", Arg: "URL", Mask: MaskURL, Help: "proxy", Read: func(string) error { return errors.New("no such proxy") }},
	)
}

func resolve(t *testing.T, l *load, args, env []string, file string) (*Set, []string) {
	t.Helper()
	s := l.set()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	s.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	f, err := ParseFile("stampede.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	lookup := func(name string) (string, bool) {
		for _, e := range env {
			if n, v, _ := strings.Cut(e, "="); n == name {
				return v, true
			}
		}
		return "", false
	}
	var texts []string
	for _, err := range s.Resolve(lookup, f) {
		texts = append(texts, err.Error())
	}
	return s, texts
}

func TestPrecedence(t *testing.T) {
	file := "users: 3\ntags: [x, 'y,z']\n"
	for _, c := range []struct {
		args, env []string
		users     string
		tags      []string
		from      Source
	}{
		{nil, nil, "3", []string{"x", "y", "z"}, FromFile},
		{nil, []string{"STAMPEDE_USERS=4", "STAMPEDE_TAGS=a, b"}, "4", []string{"a", "b"}, FromEnvironment},
		{[]string{"-u5", "-T", "m,n", "-T", "o", "-u", "6"}, []string{"STAMPEDE_USERS=4", "STAMPEDE_TAGS=a"}, "6", []string{"m", "n", "o"}, FromFlag},
		{nil, []string{"STAMPEDE_USERS="}, "3", []string{"x", "y", "z"}, FromFile},
	} {
		var l load
		s, mistakes := resolve(t, &l, c.args, c.env, file)
		if len(mistakes) > 0 || l.users != c.users || !reflect.DeepEqual(l.tags, c.tags) || s.Source("users") != c.from {
			t.Errorf("%v %v: users %q tags %q from %v mistakes %q", c.args, c.env, l.users, l.tags, s.Source("users"), mistakes)
		}
	}
	var l load
	s, _ := resolve(t, &l, nil, nil, "")
	if l.users != "" || s.Given("users") || s.Source("users") != Default {
		t.Errorf("default: %+v", l)
	}
}

// Thresholds add up over all sources: a rule in the file cannot be lost by giving one more.
func TestAdds(t *testing.T) {
	var l load
	_, mistakes := resolve(t, &l, []string{"--threshold", `"a, b" p95 < 1s`, "--threshold", "p99 < 2s"},
		[]string{`STAMPEDE_THRESHOLD=p50 < 1s, "x, y" failures(5xx, timeout) < 1%`}, "thresholds: [rate > 1]")
	want := []string{"rate > 1", "p50 < 1s", `"x, y" failures(5xx, timeout) < 1%`, `"a, b" p95 < 1s`, "p99 < 2s"}
	if len(mistakes) > 0 || !reflect.DeepEqual(l.rules, want) {
		t.Errorf("got %q, mistakes %q", l.rules, mistakes)
	}
}

// What holds commas of its own (a URL, a header) stands on a line each in the environment; what holds line ends too is one value.
func TestWholeTexts(t *testing.T) {
	var links, bodies []string
	read := func(into *[]string) func(string) error {
		return func(t string) error {
			*into = append(*into, t)
			return nil
		}
	}
	s := New(
		Setting{Name: "link", Arg: "URL", List: true, Whole: true, Read: read(&links)},
		Setting{Name: "data", Arg: "TEXT", List: true, Verbatim: true, Read: read(&bodies)},
	)
	environment := map[string]string{"STAMPEDE_LINK": "http://x/?a=1,2\n\nhttp://y/\n", "STAMPEDE_DATA": "{\n1,\n2}"}
	lookup := func(name string) (string, bool) { v, ok := environment[name]; return v, ok }
	if wrong := s.Resolve(lookup, nil); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	if want := []string{"http://x/?a=1,2", "http://y/"}; !reflect.DeepEqual(links, want) {
		t.Errorf("links %q, want %q", links, want)
	}
	if want := []string{"{\n1,\n2}"}; !reflect.DeepEqual(bodies, want) {
		t.Errorf("bodies %q, want %q", bodies, want)
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		args, env []string
		file      string
		want      []string
	}{
		{args: []string{"-u", "0"}, want: []string{"--users 0: at least one user is needed"}},
		{env: []string{"STAMPEDE_USERS=0"}, want: []string{"STAMPEDE_USERS 0: at least one user is needed"}},
		{file: "# a comment\nusers: 0", want: []string{"stampede.yaml:2: users 0: at least one user is needed"}},
		{args: []string{"-u", "1", "--rate", "2"}, want: []string{
			"--users and --rate contradict each other; give one of them",
		}},
		{args: []string{"--rate", "-5"}, want: []string{"--rate -5: a rate cannot be negative"}},
		{args: []string{"--rate", "5", "--max-users", "x"}, want: []string{"--max-users x: not a whole number"}},
		{args: []string{"--max-users", "5"}, want: []string{"--max-users does nothing without --rate; give both or neither"}},
		{file: "max-users: 5"},
		{file: "users: 5", args: []string{"--rate", "50"}},
		{args: []string{"--quiet=perhaps", "--rate=", "--proxy", "http://me:secret@proxy"}, want: []string{
			`--rate "": not a rate; write a number such as "50", "50/s" or "300/m"`,
			"--quiet perhaps: write true or false",
			"--proxy http://***@proxy: no such proxy",
		}},
		{file: "users: [1, 2]", want: []string{"stampede.yaml:1: users: one value is wanted here, not a list of 2"}},
		{file: "quiet:\nusers: 2"},
	} {
		var l load
		_, got := resolve(t, &l, c.args, c.env, c.file)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v %v %q:\n got %q\nwant %q", c.args, c.env, c.file, got, c.want)
		}
	}
}

func TestPutAside(t *testing.T) {
	var l load
	s, mistakes := resolve(t, &l, []string{"--rate", "50", "--quiet"}, nil, "users: 5\nthresholds:\n  - p95 < 1s\n  - rate > 1\n")
	if len(mistakes) > 0 || l.users != "" || l.rate != 50 || !l.quiet || s.Given("users") {
		t.Fatalf("%+v %q", l, mistakes)
	}
	var b strings.Builder
	for _, line := range s.Explain() {
		fmt.Fprintf(&b, "%s=%s|%s\n", line.Name, line.Value, line.From)
	}
	want := `users=5|stampede.yaml:1 (not used: --rate was given)
rate=50|--rate
max-users=|default
tags=|default
threshold=p95 < 1s|stampede.yaml:3
threshold=rate > 1|stampede.yaml:4
quiet=true|--quiet
proxy=|default
`
	if lines := l.set().Explain(); lines[0] != (Line{"users", "1", "default"}) {
		t.Errorf("a default is explained as %v", lines[0])
	}
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

func TestFileRefuses(t *testing.T) {
	known := []string{"users", "spawn-rate", "thresholds"}
	for _, c := range []struct{ text, want string }{
		{"user: 5\nspawnrate: 3\nxylophone: 1", "stampede.yaml:1: user: no setting has that name; did you mean users?\n" +
			"stampede.yaml:2: spawnrate: no setting has that name; did you mean spawn-rate?\n" +
			`stampede.yaml:3: xylophone: no setting has that name; "config explain" lists them`},
		{"threshold: [a]", "stampede.yaml:1: threshold: no setting has that name; did you mean thresholds?"},
		{"users: 5\nusers: 6", "stampede.yaml:2: users: already set in line 1; keep one"},
		{"users: {a: 1}", "stampede.yaml:1: users: write a value or a list of values here"},
		{"users: [[1]]", "stampede.yaml:1: users: write a value or a list of values here"},
		{"- users", "stampede.yaml:1: write one setting a line, such as: users: 50"},
		{"users: [", "stampede.yaml: not YAML: line 1: did not find expected node content"},
		{"", ""},
		{"# nothing", ""},
		{"---\nusers: 5\n", ""},
		{"users: 5\n---\nusers: 6\n", "stampede.yaml:2: there is a second document after ---, which nothing would read; keep one"},
		{"users: 5\n---\n[", "stampede.yaml:1: there is a second document after ---, which nothing would read; keep one"},
		{"users: 5\nrepeat: 3", "stampede.yaml:2: repeat: a file cannot set this; give --repeat or its variable"},
		{"~", ""},
		{"users: 5", ""},
		{"a: &a 1\nusers: *a", "stampede.yaml:1: a: no setting has that name; " + `"config explain" lists them`},
	} {
		f, err := ParseFile("stampede.yaml", []byte(c.text))
		var got []string
		if err != nil {
			got = append(got, err.Error())
		} else {
			for _, e := range f.Unknown(known, []string{"repeat"}) {
				got = append(got, e.Error())
			}
		}
		if text := strings.Join(got, "\n"); text != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.text, text, c.want)
		}
	}
	if f, err := ReadFile(t.TempDir()+"/none.yaml", false); f != nil || err != nil {
		t.Errorf("optional: %v %v", f, err)
	}
	if _, err := ReadFile(t.TempDir()+"/none.yaml", true); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("named: %v", err)
	}
	if _, err := ReadFile(t.TempDir(), true); err == nil || !strings.Contains(err.Error(), "cannot be read") {
		t.Errorf("folder: %v", err)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want time.Duration
		err  string
	}{
		{"90", 90 * time.Second, ""},
		{"0.5", 500 * time.Millisecond, ""},
		{"1h20m", 80 * time.Minute, ""},
		{"250ms", 250 * time.Millisecond, ""},
		{"0", 0, ""},
		{"-5s", 0, "negative"},
		{"-5", 0, "negative"},
		{"soon", 0, "not a length"},
		{"", 0, "not a length"},
		{"NaN", 0, "not a length"},
		{"1e300", 0, "292 years"},
	} {
		got, err := ParseDuration(c.text)
		if got != c.want || !about(err, c.err) {
			t.Errorf("ParseDuration(%q) = %v, %v", c.text, got, err)
		}
	}
	for _, c := range []struct {
		text string
		want float64
		err  string
	}{
		{"50", 50, ""},
		{"50/s", 50, ""},
		{" 300 / m ", 5, ""},
		{"7200/h", 2, ""},
		{"0.5", 0.5, ""},
		{"-1", 0, "negative"},
		{"0", 0, "nothing"},
		{"5/day", 0, "per second, minute or hour"},
		{"fast", 0, "not a rate"},
		{"NaN", 0, "not a rate"},
		{"Inf", 0, "not a rate"},
		{"5/", 0, "per second"},
	} {
		got, err := ParseRate(c.text)
		if got != c.want || !about(err, c.err) {
			t.Errorf("ParseRate(%q) = %v, %v", c.text, got, err)
		}
	}
	for _, c := range []struct {
		text string
		want int64
		err  string
	}{{"10,000", 10000, ""}, {"10_000", 10000, ""}, {"0", 0, "1 or more"}, {"1.5", 0, "not a whole"}, {"99999999999999999999", 0, "too large"}, {"", 0, "not a whole"}} {
		got, err := ParseCount(c.text, 1)
		if err == nil && got != c.want || !about(err, c.err) {
			t.Errorf("ParseCount(%q) = %v, %v", c.text, got, err)
		}
	}
	if _, err := Choice("possion", "even", "poisson"); err == nil || err.Error() != "write one of even, poisson; did you mean poisson?" {
		t.Error(err)
	}
	if got, err := Choice("EVEN", "even", "poisson"); got != "even" || err != nil {
		t.Error(got, err)
	}
}

func about(err error, text string) bool {
	if text == "" {
		return err == nil
	}
	return err != nil && strings.Contains(err.Error(), text)
}

func TestMasks(t *testing.T) {
	for _, c := range [][2]string{
		{MaskURL("http://me:pw@proxy:3128"), "http://***@proxy:3128"},
		{MaskURL("http://proxy"), "http://proxy"},
		{MaskURL("http://me@proxy"), "http://***@proxy"},
		{MaskURL("http://a:b c@h%zz"), "http://***@h%zz"},
		{MaskURL("a:b@%zz"), "a:***@%zz"},
		{MaskHeader("Authorization: Bearer x"), "Authorization: Bearer ***"},
		{MaskHeader("Accept: x"), "Accept: x"},
		{MaskHeader("x-api-key:1"), "x-api-key: ***"},
	} {
		if c[0] != c[1] {
			t.Errorf("got %q, want %q", c[0], c[1])
		}
	}
}

func TestStrays(t *testing.T) {
	got := Strays([]string{"HOME=/", "STAMPEDE_USRES=5", "STAMPEDE_USERS=5", "STAMPEDE_WHATEVER=1"}, []string{"STAMPEDE_USERS"})
	if want := []string{"STAMPEDE_USRES is not a setting and is not used; did you mean STAMPEDE_USERS?"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAddRefusesTaken(t *testing.T) {
	var l load
	s := l.set()
	if s.Add(Setting{Name: "users"}) == nil || s.Add(Setting{Name: "other", Short: "u"}) == nil {
		t.Error("a taken name was accepted")
	}
	if err := s.Add(Setting{Name: "site-workers"}); err != nil {
		t.Error(err)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(`a, "b,c", d(e,f)`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, part := range Split(text) {
			if part == "" || !strings.Contains(text, part) {
				t.Fatalf("%q gave %q", text, part)
			}
		}
	})
}
