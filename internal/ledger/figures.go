package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/stats"
)

// Figures is what one name came to in one run, without the warm-up.
type Figures struct {
	Requests, Failures int64
	Rate               float64       // requests per second
	P50, P95, P99      time.Duration // of the headline
	Timed              int64         // how many times those rest on; they are zero without
}

// Figures is what one name came to in each of the runs that have it, by the number of the run. Runs may be many thousands: only their results
// are read, and of those only this name is made. Runs without a result (in progress, from a spreadsheet) are not among them.
func (b *Ledger) Figures(ctx context.Context, runs []Run, key stats.Key) (map[int64]Figures, error) {
	wanted := make(map[int64]*Run, len(runs))
	for i := range runs {
		wanted[runs[i].Number] = &runs[i]
	}
	r := figureReader{ledger: b, key: key, found: map[int64]Figures{}, todo: make(chan judgedResult, 64)}
	for range runtime.GOMAXPROCS(0) {
		r.readers.Go(r.read)
	}
	err := b.look(ctx, func(v view) error {
		for _, part := range ranges(runs) {
			if err := v.judged(ctx, part, wanted, r.todo); err != nil {
				return err
			}
		}
		return nil
	})
	close(r.todo)
	r.readers.Wait()
	if err == nil {
		err = r.wrong
	}
	return r.found, b.explain("read "+key.Type+" "+key.Name+" of the runs in", err)
}

// judgedResult is the judged rows of a run, as they are kept.
type judgedResult struct {
	run  *Run
	data []byte
}

// ranges is the numbers of some runs as stretches in which most are wanted, so that a few of many runs do not cost a look at all.
func ranges(runs []Run) [][2]int64 {
	numbers := make([]int64, len(runs))
	for i := range runs {
		numbers[i] = runs[i].Number
	}
	slices.Sort(numbers)
	const near = 8 // rows that are read in vain cost less than another query
	var out [][2]int64
	for _, n := range numbers {
		if last := len(out) - 1; last >= 0 && n-out[last][1] <= near {
			out[last][1] = n
			continue
		}
		out = append(out, [2]int64{n, n})
	}
	return out
}

// judged sends the wanted results in a range of runs.
func (v view) judged(ctx context.Context, part [2]int64, wanted map[int64]*Run, to chan<- judgedResult) error {
	return v.each(ctx, func(rows *sql.Rows) error {
		var number int64
		var data []byte
		if err := rows.Scan(&number, &data); err != nil {
			return err
		}
		if run := wanted[number]; run != nil {
			to <- judgedResult{run, data}
		}
		return nil
	}, "SELECT run, judged FROM result WHERE run BETWEEN ? AND ?", part[0], part[1])
}

// figureReader unpacks results on all processors: the database gives them faster than one can.
type figureReader struct {
	ledger  *Ledger
	key     stats.Key
	todo    chan judgedResult
	readers sync.WaitGroup

	mu    sync.Mutex
	found map[int64]Figures
	wrong error
}

func (r *figureReader) read() {
	var room []byte // for one result after the other
	for one := range r.todo {
		f, ok, err := r.ledger.figures(&one, r.key, &room)
		r.mu.Lock()
		if err != nil && r.wrong == nil {
			r.wrong = fmt.Errorf("run %s: %w", one.run.ID, err)
		}
		if ok {
			r.found[one.run.Number] = f
		}
		r.mu.Unlock()
	}
}

// figures finds a name in a result, which is unpacked into room. How long was judged follows from the figures of all requests together.
func (b *Ledger) figures(one *judgedResult, key stats.Key, room *[]byte) (f Figures, ok bool, err error) {
	raw, err := b.pack.dec.DecodeAll(one.data, (*room)[:0])
	if err != nil {
		return f, false, err
	}
	*room = raw
	run := one.run
	row, ok, err := stats.FindHeadline(raw, key, run.Paced)
	if err != nil || !ok {
		return f, false, err
	}
	f = Figures{Requests: row.Count, Failures: row.Failures, Timed: row.Headline(run.Paced).Count()}
	if run.Rate > 0 {
		f.Rate = row.Rate(float64(run.Requests) / run.Rate)
	}
	f.P50, f.P95, f.P99 = headline(&row, run.Paced, 0.5), headline(&row, run.Paced, 0.95), headline(&row, run.Paced, 0.99)
	return f, true, nil
}
