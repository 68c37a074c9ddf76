package grpc_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	ggzip "google.golang.org/grpc/encoding/gzip"
	hpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/grpc"
)

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func details(t *testing.T, code codes.Code) string {
	b, err := proto.Marshal(&spb.Status{Code: int32(code), Message: "in full"})
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// answers are scripts whose answer both sides must understand in the same way.
func answers(t *testing.T) map[string]func(*stream) {
	all := map[string]func(*stream){
		"fine": func(s *stream) {
			s.usual("x-a: 1", "x-b-bin: AAE")
			s.serve()
			s.header(true, "grpc-status: 0", "x-end: 2")
		},
		"other subtype": func(s *stream) {
			s.header(false, "200", "content-type: application/grpc+proto")
			s.serve()
			s.header(true, "grpc-status: 0")
		},
		"hints": func(s *stream) {
			s.header(false, "103", "link: </a>")
			s.usual()
			s.serve()
			s.header(true, "grpc-status: 0")
		},
		"in pieces": func(s *stream) {
			s.usual()
			b := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(serving))), serving...)
			for i := range b {
				s.WriteData(s.id, false, b[i:i+1])
			}
			s.header(true, "grpc-status: 0")
		},
		"refused at once": func(s *stream) {
			s.header(true, "200", "content-type: application/grpc", "grpc-status: 5", "grpc-message: no%20se%C3%A4t%", "x-end: 2")
		},
		"refused later":     func(s *stream) { s.usual("x-a: 1"); s.header(true, "grpc-status: 16", "grpc-message: who%zz") },
		"refused with text": func(s *stream) { s.usual(); s.serve(); s.header(true, "grpc-status: 13", "grpc-message: half way") },
		"code of nobody":    func(s *stream) { s.usual(); s.header(true, "grpc-status: 99") },
		"code is no number": func(s *stream) { s.usual(); s.header(true, "grpc-status: x") },
		"no code":           func(s *stream) { s.usual(); s.serve(); s.header(true, "x-end: 2") },
		"no trailer":        func(s *stream) { s.usual(); s.serve(); s.WriteData(s.id, true, nil) },
		"nothing at all":    func(s *stream) { s.header(true, "200", "content-type: application/grpc") },
		"no message":        func(s *stream) { s.usual(); s.header(true, "grpc-status: 0") },
		"two messages":      func(s *stream) { s.usual(); s.serve(); s.serve(); s.header(true, "grpc-status: 0") },
		"cut short":         func(s *stream) { s.usual(); s.message(0, len(serving)+1, serving); s.header(true, "grpc-status: 0") },
		"cut in the prefix": func(s *stream) { s.usual(); s.WriteData(s.id, false, []byte{0, 0}); s.header(true, "grpc-status: 0") },
		"no protobuf":       func(s *stream) { s.usual(); s.message(0, 2, []byte{0xff, 0xff}); s.header(true, "grpc-status: 0") },
		"gzip": func(s *stream) {
			s.usual("grpc-encoding: gzip")
			g := gzipped(serving)
			s.message(1, len(g), g)
			s.header(true, "grpc-status: 0")
		},
		"gzip, broken": func(s *stream) {
			s.usual("grpc-encoding: gzip")
			s.message(1, 3, []byte("abc"))
			s.header(true, "grpc-status: 0")
		},
		"bomb": func(s *stream) {
			s.usual("grpc-encoding: gzip")
			g := gzipped(make([]byte, 5<<20))
			s.message(1, len(g), g)
			s.header(true, "grpc-status: 0")
		},
		"flag without encoding": func(s *stream) { s.usual(); s.message(1, len(serving), serving); s.header(true, "grpc-status: 0") },
		"unknown encoding": func(s *stream) {
			s.usual("grpc-encoding: br")
			s.message(1, len(serving), serving)
			s.header(true, "grpc-status: 0")
		},
		"unknown flag": func(s *stream) { s.usual(); s.message(2, len(serving), serving); s.header(true, "grpc-status: 0") },
		"a page": func(s *stream) {
			s.header(false, "200", "content-type: text/html")
			s.WriteData(s.id, true, []byte("<p>"))
		},
		"nearly gRPC": func(s *stream) { s.header(true, "200", "content-type: application/grpcx", "grpc-status: 0") },
		"no type":     func(s *stream) { s.header(true, "200", "grpc-status: 0") },
		"503 of gRPC": func(s *stream) { s.header(true, "503", "content-type: application/grpc", "grpc-status: 8") },
		"details": func(s *stream) {
			s.usual()
			s.header(true, "grpc-status: 9", "grpc-message: short", "grpc-status-details-bin: "+details(t, 9))
		},
		"other details": func(s *stream) {
			s.usual()
			s.header(true, "grpc-status: 9", "grpc-status-details-bin: "+details(t, 10))
		},
		"details of nobody": func(s *stream) {
			s.usual()
			s.header(true, "grpc-status: 9", "grpc-message: short", "grpc-status-details-bin: /////w")
		},
		"binary is none":     func(s *stream) { s.usual("x-b-bin: *"); s.serve(); s.header(true, "grpc-status: 0") },
		"binary end is none": func(s *stream) { s.usual(); s.serve(); s.header(true, "grpc-status: 0", "x-b-bin: *") },
		"gone":               func(s *stream) { s.nc.Close() },
		"gone half way":      func(s *stream) { s.usual(); s.nc.Close() },
	}
	for _, code := range []int{301, 400, 401, 403, 404, 429, 500, 502, 503, 504} {
		all[fmt.Sprint("HTTP ", code)] = func(s *stream) { s.header(true, fmt.Sprint(code), "content-type: text/html") }
	}
	for code := range http2.ErrCode(15) {
		if code != http2.ErrCodeRefusedStream { // both try again, and not equally often
			all[fmt.Sprint("reset ", code)] = func(s *stream) { s.WriteRSTStream(s.id, code) }
		}
	}
	return all
}

