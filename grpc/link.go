package grpc

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/wire"
)

// link is a connection, which several users may share. Unary calls go over HTTP/2 of the run's own engine; streams, and calls with options that
// only grpc-go knows, over a connection of grpc-go that is dialled when the first of them needs it.
type link struct {
	dialer *Dialer
	place  place
	user   User // who dialled it

	client *wire.Client // nil when all goes over grpc-go
	target *wire.Target

	opening chan struct{} // holds one value while nobody opens a connection of grpc-go
	library atomic.Pointer[ggrpc.ClientConn]
	closed  atomic.Bool

	mu   sync.Mutex
	lost error // why grpc-go's last attempt to connect failed; nil when it did not
}

// wired are users whose connections are those of a run. All are: whatever embeds stampede.User.
type wired interface{ Wire() *wire.Client }

func newLink(d *Dialer, u User, at place) (*link, error) {
	l := &link{dialer: d, place: at, user: u, opening: make(chan struct{}, 1)}
	l.opening <- struct{}{}
	w, ok := u.(wired)
	if !ok || len(d.Options) > 0 {
		return l, nil
	}
	l.client = w.Wire()
	var err error
	l.target, err = l.client.Target(at.url())
	return l, err
}

// connect waits until there is a connection, or none to be had.
func (l *link) connect(ctx context.Context) error {
	if l.client == nil {
		_, err := l.open(ctx)
		return err
	}
	var resp wire.Response
	defer resp.Release()
	req := wire.Request{Method: "POST", URL: "/", Base: l.target, Pool: wire.CallPool, NoCookies: true, Timeout: l.dialer.timeout()}
	err := l.client.Connect(ctx, &req, &resp)
	switch fault.Of(err) {
	case fault.Protocol:
		return errNotGRPC()
	case fault.Timeout:
		return l.tooLate(err)
	}
	return err
}

func errNotGRPC() error {
	return &fault.Error{
		Kind: fault.Protocol, Op: "dial", Text: "the other side does not speak gRPC (HTTP/2), or TLS failed",
		Hint: "is it the right port, and https:// where it speaks TLS?",
	}
}

func (l *link) tooLate(err error) error {
	return &fault.Error{Kind: fault.ConnectTimeout, Op: "dial", Text: "no connection within " + l.dialer.timeout().String(), Err: err}
}

// streams is the connection of grpc-go for user u, whose sample it is if it has to be dialled first. The error is counted.
func (l *link) streams(ctx context.Context, u User) (*ggrpc.ClientConn, error) {
	if cc := l.library.Load(); cc != nil {
		return cc, nil
	}
	var cc *ggrpc.ClientConn
	err := u.Measure(sampleType, "connect", func(*stampede.Sample) (err error) {
		cc, err = l.open(ctx)
		return err
	})
	return cc, err
}

// open dials a connection of grpc-go, or gives the one that is there.
func (l *link) open(ctx context.Context) (*ggrpc.ClientConn, error) {
	ctx, cancel := context.WithTimeout(ctx, l.dialer.timeout())
	defer cancel()
	select {
	case <-l.opening:
	case <-ctx.Done():
		return nil, l.gaveUp(ctx)
	}
	defer func() { l.opening <- struct{}{} }()
	if cc := l.library.Load(); cc != nil {
		return cc, nil
	}
	if l.closed.Load() {
		return nil, errClosing
	}
	cc, err := l.dial()
	if err != nil {
		return nil, err
	}
	if err := l.ready(ctx, cc); err != nil {
		cc.Close()
		return nil, err
	}
	if l.library.Store(cc); l.closed.Load() { // meanwhile
		cc.Close()
	}
	return cc, nil
}

// ready waits until cc has a connection, or none is to be had.
func (l *link) ready(ctx context.Context, cc *ggrpc.ClientConn) error {
	cc.Connect()
	for {
		switch s := cc.GetState(); s {
		case connectivity.Ready:
			return nil
		case connectivity.TransientFailure, connectivity.Shutdown:
			if err := l.why(); err != nil {
				return err
			}
			return errNotGRPC()
		default:
			if !cc.WaitForStateChange(ctx, s) {
				return l.gaveUp(ctx)
			}
		}
	}
}

// gaveUp is the failure of connecting when ctx is done.
func (l *link) gaveUp(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return l.tooLate(ctx.Err())
	}
	return &fault.Error{Kind: fault.Cancelled, Text: "connecting was cancelled", Err: context.Cause(ctx)}
}

// close ends the connection for all who share it.
func (l *link) close() (err error) {
	l.closed.Store(true)
	if l.client != nil {
		l.client.Close()
		l.client.CloseStreams()
	}
	if cc := l.library.Load(); cc != nil {
		err = cc.Close()
	}
	return err
}

// note keeps what became of an attempt to connect.
func (l *link) note(err error) {
	l.mu.Lock()
	l.lost = err
	l.mu.Unlock()
}

// why is why there is no connection of grpc-go.
func (l *link) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}
