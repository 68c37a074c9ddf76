package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/curl"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/gotest"
	"github.com/stampede-load/stampede/internal/importer/har"
	"github.com/stampede-load/stampede/internal/table"
)

// importOptions are those of every import.
type importOptions struct {
	out, source, name string
	allow             []string
}

func (o *importOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.out, "out", "", "the folder to make of the test; needed")
	c.Flags().StringVar(&o.source, "source", "", "use the stampede in this `DIR`, and not the published one")
	c.Flags().StringVar(&o.name, "name", "", "what the test is called; the site's name unless told otherwise")
	c.Flags().StringSliceVar(&o.allow, "allow-host", nil, "a `HOST` that belongs to the site, besides those of its domain; repeatable")
	ignore(c.RegisterFlagCompletionFunc("out", completeFolders))
	ignore(c.RegisterFlagCompletionFunc("source", completeFolders))
}

func completeFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// importCommand makes tests of what is there.
func (a *app) importCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import",
		Short: "Write a test from a recording, a copied request or a description of an API",
		Long: "Write a Go test from what is there: a recording of a browser (har), requests copied from its network panel (curl), a description of an API (openapi), a collection of Postman (postman). " +
			"It compiles and can be tried at once with check; its README.md says what was left out. See docs/import.md.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
	c.AddCommand(a.importHAR(), a.importCurl(), a.importOpenAPI(), a.importPostman())
	return c
}

// importMemory is what an import may take before memory is used again rather than more of it: recordings of hundreds of megabytes leave much
// behind that nobody needs.
const importMemory = 350 << 20

func (a *app) importHAR() *cobra.Command {
	var o importOptions
	var weights []float64
	c := &cobra.Command{
		Use:   "har FILE...",
		Short: "Write a test from recordings of a browser (HAR)",
		Long: "Write a test from recordings of a browser (HAR): in its network panel, tick \"preserve log\", click through the flow, and export. " +
			"Record the flow twice, with two accounts, and give both: what differs between them is told apart by comparing them. " +
			"Recordings of different flows become tasks with weights.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("import har: give a recording: " + a.name() + " import har shop.har --out shop")
			}
			if err := o.check("har"); err != nil {
				return err
			}
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(importMemory))
			var store importer.Store
			defer store.Close()
			var all []*importer.Recording
			for _, file := range args {
				r, err := a.readHAR(file, &store)
				if err != nil {
					return fmt.Errorf("import har: %w", err)
				}
				all = append(all, r)
			}
			t, err := flow.Make(all, flow.Options{Name: o.name, Allow: o.allow, Weights: weights})
			if err != nil {
				return fmt.Errorf("import har: %w", err)
			}
			return a.writeTest(c.Context(), t, &o)
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return []cobra.Completion{"har", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	c.Flags().Float64SliceVar(&weights, "weights", nil, "how often the recordings are made, against each other: `3,1`; each 1 unless told otherwise")
	o.flags(c)
	return c
}

func (a *app) importCurl() *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "curl 'curl ...' | FILE | -",
		Short: "Write a test from copied requests (cURL)",
		Long: "Write a test from requests that a network panel has copied as cURL, or that some documentation shows. Give the command in quotes, " +
			"in a file, or on standard input (-). Several commands, or --next, become a flow in their order.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("import curl: give the whole command in quotes, or a file, or - for standard input")
			}
			if err := o.check("curl"); err != nil {
				return err
			}
			text, err := a.copied(args[0])
			if err != nil {
				return fmt.Errorf("import curl: %w", err)
			}
			r, err := curl.Parse(text, os.DirFS(a.path(".")))
			if err != nil {
				return fmt.Errorf("import curl: %w", err)
			}
			t, err := flow.Make([]*importer.Recording{r}, flow.Options{Name: o.name, Allow: o.allow, Alone: len(r.Requests) == 1, Cookies: true})
			if err != nil {
				return fmt.Errorf("import curl: %w", err)
			}
			return a.writeTest(c.Context(), t, &o)
		},
	}
	o.flags(c)
	return c
}

