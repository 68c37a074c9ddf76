package host

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

// group reads a control group of this machine: a container, or a service of systemd's. What is limited is the group, not the machine, so these are the
// figures to look at where several share one. https://docs.kernel.org/admin-guide/cgroup-v2.html
type group struct {
	folder  string
	usage   string // file with the processor time used
	memory  string // folder with the memory's files
	version int    // of control groups: 1 has a folder for each thing that is limited
}

// newGroup reads the group whose folder is given: /sys/fs/cgroup/system.slice/mariadb.service, or in the first version one of those below
// /sys/fs/cgroup/cpu.
func newGroup(folder string) (monitor.Source, error) {
	g := &group{folder: filepath.Clean(folder), version: 2}
	has := func(path string) bool { _, err := os.Stat(path); return err == nil }
	switch {
	case has(filepath.Join(g.folder, "cpu.max")):
		g.usage, g.memory = filepath.Join(g.folder, "cpu.stat"), g.folder
		return g, nil
	case has(filepath.Join(g.folder, "cpu.cfs_quota_us")):
		g.version = 1
		g.usage, g.memory = filepath.Join(g.folder, "cpuacct.usage"), beside(g.folder, "memory")
		if !has(g.usage) {
			g.usage = filepath.Join(beside(g.folder, "cpuacct"), "cpuacct.usage")
		}
		if has(g.usage) {
			return g, nil
		}
	}
	return nil, fmt.Errorf("read the control group %s: it has no processor's files; name a folder such as /sys/fs/cgroup/system.slice/mariadb.service", g.folder)
}

// beside is the folder of the same group for another thing that is limited.
func beside(folder, other string) string {
	for _, here := range []string{"/cpu,cpuacct/", "/cpu/"} {
		if strings.Contains(folder, here) {
			return strings.Replace(folder, here, "/"+other+"/", 1)
		}
	}
	return folder
}

func (g *group) Grain() time.Duration { return 0 }
func (g *group) Close() error         { return nil }

// Read reads the group's files.
func (g *group) Read(context.Context) (monitor.Reading, error) {
	used, cores, held := g.processor()
	if math.IsNaN(used) {
		return monitor.Reading{}, errors.New("read the control group " + g.folder + ": it is gone, as when its container ended")
	}
	r := monitor.Reading{Values: []monitor.Value{
		{Name: "cpu", Unit: "%", Help: "processor time, of what the group may have", Value: used, Limit: 100, Counter: true, Scale: 100 / cores, Ceiling: true},
		{Name: "throttled", Unit: "%", Help: "share of the time in which it was held back at its limit", Value: held, Counter: true, Scale: 100},
	}}
	memory, most := g.remembered()
	if !math.IsNaN(memory) {
		r.Values = append(r.Values, monitor.Value{Name: "memory", Unit: "B", Help: "memory, with files that are kept in it", Value: memory, Limit: most, Ceiling: most > 0})
	}
	return r, nil
}

// processor is seconds used, the cores that the group may use, and seconds in which it was held back.
func (g *group) processor() (used, cores, held float64) {
	cores = float64(runtime.NumCPU())
	stat := table(filepath.Join(g.folder, "cpu.stat"))
	if g.version == 1 {
		if quota, period := single(g.folder, "cpu.cfs_quota_us"), single(g.folder, "cpu.cfs_period_us"); quota > 0 && period > 0 {
			cores = quota / period
		}
		return single(filepath.Dir(g.usage), filepath.Base(g.usage)) / 1e9, cores, stat["throttled_time"] / 1e9
	}
	text, _ := os.ReadFile(filepath.Join(g.folder, "cpu.max"))
	if fields := strings.Fields(string(text)); len(fields) == 2 && fields[0] != "max" && number(fields[1]) > 0 {
		cores = number(fields[0]) / number(fields[1])
	}
	usage, known := stat["usage_usec"]
	if !known {
		usage = math.NaN()
	}
	return usage / 1e6, cores, stat["throttled_usec"] / 1e6
}

// remembered is the memory used and allowed, in bytes; NaN and 0 where nobody counts or limits it.
func (g *group) remembered() (used, most float64) {
	names := [2]string{"memory.current", "memory.max"}
	if g.version == 1 {
		names = [2]string{"memory.usage_in_bytes", "memory.limit_in_bytes"}
	}
	used, most = single(g.memory, names[0]), single(g.memory, names[1])
	if math.IsNaN(most) || most > 1<<60 { // "max", or the first version's way to say so
		most = 0
	}
	return used, most
}

// single is the number in a file; NaN when it has none.
func single(folder, name string) float64 {
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil || len(text) == 0 || text[0] < '-' || text[0] > '9' {
		return math.NaN()
	}
	return number(strings.TrimSpace(string(text)))
}

// table is a file of lines of NAME NUMBER.
func table(path string) map[string]float64 {
	out := map[string]float64{}
	text, err := os.ReadFile(path)
	if err != nil {
		return out
	}
	eachLine(text, func(fields []string) {
		if len(fields) == 2 {
			out[fields[0]] = number(fields[1])
		}
	})
	return out
}
