package wire

import (
	"fmt"
	"net/netip"
	"strings"
)

// sourceLimit bounds a range of source addresses: a mistyped IPv6 prefix would fill the memory.
const sourceLimit = 65536

// ParseSourceIPs reads local addresses: "10.0.0.5", "10.0.0.5,10.0.0.9", "10.0.0.5-10.0.0.20", "10.0.0.5-20", "10.0.0.0/28" (its network
// and broadcast address left out), in any mixture separated by commas.
func ParseSourceIPs(s string) ([]netip.Addr, error) {
	var all []netip.Addr
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		got, err := parseSource(part)
		if err != nil {
			return nil, fmt.Errorf("wire: source address %q: %w", part, err)
		}
		if all = append(all, got...); len(all) > sourceLimit {
			return nil, fmt.Errorf("wire: source addresses %q: more than %d", s, sourceLimit)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("wire: source addresses %q: there is none", s)
	}
	return all, nil
}

func parseSource(s string) ([]netip.Addr, error) {
	if strings.Contains(s, "/") {
		return sourcePrefix(s)
	}
	from, to, isRange := strings.Cut(s, "-")
	first, err := netip.ParseAddr(from)
	if err != nil {
		return nil, fmt.Errorf(`write an address, "first-last" or "address/bits"`)
	}
	if !isRange {
		return []netip.Addr{first}, nil
	}
	if !strings.ContainsAny(to, ".:") { // the last part alone
		cut := strings.LastIndexAny(from, ".:")
		to = from[:cut+1] + to
	}
	last, err := netip.ParseAddr(to)
	if err != nil || last.BitLen() != first.BitLen() || last.Less(first) {
		return nil, fmt.Errorf("the end of the range is not an address behind its beginning")
	}
	return sourceRange(first, last)
}

func sourcePrefix(s string) ([]netip.Addr, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return nil, fmt.Errorf(`write an address, "first-last" or "address/bits"`)
	}
	hostBits := p.Addr().BitLen() - p.Bits()
	if hostBits > 16 {
		return nil, fmt.Errorf("more than %d addresses", sourceLimit)
	}
	first := p.Masked().Addr()
	last := first
	for range 1<<hostBits - 1 {
		last = last.Next()
	}
	if first.Is4() && hostBits >= 2 {
		first, last = first.Next(), last.Prev()
	}
	return sourceRange(first, last)
}

func sourceRange(first, last netip.Addr) ([]netip.Addr, error) {
	var all []netip.Addr
	for a := first; ; a = a.Next() {
		if all = append(all, a); len(all) > sourceLimit {
			return nil, fmt.Errorf("more than %d addresses", sourceLimit)
		}
		if a == last {
			return all, nil
		}
	}
}
