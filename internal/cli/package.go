package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

// packageCommand builds a test and runs it.
func (a *app) packageCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "run PACKAGE [flags] [USER TYPE...]",
		Short: "Build a test written in Go and run it",
		Long: "Build the test in a Go package and run it: \"" + a.name() + " run ./mytest -u 50\" is \"go run ./mytest run -u 50\", and passes the " +
			"exit status on. For the flags see \"" + a.name() + " run PACKAGE --help\".",
		DisableFlagParsing: true, // they are the test's, and may be its own
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("give the package of a test: %[1]s run ./mytest -u 50; for a URL and no test there is %[1]s hit", a.name())
			}
			if args[0] == "-h" || args[0] == "--help" {
				return c.Help()
			}
			if strings.HasPrefix(args[0], "-") {
				return fmt.Errorf("give the package first, and flags after it: %s run ./mytest %s", a.name(), strings.Join(args, " "))
			}
			return a.runPackage(c.Context(), args[0], args[1:])
		},
	}
}

// runPackage builds a package into a folder of its own and runs what came out.
func (a *app) runPackage(ctx context.Context, pkg string, args []string) (err error) {
	compiler, err := exec.LookPath("go")
	if err != nil {
		return errors.New("run builds the test with the go command, which is not installed or not in PATH: see https://go.dev/dl")
	}
	folder, err := os.MkdirTemp("", "stampede-run-")
	if err != nil {
		return fmt.Errorf("run %s: no folder to build in: %w", pkg, err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	binary := filepath.Join(folder, packageName(a.path(pkg))) + exeSuffix()
	dir, what := a.Dir, pkg
	if info, err := os.Stat(a.path(pkg)); err == nil && info.IsDir() {
		dir, what = a.path(pkg), "." // in the module that the folder belongs to, wherever we are
		if err := a.inModule(pkg, dir); err != nil {
			return err
		}
	}
	if _, err := os.Stat(a.path(pkg)); errors.Is(err, os.ErrNotExist) && isFolder(pkg) {
		return fmt.Errorf("run %s: there is no such folder; correct the name, or make a test: %s new DIR", pkg, a.name())
	}
	build := exec.CommandContext(ctx, compiler, "build", "-o", binary, what)
	build.Dir, build.Env, build.Stdout, build.Stderr = dir, a.Environ, a.Err, a.Err
	if err := build.Run(); err != nil {
		if ctx.Err() != nil {
			return context.Canceled
		}
		return fmt.Errorf("run %s: it does not build (see above); correct it, or the name of the package", pkg)
	}
	a.status, err = a.execute(binary, append([]string{"run"}, args...))
	return err
}

// isFolder reports whether a package is named by its folder, and not as it is imported.
func isFolder(pkg string) bool {
	first, _, _ := strings.Cut(filepath.ToSlash(pkg), "/")
	return first == "" || first == "." || first == ".." || filepath.IsAbs(pkg) || !strings.Contains(first, ".")
}

// inModule looks whether a folder belongs to a module, and tells of settings in it that are not read from here.
func (a *app) inModule(pkg, dir string) error {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return fmt.Errorf("run %s: %w", pkg, err)
	}
	for at := absolute; ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			break
		}
		if at == filepath.Dir(at) {
			return fmt.Errorf("run %s: the folder belongs to no Go module: there is no go.mod in it or above it; %s new DIR makes a test with one", pkg, a.name())
		}
	}
	settings := filepath.Join(dir, setting.FileName)
	here, err := filepath.Abs(a.path(setting.FileName))
	if _, missing := os.Stat(settings); missing == nil && err == nil && here != filepath.Join(absolute, setting.FileName) {
		a.warn([]string{"the settings in " + settings + " are not read from here; add --config " + filepath.Join(pkg, setting.FileName)})
	}
	return nil
}

// packageName is what a test is called that is built from a package.
func packageName(pkg string) string {
	if absolute, err := filepath.Abs(pkg); err == nil {
		pkg = absolute
	}
	return strings.TrimSuffix(filepath.Base(pkg), ".go")
}

// execute runs a program in our place and returns its status.
func (a *app) execute(binary string, args []string) (int, error) {
	child := exec.Command(binary, args...)
	child.Dir, child.Env, child.Stdin, child.Stdout, child.Stderr = a.Dir, a.Environ, a.In, a.Out, a.Err
	return a.runChild(child)
}

// runChild runs a program in our place and returns its status.
func (a *app) runChild(child *exec.Cmd) (int, error) {
	if err := child.Start(); err != nil {
		return 0, fmt.Errorf("run: what was built cannot be started (%w); give the folder of a package main that calls launch.Main", err)
	}
	a.presses.handle(func(int) {
		// On a terminal Ctrl-C reaches the child without us; a second one would cut its ending short. Other signals are for us alone.
		s := a.presses.signal()
		if _, keyboard := terminal(a.In); !keyboard || s != os.Interrupt {
			forward(child.Process, s)
		}
	})
	err := child.Wait()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return 0, fmt.Errorf("run: %w", err)
	}
	if status := child.ProcessState.ExitCode(); status >= 0 {
		return status, nil
	}
	return statusKilled, nil
}

// statusKilled is what a shell reports of a program that a signal killed, when nothing more is known.
const statusKilled = 137
