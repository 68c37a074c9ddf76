package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// file opens an SQLite ledger, and makes its folder.
func (b *Ledger) file(ctx context.Context, path string) error {
	b.d, b.where = sqliteDialect(), path
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	b.path = abs
	if err := os.MkdirAll(filepath.Dir(abs), 0o700); err != nil {
		return fmt.Errorf("make its folder: %w", err)
	}
	info, err := os.Stat(abs)
	switch {
	case err != nil:
	case info.IsDir():
		return errors.New("it is a folder: give the name of a file in it")
	case !info.Mode().IsRegular():
		return errors.New("it is no file that can be kept: give the name of one, or --no-record for none")
	}
	if info == nil || info.Size() == 0 {
		if err := b.layOut(ctx); err != nil {
			return err
		}
	}
	if b.inode, err = os.Stat(abs); err != nil {
		return err
	}
	if b.write, err = sql.Open("sqlite", b.dsn(true)); err != nil {
		return err
	}
	b.write.SetMaxOpenConns(1) // one writer: others of this program wait here, those of other programs in SQLite
	if b.read, err = sql.Open("sqlite", b.dsn(false)); err != nil {
		return errors.Join(err, b.write.Close())
	}
	b.read.SetMaxOpenConns(4)
	return nil // nothing is connected yet: a writer would wait for whoever is writing, and perhaps nothing will be written
}

// openFixed opens a ledger that cannot be written, as it lies there. What it holds must be of this program's form: nothing can be migrated.
func (b *Ledger) openFixed(ctx context.Context) error {
	b.fixed = true
	var err error
	if b.read, err = sql.Open("sqlite", b.dsn(false)); err != nil {
		return err
	}
	b.write = b.read
	var n int64
	return b.read.QueryRowContext(ctx, "SELECT count(*) FROM run").Scan(&n)
}

// gone is why what was written is not where people will look for it: somebody took the file away while it was open, or put another in its
// place. SQLite goes on writing to a file that has no name any more. It is nil when all is well.
func (b *Ledger) gone() error {
	if b.inode == nil {
		return nil
	}
	now, err := os.Stat(b.path)
	switch {
	case err == nil && os.SameFile(b.inode, now):
		return nil
	case err == nil:
		return errors.New("another file was put in its place while the run was recorded, which does not hold it")
	case errors.Is(err, os.ErrNotExist):
		return errors.New("the file was moved or deleted while the run was recorded, so the run is in no ledger")
	}
	return err
}

// notWritable reports whether an error is that the file or its folder cannot be written.
func notWritable(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return false
	}
	switch se.Code() & 0xff {
	case sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM:
		return true
	}
	return false
}

// layOut makes a new file. A block is two to eight KB: in SQLite's usual pages of 4 KB a third of the file was empty. The order counts,
// and the driver would sort these by name.
func (b *Ledger) layOut(ctx context.Context) error {
	db, err := sql.Open("sqlite", b.dsn(true))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	for _, p := range []string{"page_size = 8192", "auto_vacuum = INCREMENTAL", "journal_mode = WAL"} {
		if _, err := db.ExecContext(ctx, "PRAGMA "+p); err != nil {
			return errors.Join(err, db.Close())
		}
	}
	return db.Close()
}

// dsn is how a connection is made. A write is on the disk when it is done (synchronous=FULL): with NORMAL a power cut would take what
// came after the last checkpoint, which is minutes, and one write a second costs nothing.
func (b *Ledger) dsn(writes bool) string {
	path := filepath.ToSlash(b.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/Users
	}
	q := url.Values{}
	if b.fixed { // SQLite would make files beside it, to see what others write
		q.Set("mode", "ro")
		q.Set("immutable", "1")
	}
	q.Add("_pragma", fmt.Sprintf("busy_timeout(%d)", b.opt.Wait.Milliseconds()))
	if writes {
		q.Set("_txlock", "immediate") // a transaction that reads first could not become a writer later
	}
	q.Add("_pragma", "synchronous(FULL)")
	q.Add("_pragma", "foreign_keys(1)")
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// explainSQLite adds what to do to the errors of SQLite that people meet.
func (b *Ledger) explainSQLite(err error) error {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return err
	}
	switch se.Code() & 0xff {
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return fmt.Errorf("locked for %v (%s; stop it or pass --ledger): %w", b.opt.Wait, b.holder(), err)
	case sqlitelib.SQLITE_NOTADB, sqlitelib.SQLITE_CORRUPT:
		return fmt.Errorf("the file is damaged or no ledger (move it away, or pass --ledger for another; what is left in it can be read with sqlite3 and .recover): %w", err)
	case sqlitelib.SQLITE_FULL:
		return fmt.Errorf("the disk is full (make room, or pass --ledger for a ledger elsewhere): %w", err)
	case sqlitelib.SQLITE_CANTOPEN, sqlitelib.SQLITE_READONLY, sqlitelib.SQLITE_PERM:
		return fmt.Errorf("it cannot be written here (correct its permissions, or pass --ledger for another): %w", err)
	}
	return err
}
