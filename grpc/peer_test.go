package grpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	pb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	v1alpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/grpc"
	"github.com/stampede-load/stampede/internal/testsite/peer"
	"github.com/stampede-load/stampede/stampedetest"
)

// caller is the user of these tests.
type caller struct {
	stampede.User
	conn *grpc.Conn
}

// calls lets one user do something once.
func calls(t *testing.T, plan stampede.Plan, do func(c *caller, ctx context.Context) error) *stampede.Report {
	t.Helper()
	plan.Test = stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[caller]{Tasks: []stampede.Task[caller]{{Name: "call", Do: do}}})}}
	plan.Iterations, plan.Users = 1, stampede.Level(1)
	return stampedetest.Plan(t, plan)
}

// counts are the rows of a report and what failed, as text.
func counts(r *stampede.Report) string {
	var all []string
	for _, row := range r.Whole.Rows {
		all = append(all, fmt.Sprintf("%s %s: %d", row.Type, strings.TrimPrefix(row.Name, "grpc.testing.TestService/"), row.Count))
	}
	for _, e := range r.Whole.Errors {
		all = append(all, fmt.Sprintf("%s %s failed %d: %s", e.Type, strings.TrimPrefix(e.Name, "grpc.testing.TestService/"), e.Count, e.Text))
	}
	return strings.Join(all, "\n")
}

