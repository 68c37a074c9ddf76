package lamp

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Tiers are the servers of a stack, each of which has a machine of its own on a real site. Here that is a control group: it has so much of the
// processor and no more, whatever the others do.
var Tiers = []string{"web", "php", "db", "cache"}

// tiers is where the control groups of a stack are. The first version of control groups has several folders for one group.
type tiers struct {
	parents []string // folders of the stack; the first has the processor's limit
	version int
}

// root is where control groups are.
const root = "/sys/fs/cgroup"

// period is the kernel's: within it a group that used up its share waits. A short one makes a slow machine rather than one that stops and goes.
const period = 10_000 // microseconds

// newTiers makes the groups. It needs root's rights, and a machine or container that lets it.
func newTiers(cores map[string]float64) (*tiers, error) {
	name := "lamp" + strconv.Itoa(os.Getpid()) + "-" + strconv.FormatInt(time.Now().UnixNano()%1_000_000, 10)
	t := &tiers{version: 2, parents: []string{filepath.Join(root, name)}}
	if _, err := os.Stat(root + "/cgroup.controllers"); err != nil {
		t.version, t.parents = 1, []string{filepath.Join(root, "cpu", name), filepath.Join(root, "cpuacct", name)}
	}
	if err := t.make(cores); err != nil {
		t.remove()
		return nil, fmt.Errorf("give each server a processor of its own: %w; it takes root's rights and a machine with control groups", err)
	}
	return t, nil
}

func (t *tiers) make(cores map[string]float64) error {
	for _, parent := range t.parents {
		if err := os.Mkdir(parent, 0o755); err != nil {
			return err
		}
	}
	// Whoever works beside takes little from the site.
	weight := map[int]string{1: "cpu.shares", 2: "cpu.weight"}[t.version]
	if t.version == 2 {
		_ = put(root, "cgroup.subtree_control", "+cpu") // it may be on already
		if err := put(t.parents[0], "cgroup.subtree_control", "+cpu"); err != nil {
			return err
		}
	}
	if err := put(t.parents[0], weight, "10000"); err != nil {
		return err
	}
	for _, tier := range Tiers {
		for _, parent := range t.parents {
			if err := os.Mkdir(filepath.Join(parent, tier), 0o755); err != nil {
				return err
			}
		}
		quota := cores[tier]
		if quota <= 0 {
			quota = 1
		}
		if err := t.limit(filepath.Join(t.parents[0], tier), int(quota*period)); err != nil {
			return err
		}
	}
	return nil
}

// limit gives a group so many microseconds in each period.
func (t *tiers) limit(folder string, quota int) error {
	if t.version == 2 {
		return put(folder, "cpu.max", fmt.Sprintf("%d %d", quota, period))
	}
	if err := put(folder, "cpu.cfs_period_us", strconv.Itoa(period)); err != nil {
		return err
	}
	return put(folder, "cpu.cfs_quota_us", strconv.Itoa(quota))
}

// folder is the group of a tier, as its figures are read.
func (t *tiers) folder(tier string) string { return filepath.Join(t.parents[0], tier) }

// inside is a command line that runs another one within a tier. The shell puts itself there and becomes the server, so that none of its children is left out.
func (t *tiers) inside(tier string, line []string) []string {
	var enter strings.Builder
	for _, parent := range t.parents {
		fmt.Fprintf(&enter, "echo $$ > '%s' && ", filepath.Join(parent, tier, "cgroup.procs"))
	}
	return append([]string{"/bin/sh", "-c", enter.String() + `exec "$@"`, "sh"}, line...)
}

// remove takes the groups away. They are empty a moment after their servers ended.
func (t *tiers) remove() {
	for _, parent := range t.parents {
		for _, folder := range append(within(parent), parent) {
			for range 50 {
				if err := os.Remove(folder); err == nil || os.IsNotExist(err) {
					break
				}
				time.Sleep(20 * time.Millisecond)
			}
		}
	}
}

func within(parent string) (folders []string) {
	for _, tier := range Tiers {
		folders = append(folders, filepath.Join(parent, tier))
	}
	return folders
}

func put(folder, name, text string) error {
	return os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644)
}
