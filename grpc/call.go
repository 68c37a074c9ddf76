package grpc

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// Call makes a unary call by the name of its method, "pkg.Service/Method", and JSON as protobuf writes it: a string, a []byte, or anything that
// becomes JSON; nil is an empty message. What the method takes and gives is asked of the site by reflection, once and unmeasured, or found in
// Dialer.Protoset. The error is counted already, but for that of JSON that does not fit.
func (c *Conn) Call(ctx context.Context, method string, request any, opts ...ggrpc.CallOption) (json.RawMessage, error) {
	m, err := c.method(ctx, method)
	if err != nil {
		return nil, err
	}
	if m.IsStreamingClient() || m.IsStreamingServer() {
		return nil, fmt.Errorf("grpc: %s is a stream: use Stream", method)
	}
	in, out := dynamicpb.NewMessage(m.Input()), dynamicpb.NewMessage(m.Output())
	if err := fill(in, request); err != nil {
		return nil, err
	}
	var reply json.RawMessage
	result := func() any {
		reply, err = protojson.Marshal(out)
		return []byte(reply)
	}
	if err := c.invoke(ctx, "/"+method, in, out, result, opts); err != nil {
		return nil, err
	}
	result()
	return reply, err
}

// Stream is a stream by JSON: see Conn.Stream.
type Stream struct {
	stream ggrpc.ClientStream
	method protoreflect.MethodDescriptor
}

// Stream opens a stream by the name of its method: see Call for names and JSON, and NewStream for what is measured. It ends with ctx.
func (c *Conn) Stream(ctx context.Context, method string, opts ...ggrpc.CallOption) (*Stream, error) {
	m, err := c.method(ctx, method)
	if err != nil {
		return nil, err
	}
	desc := &ggrpc.StreamDesc{StreamName: string(m.Name()), ClientStreams: m.IsStreamingClient(), ServerStreams: m.IsStreamingServer()}
	opts = slices.Clone(opts) // the caller may use them again
	for i, o := range opts {
		if check, ok := o.(checkOption); ok {
			opts[i] = Check(func(reply any) error {
				b, err := protojson.Marshal(reply.(*dynamicpb.Message))
				if err != nil {
					return err
				}
				return check.check(b)
			})
		}
	}
	s, err := c.NewStream(ctx, desc, "/"+method, opts...)
	if err != nil {
		return nil, err
	}
	return &Stream{s, m}, nil
}

// Send sends a message. The error is io.EOF when the stream has ended: Receive says why.
func (s *Stream) Send(message any) error {
	in := dynamicpb.NewMessage(s.method.Input())
	if err := fill(in, message); err != nil {
		return err
	}
	return s.stream.SendMsg(in)
}

// CloseSend says that no further message will be sent.
func (s *Stream) CloseSend() error { return s.stream.CloseSend() }

// Receive waits for the next message; io.EOF is the end of the stream. Other errors are counted already.
func (s *Stream) Receive() (json.RawMessage, error) {
	out := dynamicpb.NewMessage(s.method.Output())
	if err := s.stream.RecvMsg(out); err != nil {
		return nil, err
	}
	return protojson.Marshal(out)
}

// fill makes a message of JSON.
func fill(m *dynamicpb.Message, request any) error {
	var b []byte
	switch r := request.(type) {
	case nil:
		return nil
	case string:
		b = []byte(r)
	case []byte:
		b = r
	default:
		var err error
		if b, err = json.Marshal(request); err != nil {
			return fmt.Errorf("grpc: %s: %w", m.Descriptor().FullName(), err)
		}
	}
	if err := protojson.Unmarshal(b, m); err != nil {
		return fmt.Errorf("grpc: the JSON is no %s: %w", m.Descriptor().FullName(), err)
	}
	return nil
}
