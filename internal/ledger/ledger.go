package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/mask"
)

// Options says how a ledger is opened. The zero value works.
type Options struct {
	// Results writes the Results column of a run. nil writes nothing there.
	Results func(*stampede.Report) string
	// Judge says how a run ended, in a word. nil says nothing.
	Judge func(*stampede.Report) string
	// Wait is how long a write waits for another program that is writing. Zero means 10 s.
	Wait time.Duration
	// Warn is told, in one line, what a person should know and what stops nothing: that a run was repaired, that the disk is slow. It
	// is called from several goroutines, one at a time for each run. nil is told nothing.
	Warn func(string)
	// RunBytes is what the course of one run may take in the ledger before its oldest seconds become stretches of 10 s, and then of 60 s.
	// Zero means 17 MB, which makes 23 MB on the disk.
	RunBytes int
	// Look says that the ledger will only be read. One that cannot be written here, because of its permissions or its disk, is then opened
	// as it lies there: nothing is repaired, and what another program writes meanwhile may not be seen. False wants to write.
	Look bool
}

// Ledger is a ledger: an SQLite file, or a PostgreSQL database. Its methods may be called from any goroutine, and by many programs at
// once.
type Ledger struct {
	where string // as people are told: a path, or an address without its password
	path  string // of the file; "" for a server
	opt   Options
	d     dialect
	read  *sql.DB
	write *sql.DB // the same as read on a server
	pack  packer
	fixed bool // it is read as it lies there: see Options.Look

	inode os.FileInfo // which file it is; nil of a server
}

// Open opens a ledger and makes it when it is not there. where is the path of a file, or postgres://user@host/database. Runs whose
// recorder has died are repaired, and told to Options.Warn. A ledger of a newer program gives a [NewerError].
func Open(ctx context.Context, where string, o Options) (*Ledger, error) {
	b, err := connect(ctx, where, o)
	if err != nil {
		return nil, err
	}
	err = b.migrate(ctx, 0)
	if err == nil {
		err = b.repair(ctx)
	}
	if err != nil && o.Look && notWritable(err) && b.path != "" {
		if err = errors.Join(b.Close(), b.openFixed(ctx)); err == nil {
			return b, nil
		}
	}
	if err != nil {
		return nil, errors.Join(b.explain("open", err), b.Close())
	}
	return b, nil
}

// ReadOnly reports whether the ledger cannot be written here, and was opened to look at it.
func (b *Ledger) ReadOnly() bool { return b.fixed }

// connect opens a ledger as it is.
func connect(ctx context.Context, where string, o Options) (*Ledger, error) {
	if o.Wait <= 0 {
		o.Wait = 10 * time.Second
	}
	if o.RunBytes <= 0 {
		o.RunBytes = 17e6
	}
	if o.Warn == nil {
		o.Warn = func(string) {}
	}
	b := &Ledger{opt: o}
	var err error
	if b.pack, err = newPacker(); err != nil {
		return nil, err
	}
	switch {
	case IsServer(where):
		err = b.dial(ctx, where)
	case notPlace(where) != nil:
		b.d, b.where, err = sqliteDialect(), mask.Text(where), notPlace(where)
	default:
		err = b.file(ctx, where)
	}
	if err != nil {
		return nil, b.explain("open", err)
	}
	return b, nil
}

// Where is the ledger as people are told of it: a path, or an address without a password.
func (b *Ledger) Where() string { return b.where }

// Close closes the ledger. Recorders must be closed before.
func (b *Ledger) Close() error {
	if b.read == b.write {
		return b.write.Close()
	}
	return errors.Join(b.read.Close(), b.write.Close())
}

// change runs f in a transaction that writes.
func (b *Ledger) change(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := b.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		if back := tx.Rollback(); back != nil && !errors.Is(back, sql.ErrTxDone) {
			return errors.Join(err, back)
		}
		return err
	}
	return tx.Commit()
}

// exec runs one statement of a transaction.
func (b *Ledger) exec(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, b.d.bind(query), args...)
	return err
}

// explain says what was tried with which ledger, and what to do when that is known.
func (b *Ledger) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	var known *NewerError
	if errors.As(err, &known) || b.d.name != "sqlite" {
		return fmt.Errorf("ledger: %s %s: %w", what, b.where, err)
	}
	return fmt.Errorf("ledger: %s %s: %w", what, b.where, b.explainSQLite(err))
}

// packer makes bytes small. It is safe for concurrent use.
type packer struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// maxPacked bounds what a blob may become when it is unpacked: a damaged or hostile ledger must not take all memory.
const maxPacked = 512 << 20

func newPacker() (packer, error) {
	// The fastest level is within 2 % of the default one on histograms, in three quarters of its time.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return packer{}, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPacked))
	return packer{enc, dec}, err
}

func (p *packer) pack(raw []byte) []byte { return p.enc.EncodeAll(raw, nil) }

func (p *packer) unpack(data []byte) ([]byte, error) { return p.dec.DecodeAll(data, nil) }
