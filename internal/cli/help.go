package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/suggest"
)

// helpWidth is how wide help is where there is no terminal, and at most.
const helpWidth = 110

// firstSteps is for who has just come.
const firstSteps = `
To begin with
  %[1]s hit URL   load on a site, with no test written
  %[1]s site      a demo site to try that on
  %[1]s new DIR   a test to change: what your visitors do, in Go
`

// help prints what a command does and its flags by heading.
func (a *app) help(c *cobra.Command, _ []string) {
	columns := helpWidth
	if wide, ok := terminal(a.Out); ok {
		columns = min(wide, helpWidth)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", ansi.Wrap(cmp.Or(c.Long, c.Short), columns, ""))
	if c.Runnable() && c.HasParent() {
		fmt.Fprintf(&b, "\nUsage\n  %s\n", c.UseLine())
	}
	if a.Test == nil && !c.HasParent() {
		fmt.Fprintf(&b, firstSteps, a.name())
	}
	a.helpCommands(&b, c)
	if c.Example != "" {
		fmt.Fprintf(&b, "\nExamples\n%s\n", c.Example)
	}
	a.helpFlags(&b, c, columns)
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\nMore about a command: %s help COMMAND\n", a.name())
	}
	put(a.Out, b.String())
}

// helpCommand is help as a command; of a command that is not there it says so.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about any command",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 && about.HasSubCommands() {
				return a.unknownCommand(cmp.Or(about, c.Root()), args[len(args)-max(len(rest), 1)])
			}
			return about.Help()
		},
	}
}

// helpCommands lists the commands below c.
func (a *app) helpCommands(b *strings.Builder, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	var rows [][2]string
	var walk func(prefix string, c *cobra.Command)
	walk = func(prefix string, c *cobra.Command) {
		for _, sub := range c.Commands() {
			switch {
			case !sub.IsAvailableCommand() && sub.Name() != "help":
			case sub.Name() == "completion":
				rows = append(rows, [2]string{prefix + "completion bash|zsh|fish|powershell", "Write a script that completes commands, flags, runs and values"})
			case sub.HasAvailableSubCommands():
				walk(prefix+sub.Name()+" ", sub)
			default:
				rows = append(rows, [2]string{prefix + sub.Use, sub.Short})
			}
		}
	}
	walk("", c)
	fmt.Fprintf(b, "\nCommands\n")
	widest := 0
	for i := range rows {
		rows[i][0] = strings.ReplaceAll(rows[i][0], " [flags]", "")
		widest = max(widest, len(rows[i][0]))
	}
	for _, r := range rows {
		fmt.Fprintf(b, "  %-*s  %s\n", widest, r[0], r[1])
	}
}

// helpFlags lists the flags of c under their headings.
func (a *app) helpFlags(b *strings.Builder, c *cobra.Command, columns int) {
	groups := map[string][]*pflag.Flag{}
	var order []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := cmp.Or(strings.Join(f.Annotations[setting.GroupAnnotation], ""), groupOther)
		if !slices.Contains(order, name) {
			order = append(order, name)
		}
		groups[name] = append(groups[name], f)
	})
	widest := 0
	for _, flags := range groups {
		for _, f := range flags {
			widest = max(widest, len(flagUsage(f)))
		}
	}
	for _, name := range order {
		fmt.Fprintf(b, "\n%s\n", name)
		for _, f := range groups[name] {
			_, usage := pflag.UnquoteUsage(f)
			if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" {
				usage += " (default: " + f.DefValue + ")"
			}
			for i, line := range strings.Split(ansi.Wrap(usage, max(columns-widest-6, 30), ""), "\n") {
				head := flagUsage(f)
				if i > 0 {
					head = ""
				}
				fmt.Fprintf(b, "  %-*s  %s\n", widest, head, line)
			}
		}
	}
}

// flagUsage is a flag as people type it: "-u, --users N|SHAPE".
func flagUsage(f *pflag.Flag) string {
	s := "    --" + f.Name
	if f.Shorthand != "" {
		s = "-" + f.Shorthand + ", --" + f.Name
	}
	if f.NoOptDefVal == "" {
		arg := f.Value.Type()
		if name, _ := pflag.UnquoteUsage(f); f.Annotations == nil && name != "" {
			arg = name // a flag that is no setting says its argument in its usage
		}
		s += " " + arg
	}
	return s
}

// flagError says what is wrong with a flag, and which one was probably meant.
func (a *app) flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		return a.unknownFlag(c, unknown.GetSpecifiedName(), unknown.GetSpecifiedShortnames())
	}
	var missing *pflag.ValueRequiredError
	if errors.As(err, &missing) {
		f := missing.GetFlag()
		return fmt.Errorf("--%s needs a value: write --%s %s", f.Name, f.Name, valueWord(f))
	}
	return err
}

// valueWord is what the value of a flag is called: "TIME", "FILE".
func valueWord(f *pflag.Flag) string {
	name, _ := pflag.UnquoteUsage(f)
	if word, ok := argWords[name]; ok {
		return word
	}
	return name
}

func (a *app) unknownFlag(c *cobra.Command, name, letters string) error {
	see := fmt.Sprintf(`; "%s help%s" lists them`, a.name(), strings.TrimPrefix(c.CommandPath(), c.Root().Name()))
	if letters != "" {
		if there := elsewhere("-" + letters[:1]); there != "" {
			return fmt.Errorf("there is no flag -%s: %s", letters[:1], there)
		}
		return fmt.Errorf("there is no flag -%s%s", letters[:1], see)
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if there := elsewhere("--" + name); there != "" {
		return fmt.Errorf("there is no flag --%s: %s", name, there)
	}
	if near := suggest.Nearest(name, names); near != "" {
		return fmt.Errorf("there is no flag --%s; did you mean --%s?", name, near)
	}
	return fmt.Errorf("there is no flag --%s%s", name, see)
}

// words lets args decide how many words a command takes, and says with its usage what is wrong.
func words(args cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, given []string) error {
		if args(c, given) == nil {
			return nil
		}
		what := strings.TrimPrefix(c.CommandPath(), c.Root().Name()+" ")
		if len(given) == 0 {
			return fmt.Errorf("%s: no argument was given; write: %s", what, c.UseLine())
		}
		return fmt.Errorf("%s: %s too many or too few; write: %s", what, format.Plural(int64(len(given)), "argument is", "arguments are"), c.UseLine())
	}
}

// unknownCommand says which command was probably meant.
func (a *app) unknownCommand(c *cobra.Command, name string) error {
	if name == "check" && a.Test == nil && !c.HasParent() {
		return fmt.Errorf("check is a command of a test, and looks at each of its tasks once: go run . check in the test's folder; %s new DIR makes a test", a.name())
	}
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "completion" {
			names = append(names, sub.Name())
		}
	}
	if near := suggest.Nearest(name, names); near != "" {
		return fmt.Errorf("there is no command %q; did you mean %q?", name, near)
	}
	return fmt.Errorf("there is no command %q; there are %s", name, strings.Join(names, ", "))
}