// outcome is what a test sees of a call, as text.
func outcome(ctx context.Context, conn *grpc.Conn, method string, opts ...ggrpc.CallOption) string {
	var header, trailer metadata.MD
	var reply hpb.HealthCheckResponse
	err := conn.Invoke(ctx, "/test/"+strings.ReplaceAll(method, " ", "-"), &hpb.HealthCheckRequest{Service: "a"}, &reply, append(opts, ggrpc.Header(&header), ggrpc.Trailer(&trailer))...)
	st := status.Convert(err)
	delete(header, "content-type")
	delete(trailer, "content-type")
	text := fmt.Sprintf("%s %q", st.Code(), st.Message())
	if err == nil {
		text = reply.GetStatus().String()
	}
	if len(header)+len(trailer) > 0 {
		text += fmt.Sprintf(" %v %v", header, trailer)
	}
	return text
}

// own and library dial a connection of each kind.
func bothWays(t *testing.T, ctx context.Context, c *caller, addr string) (own, library *grpc.Conn) {
	own, err := grpc.Dial(ctx, c, addr)
	if err == nil {
		library, err = (&grpc.Dialer{Options: []ggrpc.DialOption{ggrpc.WithUserAgent("other")}}).Dial(ctx, c, addr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return own, library
}

// Whatever a site answers, a call over our own HTTP/2 says what grpc-go says.
func TestAsTheLibrary(t *testing.T) {
	site := &rawSite{scripts: answers(t)}
	addr := site.start(t)
	words := map[string]bool{ // ours are other ones where the code is the same
		"gone": true, "gone half way": true, "gzip, broken": true, "no protobuf": true, "other details": true, "bomb": true, "reset " + http2.ErrCode(14).String(): true,
	}
	calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		for _, name := range slices.Sorted(maps.Keys(site.scripts)) {
			own, library := bothWays(t, ctx, c, addr)
			got, want := outcome(ctx, own, name), outcome(ctx, library, name)
			if words[name] {
				got, _, _ = strings.Cut(got, " ")
				want, _, _ = strings.Cut(want, " ")
			}
			// grpc-go shows the beginning of a page behind its message.
			if got != want && !strings.HasPrefix(want, strings.TrimSuffix(got, `"`)) {
				t.Errorf("%s:\n ours    %s\n grpc-go %s", name, got, want)
			}
			own.Close()
			library.Close()
		}
		return nil
	})
}

