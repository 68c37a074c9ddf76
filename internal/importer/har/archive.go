package har

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/table"
)

// ReadFile reads a recording from a file: a HAR, or an archive (zip) with one in it, as Playwright writes either. Bodies that a HAR keeps in files
// of their own (content._file) are read from the folder that it is in, or from the archive, and from nowhere else. name is what it is called in
// errors.
func ReadFile(file, name string, store *importer.Store) (*importer.Recording, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, errors.Unwrap(err))
	}
	defer f.Close()
	var magic [4]byte
	if n, _ := f.ReadAt(magic[:], 0); n == len(magic) && string(magic[:]) == "PK\x03\x04" {
		return readArchive(f, name, store)
	}
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	defer root.Close()
	return read(table.Plain(f), name, store, root.FS())
}

// readArchive reads the HAR of an archive.
func readArchive(f *os.File, name string, store *importer.Store) (*importer.Recording, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s is an archive that cannot be read: %w; is the file complete?", name, err)
	}
	for _, one := range z.File {
		if !strings.EqualFold(path.Ext(one.Name), ".har") {
			continue
		}
		r, err := one.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %s in it cannot be read: %w", name, one.Name, err)
		}
		defer r.Close()
		folder, err := fs.Sub(z, path.Dir(one.Name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return read(table.Plain(r), name, store, folder)
	}
	return nil, fmt.Errorf("%s is an archive, and there is no .har in it", name)
}

// apart is a body that the recording keeps in a file of its own; false when it cannot be read.
func (d *reader) apart(file string) ([]byte, bool) {
	b, err := d.beside(file)
	if err != nil {
		d.rec.Left.Add(leftBeside, importer.Brief(file))
		return nil, false
	}
	if len(b) > longest {
		d.rec.Left.Add(leftCut, "")
		b = b[:longest]
	}
	return b, true
}

// beside reads a file beside the recording, and no more than a byte beyond the longest body.
func (d *reader) beside(file string) ([]byte, error) {
	if d.files == nil || !fs.ValidPath(file) {
		return nil, fs.ErrNotExist
	}
	f, err := d.files.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, longest+1))
}
