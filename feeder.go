package stampede

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/fault"
)

// Feeder hands out rows of test data: at random, in turn, or each to one user only. It is safe for concurrent use, and keeps no row
// longer than it is told. The rows must not be changed once it is made.
type Feeder[R any] struct {
	rows  []R
	share Share
	turn  atomic.Int64

	mu   sync.Mutex
	free []int        // Take: rows handed back, last in first out
	next int          // Take: rows never handed out yet begin here (in rows of this share)
	held map[int]bool // Take: rows that users hold
	last Share        // Take: the share that free and next are of
}

// holder is a user, for a feeder: its share of the load, and when it has stopped. Embedding User or HTTPUser makes one.
type holder interface {
	Share() Share
	Number() int
	Cleanup(func())
}

// Rows makes a feeder over a slice.
func Rows[R any](rows []R) *Feeder[R] { return &Feeder[R]{rows: rows} }

// Len is the number of rows of this feeder's share.
func (f *Feeder[R]) Len() int { return f.share.Count(len(f.rows)) }

// Of is a feeder of part i of n: rows i, i+n, i+2n and so on. Several processes with the same rows and different i never hand out the same
// one. Take and Next do this by themselves, with the share of the user's run.
func (f *Feeder[R]) Of(i, n int) (*Feeder[R], error) {
	if n <= 0 || i < 0 || i >= n {
		return nil, fmt.Errorf("feeder: share %d of %d: the first must be from 0 to %d", i, n, n-1)
	}
	return &Feeder[R]{rows: f.rows, share: Share{I: i, N: n}}, nil
}

// Pick is a row at random, any number of times the same. r is usually the user's own source. A feeder without rows gives the zero R.
func (f *Feeder[R]) Pick(r *rand.Rand) R {
	n := f.Len()
	if n == 0 {
		var zero R
		return zero
	}
	return f.rows[f.share.Number(r.IntN(n))]
}

// Next is the row after the last one, from the beginning again after the end. Users of different workers get different rows.
func (f *Feeder[R]) Next(u holder) R {
	share := f.shareFor(u)
	n := share.Count(len(f.rows))
	if n == 0 {
		var zero R
		return zero
	}
	return f.rows[share.Number(int((f.turn.Add(1)-1)%int64(n)))]
}

// Take is a row that no other user holds. It goes back when u stops. When all are held the error says how many rows are needed.
func (f *Feeder[R]) Take(u holder) (R, error) {
	share := f.shareFor(u)
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.find(share, u.Number())
	if i < 0 {
		var zero R
		return zero, &fault.Error{
			Kind: fault.Data,
			Text: fmt.Sprintf("the feeder ran dry: all %d rows are held by users", share.Count(len(f.rows))),
			Hint: fmt.Sprintf("give it at least one row for each user at a time (more than %d), or use Next or Pick", len(f.rows)),
			Err:  errDry,
		}
	}
	f.held[i] = true
	u.Cleanup(func() {
		f.mu.Lock()
		delete(f.held, i)
		if f.last.Owns(i) {
			f.free = append(f.free, i)
		}
		f.mu.Unlock()
	})
	return f.rows[i], nil
}

// find is a row of the share that nobody holds, or -1. A user of a fleet has the row of its own number when it can: the row goes where the user goes
// when another worker takes it over. That holds for a worker that is alone, too: the others' users are still to move to it, or others may join. mu is held.
func (f *Feeder[R]) find(share Share, number int) int {
	if f.held == nil {
		f.held = map[int]bool{}
	}
	if share != f.last { // what is held stays so; the rest is dealt anew
		f.last, f.free, f.next = share, nil, 0
	}
	if share.Dealt() && number < len(f.rows) && share.Owns(number) && !f.held[number] {
		return number
	}
	for len(f.free) > 0 {
		i := f.free[len(f.free)-1]
		f.free = f.free[:len(f.free)-1]
		if !f.held[i] {
			return i
		}
	}
	for n := share.Count(len(f.rows)); f.next < n; {
		i := share.Number(f.next)
		f.next++
		if !f.held[i] {
			return i
		}
	}
	return -1
}

var errDry = errors.New("feeder ran dry")

// shareFor is the feeder's own share when it has one, else that of the user's run.
func (f *Feeder[R]) shareFor(u holder) Share {
	if f.share.N > 0 {
		return f.share
	}
	return u.Share()
}
