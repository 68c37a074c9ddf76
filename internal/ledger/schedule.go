package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/mask"
)

// Schedule is runs that come by themselves.
type Schedule struct {
	Name     string
	Cron     string
	Zone     string              // of the time zone database
	Settings map[string][]string // of its runs, by key of stampede.yaml; they hold no secrets
	On       bool
	Late     time.Duration // how long after its time a run may still begin
	Busy     bool          // its runs begin also when the machine is busy with something else
	Repeats  int           // how often a run that leaves a night open is made again at once
	Created  time.Time
	Since    time.Time // all times up to here are taken care of
	Asked    time.Time // when somebody asked for a run out of turn; zero when nobody has
}

// TurnState is what became of a time that was due.
type TurnState string

// The states of a turn.
const (
	TurnRunning TurnState = "running" // it is carried out now
	TurnRan     TurnState = "ran"     // a run was made, whatever it found
	TurnSkipped TurnState = "skipped" // on purpose: the target or this machine was not fit for it
	TurnMissed  TurnState = "missed"  // nobody was there, or another run went on
	TurnFailed  TurnState = "failed"  // it could not be started, or was cut off
)

// Turn is one time that was due, or several that were missed together.
type Turn struct {
	Number   int64
	Schedule string
	Due      time.Time // of several, the last
	Begun    time.Time
	Ended    time.Time // zero while it goes on
	State    TurnState
	Run      string // its id; empty for none
	Missed   int    // how many times it stands for
	Again    bool   // it belongs to the turn before, which left open what the night came to
	Words    string // what came of it, in words
	Accepted bool   // somebody said that the level which began with this run is how things are now
}

// ErrNoSchedule says that there is no schedule of that name.
var ErrNoSchedule = errors.New("there is no such schedule")

// ErrTaken says that there is a schedule of that name.
var ErrTaken = errors.New("there is one of that name: remove it first, or choose another name")

const scheduleColumns = "name, cron, zone, settings, enabled, late, busy, created, since, asked, repeats"

func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}

func momentNS(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

// AddSchedule keeps a schedule. One of the same name gives [ErrTaken].
func (b *Ledger) AddSchedule(ctx context.Context, s *Schedule) error {
	settings := map[string][]string{}
	for key, texts := range s.Settings {
		settings[key] = mask.Texts(texts)
	}
	text, err := json.Marshal(settings)
	if err != nil {
		return err
	}
	return b.explain("add schedule "+s.Name+" to", b.change(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, b.d.bind("INSERT INTO schedule ("+scheduleColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING"),
			s.Name, s.Cron, s.Zone, string(text), oneOrZero(s.On), int64(s.Late), oneOrZero(s.Busy), momentNS(s.Created), momentNS(s.Since), momentNS(s.Asked), s.Repeats)
		if err != nil {
			return err
		}
		return changed(res, ErrTaken)
	}))
}

// changed gives an error when a statement changed nothing.
func changed(res sql.Result, otherwise error) error {
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = otherwise
	}
	return err
}

// Schedules are all of them, by name.
func (b *Ledger) Schedules(ctx context.Context) (all []Schedule, err error) {
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			var s Schedule
			var settings string
			var on, late, busy, created, since, asked int64
			if err := rows.Scan(&s.Name, &s.Cron, &s.Zone, &settings, &on, &late, &busy, &created, &since, &asked, &s.Repeats); err != nil {
				return err
			}
			s.On, s.Late, s.Busy, s.Created, s.Since, s.Asked = on == 1, time.Duration(late), busy == 1, moment(created), moment(since), moment(asked)
			if err := json.Unmarshal([]byte(settings), &s.Settings); err != nil {
				return fmt.Errorf("schedule %s: its settings cannot be read: %w", s.Name, err)
			}
			all = append(all, s)
			return nil
		}, "SELECT "+scheduleColumns+" FROM schedule ORDER BY name")
	})
	return all, b.explain("read the schedules in", err)
}

