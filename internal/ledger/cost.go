package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/format"
)

// CostOf is what machines came to in USD, at so much an hour for so long, and how that comes about.
func CostOf(hour float64, basis string, lasted time.Duration) (usd float64, words string) {
	words = fmt.Sprintf("%s at %.4g USD an hour", format.Span(lasted), hour)
	if basis != "" {
		words += ": " + basis
	}
	return hour * lasted.Hours(), words
}

// WriteCost says what the machines of a run came to, once that is known better than when it ended.
func (b *Ledger) WriteCost(ctx context.Context, run *Run, usd float64, basis string) error {
	after := *run
	after.Cost, after.CostBasis = finite(usd), clean(basis)
	err := b.change(ctx, func(tx *sql.Tx) error { return b.updateRun(ctx, tx, &after, "cost", "cost_basis") })
	if err == nil {
		*run = after
	}
	return b.explain("write the cost of run "+run.ID+" into", err)
}
