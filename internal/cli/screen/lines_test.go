package screen

import (
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/verdict"
)

func TestLines(t *testing.T) {
	var b strings.Builder
	w := Lines{Out: &b}
	l := fanLive()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Begin(&l.Run))
	l.Verdict = verdict.Health{}
	l.Events = []stampede.Event{{Kind: "start", Text: "500 users"}, {At: 12 * time.Second, Kind: "users", Text: "users set to 500\x1b[2J"}}
	must(w.Tell(&l))
	must(w.Line(&l))
	must(w.Tell(&l)) // nothing is said twice
	l.Elapsed, l.Users, l.Dropped, l.Verdict.Level = 26*time.Second, 500, 1200, verdict.Suspect
	must(w.Line(&l))
	must(w.Line(&stampede.Live{}))
	l.Events = append(l.Events, stampede.Event{At: 28 * time.Second, Kind: "stop", Text: "time"})
	must(w.Tell(&l))
	must(w.Line(&l)) // what is left of the last second says nothing
	golden(t, "lines", strings.TrimRight(b.String(), "\n"))
}
