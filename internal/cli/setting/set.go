package setting

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Set is the settings of one command, in the order of the documentation. Use it for one command line only.
type Set struct {
	rows   []*row
	byName map[string]*row
	order  []string // the names of the flags that were given, as often as they were
}

// row is a setting with the texts it was given.
type row struct {
	Setting
	flags  []string // as given on the command line
	values []given  // those that count, after Resolve
	aside  string   // why what was given does not count; empty when it does
}

// New makes a set. Two settings of one name are a mistake of the program and are reported by Add.
func New(settings ...Setting) *Set {
	s := &Set{byName: make(map[string]*row)}
	for _, one := range settings {
		s.rows = append(s.rows, &row{Setting: one})
		s.byName[one.Name] = s.rows[len(s.rows)-1]
	}
	return s
}

// Add puts one more setting at the end. It refuses a name or a letter that is taken.
func (s *Set) Add(one Setting) error {
	for _, r := range s.rows {
		if r.Name == one.Name || (one.Short != "" && r.Short == one.Short) {
			return fmt.Errorf("flag --%s: stampede has a flag of that name or letter already; choose another", one.Name)
		}
	}
	r := &row{Setting: one}
	s.rows = append(s.rows, r)
	s.byName[one.Name] = r
	return nil
}

// AddFlags gives each setting its flag. The flags only keep what was given; Resolve reads it.
func (s *Set) AddFlags(fs *pflag.FlagSet) {
	fs.SortFlags = false
	for _, r := range s.rows {
		f := fs.VarPF(&text{r, s}, r.Name, r.Short, r.Help)
		if f.NoOptDefVal = r.Bare; r.Arg == "" {
			f.NoOptDefVal = "true"
		}
		f.Annotations = map[string][]string{GroupAnnotation: {r.Group}}
	}
}

// GroupAnnotation is where a flag says under which heading it stands.
const GroupAnnotation = "group"

// text is a row as a flag's value.
type text struct {
	*row
	set *Set
}

func (t *text) String() string {
	if t.row == nil { // pflag asks a zero value
		return ""
	}
	return t.Default
}
func (t *text) Type() string { return t.Arg }

func (t *text) Set(value string) error {
	t.flags = append(t.flags, value)
	t.set.order = append(t.set.order, t.Name)
	return nil
}

// Mistake is a value that cannot be, with the place it came from.
type Mistake struct {
	Place string // "--users", "STAMPEDE_USERS", "stampede.yaml:3: users"
	Value string // as it may be shown; may be empty
	Err   error
}

// Error is one sentence that says what to do.
func (m *Mistake) Error() string {
	if m.Value == "" {
		return m.Place + ": " + m.Err.Error()
	}
	return m.Place + " " + m.Value + ": " + m.Err.Error()
}

// Unwrap returns the cause.
func (m *Mistake) Unwrap() error { return m.Err }

// Resolve picks what counts of each setting and reads it: flag > environment > file > default. It returns all mistakes at once.
//
// Of two settings that contradict each other the one from the stronger source counts and the other is put aside (so --rate on the
// command line sets the file's users aside); from equal sources it is a mistake. A setting that needs another one which was not given is
// a mistake on the command line, and put aside from elsewhere.
func (s *Set) Resolve(lookup func(name string) (string, bool), file *File) []error {
	var mistakes []error
	for _, r := range s.rows {
		r.gather(lookup, file)
	}
	for _, r := range s.rows {
		mistakes = append(mistakes, s.settle(r)...)
	}
	for _, r := range s.rows {
		mistakes = append(mistakes, s.needs(r)...)
	}
	for _, r := range s.rows {
		if r.aside == "" {
			mistakes = append(mistakes, r.read()...)
		}
	}
	return mistakes
}

// gather collects the texts of the strongest source that has any, or of all sources when they add up.
func (r *row) gather(lookup func(string) (string, bool), file *File) {
	var all [FromFlag + 1][]given
	if file != nil && !r.NotInFile {
		for _, v := range file.given(r.key()) {
			for _, one := range r.split(v.text, FromFile) {
				all[FromFile] = append(all[FromFile], given{one, v.from})
			}
		}
	}
	if text, ok := lookup(r.Variable()); ok && text != "" {
		for _, one := range r.split(text, FromEnvironment) {
			all[FromEnvironment] = append(all[FromEnvironment], given{one, origin{FromEnvironment, r.Variable()}})
		}
	}
	for _, text := range r.flags {
		for _, one := range r.split(text, FromFlag) {
			all[FromFlag] = append(all[FromFlag], given{one, origin{FromFlag, "--" + r.Name}})
		}
	}
	r.values, r.aside = nil, ""
	for source := FromFlag; ; source-- {
		if r.Adds {
			r.values = append(slices.Clone(all[source]), r.values...)
		} else if len(all[source]) > 0 {
			r.values = all[source]
			break
		}
		if source == Default {
			break
		}
	}
	if !r.List && len(r.values) > 1 && r.source() == FromFlag {
		r.values = r.values[len(r.values)-1:] // the last flag wins, as everywhere
	}
}

// split parts the values of a list at commas outside quotes and brackets; those of a whole one only in the environment, at line ends. There
// thresholds are parted at commas all the same: each stands within one line, and none holds a comma outside quotes.
func (r *row) split(text string, from Source) []string {
	switch {
	case !r.List || r.Verbatim || r.Whole && from != FromEnvironment:
		return []string{text}
	case r.Whole && !r.Adds:
		return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.TrimSpace(line) == "" })
	}
	return Split(text)
}

