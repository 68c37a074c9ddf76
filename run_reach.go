package stampede

import (
	"context"
	"time"

	"github.com/stampede-load/stampede/internal/wire"
)

// Reach finds out whether a host can be connected to as the plan's users would: through its proxy or socket, from its source addresses, the
// guard of hosts before it. It sends nothing. The error is an *Error, or says what of the plan is wrong.
func (plan *Plan) Reach(ctx context.Context, host string, patience time.Duration) error {
	p := prepared{plan: *plan}
	cfg := p.wireConfig()
	cfg.Allow = append(cfg.Allow, hostOf(host)...)
	cfg.ConnectTimeout = patience
	e, err := wire.New(cfg)
	if err != nil {
		return err
	}
	defer e.Close()
	return e.Reach(ctx, host)
}
