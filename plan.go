package stampede

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"github.com/stampede-load/stampede/internal/pace"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/verdict"
	"github.com/stampede-load/stampede/internal/wire"
)

// Test is what visitors do: user types, and hooks around the whole run. It is a value; a run never changes it.
type Test struct {
	Name  string // shown with every run; empty means "test"
	Host  string // where requests without a host go; Plan.Host overrides it; a UserType's own host overrides both
	Users []UserType

	// Thresholds that hold for every run of this test; Plan.Thresholds are added.
	Thresholds []Threshold

	// Phases that thresholds may name, in addition to those known from the shape: warm-up, ramp, steady, ramp-down, spike.
	Phases []Phase

	// Before runs once before the first user, and may change the plan (a copy). An error ends the run before it starts.
	Before func(ctx context.Context, plan *Plan) error
	// After runs once after the last user, with the result. Its error is returned by Run together with the report.
	After func(ctx context.Context, plan *Plan, report *Report) error
	// OnSample sees every sample, from many goroutines at once. It must be quick: the time it takes is taken from the load. nil costs
	// nothing.
	OnSample func(Sample)
}

// Plan is all that a run needs to be repeated. The zero value of each field works: Plan{Test: t} runs one user, each task once.
type Plan struct {
	Test Test   `json:"-"`
	Host string // "https://example.org"; empty means the test's own

	// Users is the number of users over time (closed model). Zero, with no Rate, means one user.
	Users Shape `json:"-"`
	// SpawnRate is how many users more (or fewer) each second until Users is reached, when Users is a plain number. Zero means at once.
	SpawnRate float64
	// Rate is the number of arrivals per second over time (open model). When set, Users must not be.
	Rate Shape `json:"-"`
	// MaxUsers bounds the users of an open run. Zero means 10,000.
	MaxUsers int
	// MaxWaiting bounds the arrivals that wait for a free user. Zero means 100,000. Arrivals beyond it are dropped, and counted.
	MaxWaiting int
	// Poisson makes arrivals random (exponential gaps) and not even.
	Poisson bool

	Duration    time.Duration // zero means until the shape ends, Iterations are done, or it is stopped; with neither, each task once
	Iterations  int64         // end after so many tasks, over all users; zero means no limit
	Warmup      time.Duration // left out of the judged figures
	StopTimeout time.Duration // how long running tasks may take to end; zero means 10 s, negative means none

	Seed        uint64 // zero means from the clock; the report says which it was
	Tags        []string
	ExcludeTags []string
	UserTypes   []string // only these user types, by name; empty means all

	Thresholds []Threshold `json:"-"`
	// Baseline is an earlier run, with its series, that thresholds may compare with: `p95 <= baseline * 1.1`. It is only read. Without one
	// such a threshold is a mistake.
	Baseline *Report `json:"-"`
	Phases   []Phase `json:"-"` // in addition to those known from the shape
	HTTP     HTTP
	PartsBy  PartsBy // how the parts of pages are named in the tables; zero is ByKind
	Share    Share   `json:"-"` // of the load that this process drives; the zero value is all of it
	RunID    string  // what the run is called; empty means a new name
	// RecoverRate is how many users a second start again elsewhere when a worker of a fleet is lost. Zero means the plan's own spawn rate.
	RecoverRate float64

	// Servers are read while the run goes on, and belong to it: it closes them. ServerWait is how long its end waits for figures that come late, such
	// as CloudWatch's; zero means 4 minutes, negative not at all.
	Servers    []WatchedServer `json:"-"`
	ServerWait time.Duration

	// What the ledger keeps beside the figures.
	Changes, Focus, Notes string
	Links, RunTags        []string

	// Observers see each second and event as it happens.
	Observers []Observer `json:"-"`
	// Log gets what the test's users write with their Log; nil drops it.
	Log *slog.Logger `json:"-"`

	virtual bool // tests: use timers that run in virtual time
}

