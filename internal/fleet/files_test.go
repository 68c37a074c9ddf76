package fleet

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// Parts of a file are compressed once for all who ask, where that is worth it, and forgotten when nobody asks any more.
func TestPartsOfAFile(t *testing.T) {
	s := newFileStore()
	defer s.close()
	plain, noise := bytes.Repeat([]byte("a line of text that comes again\n"), 2*chunk/32), make([]byte, chunk)
	rand.Read(noise)
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, append(plain, noise...), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := s.put("file", path)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(chunk))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	for _, tt := range []struct {
		name    string
		ask     FileRequest
		want    []byte
		packed  bool
		smaller bool
	}{
		{"text", FileRequest{f.Hash, 0, true}, plain[:chunk], true, true},
		{"more text", FileRequest{f.Hash, chunk, true}, plain[chunk:], true, true},
		{"noise", FileRequest{f.Hash, 2 * chunk, true}, noise, false, false},
		{"as it is", FileRequest{f.Hash, 0, false}, plain[:chunk], false, false},
		{"beyond its end", FileRequest{f.Hash, 3 * chunk, true}, nil, false, false},
	} {
		for range 2 { // the second time it is kept
			p, err := s.part(tt.ask)
			if err != nil || p.packed != tt.packed || tt.smaller && len(p.data) > chunk/10 {
				t.Errorf("%s: %d bytes, packed %v, error %v", tt.name, len(p.data), p.packed, err)
				continue
			}
			got := p.data
			if p.packed {
				if got, err = z.DecodeAll(p.data, nil); err != nil {
					t.Errorf("%s: %v", tt.name, err)
				}
			}
			if !bytes.Equal(got, tt.want) {
				t.Errorf("%s: %d bytes that differ from the file's", tt.name, len(got))
			}
		}
	}
	if _, err := s.part(FileRequest{Hash: "beef", Zstd: true}); err == nil {
		t.Error("a file that is not there was read")
	}
	if s.rest(time.Now()); len(s.parts) == 0 {
		t.Error("forgotten at once")
	}
	if s.rest(time.Now().Add(2 * partsFor)); len(s.parts) != 0 || s.kept != 0 {
		t.Errorf("%d parts are kept", len(s.parts))
	}
}

// What was changed after it had been offered is not sent: nobody would take it.
func TestFileThatChanged(t *testing.T) {
	for want, change := range map[string]func(path string) error{
		"was changed on the controller's machine": func(path string) error { return os.WriteFile(path, []byte("an,other\n"), 0o600) },
		"is gone from the controller's machine":   os.Remove,
	} {
		s := newFileStore()
		path := filepath.Join(t.TempDir(), "rows.csv")
		if err := os.WriteFile(path, []byte("a,b\n1,2\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := s.put("rows.csv", path)
		if err == nil {
			err = change(path)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.part(FileRequest{Hash: f.Hash}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want something with %q", err, want)
		}
		s.close()
	}
}

// A full disk is told with what to do.
func TestNoRoom(t *testing.T) {
	full := &os.PathError{Op: "write", Path: "/cache/part-1", Err: syscall.ENOSPC}
	if err := noRoom(full); !errors.Is(err, full) || !strings.Contains(err.Error(), "make room there, or set XDG_CACHE_HOME") {
		t.Error(err)
	}
	if err := noRoom(os.ErrPermission); !errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "room") {
		t.Error(err)
	}
}

// Workers of one machine fetch into a folder one after the other.
func TestTurn(t *testing.T) {
	folder := t.TempDir()
	first, waited := turn(folder)
	if first == nil || waited {
		t.Fatalf("the first had to wait (%v), or got no turn", waited)
	}
	if runtime.GOOS == "windows" { // has no locks here
		first.Close()
		return
	}
	got := make(chan bool)
	go func() {
		second, waited := turn(folder)
		if second != nil {
			second.Close()
		}
		got <- second != nil && waited
	}()
	select {
	case <-got:
		t.Fatal("two have their turn at once")
	case <-time.After(200 * time.Millisecond):
	}
	first.Close()
	if !<-got {
		t.Error("the second got no turn, or does not know that it waited")
	}
}