// Texts are the texts that count of the settings that keep wants, by key, in clear. Call it after Resolve.
func (s *Set) Texts(keep func(*Setting) bool) map[string][]string {
	out := map[string][]string{}
	for _, r := range s.rows {
		if !r.given() || !keep(&r.Setting) {
			continue
		}
		for _, v := range r.values {
			out[r.key()] = append(out[r.key()], v.text)
		}
	}
	return out
}

// source is the strongest source of the values that count.
func (r *row) source() Source {
	strongest := Default
	for _, v := range r.values {
		strongest = max(strongest, v.from.source)
	}
	return strongest
}

// given reports whether anybody asked for the setting.
func (r *row) given() bool { return r.source() != Default && r.aside == "" }

// settle compares a setting with those that contradict it.
func (s *Set) settle(r *row) []error {
	var mistakes []error
	for _, name := range r.Against {
		other := s.byName[name]
		if other == nil || !r.given() || !other.given() {
			continue
		}
		switch mine, theirs := r.source(), other.source(); {
		case mine < theirs:
			r.aside = "not used: " + other.place() + " was given"
		case mine > theirs:
			other.aside = "not used: " + r.place() + " was given"
		case slices.Index(s.rows, r) < slices.Index(s.rows, other): // once for the two
			mistakes = append(mistakes, fmt.Errorf("%s and %s contradict each other; give one of them", r.place(), other.place()))
			other.aside = "not used: " + r.place() + " was given too" // what it would lead to need not be complained of
		}
	}
	return mistakes
}

// needs looks whether what a setting rests on was given.
func (s *Set) needs(r *row) []error {
	if r.Needs == "" || !r.given() {
		return nil
	}
	names := strings.Split(r.Needs, " or ")
	for _, name := range names {
		if need := s.byName[name]; need != nil && need.given() {
			return nil
		}
	}
	needed := "--" + strings.Join(names, " or --")
	if r.source() == FromFlag {
		return []error{fmt.Errorf("%s does nothing without %s; give both or neither", r.place(), needed)}
	}
	r.aside = "not used: it does nothing without " + needed
	return nil
}

// place names where the values came from: a file says the key as well.
func (r *row) place() string { return r.placeOf(r.values[len(r.values)-1]) }

func (r *row) placeOf(v given) string {
	if v.from.source == FromFile {
		return v.from.place + ": " + r.key()
	}
	return v.from.place
}

// read gives each text that counts to the setting.
func (r *row) read() []error {
	var mistakes []error
	if !r.List && len(r.values) > 1 { // only a file can do that
		return []error{fmt.Errorf("%s: one value is wanted here, not a list of %d", r.place(), len(r.values))}
	}
	for _, v := range r.values {
		if err := r.Read(v.text); err != nil {
			mistakes = append(mistakes, &Mistake{Place: r.placeOf(v), Value: quoted(r.show(v.text)), Err: plainly(err)})
		}
	}
	return mistakes
}

// quoted puts a text in quotes when it holds spaces or nothing at all.
func quoted(text string) string {
	if text == "" || strings.ContainsAny(text, " \t\n") {
		return `"` + text + `"`
	}
	return text
}

// plainly strips what strconv says about its own functions.
func plainly(err error) error {
	if text := err.Error(); strings.HasPrefix(text, "strconv.") {
		return errors.New("this cannot be read: " + text[strings.LastIndex(text, ": ")+2:])
	}
	return err
}

// Order is those of the names that flags were given of, in the order of the command line and as often as they were given.
func (s *Set) Order(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(s.order), func(name string) bool { return !slices.Contains(names, name) })
}

// Given reports whether somebody asked for the setting and it counts.
func (s *Set) Given(name string) bool {
	r := s.byName[name]
	return r != nil && r.given()
}

// Source is where the value that counts came from.
func (s *Set) Source(name string) Source {
	if r := s.byName[name]; r != nil {
		return r.source()
	}
	return Default
}

// Early is the text of a setting that must be known before Resolve, from the command line or the environment.
func (s *Set) Early(name string, lookup func(name string) (string, bool)) (text string, given bool) {
	r := s.byName[name]
	if r == nil {
		return "", false
	}
	if n := len(r.flags); n > 0 {
		return r.flags[n-1], true
	}
	text, given = lookup(r.Variable())
	return text, given && text != ""
}

// Keys are the names that a file may hold.
func (s *Set) Keys() []string {
	var keys []string
	for _, r := range s.rows {
		if !r.NotInFile {
			keys = append(keys, r.key())
		}
	}
	return keys
}

// Barred are the names of settings that a file cannot set.
func (s *Set) Barred() []string {
	var names []string
	for _, r := range s.rows {
		if r.NotInFile {
			names = append(names, r.Name)
		}
	}
	return names
}

// ByKey is the setting that has a name in a file, nil when there is none.
func (s *Set) ByKey(key string) *Setting {
	for _, r := range s.rows {
		if r.key() == key {
			return &r.Setting
		}
	}
	return nil
}

// Each calls f for each setting, in order.
func (s *Set) Each(f func(*Setting)) {
	for _, r := range s.rows {
		f(&r.Setting)
	}
}
