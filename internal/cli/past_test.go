package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/ledger/ledgertest"
	"github.com/stampede-load/stampede/internal/report"
	"github.com/stampede-load/stampede/internal/verdict"
)

// past writes runs of the same plan into a ledger, a day after the last one each, from one commit. They never happened: what they find is
// known. They are of the future, so that no command rolls them up because they are old. The words
// of Changes that are INVALID, interrupted or WARMUP make the runs so.
func past(ts *testscript.TestScript, _ bool, args []string) {
	history(ts, args, func(day int) time.Time { return time.Date(2126, 6, 1+day, 9, 30, 0, 0, time.UTC) })
}

// recent is past with runs of this week, an hour apart: the seconds of older ones are rolled up.
func recent(ts *testscript.TestScript, _ bool, args []string) {
	first := time.Now().Add(-100 * time.Hour).Truncate(time.Hour)
	history(ts, args, func(number int) time.Time { return first.Add(time.Duration(number) * time.Hour) })
}

// old is past with runs of a year ago: their seconds are rolled up by the next command.
func old(ts *testscript.TestScript, _ bool, args []string) {
	first := time.Now().AddDate(-1, 0, 0).Truncate(time.Hour)
	history(ts, args, func(number int) time.Time { return first.Add(time.Duration(number) * time.Hour) })
}

// history writes runs that start when at says, by their number in the ledger.
func history(ts *testscript.TestScript, args []string, at func(number int) time.Time) {
	many, err := strconv.Atoi(args[0])
	ts.Check(err)
	slow, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	changes := strings.Join(args[2:], " ")
	where := filepath.Join(ts.MkAbs("."), "past.db")
	led, err := ledger.Open(context.Background(), where, ledger.Options{Results: report.Results})
	ts.Check(err)
	before, err := led.Runs(context.Background(), ledger.Filter{})
	ts.Check(err)
	for i := range many {
		day := len(before) + i
		s := ledgertest.Make(ledgertest.Load{
			Seconds: 40, Names: 2, Rate: 30, Seed: uint64(day), Slow: slow, Start: at(day),
		})
		s.Report.Run.Changes = changes
		s.Report.Verdict = verdict.Health{}
		if strings.Contains(changes, "INVALID") {
			s.Report.Verdict = verdict.Health{Level: verdict.Invalid, Reasons: []string{"the generator was too slow"}}
		}
		s.Info = s.Report.Run
		seconds := len(s.Seconds)
		if strings.Contains(changes, "interrupted") {
			seconds = 20
		}
		r := led.Record(ledger.Header{Git: ledger.Git{Commit: fmt.Sprintf("%07x0123456789", len(before)), Dirty: len(before)%2 == 1}}, ledger.RecorderOptions{})
		s.Tell(r, seconds)
		ts.Check(r.Close(context.Background()))
	}
	ts.Check(led.Close())
	ts.Setenv("PAST", where)
}

// twin writes a run of the plan of the ledger's last one, whose times are so many times as long as those of past. The ledger is
// $STAMPEDE_LEDGER.
func twin(ts *testscript.TestScript, _ bool, args []string) {
	slow, err := strconv.ParseFloat(args[0], 64)
	ts.Check(err)
	led, err := ledger.Open(context.Background(), ts.Getenv("STAMPEDE_LEDGER"), ledger.Options{Results: report.Results})
	ts.Check(err)
	last, err := led.Find(context.Background(), "last")
	ts.Check(err)
	s := ledgertest.Make(ledgertest.Load{Seconds: 40, Rate: 30, Slow: slow, Start: last.Started.Add(time.Second)})
	info := last.RunInfo
	info.ID, info.Started, info.Duration = s.Info.ID, s.Info.Started, s.Report.Run.Duration
	info.Stopped, info.Interrupted, info.Changes = "time", false, "twin"
	s.Info, s.Report.Run, s.Report.Verdict = info, info, verdict.Health{}
	r := led.Record(ledger.Header{}, ledger.RecorderOptions{})
	s.Tell(r, len(s.Seconds))
	ts.Check(r.Close(context.Background()))
	ts.Check(led.Close())
}