// updateSchedule changes the row of a schedule.
func (b *Ledger) updateSchedule(ctx context.Context, what, name, set string, args ...any) error {
	return b.explain(what+" schedule "+name+" in", b.change(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, b.d.bind(set+" WHERE name = ?"), append(args, name)...)
		if err != nil {
			return err
		}
		return changed(res, ErrNoSchedule)
	}))
}

// RemoveSchedule takes a schedule away, with what became of its times. Its runs stay.
func (b *Ledger) RemoveSchedule(ctx context.Context, name string) error {
	return b.updateSchedule(ctx, "remove", name, "DELETE FROM schedule")
}

// SwitchSchedule says whether a schedule is carried out. What was due before is not.
func (b *Ledger) SwitchSchedule(ctx context.Context, name string, on bool, now time.Time) error {
	return b.updateSchedule(ctx, "switch", name, "UPDATE schedule SET enabled = ?, since = ?", oneOrZero(on), momentNS(now))
}

// AskSchedule asks for a run out of turn; the zero time takes that back.
func (b *Ledger) AskSchedule(ctx context.Context, name string, now time.Time) error {
	return b.updateSchedule(ctx, "ask for a run of", name, "UPDATE schedule SET asked = ?", momentNS(now))
}

const turnColumns = "schedule, due, begun, ended, state, run, missed, words, again"

// BeginTurn takes a time that is due. taken is false when another program has taken it. The schedule's times up to it are taken care of by that.
func (b *Ledger) BeginTurn(ctx context.Context, t *Turn) (taken bool, err error) {
	return b.beginTurn(ctx, t, false)
}

// BeginTurnAlone does that unless a turn goes on already, of whatever schedule and carried out by whatever program: see [Ledger.TurnGoesOn].
func (b *Ledger) BeginTurnAlone(ctx context.Context, t *Turn) (taken bool, err error) {
	return b.beginTurn(ctx, t, true)
}

func (b *Ledger) beginTurn(ctx context.Context, t *Turn, alone bool) (taken bool, err error) {
	err = b.change(ctx, func(tx *sql.Tx) error {
		if alone {
			var going int
			err := tx.QueryRowContext(ctx, b.d.bind("SELECT COUNT(*) FROM turn WHERE state = ? AND (run <> '' OR begun > ?)"), string(TurnRunning), momentNS(t.Begun.Add(-mostUnbegun))).Scan(&going)
			if err != nil || going > 0 {
				return err
			}
		}
		err := tx.QueryRowContext(ctx, b.d.bind("INSERT INTO turn ("+turnColumns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (schedule, due) DO NOTHING RETURNING number"),
			t.Schedule, momentNS(t.Due), momentNS(t.Begun), momentNS(t.Ended), string(t.State), t.Run, t.Missed, mask.Text(t.Words), oneOrZero(t.Again)).Scan(&t.Number)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		taken = true
		return b.exec(ctx, tx, "UPDATE schedule SET since = CASE WHEN since > ? THEN since ELSE ? END, asked = CASE WHEN asked <= ? THEN 0 ELSE asked END WHERE name = ?",
			momentNS(t.Due), momentNS(t.Due), momentNS(t.Due), t.Schedule)
	})
	return taken, b.explain("begin a turn of schedule "+t.Schedule+" in", err)
}

// WriteTurn writes how a turn stands.
func (b *Ledger) WriteTurn(ctx context.Context, t *Turn) error {
	return b.explain("write a turn of schedule "+t.Schedule+" in", b.change(ctx, func(tx *sql.Tx) error {
		return b.exec(ctx, tx, "UPDATE turn SET ended = ?, state = ?, run = ?, words = ? WHERE number = ?",
			momentNS(t.Ended), string(t.State), t.Run, mask.Text(t.Words), t.Number)
	}))
}

// Turns are the latest of a schedule, the earliest of them first; of all schedules when name is empty. most of zero means all.
func (b *Ledger) Turns(ctx context.Context, name string, most int) (all []Turn, err error) {
	if most <= 0 {
		most = 1 << 30
	}
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			t, err := scanTurn(rows)
			all = append([]Turn{t}, all...)
			return err
		}, "SELECT number, "+turnColumns+", accepted FROM turn WHERE schedule = ? OR ? = '' ORDER BY due DESC, number DESC LIMIT ?", name, name, most)
	})
	return all, b.explain("read what became of the schedules in", err)
}

