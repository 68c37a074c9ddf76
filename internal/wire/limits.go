package wire

import (
	"fmt"
	"strings"
)

// Demand is what a plan wants of the generator's operating system.
type Demand struct {
	Users   int  // at most, on this machine
	PerUser int  // connections each may have; 0 means 1
	Sources int  // distinct local addresses; 0 means 1
	Targets int  // distinct addresses and ports that are asked; 0 means 1
	NoPorts bool // connections are to a Unix socket, and need no local port
}

// reservedDescriptors are those the process needs beside its connections.
const reservedDescriptors = 64

// Supply is what the operating system grants.
type Supply struct {
	Descriptors uint64 // that one process may have open; 0 means unknown
	Ports       int    // local ports for outgoing connections from one address to one target; 0 means unknown
}

// Capacity says why the plan cannot be carried out on this machine, and what to set; nil when it can. Call it after RaiseDescriptorLimit.
func Capacity(d Demand) error { return d.within(supply()) }

// within compares with a supply: each user needs a descriptor and, for its source and target, a port of its own per connection.
func (d Demand) within(s Supply) error {
	conns := max(d.Users, 0) * max(d.PerUser, 1)
	var wrong []string
	if s.Descriptors > 0 && uint64(conns+reservedDescriptors) > s.Descriptors {
		wrong = append(wrong, fmt.Sprintf("%d connections need %d file descriptors and the limit is %d: raise it (ulimit -n %d, LimitNOFILE= in a unit, "+
			"nofile in limits.conf) or spread the users over %d workers", conns, conns+reservedDescriptors, s.Descriptors, conns+reservedDescriptors,
			ceilDiv(conns, max(1, int(s.Descriptors)-reservedDescriptors))))
	}
	ports := s.Ports * max(d.Sources, 1) * max(d.Targets, 1)
	if s.Ports > 0 && !d.NoPorts && conns > ports {
		wrong = append(wrong, fmt.Sprintf("%d connections need as many local ports and there are %d (%d for each of %d source addresses to each of %d targets): "+
			"set net.ipv4.ip_local_port_range=\"1024 65535\", or give %d addresses with --source-ip", conns, ports, s.Ports, max(d.Sources, 1),
			max(d.Targets, 1), ceilDiv(conns, s.Ports*max(d.Targets, 1))))
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("wire: this machine cannot carry the plan: %s", strings.Join(wrong, "; "))
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
