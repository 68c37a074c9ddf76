package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// File is one export: where it goes and what writes it.
type File struct {
	Path  string
	Write func(io.Writer) error
}

// WriteAll writes each file as [WriteFile] does. A failure loses only its own file: the others are written, and the errors come back
// joined.
func WriteAll(files ...File) error {
	var errs []error
	for _, f := range files {
		errs = append(errs, WriteFile(f.Path, f.Write))
	}
	return errors.Join(errs...)
}

// WriteFile writes a file whole or not at all: into a temporary file in the same folder, which replaces path when everything is on
// disk. On an error, and when the process is killed half way, what was at path before is still there. A path that is not a regular file
// (a pipe, /dev/stdout) is written directly. write gets a buffered writer and need not buffer itself.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	target, info, err := locate(path)
	if err != nil {
		return explain(path, err)
	}
	if info != nil && !info.Mode().IsRegular() {
		return explain(path, writeDirect(target, write))
	}
	mode := fs.FileMode(0o666) // the umask takes away what others may not do
	if info != nil {
		mode = info.Mode().Perm()
	}
	temporary, err := createBeside(target, mode)
	if err != nil {
		return explain(path, err)
	}
	defer func() {
		if err != nil {
			err = explain(path, errors.Join(err, discard(temporary)))
		}
	}()
	if err := buffered(temporary, write); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), target)
}

// locate follows links, so that a link stays a link and its target is replaced. info is nil when there is nothing at path yet.
func locate(path string) (target string, info fs.FileInfo, err error) {
	target, err = filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	info, err = os.Stat(target)
	if err != nil {
		return "", nil, err
	}
	if info.IsDir() {
		return "", nil, syscall.EISDIR
	}
	return target, info, nil
}

// createBeside makes a new hidden file in the folder of path.
func createBeside(path string, mode fs.FileMode) (*os.File, error) {
	folder, name := filepath.Split(path)
	const tries = 1000
	for i := range tries {
		candidate := filepath.Join(folder, fmt.Sprintf(".%s.%d-%d.part", name, os.Getpid(), i))
		f, err := os.OpenFile(candidate, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
	return nil, fmt.Errorf("no free name for a temporary file beside it after %d tries (delete the .%s.*.part files there)", tries, name)
}

func writeDirect(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(buffered(f, write), f.Close())
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 64<<10)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}

// discard closes and removes a temporary file. That it is closed already is no error.
func discard(f *os.File) error {
	if err := f.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Remove(f.Name())
}

// Preflight finds out, before a run that may take hours, whether the files can be written when it is over: the folder is there, it
// may be written to, it has some room, nothing but a file is in the way, and no two exports want the same path. All problems come back
// joined. Nothing is left behind, and files that exist are not touched.
func Preflight(paths []string) error {
	var errs []error
	seen := make(map[string]bool, len(paths))
	for _, path := range paths {
		place, err := filepath.Abs(path)
		if err != nil {
			errs = append(errs, explain(path, err))
			continue
		}
		if seen[place] {
			errs = append(errs, fmt.Errorf("report: write %s: two exports want this path; give each its own", path))
			continue
		}
		seen[place] = true
		if err := probe(path); err != nil {
			errs = append(errs, explain(path, err))
		}
	}
	return errors.Join(errs...)
}

// probeSize is what must fit: more than most reports, little enough to write in no time.
const probeSize = 1 << 20

func probe(path string) error {
	if path == "" {
		return errors.New("the path is empty")
	}
	target, info, err := locate(path)
	if err != nil {
		return err
	}
	if info != nil && !info.Mode().IsRegular() {
		return nil // a pipe or a device: opening it could block or disturb its reader
	}
	f, err := createBeside(target, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeSize))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, discard(f))
}

// explain says which file could not be written, why, and what to do about it.
func explain(path string, err error) error {
	if err == nil || strings.HasPrefix(err.Error(), "report: ") {
		return err
	}
	hint := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		hint = "; make the folder " + filepath.Dir(path) + " first"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		hint = "; choose a folder you may write to"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		hint = "; make room there or choose another folder"
	case errors.Is(err, syscall.EISDIR):
		hint = "; give the name of a file in it"
	case errors.Is(err, syscall.ENOTDIR):
		hint = "; a file is where a folder should be"
	}
	var inner *fs.PathError // it names the temporary file, which would only confuse
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("report: write %s: %w%s", path, err, hint)
}