// AcceptTurn says that the level which began with a run of a schedule is how things are now.
func (b *Ledger) AcceptTurn(ctx context.Context, name, run string) error {
	return b.explain("accept a run of schedule "+name+" in", b.change(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, b.d.bind("UPDATE turn SET accepted = 1 WHERE schedule = ? AND run = ? AND run <> ''"), name, run)
		if err != nil {
			return err
		}
		return changed(res, fmt.Errorf("run %s is none of this schedule", run))
	}))
}

// EndCutTurns ends those turns that nobody carries out any longer: their run is in the ledger and no longer recorded, or none was begun within a
// quarter of an hour. It gives them as they are then.
func (b *Ledger) EndCutTurns(ctx context.Context, now time.Time) (cut []Turn, err error) {
	turns, err := b.runningTurns(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range turns {
		if b.isCarriedOut(ctx, &t, now, 15*time.Minute) {
			continue
		}
		t.State, t.Ended, t.Words = TurnFailed, now, "it was cut off: whoever carried it out was ended while it went on"
		if err := b.WriteTurn(ctx, &t); err != nil {
			return cut, err
		}
		cut = append(cut, t)
	}
	return cut, nil
}

// mostUnbegun is how long a turn may go on before its run begins and hold others up: whether its target is well is found out meanwhile.
const mostUnbegun = 2 * time.Minute

// TurnGoesOn reports whether some program carries out a turn at a moment. Runs whose program was ended are repaired for that, and hold nobody up.
func (b *Ledger) TurnGoesOn(ctx context.Context, now time.Time) (bool, error) {
	turns, err := b.runningTurns(ctx)
	for i := range turns {
		if b.isCarriedOut(ctx, &turns[i], now, mostUnbegun) {
			return true, nil
		}
	}
	return false, err
}

// isCarriedOut reports whether a turn's run is being recorded, or began so lately that it need not be known yet.
func (b *Ledger) isCarriedOut(ctx context.Context, t *Turn, now time.Time, unbegun time.Duration) bool {
	if t.Run == "" {
		return now.Sub(t.Begun) < unbegun
	}
	run, err := b.Find(ctx, t.Run)
	if err != nil || run.State != Running {
		return false
	}
	said, err := b.repairClaimed(ctx, run)
	if said != "" {
		b.opt.Warn(said)
	}
	return err != nil || said == "" // it is recorded, or cannot be repaired just now
}

// runningTurns are those that somebody carries out, or carried out when he was ended.
func (b *Ledger) runningTurns(ctx context.Context) (all []Turn, err error) {
	err = b.look(ctx, func(v view) error {
		return v.each(ctx, func(rows *sql.Rows) error {
			t, err := scanTurn(rows)
			all = append(all, t)
			return err
		}, "SELECT number, "+turnColumns+", accepted FROM turn WHERE state = ? ORDER BY due, number", string(TurnRunning))
	})
	return all, b.explain("read what goes on in", err)
}

// scanTurn reads a row.
func scanTurn(rows *sql.Rows) (t Turn, err error) {
	var due, begun, ended, again, accepted int64
	err = rows.Scan(&t.Number, &t.Schedule, &due, &begun, &ended, &t.State, &t.Run, &t.Missed, &t.Words, &again, &accepted)
	t.Due, t.Begun, t.Ended, t.Accepted, t.Again = moment(due), moment(begun), moment(ended), accepted == 1, again == 1
	return t, err
}
