// Package host reads what a machine does: its processor, memory, disks and network. The machine is another one by the page of its node_exporter, or
// this one by /proc; or a part of this one, such as a container, by its control group.
package host

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
	"github.com/stampede-load/stampede/internal/monitor/exporter"
)

// exported reads a node_exporter.
type exported struct {
	page *monitor.Page
}

// New reads the node_exporter whose page is at url; an empty url is this machine, and a path the folder of a control group of this machine.
func New(url string) (monitor.Source, error) {
	switch {
	case url == "":
		return newLocal("/proc")
	case filepath.IsAbs(url):
		return newGroup(url)
	}
	page, err := monitor.NewPage(url)
	if err != nil {
		return nil, err
	}
	return &exported{page: page}, nil
}

func (s *exported) Grain() time.Duration { return 0 }
func (s *exported) Close() error         { return s.page.Close() }

// wanted are the names of the page that are used.
var wanted = []string{
	"node_cpu_seconds_total", "node_memory_MemTotal_bytes", "node_memory_MemAvailable_bytes", "node_memory_SwapTotal_bytes", "node_memory_SwapFree_bytes",
	"node_load1", "node_disk_io_time_seconds_total", "node_network_receive_bytes_total", "node_network_transmit_bytes_total", "node_filefd_allocated", "node_filefd_maximum",
	"node_netstat_TcpExt_ListenOverflows", "node_netstat_TcpExt_ListenDrops", "node_sockstat_TCP_alloc", "node_filesystem_avail_bytes",
}

// Read asks for the page.
func (s *exported) Read(ctx context.Context) (monitor.Reading, error) {
	body, _, err := s.page.Get(ctx)
	if err != nil {
		return monitor.Reading{}, err
	}
	samples, err := exporter.Parse(body, func(name string) bool { return slices.Contains(wanted, name) })
	if err != nil {
		return monitor.Reading{}, fmt.Errorf("ask the node_exporter: %w", err)
	}
	if len(samples) == 0 {
		return monitor.Reading{}, errors.New("ask the node_exporter: nothing of the machine is on the page; is this its address?")
	}
	f := figures{cpu: map[string]float64{}, disks: map[string]float64{}, single: map[string]float64{}}
	for i := range samples {
		f.take(&samples[i])
	}
	return monitor.Reading{Values: f.values()}, nil
}

// figures is a machine at one moment.
type figures struct {
	cpu            map[string]float64 // seconds by mode, over all cores
	cores          map[string]bool
	disks          map[string]float64 // seconds busy
	received, sent float64
	single         map[string]float64
}

func (f *figures) take(s *exporter.Sample) {
	switch s.Name {
	case "node_cpu_seconds_total":
		if f.cores == nil {
			f.cores = map[string]bool{}
		}
		f.cores[s.Label("cpu")] = true
		f.cpu[s.Label("mode")] += s.Value
	case "node_disk_io_time_seconds_total":
		f.disks[s.Label("device")] = s.Value
	case "node_network_receive_bytes_total":
		if s.Label("device") != "lo" {
			f.received += s.Value
		}
	case "node_network_transmit_bytes_total":
		if s.Label("device") != "lo" {
			f.sent += s.Value
		}
	default:
		f.single[strings.TrimPrefix(s.Name, "node_")] = s.Value
	}
}

func (f *figures) get(name string) float64 {
	if v, found := f.single[name]; found {
		return v
	}
	return math.NaN()
}

// values is the machine as figures. Processor time is over all cores, so 100 % is all of them.
func (f *figures) values() []monitor.Value {
	busy, iowait, steal := 0.0, f.cpu["iowait"], f.cpu["steal"]
	for mode, seconds := range f.cpu {
		if mode != "idle" && mode != "iowait" && mode != "guest" && mode != "guest_nice" {
			busy += seconds
		}
	}
	cores := float64(max(1, len(f.cores)))
	total, free := f.get("memory_MemTotal_bytes"), f.get("memory_MemAvailable_bytes")
	out := []monitor.Value{
		{Name: "cpu", Unit: "%", Help: "busy share of all cores", Value: busy, Limit: 100, Counter: true, Scale: 100 / cores, Ceiling: true},
		{Name: "iowait", Unit: "%", Help: "share of the time that cores waited for disks", Value: iowait, Counter: true, Scale: 100 / cores},
		{Name: "steal", Unit: "%", Help: "share that the host of this virtual machine took", Value: steal, Counter: true, Scale: 100 / cores},
		{Name: "memory", Unit: "B", Help: "memory that is not available", Value: total - free, Limit: total, Ceiling: true},
		{Name: "swap", Unit: "B", Help: "swap in use", Value: f.get("memory_SwapTotal_bytes") - f.get("memory_SwapFree_bytes"), Limit: f.get("memory_SwapTotal_bytes")},
		{Name: "load1", Help: "processes that run or want to, a mean over a minute", Value: f.get("load1"), Limit: 0, Follows: true},
		{Name: "received", Unit: "B", Help: "from the network", Value: f.received, Counter: true},
		{Name: "sent", Unit: "B", Help: "to the network", Value: f.sent, Counter: true},
		{Name: "descriptors", Help: "open files of the machine", Value: f.get("filefd_allocated"), Limit: f.get("filefd_maximum"), Follows: true, Ceiling: true},
		{Name: "listen_overflows", Help: "connections dropped because a listen queue was full", Value: f.get("netstat_TcpExt_ListenOverflows"), Counter: true, Sign: true},
		{Name: "sockets", Help: "TCP sockets", Value: f.get("sockstat_TCP_alloc"), Follows: true},
	}
	for _, disk := range slices.Sorted(maps.Keys(f.disks)) {
		out = append(out, monitor.Value{
			Name: "disk." + monitor.CleanName(disk), Unit: "%", Help: "share of the time that the disk was busy", Value: f.disks[disk], Limit: 100, Counter: true, Scale: 100, Ceiling: true,
		})
	}
	kept := out[:0]
	for _, v := range out {
		if math.IsNaN(v.Limit) {
			v.Limit = 0
		}
		if !math.IsNaN(v.Value) {
			kept = append(kept, v)
		}
	}
	return kept
}
