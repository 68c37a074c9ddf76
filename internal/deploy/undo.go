package deploy

import (
	"context"
	"fmt"
	"time"
)

// Undo takes away what was made before err, also when ctx is over, and says in the error what became of that. It ends after most, or once quit is closed;
// a nil one never is.
func Undo(ctx context.Context, err error, down func(context.Context) error, most time.Duration, quit <-chan struct{}) error {
	if ctx.Err() != nil { // whatever was asked for just then
		err = context.Cause(ctx)
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer stop()
	go func() {
		select {
		case <-quit:
			stop()
		case <-ctx.Done():
		}
	}()
	if stands := down(ctx); stands != nil {
		return fmt.Errorf("%w\nand not all of it could be taken away: %w", err, stands)
	}
	return fmt.Errorf("%w (what was made is taken away again)", err)
}
