package cli

import (
	"context"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/ledger"
)

// ledgerList is all rows of the ledger, kept while nobody writes into it: several people type into the filter of a long ledger, and reading ten
// thousand rows takes a third of a second.
type ledgerList struct {
	mu      sync.Mutex
	rows    []console.Entry // never changed; nil when it must be read anew before anything is answered
	stamp   string          // of the ledger when it was read
	at      time.Time
	reading bool // somebody reads it anew
	number  int  // of the change that was forgotten last
}

// How old a list may be. What this program changed itself is seen at once.
const (
	sureFor  = time.Second      // then the ledger is looked at
	staleFor = 30 * time.Second // while another program writes, such as a run's recorder, the list is this old at most
)

// forget makes the next list a fresh one.
func (l *ledgerList) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = nil
	l.number++
}

// all is the list. A stale one is given while a fresh one is read.
func (l *ledgerList) all(ctx context.Context, from *ledger.Ledger) ([]console.Entry, error) {
	stamp := from.Stamp()
	l.mu.Lock()
	rows, age, number := l.rows, time.Since(l.at), l.number
	fresh := age < sureFor || stamp != "" && stamp == l.stamp
	again := rows != nil && !fresh && age < staleFor && !l.reading
	if again {
		l.reading = true
	}
	l.mu.Unlock()
	switch {
	case rows == nil || !fresh && age >= staleFor:
		return l.read(ctx, from, stamp, number)
	case again:
		go func() {
			_, _ = l.read(context.WithoutCancel(ctx), from, stamp, number) // whoever asks next sees what is wrong
			l.mu.Lock()
			l.reading = false
			l.mu.Unlock()
		}()
	}
	return rows, nil
}

// read reads all rows, and keeps them unless something was changed meanwhile.
func (l *ledgerList) read(ctx context.Context, from *ledger.Ledger, stamp string, number int) ([]console.Entry, error) {
	runs, err := from.Runs(ctx, ledger.Filter{})
	if err != nil {
		return nil, err
	}
	marks, err := from.Baselines(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]console.Entry, len(runs))
	for i := range runs {
		rows[i] = entryOf(&runs[i], marks)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.number == number {
		l.rows, l.stamp, l.at = rows, stamp, time.Now()
	}
	return rows, nil
}
