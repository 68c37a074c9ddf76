package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// ticks is how many of the kernel's clock ticks, as /proc/stat counts them, are a second. It is 100 on every Linux that Go runs on.
const ticks = 100

// local reads this machine.
type local struct{ proc fs.FS }

func newLocal(proc string) (monitor.Source, error) {
	if _, err := os.Stat(proc + "/stat"); err != nil {
		return nil, errors.New("this machine has no /proc: name the page of its node_exporter")
	}
	return &local{os.DirFS(proc)}, nil
}

func (s *local) Grain() time.Duration { return 0 }
func (s *local) Close() error         { return nil }

// Read reads /proc. The names and meanings are those of a node_exporter.
func (s *local) Read(context.Context) (monitor.Reading, error) {
	f := figures{cpu: map[string]float64{}, cores: map[string]bool{}, disks: map[string]float64{}, single: map[string]float64{}}
	stat, err := fs.ReadFile(s.proc, "stat")
	if err != nil {
		return monitor.Reading{}, fmt.Errorf("read this machine: %w", err)
	}
	f.stat(stat)
	for name, read := range map[string]func([]byte){"meminfo": f.meminfo, "diskstats": f.diskstats, "net/dev": f.network, "loadavg": f.load, "sys/fs/file-nr": f.files, "net/netstat": f.netstat} {
		if text, err := fs.ReadFile(s.proc, name); err == nil { // a container may hide some
			read(text)
		}
	}
	return monitor.Reading{Values: f.values()}, nil
}

func eachLine(text []byte, f func(fields []string)) {
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 0 {
			f(fields)
		}
	}
}

func number(text string) float64 {
	v, _ := strconv.ParseFloat(text, 64)
	return v
}

// stat is processor time by mode: proc(5).
func (f *figures) stat(text []byte) {
	modes := []string{"user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"}
	eachLine(text, func(fields []string) {
		if !strings.HasPrefix(fields[0], "cpu") || fields[0] == "cpu" {
			return
		}
		f.cores[fields[0]] = true
		for i, mode := range modes {
			if i+1 < len(fields) {
				f.cpu[mode] += number(fields[i+1]) / ticks
			}
		}
	})
}

func (f *figures) meminfo(text []byte) {
	eachLine(text, func(fields []string) {
		if len(fields) > 1 {
			f.single["memory_"+strings.TrimSuffix(fields[0], ":")+"_bytes"] = number(fields[1]) * 1024
		}
	})
}

// diskstats is milliseconds of input and output by disk. Partitions and loop devices are left out, as their disk has them.
func (f *figures) diskstats(text []byte) {
	eachLine(text, func(fields []string) {
		if len(fields) < 13 {
			return
		}
		name := fields[2]
		if strings.HasPrefix(name, "loop") || strings.HasPrefix(name, "ram") || strings.HasPrefix(name, "dm-") || fields[3] == "0" {
			return
		}
		if _, err := os.Stat("/sys/block/" + name); err != nil {
			return
		}
		f.disks[name] = number(fields[12]) / 1000
	})
}

func (f *figures) network(text []byte) {
	eachLine(text, func(fields []string) {
		name, first, found := strings.Cut(fields[0], ":")
		if !found || name == "lo" || len(fields) < 10 {
			return
		}
		if first != "" { // the kernel may leave out the space
			fields = append([]string{name, first}, fields[1:]...)
		}
		f.received += number(fields[1])
		f.sent += number(fields[9])
	})
}

func (f *figures) load(text []byte) {
	eachLine(text, func(fields []string) { f.single["load1"] = number(fields[0]) })
}

func (f *figures) files(text []byte) {
	eachLine(text, func(fields []string) {
		if len(fields) == 3 {
			f.single["filefd_allocated"], f.single["filefd_maximum"] = number(fields[0]), number(fields[2])
		}
	})
}

// netstat has pairs of lines: names, then values.
func (f *figures) netstat(text []byte) {
	var names []string
	eachLine(text, func(fields []string) {
		if fields[0] != "TcpExt:" {
			return
		}
		if names == nil {
			names = fields
			return
		}
		for i := 1; i < min(len(names), len(fields)); i++ {
			f.single["netstat_TcpExt_"+names[i]] = number(fields[i])
		}
	})
}
