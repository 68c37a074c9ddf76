package main

import (
	"compress/gzip"
	"encoding/gob"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/suspect"
	"github.com/stampede-load/stampede/internal/verdict"
)

// recorded is what a run with servers came to: all that the search for suspects looks at.
type recorded struct {
	Plant, Verdict string
	Seed           int
	Run            suspect.Run
	Series         []suspect.Series
}

// record takes what is judged out of a report, and keeps it where -keep asks for that.
func (b *bench) record(p *plant, seed int, rep *stampede.Report) (recorded, error) {
	r := recorded{Plant: p.name, Verdict: fmt.Sprint(rep.Verdict.Level, " ", strings.Join(rep.Verdict.Reasons, "; ")), Seed: seed, Run: suspect.Felt(rep.Series, rep.Run.Paced, suspect.Users)}
	if rep.Verdict.Level == verdict.Invalid && len(rep.Verdict.Reasons) > 0 {
		r.Run.Disturbed = rep.Verdict.Reasons[0]
	}
	for _, server := range rep.Servers {
		for _, s := range server.Series {
			s.Help = ""
			r.Series = append(r.Series, suspect.Series{Server: server.Name, Series: s})
		}
	}
	if b.keep == "" {
		return r, nil
	}
	if err := os.MkdirAll(b.keep, 0o755); err != nil {
		return r, err
	}
	return r, r.write(filepath.Join(b.keep, fmt.Sprintf("%s-%d.gob.gz", p.name, seed)))
}

func (r *recorded) write(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(f)
	if err := gob.NewEncoder(z).Encode(r); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := z.Close(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func readRecorded(path string) (r recorded, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	if err := gob.NewDecoder(z).Decode(&r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// suspectsAgain judges the runs that -keep kept, without making them again.
func (b *bench) suspectsAgain() error {
	paths, err := filepath.Glob(filepath.Join(b.keep, "*.gob.gz"))
	if err != nil {
		return err
	}
	if b.keep == "" || len(paths) == 0 {
		return fmt.Errorf("no run is kept there: name a folder with -keep, to this and to suspects before it")
	}
	slices.Sort(paths)
	all := append(plants(), plant{name: "healthy"})
	var s score
	for _, path := range paths {
		r, err := readRecorded(path)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(p plant) bool { return p.name == r.Plant }); i >= 0 {
			s.judge(&all[i], r)
		}
	}
	s.print()
	return nil
}
