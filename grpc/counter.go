package grpc

import (
	"context"
	"time"

	"google.golang.org/grpc/stats"
)

// counter is the stats handler of every connection. What a call carries goes to the tally in its context.
type counter struct{}

func (counter) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context   { return ctx }
func (counter) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }
func (counter) HandleConn(context.Context, stats.ConnStats)                       {}

func (counter) HandleRPC(ctx context.Context, s stats.RPCStats) {
	t, ok := ctx.Value(tallyKey{}).(*tally)
	if !ok {
		return
	}
	switch s := s.(type) {
	case *stats.OutHeader:
		t.sent.Store(true)
	case *stats.OutPayload:
		t.out.Add(int64(s.WireLength))
	case *stats.InHeader:
		t.in.Add(int64(s.WireLength))
		t.first.CompareAndSwap(0, int64(time.Since(t.begun)))
	case *stats.InPayload:
		t.in.Add(int64(s.WireLength))
	case *stats.InTrailer:
		t.in.Add(int64(s.WireLength))
	}
}
