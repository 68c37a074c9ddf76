package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// runLock is held by the process that records a run, for as long as it lives. Its end frees it, however it comes: that is how others
// know that a run was cut off.
type runLock interface {
	held(ctx context.Context) bool // it is still there: a server that was restarted has forgotten it
	release()
}

// noLock is no lock at all.
type noLock struct{}

func (noLock) held(context.Context) bool { return false }

func (noLock) release() {}

// errHeld says that somebody else records the run.
var errHeld = errors.New("the run is being recorded by another process")

// claim takes the lock of a run, or gives errHeld.
func (b *Ledger) claim(ctx context.Context, id string) (runLock, error) {
	if b.path == "" {
		return b.claimServer(ctx, id)
	}
	return claimFile(b.lockPath(id))
}

// claimNew takes the lock of a run that is not in the ledger yet, or gives errHeld when somebody has the lock or a run the id.
func (b *Ledger) claimNew(ctx context.Context, id string) (runLock, error) {
	lock, err := b.claim(ctx, id)
	if err != nil {
		return nil, err
	}
	taken := true
	err = b.look(ctx, func(v view) (err error) {
		taken, err = v.hasID(ctx, id)
		return err
	})
	if err == nil && !taken {
		return lock, nil
	}
	lock.release()
	if err == nil {
		err = errHeld
	}
	return nil, err
}

func (b *Ledger) lockPath(id string) string { return b.path + "." + fileSafe(id) + ".lock" }

// fileSafe is an id as a part of a file's name.
func fileSafe(id string) string {
	out := []byte(id)
	for i, c := range out {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' {
			out[i] = '_'
		}
	}
	return string(out[:min(len(out), 100)])
}

// fileLock is a locked file. The system unlocks it when the process ends.
type fileLock struct {
	f *os.File
}

// claimFile makes and locks a file. Between the two another process may have removed it: then it tries again.
func claimFile(path string) (runLock, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		if err := lockFile(f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		mine, err := f.Stat()
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(mine, there) {
			return &fileLock{f}, nil
		}
		f.Close()
	}
}

// sweep removes lock files that nobody holds: of processes that died between their lock and their run, or after a repair on Windows.
func (b *Ledger) sweep() {
	if b.path == "" {
		return
	}
	entries, err := os.ReadDir(filepath.Dir(b.path))
	if err != nil {
		return // they do no harm
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, filepath.Base(b.path)+".") || !strings.HasSuffix(name, ".lock") {
			continue
		}
		if l, err := claimFile(filepath.Join(filepath.Dir(b.path), name)); err == nil {
			l.release()
		}
	}
}

func (l *fileLock) held(context.Context) bool { return true }

// release removes the file while it is locked, so that whoever opened it before finds out: see claimFile.
func (l *fileLock) release() {
	if os.Remove(l.f.Name()) != nil {
		l.f.Close() // Windows removes no open file
		os.Remove(l.f.Name())
		return
	}
	l.f.Close()
}

// serverLock is an advisory lock of PostgreSQL, held by a connection.
type serverLock struct {
	conn *sql.Conn
	key  int64
}

func (b *Ledger) claimServer(ctx context.Context, id string) (runLock, error) {
	h := fnv.New64a()
	h.Write([]byte("stampede run " + id))
	l := &serverLock{key: int64(h.Sum64())}
	var err error
	if l.conn, err = b.write.Conn(ctx); err != nil {
		return nil, err
	}
	var free bool
	if err = l.conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1)", l.key).Scan(&free); err == nil && !free {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, l.conn.Close())
	}
	return l, nil
}

// held reports whether the connection is still there, and with it the lock.
func (l *serverLock) held(ctx context.Context) bool { return l.conn.PingContext(ctx) == nil }

// release gives the connection back into the pool, which must not keep the lock. Should it be broken, the server has freed it already.
func (l *serverLock) release() {
	const patience = 5 * time.Second
	ctx, stop := context.WithTimeout(context.Background(), patience)
	defer stop()
	_, err := l.conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", l.key)
	if err != nil {
		l.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	l.conn.Close()
}
