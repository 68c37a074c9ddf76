package fleet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"
)

// chunk is how much of a file is sent at a time.
const chunk = 512 << 10

// window is how many chunks are under way at a time.
const window = 4

// HashFile is the SHA-256 of a file, and its size.
func HashFile(path string) (hash string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	if size, err = io.Copy(h, f); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), size, nil
}

// fileStore is what can be fetched from a controller, by hash.
type fileStore struct {
	mu    sync.Mutex
	paths map[string]offered
	open  map[string]*os.File
	z     *zstd.Encoder // nil before anybody asked for something compressed
	parts map[FileRequest]filePart
	kept  int       // bytes of parts
	asked time.Time // when somebody last did
}

// offered is a file as it was when it was offered.
type offered struct {
	path string
	size int64
	when time.Time // of its last change
}

// filePart is what is answered to a request.
type filePart struct {
	data   []byte
	packed bool // with zstd
}

func newFileStore() *fileStore {
	return &fileStore{paths: map[string]offered{}, open: map[string]*os.File{}, parts: map[FileRequest]filePart{}}
}

// What a controller keeps of files that it has compressed, as many workers come at once and ask for the same, and for how long.
const (
	partsMost = 64 << 20
	partsFor  = time.Minute
)

// put offers a file under a name.
func (s *fileStore) put(name, path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("fleet: the file %s for the workers: %w", path, err)
	}
	hash, size, err := HashFile(path)
	if err != nil {
		return File{}, fmt.Errorf("fleet: the file %s for the workers: %w", path, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paths[hash] = offered{path, size, info.ModTime()}
	return File{Name: filepath.ToSlash(name), Hash: hash, Size: size}, nil
}

// serve answers one request.
func (s *fileStore) serve(m *nats.Msg) {
	var q FileRequest
	var part filePart
	err := json.Unmarshal(m.Data, &q)
	if err == nil {
		part, err = s.part(q)
	}
	answer := nats.NewMsg(m.Reply)
	answer.Data = part.data
	if part.packed {
		answer.Header.Set("Packed", "zstd")
	}
	if err != nil {
		answer.Header.Set("Problem", err.Error())
	}
	_ = m.RespondMsg(answer) // who asked and went asks again, or not
}

// part is what is answered, compressed when it was asked for so and that is worth it.
func (s *fileStore) part(q FileRequest) (filePart, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = time.Now()
	if p, ok := s.parts[q]; ok {
		return p, nil
	}
	data, err := s.read(q)
	if err != nil || !q.Zstd {
		return filePart{data: data}, err
	}
	if s.z == nil {
		if s.z, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest)); err != nil {
			return filePart{data: data}, nil
		}
	}
	p := filePart{data: s.z.EncodeAll(data, nil), packed: true}
	if len(p.data) > len(data)*9/10 {
		p = filePart{data: data}
	}
	if s.kept+len(p.data) <= partsMost {
		s.parts[q] = p
		s.kept += len(p.data)
	}
	return p, nil
}

// rest forgets what it has compressed when nobody has asked for a while.
func (s *fileStore) rest(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept > 0 && now.Sub(s.asked) > partsFor {
		s.parts, s.kept, s.z = map[FileRequest]filePart{}, 0, nil
	}
}

// read reads what is asked for. mu is held.
func (s *fileStore) read(q FileRequest) ([]byte, error) {
	f := s.open[q.Hash]
	if f == nil {
		o, ok := s.paths[q.Hash]
		if !ok {
			return nil, errors.New("the controller has no such file")
		}
		var err error
		if f, err = o.read(); err != nil {
			return nil, err
		}
		s.open[q.Hash] = f
	}
	b := make([]byte, chunk)
	n, err := f.ReadAt(b, q.Offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New("the file cannot be read")
	}
	return b[:n], nil
}

// read opens the file, unless it has changed: nobody would take what does not have its hash.
func (o offered) read() (*os.File, error) {
	f, err := os.Open(o.path)
	if err != nil {
		return nil, errors.New("the file is gone from the controller's machine: put it back, and start the controller again")
	}
	if info, err := f.Stat(); err != nil || info.Size() != o.size || !info.ModTime().Equal(o.when) {
		f.Close()
		return nil, errors.New("the file was changed on the controller's machine after it had been offered: start the controller again")
	}
	return f, nil
}

func (s *fileStore) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.open {
		f.Close()
	}
	s.open = map[string]*os.File{}
}