// What a site is asked is what grpc-go asks.
func TestAsksAsTheLibrary(t *testing.T) {
	site := &rawSite{scripts: answers(t)}
	addr := site.start(t)
	if encoding.GetCompressor(ggzip.Name) == nil {
		t.Fatal("gzip is not installed")
	}
	calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		own, library := bothWays(t, ctx, c, addr)
		soon, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		for name, ctx := range map[string]context.Context{
			"plain": ctx, "deadline": soon,
			"metadata": metadata.AppendToOutgoingContext(ctx, "x-user", "ada", "x-user", "bob", "x-b-bin", "\x00\xff", "user-agent", "me", "grpc-timeout", "1n", "authorization", "Bearer 1"),
		} {
			var asked [2]map[string][]string
			for i, conn := range []*grpc.Conn{own, library} {
				var opts []ggrpc.CallOption
				if name == "deadline" {
					opts = append(opts, ggrpc.UseCompressor(ggzip.Name))
				}
				if got := outcome(ctx, conn, "fine", opts...); !strings.HasPrefix(got, "SERVING") {
					t.Errorf("%s: %s", name, got)
				}
				site.mu.Lock()
				asked[i] = site.asked
				site.mu.Unlock()
				limit := asked[i]["grpc-timeout"]
				if len(limit) != 1 || len(limit[0]) > 9 || !strings.ContainsAny(limit[0], "munS") {
					t.Errorf("%s: the time limit is %q", name, limit)
				}
				delete(asked[i], "grpc-timeout")
				delete(asked[i], "user-agent")
			}
			if got, want := fmt.Sprint(asked[0]), fmt.Sprint(asked[1]); got != want {
				t.Errorf("%s:\n ours    %s\n grpc-go %s", name, got, want)
			}
		}
		return nil
	})
}

// A call ends with its context, and with its deadline; what cannot be sent is refused as grpc-go does.
func TestEndsAsTheLibrary(t *testing.T) {
	site := &rawSite{scripts: map[string]func(*stream){
		"fine":     answers(t)["fine"],
		"too long": func(s *stream) { s.usual(); s.message(0, 3<<10, make([]byte, 3<<10)) },
	}}
	addr := site.start(t)
	calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		own, library := bothWays(t, ctx, c, addr)
		for i, conn := range []*grpc.Conn{own, library} {
			gone, cancel := context.WithCancel(ctx)
			time.AfterFunc(20*time.Millisecond, cancel)
			late, cancelLate := context.WithTimeout(ctx, 20*time.Millisecond)
			past, cancelPast := context.WithDeadline(ctx, time.Now().Add(-time.Second))
			bad := metadata.AppendToOutgoingContext(ctx, "x y", "1")
			for name, got := range map[string]codes.Code{
				"Canceled":           status.Code(call(gone, conn, "silence")),
				"DeadlineExceeded":   status.Code(call(late, conn, "silence")),
				"DeadlineExceeded ":  status.Code(call(past, conn, "fine")),
				"Internal":           status.Code(call(bad, conn, "fine")),
				"ResourceExhausted":  status.Code(call(ctx, conn, "fine", ggrpc.MaxCallSendMsgSize(1))),
				"ResourceExhausted ": status.Code(call(ctx, conn, "fine", ggrpc.MaxCallRecvMsgSize(1))),
				"Internal ":          status.Code(call(ctx, conn, "fine", ggrpc.UseCompressor("none of it"))),
				"OK":                 status.Code(call(ctx, conn, "fine", ggrpc.WaitForReady(true))),
			} {
				if want := strings.TrimSpace(name); got.String() != want {
					t.Errorf("connection %d: %v, want %s", i, got, want)
				}
			}
			cancelLate()
			cancelPast()
			cancel()
		}
		for i, conn := range []*grpc.Conn{own, library} {
			if got := status.Code(call(ctx, conn, "too long", ggrpc.MaxCallRecvMsgSize(2<<10))); got != codes.ResourceExhausted {
				t.Errorf("connection %d: a message that is too long is %v", i, got)
			}
			conn.Close()
			if got := status.Code(call(ctx, conn, "fine")); got != codes.Canceled {
				t.Errorf("connection %d: after Close: %v", i, got)
			}
		}
		return nil
	})
}

func call(ctx context.Context, conn *grpc.Conn, method string, opts ...ggrpc.CallOption) error {
	return conn.Invoke(ctx, "/test/"+strings.ReplaceAll(method, " ", "-"), &hpb.HealthCheckRequest{Service: "abc"}, &hpb.HealthCheckResponse{}, opts...)
}
