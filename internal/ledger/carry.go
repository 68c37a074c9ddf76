package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/stampede-load/stampede/internal/stats"
)

// carried is a run as one ledger gives it to another: its row, and all that belongs to it as it is kept, blobs and all. Both have the same schema.
type carried struct {
	Kind   string                     `json:"stampede"`
	Schema int                        `json:"schema"`
	Start  carriedStart               `json:"start"`
	Row    map[string]json.RawMessage `json:"row"` // by the columns of table run
	Head   []byte                     `json:"head"`
	Errors []byte                     `json:"errors"`
	Finest int                        `json:"finest"`
	Result *carriedResult             `json:"result"` // null of a row of a spreadsheet
	Names  []carriedName              `json:"names"`
	Blocks []carriedBlock             `json:"blocks"`
	Fresh  []carriedSecond            `json:"seconds"` // that are no block yet
	Events []carriedEvent             `json:"events"`
}

type carriedStart struct {
	At     int64  `json:"at"` // ns since 1970, UTC
	Zone   string `json:"zone"`
	Offset int    `json:"offset"` // s east of UTC
}

type carriedResult struct {
	Meta   []byte `json:"meta"`
	Judged []byte `json:"judged"`
	Whole  []byte `json:"whole"` // null without a warm-up
}

type carriedName struct {
	Number int64  `json:"number"`
	Type   string `json:"type"`
	Name   string `json:"name"`
}

type carriedBlock struct {
	Name   int64  `json:"name"`
	Minute int    `json:"minute"`
	Width  int    `json:"width"`
	Data   []byte `json:"data"`
}

type carriedSecond struct {
	Second int    `json:"second"`
	Data   []byte `json:"data"`
}

type carriedEvent struct {
	Number int    `json:"number"`
	At     int64  `json:"at"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`
}

const carriedKind = "run"

// mostCarried bounds what is read of a run: one of 17 MB, in JSON, and much to spare.
const mostCarried = 256 << 20

// ErrGoesOn says that a run cannot be carried to another ledger, for it is not over.
var ErrGoesOn = errors.New("it still goes on")

// Carry writes a run for [Ledger.TakeIn] of another ledger: all that this one has of it. A run that goes on gives [ErrGoesOn].
func (b *Ledger) Carry(ctx context.Context, run *Run, w io.Writer) error {
	c := &carried{Kind: carriedKind}
	err := b.look(ctx, func(v view) error { return v.gather(ctx, run.Number, c) })
	if err != nil {
		return b.explain("read run "+run.ID+" in", err)
	}
	return json.NewEncoder(w).Encode(c)
}

