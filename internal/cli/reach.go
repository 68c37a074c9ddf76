package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
)

// patience is how long a host may take to answer before a run.
const patience = 3 * time.Second

// reach finds out whether hosts of a plan can be connected to, all at the same time. The errors say which cannot and what to do.
func reach(ctx context.Context, plan *stampede.Plan, hosts []string) []error {
	hosts = slices.Compact(slices.Sorted(slices.Values(hosts)))
	errs := make([]error, len(hosts))
	var wg sync.WaitGroup
	for i, host := range hosts {
		wg.Go(func() {
			if err := plan.Reach(ctx, host, patience); err != nil {
				errs[i] = fmt.Errorf("host %s: %s", redacted(host), why(err))
			}
		})
	}
	wg.Wait()
	var seen []string // what several have in common is said once: they share a socket or a proxy
	return slices.DeleteFunc(errs, func(err error) bool {
		if err == nil {
			return true
		}
		_, reason, _ := strings.Cut(err.Error(), ": ")
		known := slices.Contains(seen, reason)
		seen = append(seen, reason)
		return known
	})
}

// why says in words what kept a connection from coming about, and what to do.
func why(err error) string {
	f, ok := errors.AsType[*stampede.Error](err)
	if !ok {
		return err.Error()
	}
	var lookup *net.DNSError
	text, hint := f.Text, f.Hint
	switch {
	case f.Kind == fault.Lookup && errors.As(err, &lookup) && lookup.IsNotFound:
		what := "host"
		if strings.HasPrefix(f.Text, "the proxy: ") {
			what = "URL of the proxy"
		}
		text, hint = fmt.Sprintf("the name %q is not known", lookup.Name), "correct the "+what+", or give --resolve"
	case f.Kind == fault.Unreachable && strings.HasPrefix(hint, "check the network"):
		hint += " between this machine and it"
	}
	if hint != "" {
		text += "; " + hint
	}
	return text
}

// redacted is a URL without its password.
func redacted(raw string) string {
	if u, err := url.Parse(raw); err == nil {
		return u.Redacted()
	}
	return raw
}
