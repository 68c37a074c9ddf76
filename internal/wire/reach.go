package wire

import (
	"context"

	"github.com/stampede-load/stampede/internal/fault"
)

// Reach connects to where the first byte for a host goes (the socket, the proxy, the host itself) as a request would, the guard before it, and
// hangs up again. The error is a *fault.Error.
func (e *Engine) Reach(ctx context.Context, base string) error {
	at, err := e.locate(nil, base)
	if err == nil {
		err = at.origin.err
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.cfg.ConnectTimeout)
	defer cancel()
	o := at.origin
	if to := e.resolved(o.host, o.port); to != nil && o.via == nil && o.socket == "" {
		o = &origin{secure: o.secure, host: o.host, port: o.port, hostport: o.hostport, socket: to[0].String()} // for texts: there it is looked for
	}
	d := &dialing{e: e, client: e.Client(0), origin: o, ctx: ctx}
	nc, err := d.open()
	if err == nil {
		return nc.Close()
	}
	if ctx.Err() != nil && fault.Of(err) != fault.Guard {
		return &fault.Error{
			Kind: fault.ConnectTimeout, Op: "dial", Text: "no connection to " + d.peer().place() + " within " + e.cfg.ConnectTimeout.String(),
			Hint: "is the address right, and no firewall between?", Err: context.DeadlineExceeded,
		}
	}
	return err
}