// gather reads a run as it is kept.
func (v view) gather(ctx context.Context, number int64, c *carried) (err error) {
	if c.Schema, err = v.schema(ctx, v.q); err != nil {
		return err
	}
	all := runColumns()
	runs, err := v.runs(ctx, "WHERE number = ?", number)
	switch {
	case err != nil:
		return err
	case len(runs) == 0:
		return errors.New("it has been deleted")
	case runs[0].State == Running:
		return ErrGoesOn
	}
	c.Row = map[string]json.RawMessage{}
	for i := range all {
		if c.Row[all[i].name], err = json.Marshal(all[i].json(&runs[0])); err != nil {
			return err
		}
	}
	query := v.d.bind("SELECT " + startColumns + ", head, errors, finest FROM run WHERE number = ?")
	if err := v.q.QueryRowContext(ctx, query, number).Scan(&c.Start.At, &c.Start.Zone, &c.Start.Offset, &c.Head, &c.Errors, &c.Finest); err != nil {
		return err
	}
	var r carriedResult
	err = v.q.QueryRowContext(ctx, v.d.bind("SELECT meta, judged, whole FROM result WHERE run = ?"), number).Scan(&r.Meta, &r.Judged, &r.Whole)
	switch {
	case err == nil:
		c.Result = &r
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	return v.gatherCourse(ctx, number, c)
}

// gatherCourse reads what happened over time.
func (v view) gatherCourse(ctx context.Context, number int64, c *carried) error {
	return errors.Join(
		gatherRows(ctx, v, &c.Names, func(rows *sql.Rows, n *carriedName) error { return rows.Scan(&n.Number, &n.Type, &n.Name) },
			"SELECT number, type, name FROM name WHERE run = ? ORDER BY number", number),
		gatherRows(ctx, v, &c.Blocks, func(rows *sql.Rows, k *carriedBlock) error { return rows.Scan(&k.Name, &k.Minute, &k.Width, &k.Data) },
			"SELECT name, minute, width, data FROM block WHERE run = ? ORDER BY minute, name", number),
		gatherRows(ctx, v, &c.Fresh, func(rows *sql.Rows, s *carriedSecond) error { return rows.Scan(&s.Second, &s.Data) },
			"SELECT second, data FROM second WHERE run = ? ORDER BY second", number),
		gatherRows(ctx, v, &c.Events, func(rows *sql.Rows, e *carriedEvent) error { return rows.Scan(&e.Number, &e.At, &e.Kind, &e.Text) },
			"SELECT number, at, kind, text FROM event WHERE run = ? ORDER BY number", number),
	)
}

// json is the field of a run, to be written as JSON and read into.
func (c *column) json(r *Run) any {
	into := c.into(r)
	if l, ok := into.(textList); ok {
		return l.to
	}
	return into
}

func gatherRows[T any](ctx context.Context, v view, into *[]T, scan func(*sql.Rows, *T) error, query string, args ...any) error {
	*into = []T{}
	return v.each(ctx, func(rows *sql.Rows) error {
		var one T
		err := scan(rows, &one)
		*into = append(*into, one)
		return err
	}, query, args...)
}

// TakeIn puts a run into the ledger that [Ledger.Carry] of another one wrote, with all that belongs to it. One that is there already is left alone; added is
// then false. What cannot be read as a result and its course is refused, and nothing of it is kept.
func (b *Ledger) TakeIn(ctx context.Context, r io.Reader) (run *Run, added bool, err error) {
	c := &carried{}
	if err := json.NewDecoder(io.LimitReader(r, mostCarried)).Decode(c); err != nil {
		return nil, false, fmt.Errorf("it is no run of a ledger: %w", err)
	}
	if run, err = c.run(); err != nil {
		return nil, false, err
	}
	all, err := steps(b.d.name)
	if err == nil && c.Schema < len(all) {
		err = fmt.Errorf("it comes from an older stampede (schema %d, this one writes %d): use the same version on both sides", c.Schema, len(all))
	}
	if err == nil {
		err = newer(c.Schema, len(all))
	}
	if err != nil {
		return nil, false, err
	}
	err = b.change(ctx, func(tx *sql.Tx) error {
		v := view{b, tx}
		there, err := v.runs(ctx, "WHERE id = ?", run.ID)
		if err != nil {
			return err
		}
		if len(there) > 0 && there[0].Started.Equal(run.Started) {
			*run = there[0]
			return nil
		}
		if run.ID, err = v.freeID(ctx, run.ID); err != nil {
			return err
		}
		added = true
		if err := b.insertCarried(ctx, tx, run, c); err != nil {
			return err
		}
		return v.readable(ctx, run)
	})
	return run, added && err == nil, b.explain("take run "+run.ID+" into", err)
}

var carriedID = regexp.MustCompile(`^[0-9A-Za-z-]{1,100}$`)

// run is the row of what was carried.
func (c *carried) run() (*Run, error) {
	if c.Kind != carriedKind || c.Schema < 1 {
		return nil, errors.New("it is no run of a ledger")
	}
	run := &Run{}
	for _, column := range runColumns() {
		text, there := c.Row[column.name]
		if !there {
			return nil, fmt.Errorf("its row has no %s", column.name)
		}
		if err := json.Unmarshal(text, column.json(run)); err != nil {
			return nil, fmt.Errorf("its %s: %w", column.name, err)
		}
	}
	if !carriedID.MatchString(run.ID) {
		return nil, errors.New("its id is none")
	}
	if run.State != Done && run.State != Interrupted && run.State != Imported {
		return nil, fmt.Errorf("its state is %q", run.State)
	}
	if (run.State == Imported) != (c.Result == nil) {
		return nil, fmt.Errorf("it is %s, and that does not go with its result", run.State)
	}
	run.Started = startOf(c.Start.At, clean(c.Start.Zone), c.Start.Offset)
	cleanRun(run)
	return run, nil
}

// insertCarried writes what was carried.
func (b *Ledger) insertCarried(ctx context.Context, tx *sql.Tx, run *Run, c *carried) error {
	if !json.Valid(c.Head) {
		return errors.New("what its recorder was told is damaged")
	}
	if err := b.insertRun(ctx, tx, run, c.Head); err != nil {
		return err
	}
	n := run.Number
	if err := b.exec(ctx, tx, "UPDATE run SET errors = ?, finest = ? WHERE number = ?", c.Errors, c.Finest, n); err != nil {
		return err
	}
	if r := c.Result; r != nil {
		if err := b.exec(ctx, tx, "INSERT INTO result (run, meta, judged, whole) VALUES (?, ?, ?, ?)", n, r.Meta, r.Judged, r.Whole); err != nil {
			return err
		}
	}
	var names cleaner
	for _, one := range c.Names {
		key := names.key(stats.Key{Type: one.Type, Name: one.Name})
		if err := b.exec(ctx, tx, "INSERT INTO name (run, number, type, name) VALUES (?, ?, ?, ?)", n, one.Number, key.Type, key.Name); err != nil {
			return err
		}
	}
	for _, k := range c.Blocks {
		if err := b.exec(ctx, tx, "INSERT INTO block (run, name, minute, width, data) VALUES (?, ?, ?, ?, ?)", n, k.Name, k.Minute, k.Width, k.Data); err != nil {
			return err
		}
	}
	for _, s := range c.Fresh {
		if err := b.exec(ctx, tx, "INSERT INTO second (run, second, data) VALUES (?, ?, ?)", n, s.Second, s.Data); err != nil {
			return err
		}
	}
	for _, e := range c.Events {
		if err := b.exec(ctx, tx, "INSERT INTO event (run, number, at, kind, text) VALUES (?, ?, ?, ?, ?)", n, e.Number, e.At, clean(e.Kind), clean(e.Text)); err != nil {
			return err
		}
	}
	return nil
}

// readable reads what was taken in: a run that cannot be shown must not come into the ledger.
func (v view) readable(ctx context.Context, run *Run) error {
	if run.State == Imported {
		return nil
	}
	if _, err := v.result(ctx, run); err != nil {
		return fmt.Errorf("its result cannot be read: %w", err)
	}
	if _, err := v.totalSeries(ctx, run.Number); err != nil {
		return fmt.Errorf("its course cannot be read: %w", err)
	}
	return nil
}
