package grpc_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	hpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/grpc"
)

// healthy starts a server that says how it is. The error of stop is that it has been stopped before.
func healthy(t *testing.T, opts ...ggrpc.ServerOption) (addr string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := ggrpc.NewServer(opts...)
	hpb.RegisterHealthServer(s, health.NewServer())
	reflection.Register(s)
	go s.Serve(l)
	t.Cleanup(s.Stop)
	return l.Addr().String(), s.Stop
}

const ask = "grpc.health.v1.Health/Check"

func TestTargets(t *testing.T) {
	addr, _ := healthy(t)
	_, port, _ := net.SplitHostPort(addr)
	old := httptest.NewServer(http.NotFoundHandler())
	defer old.Close()
	report := calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		for target, want := range map[string]string{
			"ftp://" + addr:                    "its scheme is not known",
			"http://" + addr + "/path":         "it has more than a host and a port",
			"nonsense":                         "it names no host and port",
			"http://elsewhere.example:" + port: "elsewhere.example:" + port + " is not one of the run's hosts",
			"https://" + addr:                  addr + " does not speak TLS",
			old.URL:                            "does not speak gRPC (HTTP/2), or TLS failed",
			"http://127.0.0.1:1":               "nothing listens on 127.0.0.1:1",
			addr:                               "",
			"http://" + addr + "/":             "",
			"http://" + strings.ToUpper("127.0.0.1:") + port: "",
		} {
			_, err := grpc.Dial(ctx, c, target)
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", target, err, want)
			}
		}
		return nil
	})
	if got := report.Whole.Total; got.Count != 7 || got.Failures != 4 {
		t.Errorf("%d connections were counted, %d of them failures:\n%s", got.Count, got.Failures, counts(report))
	}
}

func TestOverTLS(t *testing.T) {
	site := httptest.NewUnstartedServer(nil)
	site.StartTLS()
	defer site.Close()
	addr, _ := healthy(t, ggrpc.Creds(credentials.NewTLS(&tls.Config{Certificates: site.TLS.Certificates})))
	report := calls(t, stampede.Plan{Host: "https://" + addr, HTTP: stampede.HTTP{Insecure: true}}, func(c *caller, ctx context.Context) error {
		conn, err := grpc.Dial(ctx, c, "")
		if err != nil {
			return err
		}
		reply, err := conn.Call(ctx, ask, nil)
		if string(reply) != `{"status":"SERVING"}` {
			t.Errorf("it says %s", reply)
		}
		return err
	})
	if got := counts(report); got != "GRPC connect: 1\nGRPC "+ask+": 1" {
		t.Errorf("got %s", got)
	}
}

// A site that has gone is told as it is for requests, and users without a wait do not spin.
func TestSiteGoes(t *testing.T) {
	addr, stop := healthy(t)
	n := 0
	report := calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		conn, err := grpc.Dial(ctx, c, addr)
		if err != nil {
			return err
		}
		if _, err := conn.Call(ctx, ask, nil); err != nil {
			return err
		}
		stop()
		for end := time.Now().Add(time.Second); time.Now().Before(end); n++ {
			if _, err := conn.Call(ctx, ask, nil); err == nil {
				t.Error("nobody answered, and it is a success")
			}
		}
		return nil
	})
	if n > 15 {
		t.Errorf("%d calls failed within a second", n)
	}
	if got := counts(report); !strings.Contains(got, "refused: nothing listens on "+addr) {
		t.Errorf("got %s", got)
	}
}

// Several users may share a connection; each call is a sample of whoever makes it.
func TestShared(t *testing.T) {
	addr, _ := healthy(t)
	report := calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		conn, err := grpc.Dial(ctx, c, "")
		if err != nil {
			return err
		}
		for range 3 {
			if _, err := hpb.NewHealthClient(conn.For(c)).Check(ctx, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if got := counts(report); got != "GRPC connect: 1\nGRPC "+ask+": 3" {
		t.Errorf("got %s", got)
	}
}

func TestCheckShowsCalls(t *testing.T) {
	addr, _ := healthy(t)
	users := stampede.Users(stampede.Spec[caller]{Tasks: []stampede.Task[caller]{{Name: "call", Do: func(c *caller, ctx context.Context) error {
		conn, err := grpc.Dial(ctx, c, "")
		if err == nil {
			_, err = conn.Call(ctx, ask, `{"service": ""}`)
		}
		return err
	}}}})
	var out bytes.Buffer
	if err := stampede.Try(t.Context(), stampede.Plan{Host: "http://" + addr, Test: stampede.Test{Users: []stampede.UserType{users}}}, &out); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"GRPC " + ask, "> {}", `< {"status":"SERVING"}`, "5 B sent"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, out.String())
		}
	}
	if t.Failed() {
		fmt.Println(out.String())
	}
}

// Options may be kept and used for many streams.
func TestOptionsOfStreams(t *testing.T) {
	addr, _ := healthy(t)
	checked := 0
	opts := []ggrpc.CallOption{grpc.Check(func(reply any) error {
		checked++
		if b := reply.([]byte); string(b) != `{"status":"SERVING"}` {
			t.Errorf("the check is given %s", b)
		}
		return nil
	})}
	calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		conn, err := grpc.Dial(ctx, c, "")
		for range 2 {
			var s *grpc.Stream
			if err == nil {
				s, err = conn.Stream(ctx, "grpc.health.v1.Health/Watch", opts...)
			}
			if err == nil {
				err = s.Send(nil)
			}
			if err == nil {
				_, err = s.Receive()
			}
		}
		return err
	})
	if checked != 2 {
		t.Errorf("%d messages were checked", checked)
	}
}

// A check that panics has failed: the call, or the message of a stream, is counted.
func TestChecksThatPanic(t *testing.T) {
	addr, _ := healthy(t)
	broken := grpc.Check(func(any) error { panic("no seat") })
	report := calls(t, stampede.Plan{Host: "http://" + addr}, func(c *caller, ctx context.Context) error {
		conn, err := grpc.Dial(ctx, c, "")
		if err != nil {
			return err
		}
		_, one := conn.Call(ctx, ask, nil, broken)
		s, err := conn.Stream(ctx, "grpc.health.v1.Health/Watch", broken)
		if err == nil {
			err = s.Send(nil)
		}
		if err == nil {
			_, err = s.Receive()
		}
		if one == nil || err == nil {
			t.Errorf("the failures of checks are %v and %v", one, err)
		}
		return err
	})
	const watch = "grpc.health.v1.Health/Watch"
	if got, want := counts(report), fmt.Sprintf("GRPC connect: 2\nGRPC %[1]s: 1\nGRPC %[2]s: 1\nGRPC %[1]s failed 1: panic: in a check: no seat\nGRPC %[2]s failed 1: panic: in a check: no seat", ask, watch); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}
