package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/ledger"
)

// runsNoteCommand lets people add to a run.
func (a *app) runsNoteCommand() *cobra.Command {
	var n ledger.Note
	c := &cobra.Command{
		Use: "note RUN [flags]", Short: "Add to what is said of a run",
		Long: "Add to what is said of a run: texts are appended on a line of their own, or take the place of those that are there with --replace. " +
			"Without a flag the notes are opened in $EDITOR. " + refs,
		Example: "  " + a.name() + " runs note last --notes 'the cache was cold' --link https://wiki.example.org/tour",
	}
	flags := c.Flags()
	flags.StringVar(&n.Notes, "notes", "", "anything worth knowing, a `TEXT`")
	flags.StringVar(&n.Focus, "focus", "", "what the run was to find out, a `TEXT`")
	flags.StringVar(&n.Changes, "changes", "", "what was different, a `TEXT`")
	flags.StringVar(&n.Results, "results", "", "what came out, after stampede's own words, a `TEXT`")
	flags.StringArrayVar(&n.Links, "link", nil, "a page that belongs to the run, a `URL`; may be repeated")
	flags.BoolVar(&n.Replace, "replace", false, "the texts that are given replace those that are there; an empty one clears")
	return a.booked(c, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Book, args []string) error {
		run, err := b.Find(ctx, args[0])
		if err != nil {
			return err
		}
		given := false
		for _, name := range []string{"notes", "focus", "changes", "results", "link"} {
			given = given || flags.Changed(name)
		}
		if !given {
			if n.Notes, err = a.edit(ctx, run.Notes); err != nil {
				return err
			}
			n.Replace = true
		}
		if n.Replace {
			keepOthers(&n, run, func(name string) bool { return flags.Changed(name) || !given && name == "notes" })
		}
		after, err := b.Write(ctx, run, n)
		if err != nil {
			return err
		}
		put(a.Out, story(after))
		return nil
	})
}

// keepOthers leaves the texts of a run as they are that nobody gave.
func keepOthers(n *ledger.Note, run *ledger.Run, given func(name string) bool) {
	for _, t := range []struct {
		name string
		to   *string
		is   string
	}{{"notes", &n.Notes, run.Notes}, {"focus", &n.Focus, run.Focus}, {"changes", &n.Changes, run.Changes}, {"results", &n.Results, run.Added}} {
		if !given(t.name) {
			*t.to = t.is
		}
	}
}

// edit opens a text in the person's editor and gives what they made of it.
func (a *app) edit(ctx context.Context, text string) (after string, err error) {
	editor, _ := a.lookup("VISUAL")
	if editor == "" {
		editor, _ = a.lookup("EDITOR")
	}
	words := strings.Fields(editor)
	if len(words) == 0 {
		return "", errors.New("there is nothing to add: give --notes, --focus, --changes, --results or --link, or set EDITOR to write notes in")
	}
	f, err := os.CreateTemp("", "stampede-notes-*.txt")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], f.Name())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir, cmd.Env = a.In, a.Out, a.Err, a.Dir, a.Environ
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("EDITOR %s: %w", editor, err)
	}
	b, err := os.ReadFile(f.Name())
	return strings.TrimRight(string(b), "\n"), err
}

// runsTagCommand puts words on a run to find it by.
func (a *app) runsTagCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "tag RUN WORD...", Short: "Put words on a run to find it by", Long: "Put words on a run to find it by; --remove takes them away. " + refs,
	}
	remove := c.Flags().Bool("remove", false, "take the words away")
	return a.booked(c, cobra.MinimumNArgs(2), func(ctx context.Context, b *ledger.Book, args []string) error {
		run, err := b.Find(ctx, args[0])
		if err != nil {
			return err
		}
		n := ledger.Note{Tags: args[1:]}
		if *remove {
			n = ledger.Note{Untag: args[1:]}
		}
		after, err := b.Write(ctx, run, n)
		if err != nil {
			return err
		}
		put(a.Out, fmt.Sprintf("run %s: %s\n", after.ID, strings.Join(after.Tags, " ")))
		return nil
	})
}
