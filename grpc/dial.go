package grpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"time"

	ggrpc "google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/grpclog"

	"github.com/stampede-load/stampede"
)

// User is who calls: whatever embeds [stampede.User] or [stampede.HTTPUser].
type User interface {
	Dial(ctx context.Context, network, addr string) (net.Conn, error)
	TLS(host string, protocols ...string) *tls.Config
	Measure(typ, name string, f func(*stampede.Sample) error) error
	Cleanup(f func())
	Host() string
}

// Dialer says how connections are made and used. The zero value is what [Dial] uses. Users may share one, which then learns the methods that
// Call names once for all of them. Its fields must not change after its first use.
type Dialer struct {
	Timeout time.Duration // of a call whose context has no deadline, and of connecting; 0 means 30 s

	// Protoset is a FileDescriptorSet, as protoc --descriptor_set_out --include_imports writes it, for Call and Stream at servers without
	// reflection.
	Protoset []byte

	// Options go to grpc-go, which then makes all of the calls, behind the package's own. They may add interceptors, a user agent or limits; a dialer among them takes the place of
	// the user's, and with it goes the guard of the run's hosts.
	Options []ggrpc.DialOption

	methods methods
	calls   sync.Pool // of *unary
}

// Dial connects with the zero Dialer.
func Dial(ctx context.Context, u User, target string) (*Conn, error) {
	return new(Dialer).Dial(ctx, u, target)
}

const defaultTimeout = 30 * time.Second

// sampleType is the Type of every sample.
const sampleType = "GRPC"

// grpc-go logs to standard error, where the dashboard is. It knows one log for a whole process, which may only be set before anything of it is
// used; GRPC_GO_LOG_SEVERITY_LEVEL, which is its own, brings it back.
var _ = func() bool {
	if os.Getenv("GRPC_GO_LOG_SEVERITY_LEVEL") == "" {
		grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	}
	return true
}()

// Dial connects to "http://host:port" (without TLS), "https://host" (with TLS), "host:port" (without), or with "" to the user's host. It waits
// until there is a connection: a sample called "connect". The connection is closed when the user stops. The error is counted already, but for
// that of a target that cannot be.
func (d *Dialer) Dial(ctx context.Context, u User, target string) (*Conn, error) {
	if target == "" {
		target = u.Host()
	}
	at, err := parseTarget(target)
	if err != nil {
		return nil, err
	}
	l, err := newLink(d, u, at)
	if err != nil {
		return nil, fmt.Errorf("grpc: %w", err)
	}
	u.Cleanup(func() { l.close() })
	if err := u.Measure(sampleType, "connect", func(*stampede.Sample) error { return l.connect(ctx) }); err != nil {
		l.close()
		return nil, err
	}
	return &Conn{link: l, user: u}, nil
}

// dial makes a connection of grpc-go, which has yet to connect.
func (l *link) dial() (*ggrpc.ClientConn, error) {
	creds := insecure.NewCredentials()
	if l.place.secure {
		creds = credentials.NewTLS(l.user.TLS(l.place.host, "h2"))
	}
	opts := append([]ggrpc.DialOption{
		ggrpc.WithNoProxy(), ggrpc.WithTransportCredentials(creds), ggrpc.WithStatsHandler(counter{}), ggrpc.WithUserAgent(userAgent),
		ggrpc.WithDisableServiceConfig(), ggrpc.WithDisableHealthCheck(), ggrpc.WithIdleTimeout(0),
		ggrpc.WithConnectParams(ggrpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: l.dialer.timeout(),
		}),
		ggrpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
			nc, err := l.user.Dial(ctx, "tcp", addr)
			l.note(err)
			return nc, err
		}),
	}, l.dialer.Options...)
	cc, err := ggrpc.NewClient("passthrough:///"+l.place.addr, opts...)
	if err != nil {
		return nil, fmt.Errorf("grpc: %w", err)
	}
	return cc, nil
}

// userAgent is what sites are told.
const userAgent = "stampede/" + stampede.Version

func (d *Dialer) timeout() time.Duration {
	if d.Timeout > 0 {
		return d.Timeout
	}
	return defaultTimeout
}

// place is where to connect.
type place struct {
	addr, host string // "host:port" and "host"
	secure     bool
}

func (p place) url() string {
	if p.secure {
		return "https://" + p.addr
	}
	return "http://" + p.addr
}

// parseTarget reads where to connect. grpc-go would take anything, and fail later in words that help nobody.
func parseTarget(target string) (place, error) {
	bad := func(why string) (place, error) {
		return place{}, fmt.Errorf("grpc: target %q: %s; write host:port, http://host:port or https://host", target, why)
	}
	if host, port, err := net.SplitHostPort(target); err == nil && host != "" && port != "" {
		return place{target, host, false}, nil
	}
	u, err := url.Parse(target)
	switch {
	case err != nil || u.Hostname() == "":
		return bad("it names no host and port")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("its scheme is not known")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil:
		return bad("it has more than a host and a port")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return place{net.JoinHostPort(u.Hostname(), port), u.Hostname(), u.Scheme == "https"}, nil
}
