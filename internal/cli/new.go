package cli

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede"
)

//go:embed project
var project embed.FS

// newCommand writes a test project.
func (a *app) newCommand() *cobra.Command {
	var source string
	c := &cobra.Command{
		Use:   "new DIR",
		Short: "Write a test project that is ready to run",
		Long: "Write a test project that is ready to run: main.go with two kinds of visitors to change, the accounts that one of them logs in with, " +
			"go.mod, stampede.yaml, README.md. It asks the demo site, which \"" + a.name() + " site\" starts. It needs the go command.",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return fmt.Errorf("give the folder to make: %s new mytest", a.name())
			}
			return a.newProject(c.Context(), args[0], source)
		},
	}
	c.Flags().StringVar(&source, "source", "", "use the stampede in this `DIR`, and not the published one")
	return c
}

const modulePath = "github.com/stampede-load/stampede"

// newProject writes the files, none of which may be there already, and settles the module's requirements.
func (a *app) newProject(ctx context.Context, dir, source string) error {
	folder := a.path(dir)
	absolute, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("new %s: %w", dir, err)
	}
	files, err := projectFiles(filepath.Base(absolute))
	if err != nil {
		return err
	}
	if err := a.module(files, moduleName(filepath.Base(absolute)), "new "+dir, source); err != nil {
		return err
	}
	if err := writeNew(folder, files); err != nil {
		return fmt.Errorf("new %s: %w", dir, err)
	}
	hint := ""
	if source == "" {
		if err := a.tidy(ctx, folder); err != nil {
			hint = "  go mod tidy          # it could not be done just now: " + err.Error() + "\n"
		}
	}
	put(a.Out, fmt.Sprintf("%s is ready, and asks the demo site. In a terminal of its own:\n  %s site\nand here:\n  cd %s\n%s"+
		"  go run . check\n  go run . run -u 50 -t 1m\nthen change the visitors in main.go and the host to yours\n", dir, a.name(), dir, hint))
	return nil
}

// projectFiles fills in the templates.
func projectFiles(name string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(project, "project", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		t, err := template.ParseFS(project, path)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, struct{ Name string }{moduleName(name)}); err != nil {
			return err
		}
		files[strings.TrimSuffix(d.Name(), ".txt")] = b.Bytes()
		return nil
	})
	return files, err
}

// moduleName makes a name that go accepts of the name of a folder.
func moduleName(folder string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '-', r == '_', r == '.':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '-'
		}
	}, folder)
	if name = strings.Trim(name, "-."); name == "" {
		return "loadtest"
	}
	return name
}

// borrowed makes a go.mod that uses the stampede in a folder, with what that one requires, so that nothing need be fetched.
func borrowed(name, source string) (mod, sum []byte, err error) {
	own, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil || !bytes.HasPrefix(own, []byte("module "+modulePath+"\n")) {
		return nil, nil, fmt.Errorf("--source %s: the source of stampede is not there; give the folder of its go.mod", source)
	}
	if sum, err = os.ReadFile(filepath.Join(source, "go.sum")); err != nil {
		return nil, nil, fmt.Errorf("--source %s: %w", source, err)
	}
	rest := bytes.TrimPrefix(own, []byte("module "+modulePath+"\n"))
	mod = fmt.Appendf(nil, "module %s\n%s\nrequire %s v%s\n\nreplace %s => %s\n", moduleName(name), rest, modulePath, stampede.Version, modulePath, source)
	return mod, sum, nil
}

// writeNew writes files into a folder that it makes when it is not there. A file that is there already is not touched: then none is written.
func writeNew(folder string, files map[string][]byte) error {
	for name := range files {
		if _, err := os.Lstat(filepath.Join(folder, name)); err == nil {
			return fmt.Errorf("there is a %s in %s already; give a folder that is new or empty", name, folder)
		}
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the folder %s cannot be made: %w", folder, errors.Unwrap(err))
	}
	for name, text := range files {
		mode := fs.FileMode(0o644)
		if filepath.Ext(name) == ".csv" {
			mode = 0o600 // accounts
		}
		if sub := filepath.Dir(filepath.Join(folder, name)); sub != folder {
			if err := os.MkdirAll(sub, 0o755); err != nil {
				return fmt.Errorf("the folder %s cannot be made: %w", sub, errors.Unwrap(err))
			}
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, mode); err != nil {
			return fmt.Errorf("%s cannot be written: %w", filepath.Join(folder, name), errors.Unwrap(err))
		}
	}
	return nil
}

// tidy lets go find the requirements of the new module.
func (a *app) tidy(ctx context.Context, folder string) error {
	compiler, err := exec.LookPath("go")
	if err != nil {
		return errors.New("the go command is not installed")
	}
	tidy := exec.CommandContext(ctx, compiler, "mod", "tidy")
	tidy.Dir, tidy.Env = folder, a.Environ
	out, err := tidy.CombinedOutput()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return errors.New(lines[len(lines)-1])
	}
	return nil
}
