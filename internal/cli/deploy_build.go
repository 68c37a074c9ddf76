package cli

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// programFor is a test's program for Linux on a processor: the one that was named, or one that is built now.
func (a *app) programFor(ctx context.Context, arch, given, pkg string) ([]byte, error) {
	if given != "" {
		b, err := os.ReadFile(a.path(given))
		if err != nil {
			return nil, fmt.Errorf("--binary %s: it cannot be read: %w", given, errors.Unwrap(err))
		}
		if err := runsOn(b, arch); err != nil {
			return nil, fmt.Errorf("--binary %s: %w", given, err)
		}
		return b, nil
	}
	compiler, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("the test is built with the go command, which is not installed or not in PATH: see https://go.dev/dl, or give --binary")
	}
	folder, err := os.MkdirTemp("", "stampede-deploy-")
	if err != nil {
		return nil, fmt.Errorf("no folder to build in: %w", err)
	}
	defer func() { ignore(os.RemoveAll(folder)) }()
	dir, what := a.Dir, pkg
	if info, err := os.Stat(a.path(pkg)); err == nil && info.IsDir() {
		dir, what = a.path(pkg), "."
	}
	binary := filepath.Join(folder, "load")
	build := exec.CommandContext(ctx, compiler, "build", "-trimpath", "-ldflags=-s -w", "-o", binary, what)
	build.Dir, build.Stdout, build.Stderr = dir, a.Err, a.Err
	build.Env = append(a.Environ[:len(a.Environ):len(a.Environ)], "GOOS=linux", "GOARCH="+arch, "CGO_ENABLED=0")
	if err := build.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, context.Canceled
		}
		return nil, fmt.Errorf("%s does not build for linux/%s (see above); correct it, or give --binary", pkg, arch)
	}
	b, err := os.ReadFile(binary)
	if err == nil {
		err = runsOn(b, arch)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: what was built is no program: %w; give the folder of a package main that calls launch.Main", pkg, err)
	}
	return b, nil
}

// runsOn looks whether a program is one for Linux on a processor, and needs no library of that system.
func runsOn(b []byte, arch string) error {
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		return fmt.Errorf("it is no program for Linux: build it with GOOS=linux GOARCH=%s", arch)
	}
	want := map[string]elf.Machine{"arm64": elf.EM_AARCH64, "amd64": elf.EM_X86_64}[arch]
	if f.Machine != want || f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return fmt.Errorf("it is for another processor (%s): build it with GOOS=linux GOARCH=%s", f.Machine, arch)
	}
	if libraries, err := f.ImportedLibraries(); err == nil && len(libraries) > 0 {
		return fmt.Errorf("it needs libraries of the system (%s): build it with CGO_ENABLED=0", libraries[0])
	}
	return nil
}