// copied is the text of commands: the argument itself, a file, or standard input.
func (a *app) copied(arg string) (string, error) {
	if arg == "-" {
		b, err := io.ReadAll(table.Plain(a.In))
		return string(b), err
	}
	if strings.ContainsAny(arg, " \n") {
		return arg, nil
	}
	f, err := os.Open(a.path(arg))
	if err != nil {
		return "", fmt.Errorf("%s is neither a command nor a file: %w", arg, errors.Unwrap(err))
	}
	defer f.Close()
	b, err := io.ReadAll(table.Plain(f))
	return string(b), err
}

func (a *app) readHAR(file string, store *importer.Store) (*importer.Recording, error) {
	if file == "-" {
		r, err := har.Read(table.Plain(a.In), file, store)
		if err == nil {
			r.Name = "visit"
		}
		return r, err
	}
	r, err := har.ReadFile(a.path(file), file, store)
	if err == nil {
		r.Name = filepath.Base(file)
	}
	return r, err
}

// check wants a folder.
func (o *importOptions) check(what string) error {
	if o.out == "" {
		return fmt.Errorf("import %s: --out DIR says which folder to make of the test", what)
	}
	return nil
}

// writeTest writes the test into its folder and says what is in it.
func (a *app) writeTest(ctx context.Context, t *flow.Test, o *importOptions) error {
	folder := a.path(o.out)
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("import: --out %s: %w", o.out, err)
	}
	name := moduleName(filepath.Base(absolute))
	files, err := gotest.Files(t, name)
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err := a.module(files, name, "import", o.source); err != nil {
		return err
	}
	if err := writeNew(folder, files); err != nil {
		return fmt.Errorf("import: %w", err)
	}
	hint := ""
	if o.source == "" {
		if err := a.tidy(ctx, folder); err != nil {
			hint = "  go mod tidy          # it could not be done just now: " + err.Error() + "\n"
		}
	}
	put(a.Out, summary(t, o.out)+fmt.Sprintf("Try it, then run it:\n  cd %s\n%s  go run . check\n  go run . run -u 50 -t 1m\n", o.out, hint))
	return nil
}

// mostShown is how many notes the terminal shows; README.md has them all.
const mostShown = 12

// summary says what is in a test.
func summary(t *flow.Test, folder string) string {
	var b strings.Builder
	steps, requests, gets := 0, 0, 0
	for _, task := range t.Tasks {
		steps += len(task.Steps)
		for _, s := range task.Steps {
			requests += len(s.Calls)
			for _, c := range s.Calls {
				gets += len(c.Gets)
			}
		}
	}
	fmt.Fprintf(&b, "%s is a test of %s: %s, %s", folder, t.Site, counted(steps, "step"), counted(requests, "request"))
	if gets > 0 {
		fmt.Fprintf(&b, ", %s taken from answers", counted(gets, "value"))
	}
	b.WriteString(".\n")
	if slices.ContainsFunc(t.Tasks, func(t *flow.Task) bool { return len(t.Columns) > 0 }) {
		b.WriteString("accounts.csv holds what the visitors log in with and type, as it was recorded: put test accounts there, one row for each. git ignores it.\n")
	}
	for i, n := range t.Notes {
		if i == mostShown {
			fmt.Fprintf(&b, "  and %d more, in README.md\n", len(t.Notes)-i)
			break
		}
		fmt.Fprintf(&b, "  %s\n", n)
	}
	return b.String()
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// module adds go.mod and go.sum to the files of a test. command is who asks.
func (a *app) module(files map[string][]byte, name, command, source string) error {
	if source == "" {
		files["go.mod"] = fmt.Appendf(nil, "module %s\n\ngo 1.26\n\nrequire %s v%s\n", name, modulePath, stampede.Version)
		return nil
	}
	absolute, err := filepath.Abs(a.path(source))
	if err != nil {
		return fmt.Errorf("%s: --source: %w", command, err)
	}
	if files["go.mod"], files["go.sum"], err = borrowed(cmp.Or(name, "loadtest"), absolute); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}
