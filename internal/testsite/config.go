package testsite

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"time"
)

// Mode is a behaviour; the package comment says what each does.
type Mode string

// The behaviours.
const (
	Fast     Mode = "fast"
	Fixed    Mode = "fixed"
	Bimodal  Mode = "bimodal"
	Exp      Mode = "exp"
	Freeze   Mode = "freeze"
	SlowBody Mode = "slowbody"
	Reset    Mode = "reset"
	Cut      Mode = "cut"
	Hang     Mode = "hang"
	FiveXX   Mode = "fivexx"
	Cookie   Mode = "cookie"
)

// Modes lists all behaviours.
func Modes() []Mode {
	return []Mode{Fast, Fixed, Bimodal, Exp, Freeze, SlowBody, Reset, Cut, Hang, FiveXX, Cookie}
}

// Config says how a server behaves. Its zero value is a fast server on a free loopback port.
type Config struct {
	Mode      Mode          // zero means Fast
	Addr      string        // where to listen; zero means "127.0.0.1:0", a free port
	TLS       bool          // speak TLS with a certificate made at the start, for 127.0.0.1, ::1 and localhost
	Body      int           // bytes in the body of an answer; zero means 1024
	Service   time.Duration // fixed, bimodal, slowbody: the time; exp: the mean; zero means 10 ms
	Slow      time.Duration // bimodal: the time of the slow requests; zero means ten times Service
	Share     float64       // share of the requests that are slow, reset, cut, left hanging or failed, 0 to 1; zero means all
	Seed      uint64        // exp: makes the service times repeatable
	FreezeAt  time.Duration // freeze: when it begins, counted from the first request
	FreezeFor time.Duration // freeze: how long it lasts
	Arrivals  int           // arrival times to keep for Stats, 8 bytes each; zero means 1<<20; negative keeps none
	Handling  int           // handling times to keep for Stats, 8 bytes each; zero keeps none, and does not look at the clock for them
}

// withDefaults fills in the zero fields. The error lists every mistake.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	if c.Mode == "" {
		c.Mode = Fast
	}
	if !slices.Contains(Modes(), c.Mode) {
		errs = append(errs, fmt.Errorf("no such mode: %q (give one of %v)", c.Mode, Modes()))
	}
	if c.Body < 0 || c.Service < 0 || c.Slow < 0 || c.FreezeAt < 0 || c.FreezeFor < 0 {
		errs = append(errs, errors.New("sizes and times cannot be negative"))
	}
	if !(c.Share >= 0 && c.Share <= 1) { // written so that NaN fails
		errs = append(errs, fmt.Errorf("share is %v: give 0 to 1", c.Share))
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Body == 0 {
		c.Body = 1024
	}
	if c.Service == 0 {
		c.Service = 10 * time.Millisecond
	}
	if c.Slow == 0 {
		c.Slow = 10 * c.Service
	}
	if c.Share == 0 {
		c.Share = 1
	}
	if c.Arrivals == 0 {
		c.Arrivals = 1 << 20
	}
	return c, errors.Join(errs...)
}

// define gives each field a flag.
func (c *Config) define(flags *flag.FlagSet) {
	flags.Func("mode", fmt.Sprintf("behaviour, one of %v (default fast)", Modes()), func(s string) error {
		c.Mode = Mode(s)
		return nil
	})
	flags.StringVar(&c.Addr, "addr", c.Addr, "`address` to listen on (default 127.0.0.1:0, a free port)")
	flags.BoolVar(&c.TLS, "tls", c.TLS, "speak TLS with a self-signed certificate")
	flags.IntVar(&c.Body, "body", c.Body, "`bytes` in the body of an answer (default 1024)")
	flags.DurationVar(&c.Service, "service", c.Service, "service `time`, for exp its mean (default 10ms)")
	flags.DurationVar(&c.Slow, "slow", c.Slow, "service `time` of the slow requests of bimodal (default ten times -service)")
	flags.Float64Var(&c.Share, "share", c.Share, "`share` of the requests that are slow, reset, cut, hanging or failed (default all)")
	flags.Uint64Var(&c.Seed, "seed", c.Seed, "`seed` of the service times of exp")
	flags.DurationVar(&c.FreezeAt, "freeze-at", c.FreezeAt, "`time` from the first request to the freeze")
	flags.DurationVar(&c.FreezeFor, "freeze-for", c.FreezeFor, "`time` the freeze lasts")
	flags.IntVar(&c.Arrivals, "arrivals", c.Arrivals, "arrival `times` to keep for /_stats (default 1048576, negative for none)")
	flags.IntVar(&c.Handling, "handling", c.Handling, "`times` that requests took the server, to keep for /_stats (default none)")
}

// args are the flags that give c again.
func (c Config) args() []string {
	args := []string{"-mode=" + string(c.Mode)}
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	c.define(flags)
	flags.VisitAll(func(f *flag.Flag) {
		if f.Name != "mode" {
			args = append(args, "-"+f.Name+"="+f.Value.String())
		}
	})
	return args
}
