package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/mask"
)

// line is the settings of one command on their way from texts to options.
type line struct {
	set      *setting.Set
	mistakes mistakes // of the program itself: a flag of the test that is taken
	config   string   // --config
	optional bool     // stampede.yaml is read when it is there
	only     []string // of that file these count, unless --config names it; nil means all
}

// settings makes the flags of a command: those of the table, those of the test when own is set, and --config.
func (a *app) settings(c *cobra.Command, table []setting.Setting, own bool) *line {
	l := &line{set: setting.New(table...), optional: own}
	add := func(s setting.Setting) { l.mistakes.add(l.set.Add(s)) }
	add(setting.Setting{
		Name: configFlag, Arg: "FILE", Default: setting.FileName, Group: groupOther, NotInFile: true, Read: text(&l.config),
		Help: "the file of settings to read",
	})
	if own {
		a.own.VisitAll(func(f *pflag.Flag) { add(adopt(f)) })
	}
	l.set.AddFlags(c.Flags())
	completeValues(c, l.set)
	return l
}

const configFlag = "config"

// argWords are what the values of flags are called whose usage does not say it, by their type.
var argWords = map[string]string{"int": "N", "uint": "N", "float": "NUMBER", "duration": "TIME", "string": "TEXT", "strings": "TEXT"}

// adopt makes a setting of a flag of the test's own.
func adopt(f *pflag.Flag) setting.Setting {
	_, list := f.Value.(pflag.SliceValue)
	_, usage := pflag.UnquoteUsage(f)
	s := setting.Setting{
		Name: f.Name, Short: f.Shorthand, Group: groupOwn, Arg: valueWord(f), Default: f.DefValue, Help: usage, List: list, Read: f.Value.Set,
	}
	if f.NoOptDefVal != "" {
		s.Arg = ""
	} else if setting.IsSecret(f.Name) {
		s.Mask = setting.Mask // config explain, mistakes and the ledger would tell it
	}
	return s
}

// resolve reads the texts of all sources. Mistakes come back together; notes are doubts that stop nothing.
func (a *app) resolve(l *line) (wrong mistakes, notes []string) {
	wrong.add(l.mistakes...)
	path, named := l.set.Early(configFlag, a.lookup)
	if path == "" {
		path = setting.FileName
	}
	var file *setting.File
	if named || l.optional {
		var err error
		file, err = setting.ReadFile(a.path(path), named)
		wrong.add(err)
		if !named && l.only != nil {
			file = file.Only(l.only)
		}
		if named && path != setting.FileName { // what is never to be asked here, is not by another file either
			here, err := setting.ReadFile(a.path(setting.FileName), false)
			wrong.add(err)
			file.Merge(here, setting.Table, neverKey+"=")
		}
	}
	known := a.known()
	for _, s := range l.set.Resolve(a.lookup, file) {
		wrong.add(s)
	}
	if file != nil {
		wrong.add(file.Unknown(known.Keys(), known.Barred())...)
	}
	var variables []string
	known.Each(func(s *setting.Setting) { variables = append(variables, s.Variable()) })
	return wrong, setting.Strays(a.Environ, variables)
}

// known is every setting of every command of this binary: a file may hold those of one command while another is run.
func (a *app) known() *setting.Set {
	var scratch options
	c := &cobra.Command{}
	l := a.settings(c, a.runSettings(&scratch), true)
	l.mistakes.add(l.set.Add(a.notifySetting(&scratch.notify)))
	if a.Test == nil {
		var h hitOptions
		for _, s := range a.hitSettings(&h) {
			if s.Group == groupRequest {
				l.mistakes.add(l.set.Add(s))
			}
		}
	}
	return l.set
}

// warn prints doubts that stop nothing.
func (a *app) warn(notes []string) {
	for _, n := range notes {
		put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), mask.Text(n)))
	}
}
