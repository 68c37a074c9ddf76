package importer

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
)

// Text is the body of an answer. Large recordings keep theirs in a file.
type Text struct {
	near []byte
	far  *Store
	at   int64
	size int
}

// TextOf is a body in memory.
func TextOf(b []byte) Text { return Text{near: b, size: len(b)} }

// Len is its length in bytes.
func (t Text) Len() int { return t.size }

// Bytes is the body. It must not be changed. One that cannot be read back is empty.
func (t Text) Bytes() []byte {
	if t.far == nil {
		return t.near
	}
	b := make([]byte, t.size)
	if _, err := t.far.file.ReadAt(b, t.at); err != nil {
		return nil
	}
	return b
}

// nearBytes is how much of a recording's answers stays in memory.
const nearBytes = 64 << 20

// Store keeps bodies: the first 64 MB in memory, what comes then in a file without a name. The zero value is ready. It is not safe for use by
// several goroutines.
type Store struct {
	used int
	file *os.File
	end  int64
}

// Keep keeps a copy of a body.
func (s *Store) Keep(b []byte) (Text, error) {
	if len(b) == 0 {
		return Text{}, nil
	}
	if s.used+len(b) <= nearBytes {
		s.used += len(b)
		return TextOf(bytes.Clone(b)), nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "stampede-import-*")
		if err != nil {
			return Text{}, fmt.Errorf("a large recording needs a temporary file: %w", err)
		}
		s.file = f
		// Where a file that is open cannot be removed, it goes when the program ends.
		path := f.Name()
		if err := os.Remove(path); err != nil {
			runtime.AddCleanup(s, func(f *os.File) { remove(f, path) }, f)
		}
	}
	n, err := s.file.WriteAt(b, s.end)
	if err != nil {
		return Text{}, fmt.Errorf("a large recording needs room for a temporary file: %w", err)
	}
	t := Text{far: s, at: s.end, size: n}
	s.end += int64(n)
	return t, nil
}

// Close gives the file back. Bodies in it are gone.
func (s *Store) Close() {
	if s.file != nil {
		remove(s.file, s.file.Name())
	}
}

func remove(f *os.File, path string) {
	if f.Close() == nil {
		_ = os.Remove(path) // usually gone already
	}
}
