package site

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// What a zero Config means. Eight workers of 15 ms answer 533 requests a second; a fan who thinks 1 to 10 s asks for one page and its
// iframe each 5.5 s, so about 1,460 fans fill them.
const (
	DefaultWorkers     = 8
	DefaultServiceTime = 15 * time.Millisecond
	DefaultQueue       = 512
)

// Limits that keep a typing mistake from taking the machine's memory.
const (
	maxWorkers     = 1 << 20
	maxQueue       = 1 << 20
	maxServiceTime = time.Hour
)

// Config sets how much the site can bear. Its zero value is a small site that 200 fans do not trouble and 2,000 overload.
type Config struct {
	// Workers is how many requests are served at the same time. Zero means DefaultWorkers.
	Workers int

	// ServiceTime is the mean time a worker needs for one request. Zero means DefaultServiceTime; negative means none: every request
	// is answered at once and nobody ever queues.
	ServiceTime time.Duration

	// Distribution says how the service times spread around their mean. Zero means Exponential.
	Distribution Distribution

	// Queue is how many requests may wait for a worker; the next one gets 503. Zero means DefaultQueue; negative means none: a request
	// that finds all workers busy is turned away.
	Queue int

	// Seed makes the exponential service times repeatable. Zero is a seed like any other.
	Seed uint64

	// Log receives what the HTTP server complains about, such as running out of descriptors. Nil means silence.
	Log *slog.Logger
}

// withDefaults fills in the zero fields and turns the "none" values into zeros. The error lists every mistake.
func (c Config) withDefaults() (Config, error) {
	var errs []error
	if c.Workers < 0 || c.Workers > maxWorkers {
		errs = append(errs, fmt.Errorf("workers is %d: give 1 to %d", c.Workers, maxWorkers))
	}
	if c.ServiceTime > maxServiceTime {
		errs = append(errs, fmt.Errorf("service time is %v: give at most %v", c.ServiceTime, maxServiceTime))
	}
	if c.Distribution != Exponential && c.Distribution != Fixed {
		errs = append(errs, fmt.Errorf("distribution is %d: give Exponential or Fixed", int(c.Distribution)))
	}
	if c.Queue > maxQueue {
		errs = append(errs, fmt.Errorf("queue is %d: give at most %d", c.Queue, maxQueue))
	}
	if c.Workers == 0 {
		c.Workers = DefaultWorkers
	}
	if c.ServiceTime == 0 {
		c.ServiceTime = DefaultServiceTime
	}
	if c.Queue == 0 {
		c.Queue = DefaultQueue
	}
	c.ServiceTime = max(c.ServiceTime, 0)
	c.Queue = max(c.Queue, 0)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c, errors.Join(errs...)
}

// Distribution is the spread of service times around their mean.
type Distribution int

const (
	// Exponential times are mostly short and now and then long, as those of real sites: one request in twenty takes more than three
	// times the mean.
	Exponential Distribution = iota

	// Fixed times are all equal to the mean.
	Fixed
)

// String is the distribution as MarshalText spells it.
func (d Distribution) String() string {
	switch d {
	case Exponential:
		return "exponential"
	case Fixed:
		return "fixed"
	}
	return fmt.Sprintf("Distribution(%d)", int(d))
}

// MarshalText spells the distribution as a flag or a settings file does: "exponential" or "fixed".
func (d Distribution) MarshalText() ([]byte, error) {
	if d != Exponential && d != Fixed {
		return nil, fmt.Errorf("site: no such distribution: %d", int(d))
	}
	return []byte(d.String()), nil
}

// UnmarshalText is the inverse of MarshalText, for [flag.TextVar] and its like.
func (d *Distribution) UnmarshalText(text []byte) error {
	for _, known := range []Distribution{Exponential, Fixed} {
		if string(text) == known.String() {
			*d = known
			return nil
		}
	}
	return fmt.Errorf("site: no such distribution: %q (give exponential or fixed)", text)
}