// HTTP is how the users of a run speak HTTP. The zero value is a polite browser-like client.
type HTTP struct {
	IO             string        // back end: "auto" (also ""), "net", "raw" (Unix), "epoll" (Linux)
	Version        string        // "auto" (also ""), "1.1", "2", "h2c", "3", "auto+3"
	Timeout        time.Duration // whole request; zero means 30 s
	ConnectTimeout time.Duration // zero means 10 s
	FirstByte      time.Duration // from sending a request to the first byte of its answer; zero means no limit of its own
	UserAgent      string        // zero means "stampede/VERSION"
	Header         []Header      // sent with every request that has no field of that name itself
	AllowHosts     []string      // hosts besides the run's own that may be asked: "cdn.example.org", "*.example.org"

	// Never are hosts that are not asked, whatever else permits them, also when another name leads to their address: "www.example.org",
	// "*.example.org", "192.0.2.0/24". A plan that names one of them is a mistake.
	Never []string
	// Swap is which host stands for another one in every URL, redirects and parts of pages too: "www.example.org" to
	// "https://staging.example.org". The path of a URL stays as it is. What stands for a host may be asked.
	Swap map[string]string

	Insecure     bool              // do not verify certificates
	RootCAs      *x509.CertPool    `json:"-"`
	Certificates []tls.Certificate `json:"-"`
	ServerName   string

	SourceIPs  []netip.Addr
	Resolve    map[string]string // "host:port" to "address", as curl's --resolve: "*:443" is every host, "192.0.2.1,[2001:db8::1]" is tried in turn
	DNSTTL     time.Duration     // zero means 30 s
	Proxy      *url.URL          `json:"-"` // http://, https:// (TLS to the proxy), socks5:// or socks5h:// (the proxy looks names up), with user:password@
	UnixSocket string
	Fresh      Fresh

	MaxBody         int64 // bytes of a body, as received and as decompressed; zero means 256 MiB
	MaxRedirects    int   // that one request follows; zero means 10
	MaxConnsPerHost int   // of one user that asks for several things side by side; zero means 6, as browsers do

	// ProxyFor says through which proxy a site is asked, instead of Proxy; a nil URL is none.
	ProxyFor func(site *url.URL) (*url.URL, error) `json:"-"`

	// Dial replaces the network, for tests. nil means the real one.
	Dial func(ctx context.Context, network, address string) (net.Conn, error) `json:"-"`
}

// Header is one header field.
type Header = wire.Field

// Fresh says how long a connection lives.
type Fresh = wire.Fresh

// The lives of a connection.
const (
	KeepAlive    = wire.KeepAlive    // as long as both sides want
	PerIteration = wire.PerIteration // until the end of the task
	PerRequest   = wire.PerRequest   // one request
)

// Share is which part of the load one process drives: I of N.
type Share = pace.Share

// Phase is a named stretch of a run:
//
//	Name     string
//	From, To time.Duration // since the start of the run; To 0 is its end
type Phase = verdict.Phase

// Key names a row:
//
//	Type string // "GET", "SQL"; "STEP" for what times several requests as one
//	Name string
type Key = stats.Key

// Row is what was counted under one name, over some stretch of time:
//
//	Key                              // Type and Name
//	Count, Failures, Timeouts int64  // Failures includes Timeouts, Count includes Failures
//	Dropped                   int64  // arrivals that were never served; not part of Count
//	BytesIn, BytesOut         int64  // on the wire
//	Decoded                   int64  // bytes of bodies after decompression
//	Service, Response, Lag    Hist   // ns: done - sent, done - intended, sent - intended; Service and Response hold successes and timeouts
//	FirstByte, Failed         Hist   // ns: first byte - sent, and the times of failures
//	TimedOut                  Hist   // ns: of the timeouts, which are in Response and Failed too
//	Faults     []FaultCount          // failures by Kind and Status
//
// Its methods say what follows from that: Rate(seconds) is Count a second, FailureShare is from 0 to 1, Quantile(paced, 0.95) the time in ns that
// the tables show, Headline the histogram it comes from (Quantile, Mean, Min, Max, Count, CountAbove), Add adds another row, Clone copies it.
type Row = stats.Row

// Second is one closed second of a run, or a longer stretch of an old one: every row, merged over workers.
//
//	Index, Width int           // it covers [Index, Index+Width) s of the run
//	Span         time.Duration // how much of that the run lasted; zero means all of it
//	Total        Row           // all requests together, without steps
//	Rows         []Row         // by type and name
//	Errors       []ErrorRow    // failures by key, kind and text, with First, Last, Detail and Stack; nil from a Series
//	Gauges       Gauges        // users, requests in flight, arrivals; and the generator's own health
//	Workers      []Worker      // of package stats: each worker's number and gauges; nil from a Series
//	Final        bool          // the last one of the run
//
// It belongs to the run; read it during the call, copy what you
// keep.
type Second = stats.Second

// Observer watches a run. Its methods are called one at a time from one goroutine, which must not be held up: a slow observer must
// buffer and count what it loses.
type Observer interface {
	// Begin is called once, before the first user.
	Begin(RunInfo)
	// Second is called for each second, in order, when it closes. What is answered after the load is in Earlier, for the seconds in which it was
	// intended; Came is the second with all that came in it.
	Second(*Second)
	// Event is called for each event.
	Event(Event)
	// End is called once, with the final report.
	End(*Report)
}
