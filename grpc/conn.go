package grpc

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"time"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
)

// Conn is one user's connection. Generated clients take it in place of grpc-go's own. Its calls may run side by side.
type Conn struct {
	link *link
	user User
}

var _ ggrpc.ClientConnInterface = (*Conn)(nil)

// For is the same connection for another user, whose samples its calls become. It is closed when the user that dialled it stops.
func (c *Conn) For(u User) *Conn { return &Conn{link: c.link, user: u} }

// Close closes the connection, for all who share it.
func (c *Conn) Close() error { return c.link.close() }

type nameOption struct {
	ggrpc.EmptyCallOption
	name string
}

type checkOption struct {
	ggrpc.EmptyCallOption
	check func(reply any) error
}

// Name gives the samples of a call another name than that of its method.
func Name(name string) ggrpc.CallOption { return nameOption{name: name} }

// Check decides whether a reply is a success, before it is counted: a proto.Message of generated code, or JSON as []byte of Call and Stream.
func Check(check func(reply any) error) ggrpc.CallOption { return checkOption{check: check} }

// settings are what the options of a call say.
func settings(ctx context.Context, method string, opts []ggrpc.CallOption) *options {
	all := &options{name: strings.TrimPrefix(method, "/")}
	for _, o := range opts {
		switch o := o.(type) {
		case nameOption:
			all.name = o.name
		case checkOption:
			all.checks = append(all.checks, o.check)
		case ggrpc.EmptyCallOption, ggrpc.StaticMethodCallOption:
		case ggrpc.HeaderCallOption:
			all.headers = append(all.headers, o.HeaderAddr)
		case ggrpc.TrailerCallOption:
			all.trailers = append(all.trailers, o.TrailerAddr)
		case ggrpc.MaxRecvMsgSizeCallOption:
			all.most, all.library = o.MaxRecvMsgSize, all.library || o.MaxRecvMsgSize <= 0
		case ggrpc.MaxSendMsgSizeCallOption:
			all.room, all.library = o.MaxSendMsgSize, all.library || o.MaxSendMsgSize <= 0
		case ggrpc.CompressorCallOption:
			all.coding, all.compressor = o.CompressorType, encoding.GetCompressor(o.CompressorType)
			all.library = all.library || all.compressor == nil
		default:
			all.library = true
		}
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	all.metadata, all.library = md, all.library || !plain(md)
	return all
}

// Invoke makes a unary call. The error is counted already.
func (c *Conn) Invoke(ctx context.Context, method string, args, reply any, opts ...ggrpc.CallOption) error {
	return c.invoke(ctx, method, args, reply, func() any { return reply }, opts)
}

// invoke is Invoke; result is what checks are given.
func (c *Conn) invoke(ctx context.Context, method string, args, reply any, result func() any, opts []ggrpc.CallOption) error {
	o := settings(ctx, method, opts)
	in, out := message(args), message(reply)
	if c.link.client == nil || o.library || in == nil || out == nil || !strings.HasPrefix(method, "/") {
		return c.byLibrary(ctx, method, args, reply, result, o, opts)
	}
	reached := false
	err := c.user.Measure(sampleType, o.name, func(s *stampede.Sample) (err error) {
		reached, err = c.link.call(ctx, method, in, out, o, s)
		err = failure(ctx, err, nil)
		s.Show = func() []string { return shown(args, reply, err) }
		return o.check(err, result)
	})
	rest(ctx, reached, err)
	return err
}

// byLibrary is invoke by grpc-go.
func (c *Conn) byLibrary(ctx context.Context, method string, args, reply any, result func() any, o *options, opts []ggrpc.CallOption) error {
	cc, err := c.link.streams(ctx, c.user)
	if err != nil {
		return err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.link.dialer.timeout())
		defer cancel()
	}
	t := &tally{begun: time.Now()}
	err = c.user.Measure(sampleType, o.name, func(s *stampede.Sample) error {
		err := failure(ctx, cc.Invoke(context.WithValue(ctx, tallyKey{}, t), method, args, reply, opts...), c.link.why())
		t.tell(s)
		s.Show = func() []string { return shown(args, reply, err) }
		return o.check(err, result)
	})
	rest(ctx, t.sent.Load(), err)
	return err
}

// check asks the checks of a call that succeeded.
func (o *options) check(err error, result func() any) error {
	for i := 0; err == nil && i < len(o.checks); i++ {
		err = fault.Checked(func() error { return o.checks[i](result()) })
	}
	return err
}

// spinning is how much later a call returns that failed because there was no connection.
const spinning = 100 * time.Millisecond

// rest keeps a user whose calls fail at once from making thousands of them a second.
func rest(ctx context.Context, reached bool, err error) {
	if err == nil || reached || status.Code(err) != codes.Unavailable {
		return
	}
	timer := time.NewTimer(spinning)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// failure makes of the error of a call one whose text groups. The status stays in it. lost is why grpc-go has no connection.
func failure(ctx context.Context, err, lost error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if f, ok := err.(*fault.Error); ok && f.Kind != fault.Timeout { // the engine's
		return err
	}
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	f := &fault.Error{Kind: fault.Status, Text: st.Code().String(), Err: err}
	if m := strings.TrimSpace(st.Message()); m != "" && len(m) <= 100 && !strings.ContainsAny(m, "0123456789") {
		f.Text += ": " + m
	}
	switch {
	case st.Code() == codes.DeadlineExceeded:
		f.Kind, f.Text = fault.Timeout, "no answer before the deadline"
	case st.Code() == codes.Canceled && ctx.Err() != nil:
		f.Kind, f.Text = fault.Cancelled, "the call was cancelled"
	case st.Code() == codes.Unavailable && lost != nil:
		f.Text = "Unavailable: " + lost.Error()
		if l, ok := errors.AsType[*fault.Error](lost); ok {
			f.Kind, f.Text, f.Hint = l.Kind, l.Text, l.Hint
		}
	case st.Code() == codes.ResourceExhausted && strings.Contains(st.Message(), "larger than max"):
		f.Kind, f.Text, f.Hint = fault.TooLarge, "a message is above the limit", "raise it with the option MaxCallRecvMsgSize(n) of grpc-go"
	}
	return f
}

// shownBytes is how much of a message `check` prints.
const shownBytes = 400

// shown is a call as `check` prints it.
func shown(args, reply any, err error) []string {
	var lines []string
	if m, ok := args.(proto.Message); ok {
		lines = append(lines, "> "+outline(m))
	}
	if m, ok := reply.(proto.Message); ok && err == nil {
		lines = append(lines, "< "+outline(m))
	}
	return lines
}

func outline(m proto.Message) string {
	b, err := protojson.Marshal(m)
	if err != nil {
		return err.Error()
	}
	if len(b) > shownBytes {
		return strings.ToValidUTF8(string(b[:shownBytes]), "") + "..."
	}
	return string(b)
}

// tallyKey finds the tally of a call in its context.
type tallyKey struct{}

// tally counts what one call carries.
type tally struct {
	begun   time.Time
	in, out atomic.Int64
	sent    atomic.Bool  // the call got as far as a connection
	first   atomic.Int64 // ns from begun to the header of the answer
}

// tell gives a sample what no sample has yet.
func (t *tally) tell(s *stampede.Sample) {
	s.BytesIn, s.BytesOut = t.in.Swap(0), t.out.Swap(0)
	s.FirstByte = time.Duration(t.first.Load())
}
