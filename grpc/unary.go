package grpc

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/wire"
)

// unary is a unary call over HTTP/2 of the engine (the protocol: PROTOCOL-HTTP2.md of gRPC). It is lent for one call.
type unary struct {
	req  wire.Request
	resp wire.Response
	room [16]wire.Field
	body []byte
}

// prefix is what stands before a message: whether it is compressed, and its length.
const prefix = 5

// Limits of grpc-go, which services count on.
const (
	receiveMost = 4 << 20
	sendMost    = math.MaxInt32
)

// keptBody is how large the buffer of a message may be to stay with the call.
const keptBody = 64 << 10

func (d *Dialer) unary() *unary {
	if u, _ := d.calls.Get().(*unary); u != nil {
		return u
	}
	return new(unary)
}

func (d *Dialer) giveBack(u *unary) {
	u.resp.Release()
	u.req = wire.Request{}
	if clear(u.room[:]); cap(u.body) > keptBody {
		u.body = nil
	}
	d.calls.Put(u)
}

// message is v as a message of protobuf; nil for what only a codec of grpc-go may understand.
func message(v any) proto.Message {
	switch m := v.(type) {
	case proto.Message:
		return m
	case protoadapt.MessageV1:
		return protoadapt.MessageV2Of(m)
	}
	return nil
}

// call makes the call, and tells the sample what it carried. reached says that the request was sent. The error of the site is a *status.Status's.
func (l *link) call(ctx context.Context, method string, in, out proto.Message, o *options, s *stampede.Sample) (reached bool, err error) {
	if l.closed.Load() {
		return false, errClosing
	}
	u := l.dialer.unary()
	defer l.dialer.giveBack(u)
	if err := u.ask(ctx, l, method, in, o); err != nil {
		return false, err
	}
	err = l.client.Do(ctx, &u.req, &u.resp)
	s.BytesIn, s.BytesOut = u.resp.WireIn, u.resp.WireOut
	if t := &u.resp.Times; t.FirstByte > t.Sent {
		s.FirstByte = time.Duration(t.FirstByte - t.Sent)
	}
	if err != nil {
		return u.resp.WireOut > 0, lost(ctx, err, o)
	}
	return true, u.answer(out, o)
}

// errClosing is what grpc-go says of a connection that was closed.
var errClosing = status.Error(codes.Canceled, "grpc: the client connection is closing")

// ask makes the request.
func (u *unary) ask(ctx context.Context, l *link, method string, in proto.Message, o *options) error {
	limit := l.dialer.timeout()
	if at, ok := ctx.Deadline(); ok {
		if limit = time.Until(at); limit <= 0 {
			return status.Error(codes.DeadlineExceeded, context.DeadlineExceeded.Error())
		}
	}
	if err := u.encode(in, o); err != nil {
		return err
	}
	u.req = wire.Request{
		Method: "POST", URL: method, Base: l.target, Pool: wire.CallPool, NoCookies: true, Stay: true, Body: u.body, Timeout: limit,
		MaxBody: prefix + int64(o.receive()), Header: u.header(ctx, limit, o),
	}
	return nil
}

// encode makes the message of the request.
func (u *unary) encode(in proto.Message, o *options) error {
	u.body = append(u.body[:0], make([]byte, prefix)...)
	var err error
	if u.body, err = (proto.MarshalOptions{}).MarshalAppend(u.body, in); err != nil {
		return status.Errorf(codes.Internal, "grpc: error while marshaling: %v", err)
	}
	if o.compressor != nil && len(u.body) > prefix {
		if err := u.compress(o.compressor); err != nil {
			return status.Errorf(codes.Internal, "grpc: error while compressing: %v", err)
		}
	}
	n := len(u.body) - prefix
	if n > o.send() {
		return status.Errorf(codes.ResourceExhausted, "trying to send message larger than max (%d vs. %d)", n, o.send())
	}
	binary.BigEndian.PutUint32(u.body[1:], uint32(n))
	return nil
}

func (u *unary) compress(c encoding.Compressor) error {
	var b bytes.Buffer
	b.Write([]byte{1, 0, 0, 0, 0})
	w, err := c.Compress(&b)
	if err == nil {
		_, err = w.Write(u.body[prefix:])
	}
	if err == nil {
		err = w.Close()
	}
	u.body = b.Bytes()
	return err
}

