package fleet

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// runQueueWait is how long the threads of a process have waited for a processor so far, all together; negative when that is not known.
func runQueueWait(pid int) time.Duration {
	files, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*", "schedstat"))
	if err != nil || len(files) == 0 {
		return -1
	}
	sum := int64(0)
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		if f := strings.Fields(string(b)); len(f) > 1 { // time on a processor, time waiting for one, turns
			n, _ := strconv.ParseInt(f[1], 10, 64)
			sum += n
		}
	}
	return time.Duration(sum)
}