// described writes a FileDescriptorSet of files, each behind those that it needs.
func described(t *testing.T, files ...protoreflect.FileDescriptor) string {
	t.Helper()
	var set descriptorpb.FileDescriptorSet
	seen := map[string]bool{}
	var add func(f protoreflect.FileDescriptor)
	add = func(f protoreflect.FileDescriptor) {
		if seen[f.Path()] {
			return
		}
		seen[f.Path()] = true
		for i := range f.Imports().Len() {
			add(f.Imports().Get(i))
		}
		set.File = append(set.File, protodesc.ToFileDescriptorProto(f))
	}
	for _, f := range files {
		add(f)
	}
	b, err := proto.Marshal(&set)
	path := filepath.Join(t.TempDir(), "set")
	if err == nil {
		err = os.WriteFile(path, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Against a server that is not written in Go, alone and behind nginx: by generated code, and by reflection and JSON.
func TestAgainstPython(t *testing.T) {
	peer.Need(t, "python3-grpcio", peer.Python, "-c", "import grpc, google.protobuf")
	set := described(t, pb.File_grpc_testing_test_proto, v1alpha.File_grpc_reflection_v1alpha_reflection_proto)
	port := peer.FreePort(t)
	peer.Start(t, "ready", peer.Python, "testdata/server.py", fmt.Sprint(port), set)
	hosts := map[string]string{
		"alone":        fmt.Sprintf("http://127.0.0.1:%d", port),
		"behind nginx": peer.Nginx(t, port, fmt.Sprintf("grpc_pass grpc://127.0.0.1:%d;", port)),
	}
	const want = `GRPC by name: 2
GRPC connect: 2
GRPC FullDuplexCall: 1
GRPC FullDuplexCall (message): 3
GRPC StreamingInputCall: 1
GRPC StreamingOutputCall: 3
GRPC StreamingOutputCall (message): 5
GRPC UnaryCall: 4
GRPC by name failed 1: not what was wanted
GRPC StreamingOutputCall (message) failed 1: DataLoss: it is gone
GRPC UnaryCall failed 1: timeout: no answer before the deadline
GRPC UnaryCall failed 1: NotFound: no such seat`
	for name, host := range hosts {
		t.Run(name, func(t *testing.T) {
			report := calls(t, stampede.Plan{Host: host}, func(c *caller, ctx context.Context) (err error) {
				if c.conn, err = grpc.Dial(ctx, c, ""); err != nil {
					return err
				}
				byCode(t, pb.NewTestServiceClient(c.conn), ctx)
				byName(t, c.conn, ctx)
				return nil
			})
			if got := counts(report); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			if b := report.Whole.Total.BytesIn; b < 100_000 {
				t.Errorf("%d bytes in the total: those of messages are missing", b)
			}
		})
	}
}

func byCode(t *testing.T, client pb.TestServiceClient, ctx context.Context) {
	r, err := client.UnaryCall(metadata.AppendToOutgoingContext(ctx, "x-user", "ada"), &pb.SimpleRequest{ResponseSize: 100_000})
	if err != nil || len(r.GetPayload().GetBody()) != 100_000 || r.GetUsername() != "ada" {
		t.Errorf("unary: %d bytes for %q, %v", len(r.GetPayload().GetBody()), r.GetUsername(), err)
	}
	_, err = client.UnaryCall(ctx, &pb.SimpleRequest{ResponseStatus: &pb.EchoStatus{Code: int32(codes.NotFound), Message: "no such seat"}})
	if status.Code(err) != codes.NotFound {
		t.Errorf("the code is lost: %v", err)
	}
	soon, cancel := context.WithTimeout(metadata.AppendToOutgoingContext(ctx, "x-sleep", "1"), 50*time.Millisecond)
	if _, err = client.UnaryCall(soon, &pb.SimpleRequest{}); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("the deadline did not hold: %v", err)
	}
	cancel()
	wrong := grpc.Check(func(reply any) error {
		if len(reply.(*pb.SimpleResponse).GetPayload().GetBody()) != 7 {
			t.Errorf("the check is given %v", reply)
		}
		return errors.New("not what was wanted")
	})
	if _, err = client.UnaryCall(ctx, &pb.SimpleRequest{ResponseSize: 7}, grpc.Name("by name"), wrong); err == nil {
		t.Error("a failed check is no failure")
	}
	sizes := func(n ...int32) *pb.StreamingOutputCallRequest {
		r := &pb.StreamingOutputCallRequest{}
		for _, size := range n {
			r.ResponseParameters = append(r.ResponseParameters, &pb.ResponseParameters{Size: size, IntervalUs: 1000})
		}
		return r
	}
	out, err := client.StreamingOutputCall(ctx, sizes(1, 2, 3))
	n, err := received(out, err)
	if n != 3 || err != io.EOF {
		t.Errorf("%d messages came, %v", n, err)
	}
	broken := sizes(1)
	broken.ResponseStatus = &pb.EchoStatus{Code: 1, Message: "it is gone"}
	out, err = client.StreamingOutputCall(ctx, broken)
	if n, err = received(out, err); n != 1 || status.Code(err) != codes.DataLoss {
		t.Errorf("%d messages came, %v", n, err)
	}
	both, err := client.FullDuplexCall(ctx)
	for range 2 {
		if err == nil {
			err = both.Send(sizes(1, 1))
		}
		for range 2 {
			if err == nil {
				_, err = both.Recv()
			}
		}
	}
	if err == nil {
		err = both.CloseSend()
	}
	if n, err = received(both, err); n != 0 || err != io.EOF {
		t.Errorf("then %d messages came, %v", n, err)
	}
	in, err := client.StreamingInputCall(ctx)
	for range 3 {
		if err == nil {
			err = in.Send(&pb.StreamingInputCallRequest{Payload: &pb.Payload{Body: make([]byte, 10)}})
		}
	}
	if err == nil {
		var sum *pb.StreamingInputCallResponse
		if sum, err = in.CloseAndRecv(); sum.GetAggregatedPayloadSize() != 30 {
			t.Errorf("%d bytes arrived", sum.GetAggregatedPayloadSize())
		}
	}
	if err != nil {
		t.Errorf("client's stream: %v", err)
	}
}

// received counts the messages of a stream to its end.
func received[T any](s interface{ Recv() (*T, error) }, err error) (n int, _ error) {
	for err == nil {
		if _, err = s.Recv(); err == nil {
			n++
		}
	}
	return n, err
}

func byName(t *testing.T, conn *grpc.Conn, ctx context.Context) {
	reply, err := conn.Call(ctx, "grpc.testing.TestService/UnaryCall", `{"responseSize": 3}`)
	if string(reply) != `{"payload":{"body":"AAAA"}}` || err != nil {
		t.Errorf("called by name: %s, %v", reply, err)
	}
	reply, err = conn.Call(ctx, "grpc.testing.TestService/UnaryCall", map[string]int{"responseSize": 0}, grpc.Name("by name"), grpc.Check(func(reply any) error {
		if b := reply.([]byte); string(b) != `{"payload":{}}` {
			t.Errorf("the check is given %s", b)
		}
		return nil
	}))
	if string(reply) != `{"payload":{}}` || err != nil {
		t.Errorf("called by name: %s, %v", reply, err)
	}
	s, err := conn.Stream(ctx, "grpc.testing.TestService/StreamingOutputCall")
	if err == nil {
		err = s.Send(`{"responseParameters": [{"size": 3}, {"size": 0}, {"size": 0}]}`)
	}
	if err == nil {
		err = s.CloseSend()
	}
	var got []string
	for err == nil {
		var m []byte
		if m, err = s.Receive(); err == nil {
			got = append(got, string(m))
		}
	}
	if strings.Join(got, " ") != `{"payload":{"body":"AAAA"}} {"payload":{}} {"payload":{}}` || err != io.EOF {
		t.Errorf("by name came %s, %v", got, err)
	}
	for method, want := range map[string]string{
		"grpc.testing.TestService/Nothing":             "the service has no such method; it has EmptyCall, UnaryCall",
		"grpc.testing.Nobody/UnaryCall":                "not found",
		"UnaryCall":                                    "write pkg.Service/Method",
		"grpc.testing.TestService/StreamingOutputCall": "is a stream: use Stream",
	} {
		if _, err := conn.Call(ctx, method, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", method, err, want)
		}
	}
	if _, err := conn.Call(ctx, "grpc.testing.TestService/UnaryCall", `{"size": "x"}`); err == nil || !strings.Contains(err.Error(), "no grpc.testing.SimpleRequest") {
		t.Errorf("JSON that does not fit: %v", err)
	}
}

var _ ggrpc.ClientConnInterface = (*grpc.Conn)(nil)