// fetch gets a file into a folder, unless it is there, and returns its path. Files are kept by hash. A file that is not what its hash says is
// refused and removed.
func fetch(nc *nats.Conn, folder string, f File) (string, error) {
	if raw, err := hex.DecodeString(f.Hash); err != nil || len(raw) != sha256.Size || f.Size < 0 {
		return "", fmt.Errorf("fleet: fetch %s: its hash is none", f.Name)
	}
	path := filepath.Join(folder, f.Hash)
	here := func() bool {
		hash, _, err := HashFile(path)
		return err == nil && hash == f.Hash
	}
	if here() {
		return path, nil
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("fleet: fetch %s: %w", f.Name, err)
	}
	if others, waited := turn(folder); others != nil {
		defer others.Close()
		if waited && here() {
			return path, nil
		}
	}
	part, err := os.CreateTemp(folder, "part-")
	if err != nil {
		return "", fmt.Errorf("fleet: fetch %s: %w", f.Name, err)
	}
	defer os.Remove(part.Name()) // it has another name when all went well
	err = download(nc, part, f)
	if err := errors.Join(err, part.Chmod(0o700), part.Close()); err != nil {
		return "", fmt.Errorf("fleet: fetch %s: %w", f.Name, err)
	}
	if hash, size, err := HashFile(part.Name()); err != nil || hash != f.Hash || size != f.Size {
		return "", fmt.Errorf("fleet: fetch %s: what came has the hash %.12s and what was offered %.12s: the file was changed on the controller's machine meanwhile; start the controller again", show(f.Name), hash, f.Hash)
	}
	return path, os.Rename(part.Name(), path)
}

// turnMost is how long a worker waits for another one of its machine that fetches into the same folder.
const turnMost = time.Minute

// turn waits until nobody else of this machine fetches into the folder, and keeps others waiting until the file is closed. It is nil when that
// took too long. waited says that somebody did: what is wanted may be there now.
func turn(folder string) (lock *os.File, waited bool) {
	for end := time.Now().Add(turnMost); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if lock, err := lockFolder(folder); err == nil {
			return lock, waited
		}
		waited = true
	}
	return nil, waited
}

// download asks for the chunks of a file, a few at a time.
func download(nc *nats.Conn, into *os.File, f File) error {
	type piece struct {
		offset int64
		err    error
	}
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(window), zstd.WithDecoderMaxMemory(chunk))
	if err != nil {
		return err
	}
	defer z.Close()
	offsets, done := make(chan int64), make(chan piece)
	for range window {
		go func() {
			for at := range offsets {
				done <- piece{at, downloadChunk(nc, z, into, f, at)}
			}
		}()
	}
	defer close(offsets)
	var next, under int64
	for next < f.Size || under > 0 {
		if next < f.Size && under < window {
			offsets <- next
			next += chunk
			under++
			continue
		}
		if p := <-done; p.err != nil {
			for under--; under > 0; under-- {
				<-done
			}
			return p.err
		}
		under--
	}
	return nil
}

func downloadChunk(nc *nats.Conn, z *zstd.Decoder, into *os.File, f File, at int64) error {
	q, err := json.Marshal(FileRequest{Hash: f.Hash, Offset: at, Zstd: true})
	if err != nil {
		return err
	}
	var m *nats.Msg
	for range 5 {
		if m, err = nc.Request(fileSubject(), q, 10*time.Second); err == nil {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("the controller did not send the part at %d: %w", at, reason(err))
	}
	if p := m.Header.Get("Problem"); p != "" {
		return errors.New(bounded(p))
	}
	data := m.Data
	if m.Header.Get("Packed") == "zstd" {
		if data, err = z.DecodeAll(data, nil); err != nil {
			return fmt.Errorf("what came at %d cannot be read: %w", at, err)
		}
	}
	if want := min(chunk, f.Size-at); int64(len(data)) != want {
		return fmt.Errorf("%d bytes came at %d, and not %d", len(data), at, want)
	}
	_, err = into.WriteAt(data, at)
	return err
}

// settle puts the files of a bundle beside each other under their names, in a folder of their own.
func settle(nc *nats.Conn, kept, folder string, files []File) error {
	for _, f := range files {
		name := filepath.FromSlash(f.Name)
		if !filepath.IsLocal(name) || strings.ContainsAny(f.Name, "\\:") {
			return fmt.Errorf("fleet: the controller wants to write the file %q, which is outside of the worker's folder", f.Name)
		}
		from, err := fetch(nc, kept, f)
		if err != nil {
			return err
		}
		to := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		if err := copyFile(from, to); err != nil {
			return fmt.Errorf("fleet: the file %s: %w", f.Name, err)
		}
	}
	return nil
}

// noRoom says what to do when a disk is full.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: make room there, or set XDG_CACHE_HOME (for what is kept) and TMPDIR (for what a run needs) to a disk that has some", err)
	}
	return err
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