// answer reads the answer into out. The error is the site's status.
func (u *unary) answer(out proto.Message, o *options) error {
	head, foot := u.read(o)
	if err := foot.failure(&u.resp, &head); err != nil {
		return err
	}
	body := u.resp.Raw()
	if len(body) == 0 {
		return status.Error(codes.Internal, "cardinality violation: received no response message from non-server-streaming RPC")
	}
	if len(body) < prefix {
		return status.Error(codes.Internal, io.ErrUnexpectedEOF.Error())
	}
	n := int64(binary.BigEndian.Uint32(body[1:]))
	if n > int64(o.receive()) {
		return tooLong(o)
	}
	flag, rest := body[0], body[prefix:]
	if n > int64(len(rest)) {
		return status.Error(codes.Internal, io.ErrUnexpectedEOF.Error())
	}
	m, more := rest[:n], rest[n:]
	if flag != 0 {
		var err error
		if m, err = inflate(flag, head.encoding, m, o.receive()); err != nil {
			return err
		}
	}
	if err := proto.Unmarshal(m, out); err != nil {
		return status.Errorf(codes.Internal, "grpc: failed to unmarshal the received message: %v", err)
	}
	if len(more) > 0 {
		return status.Error(codes.Internal, "cardinality violation: expected <EOF> for non server-streaming RPCs, but received another message")
	}
	return nil
}

// tooLong is the failure of a message beyond the limit.
func tooLong(o *options) error {
	return status.Errorf(codes.ResourceExhausted, "grpc: received message larger than max (%d)", o.receive())
}

// inflate decompresses a message.
func inflate(flag byte, coding string, m []byte, most int) ([]byte, error) {
	switch {
	case flag != 1:
		return nil, status.Errorf(codes.Internal, "grpc: received unexpected payload format %d", flag)
	case coding == "" || coding == encoding.Identity:
		return nil, status.Error(codes.Internal, "grpc: compressed flag set with identity or empty encoding")
	}
	c := encoding.GetCompressor(coding)
	if c == nil {
		return nil, status.Errorf(codes.Internal, "grpc: Decompressor is not installed for grpc-encoding %q", coding)
	}
	r, err := c.Decompress(bytes.NewReader(m))
	if err == nil {
		m, err = io.ReadAll(io.LimitReader(r, int64(most)+1))
	}
	if err != nil {
		return nil, status.Errorf(codes.Internal, "grpc: failed to decompress the message: %v", err)
	}
	if len(m) > most {
		return nil, status.Errorf(codes.ResourceExhausted, "grpc: received message after decompression larger than max %d", most)
	}
	return m, nil
}

// lost is the failure of a call that had no answer: the engine's, with the status that grpc-go gives it.
func lost(ctx context.Context, err error, o *options) error {
	f, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	code, known := lostCodes[f.Kind]
	if reset, ok := f.Err.(wire.StreamReset); ok {
		if code = resetCode(reset); code == codes.Canceled && ctx.Err() != nil {
			return status.FromContextError(ctx.Err()).Err()
		}
		return status.Errorf(code, "stream terminated by RST_STREAM with error code: %v", reset)
	}
	switch {
	case !known:
		code = codes.Unavailable
	case code == codes.ResourceExhausted:
		return tooLong(o)
	case code == codes.Canceled && ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	}
	said := *f
	said.Err = status.Error(code, f.Text)
	return &said
}

// lostCodes are the statuses of calls that had no answer; all others are Unavailable.
var lostCodes = map[fault.Kind]codes.Code{
	fault.Timeout: codes.DeadlineExceeded, fault.FirstByteTimeout: codes.DeadlineExceeded, fault.Cancelled: codes.Canceled,
	fault.Protocol: codes.Internal, fault.TooLarge: codes.ResourceExhausted,
}

// resetCode is the status of a stream that the site has ended (PROTOCOL-HTTP2.md, Errors).
func resetCode(r wire.StreamReset) codes.Code {
	switch r {
	case 0, 1, 2, 4, 5, 6, 9, 10, 13:
		return codes.Internal
	case 7:
		return codes.Unavailable
	case 8:
		return codes.Canceled
	case 3, 11:
		return codes.ResourceExhausted
	case 12:
		return codes.PermissionDenied
	}
	return codes.Unknown
}
