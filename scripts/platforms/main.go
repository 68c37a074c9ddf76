// Command platforms checks the types of packages, and of all that they import, for every platform that is promised, from their sources and
// without cgo:
//
//	platforms ./cmd/... ./examples/...
//
// It finds what a compiler would refuse, in a small part of the time that builds for all of them take. What a linker alone would refuse it does
// not find: make cross builds the programs.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// mostErrors is how many errors of one platform are told.
const mostErrors = 20

func main() {
	failed := false
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, arch := range []string{"amd64", "arm64"} {
			if err := check(".", system, arch, os.Args[1:]...); err != nil {
				fmt.Fprintf(os.Stderr, "%s/%s:\n%v\n", system, arch, err)
				failed = true
				continue
			}
			fmt.Printf("types hold: %s/%s\n", system, arch)
		}
	}
	if failed {
		os.Exit(1)
	}
}

// listed is a package as go list prints it.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
	Module          *struct {
		Main      bool
		GoVersion string
	}
	Error *struct{ Err string }
}

// check checks the packages that patterns name in a folder, as they are on a platform, and what they import.
func check(dir, system, arch string, patterns ...string) error {
	packages, err := list(dir, system, arch, patterns)
	if err != nil {
		return err
	}
	var wrong []error
	known := map[string]*types.Package{"unsafe": types.Unsafe}
	for _, p := range packages { // what is imported comes first
		if p.Error != nil {
			wrong = append(wrong, errors.New(p.Error.Err))
		}
		if known[p.ImportPath] == nil && len(p.GoFiles) > 0 {
			known[p.ImportPath] = p.check(arch, known, &wrong)
		}
	}
	return errors.Join(wrong[:min(len(wrong), mostErrors)]...)
}

// list gives packages and all that they import.
func list(dir, system, arch string, patterns []string) ([]*listed, error) {
	cmd := exec.Command("go", append([]string{"list", "-e", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap,Module,Error"}, patterns...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+arch)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []*listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		p := new(listed)
		if err := d.Decode(p); err == io.EOF {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages = append(packages, p)
	}
}

// check checks one package. The bodies of functions are looked at where they are this module's own.
func (p *listed) check(arch string, known map[string]*types.Package, wrong *[]error) *types.Package {
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			*wrong = append(*wrong, err)
		}
		files = append(files, f)
	}
	config := types.Config{
		IgnoreFuncBodies: p.Module == nil || !p.Module.Main,
		Sizes:            types.SizesFor("gc", arch),
		Importer: importing(func(path string) (*types.Package, error) {
			if at := p.ImportMap[path]; at != "" {
				path = at
			}
			if known[path] == nil {
				return nil, fmt.Errorf("%s is not there", path)
			}
			return known[path], nil
		}),
		Error: func(err error) { *wrong = append(*wrong, err) },
	}
	if p.Module != nil && p.Module.GoVersion != "" {
		config.GoVersion = "go" + p.Module.GoVersion
	}
	checked, _ := config.Check(p.ImportPath, fset, files, nil) // its errors went to Error
	return checked
}

type importing func(path string) (*types.Package, error)

func (f importing) Import(path string) (*types.Package, error) { return f(path) }
