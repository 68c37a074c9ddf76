package setting

import (
	"strings"
)

// Setting is one row of the table. Name, Help and Read must be set.
type Setting struct {
	Name  string // of the flag: "run-time". The variable is STAMPEDE_RUN_TIME.
	Short string // the flag's one letter: "t"; may be empty
	Key   string // in stampede.yaml; empty means Name
	Group string // the heading it stands under in help and documentation
	Arg   string // what the value is, in capitals: "N|SHAPE"; empty makes it a switch that needs no value
	// Bare is the value of a flag that is given without one: --web. Empty means that it takes one. A value then stands behind =.
	Bare string
	// Default is what holds when nothing is given, as people would write it. It is shown and never read.
	Default string
	Help    string // one line, no full stop

	List bool // may be given several times; in the environment its values stand between commas
	Adds bool // a list whose values of all sources count, and not only those of the strongest
	// Whole keeps one flag's text together, commas and all: a threshold may hold some. In the environment the values of such a list stand
	// on lines of their own, unless it Adds.
	Whole bool
	// Verbatim keeps a text together wherever it stands: it is one value of the list, with commas and line ends.
	Verbatim bool

	NotInFile bool // a file cannot set it

	Against []string // settings that contradict this one: see Set.Resolve
	Needs   string   // a setting without which this one does nothing; "baseline or interleave" for one of two

	Mask func(string) string // hides the secret part of a value; nil shows it as it is

	// Read takes the text; for a list it is called once for each value, in order. Its error says what to write instead.
	Read func(text string) error
}

// key is the setting's name in a file.
func (s *Setting) key() string {
	if s.Key != "" {
		return s.Key
	}
	return s.Name
}

// FileKey is the setting's name in a file.
func (s *Setting) FileKey() string { return s.key() }

// Variable is the setting's name in the environment: "STAMPEDE_RUN_TIME".
func (s *Setting) Variable() string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// Prefix begins the name of every variable that is a setting.
const Prefix = "STAMPEDE_"

// show is a value as it may be printed.
func (s *Setting) show(text string) string {
	if s.Mask != nil {
		return s.Mask(text)
	}
	return text
}

// Source says which kind of place a value came from. A greater one wins.
type Source uint8

// The sources, weakest first.
const (
	Default Source = iota
	FromFile
	FromEnvironment
	FromFlag
)

// origin is a source and what to call it: "--users", "STAMPEDE_USERS", "stampede.yaml:3".
type origin struct {
	source Source
	place  string
}

// given is one text of a setting and where it came from.
type given struct {
	text string
	from origin
}
