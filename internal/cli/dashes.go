package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// singleDash refuses a flag of several letters behind a single dash, as programs of Go and hey and vegeta have them, where it is one here or of
// another tool. Taken for letters with a value behind them, -duration=1s would be a body of "uration=1s", and nobody would be told.
func (a *app) singleDash(root *cobra.Command, args []string) error {
	c, rest, err := root.Find(args)
	if err != nil || c.DisableFlagParsing || len(args) > 0 && strings.HasPrefix(args[0], "__") { // the last is completion
		return nil
	}
	known := pflag.NewFlagSet("known", pflag.ContinueOnError)
	known.AddFlagSet(c.Flags())
	known.AddFlagSet(c.PersistentFlags())
	known.AddFlagSet(c.InheritedFlags())
	for i := 0; i < len(rest) && rest[i] != "--"; i++ {
		arg := rest[i]
		if len(arg) < 2 || arg[0] != '-' {
			continue
		}
		if err := wordBehindDash(known, arg); err != nil {
			return err
		}
		if takesNext(known, arg) {
			i++
		}
	}
	return nil
}

// wordBehindDash is the mistake of an argument that is a known flag with one dash too few.
func wordBehindDash(known *pflag.FlagSet, arg string) error {
	word, value, hasValue := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
	if strings.HasPrefix(word, "-") || len(word) < 2 {
		return nil
	}
	if there := elsewhere("-" + word); there != "" {
		return fmt.Errorf("there is no flag -%s: %s", word, there)
	}
	if len(word) < 3 {
		return nil
	}
	if known.Lookup(word) != nil {
		if hasValue {
			word += "=" + value
		}
		return fmt.Errorf("-%s: a flag of more than one letter has two dashes here: --%s", word, word)
	}
	if there := elsewhere("--" + word); there != "" {
		return fmt.Errorf("there is no flag -%s: %s", word, strings.TrimPrefix(there, "-"))
	}
	return nil
}

// takesNext reports whether the argument behind a flag is its value.
func takesNext(known *pflag.FlagSet, arg string) bool {
	if name, isLong := strings.CutPrefix(arg, "--"); isLong {
		f := known.Lookup(name) // one with its value behind an equals sign has no such name
		return f != nil && f.NoOptDefVal == ""
	}
	for i := 1; i < len(arg); i++ {
		f := known.ShorthandLookup(arg[i : i+1])
		if f == nil {
			return false
		}
		if f.NoOptDefVal == "" {
			return i == len(arg)-1
		}
	}
	return false
}
