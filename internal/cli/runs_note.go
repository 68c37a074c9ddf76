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
		Long: "Add to what is said of a run: texts are appended on a line of their own, or take the place of what is there with --replace. " +
			"Without a flag the notes are opened in $EDITOR. " + refs,
		Example: "  " + a.name() + " runs note last --notes 'the cache was cold' --link https://wiki.example.org/tour",
	}
	flags := c.Flags()
	flags.StringVar(&n.Notes, "notes", "", "add this `TEXT` to the notes")
	flags.StringVar(&n.Focus, "focus", "", "add this `TEXT` to what the run was to find out")
	flags.StringVar(&n.Changes, "changes", "", "add this `TEXT` to what was different")
	flags.StringVar(&n.Results, "results", "", "add this `TEXT` to the results, after stampede's own words")
	flags.StringArrayVar(&n.Links, "link", nil, "add a page that belongs to the run, its `URL`; may be repeated")
	replace := flags.Bool("replace", false, "what is given replaces what is there; an empty text clears it")
	return a.ledgerCommand(c, cobra.ExactArgs(1), func(ctx context.Context, b *ledger.Ledger, args []string) error {
		run, err := b.Find(ctx, args[0])
		if err != nil {
			return err
		}
		var given []ledger.Part
		for name, part := range noteParts() {
			if flags.Changed(name) {
				given = append(given, part)
			}
		}
		write := func(n ledger.Note) (err error) {
			run, err = b.Write(ctx, run, n)
			return err
		}
		switch {
		case len(given) == 0:
			err = a.edit(ctx, run.Notes, func(text string) error {
				was := run.Notes
				return write(ledger.Note{Notes: text, Was: &was, Replace: []ledger.Part{ledger.PartNotes}})
			})
		case *replace:
			n.Replace = given
			err = write(n)
		default:
			err = write(n)
		}
		if err != nil {
			return err
		}
		put(a.Out, story(run))
		return nil
	})
}

// noteParts are the flags of what people write, and what each is.
func noteParts() map[string]ledger.Part {
	return map[string]ledger.Part{
		"notes": ledger.PartNotes, "focus": ledger.PartFocus, "changes": ledger.PartChanges, "results": ledger.PartResults, "link": ledger.PartLinks,
	}
}

// edit opens a text in the person's editor and hands what they made of it to save. What cannot be saved is left in a file, and the error
// says where: nobody should have to write it twice.
func (a *app) edit(ctx context.Context, text string, save func(after string) error) error {
	editor, _ := a.lookup("VISUAL")
	if editor == "" {
		editor, _ = a.lookup("EDITOR")
	}
	words := strings.Fields(editor)
	if len(words) == 0 {
		return errors.New("there is nothing to add: give --notes, --focus, --changes, --results or --link, or set EDITOR to write notes in")
	}
	f, err := os.CreateTemp("", "stampede-notes-*.txt")
	if err != nil {
		return err
	}
	start := text
	if start != "" {
		start += "\n" // as editors leave files, and so that what is appended begins a line
	}
	_, err = f.WriteString(start)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	cmd := exec.CommandContext(ctx, words[0], append(words[1:], f.Name())...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Dir, cmd.Env = a.In, a.Out, a.Err, a.Dir, a.Environ
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("EDITOR %s: %w", editor, err)
	}
	written, unread := os.ReadFile(f.Name())
	after := strings.TrimRight(strings.TrimPrefix(strings.ReplaceAll(string(written), "\r\n", "\n"), mark), "\n") // as Notepad leaves it
	if err = errors.Join(err, unread); err == nil && after != text {
		err = save(after)
	}
	if err != nil && unread == nil && after != text {
		return fmt.Errorf("%w; what you wrote is in %s", err, f.Name())
	}
	return errors.Join(err, os.Remove(f.Name()))
}

// runsTagCommand puts words on a run to find it by.
func (a *app) runsTagCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "tag RUN WORD...", Short: "Put words on a run to find it by", Long: "Put words on a run to find it by; --remove takes them away. " + refs,
	}
	remove := c.Flags().Bool("remove", false, "take the words away")
	return a.ledgerCommand(c, cobra.MinimumNArgs(2), func(ctx context.Context, b *ledger.Ledger, args []string) error {
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
