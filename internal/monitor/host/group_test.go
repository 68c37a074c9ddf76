package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/monitor"
)

// files writes files below a folder of the test's own.
func files(t *testing.T, all map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range all {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestGroup reads the same group as both versions of control groups show it: half a core, 12.5 s used, 3 s held back.
func TestGroup(t *testing.T) {
	dir := files(t, map[string]string{
		"v2/cpu.max": "50000 100000\n", "v2/cpu.stat": "usage_usec 12500000\nuser_usec 1\nthrottled_usec 3000000\n",
		"v2/memory.current": "1048576\n", "v2/memory.max": "max\n",
		"cpu/a/cpu.cfs_quota_us": "50000\n", "cpu/a/cpu.cfs_period_us": "100000\n", "cpu/a/cpu.stat": "nr_periods 9\nthrottled_time 3000000000\n",
		"cpuacct/a/cpuacct.usage": "12500000000\n", "memory/a/memory.usage_in_bytes": "1048576\n", "memory/a/memory.limit_in_bytes": "9223372036854771712\n",
	})
	for folder, usage := range map[string]string{"v2": "v2", "cpu/a": "cpuacct"} {
		s, err := New(filepath.Join(dir, folder))
		if err != nil {
			t.Fatal(err)
		}
		r, err := s.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]monitor.Value{}
		for _, v := range r.Values {
			got[v.Name] = v
		}
		if c := got["cpu"]; c.Value != 12.5 || c.Scale != 200 || !c.Counter || !c.Ceiling || c.Limit != 100 {
			t.Errorf("%s: cpu %+v", folder, c)
		}
		if c := got["throttled"]; c.Value != 3 || c.Scale != 100 {
			t.Errorf("%s: throttled %+v", folder, c)
		}
		if m := got["memory"]; m.Value != 1<<20 || m.Limit != 0 || m.Ceiling {
			t.Errorf("%s: memory %+v", folder, m)
		}
		if err := os.RemoveAll(filepath.Join(dir, usage)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "it is gone") {
			t.Errorf("%s: without its files: %v", folder, err)
		}
	}
	if _, err := New(dir); err == nil || !strings.Contains(err.Error(), "name a folder such as") {
		t.Errorf("a folder that is no group: %v", err)
	}
}
