package ledger

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// writeLock is the byte of the -shm file that SQLite locks to write in WAL mode.
const writeLock = "120"

// lockHolder is the process that writes to an SQLite file now, from the kernel's table of locks: "process 123 (sqlite3 runs.db)".
func lockHolder(path string) string {
	var st unix.Stat_t
	if unix.Stat(path+"-shm", &st) != nil {
		return ""
	}
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return ""
	}
	// 1: POSIX  ADVISORY  WRITE 123 fe:00:456 120 120
	file := fmt.Sprintf("%02x:%02x:%d", unix.Major(st.Dev), unix.Minor(st.Dev), st.Ino)
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		if len(f) < 8 || f[3] != "WRITE" || f[5] != file || f[6] != writeLock {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil && pid > 0 {
			return process(pid)
		}
	}
	return ""
}

func process(pid int) string {
	command, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	words := strings.Fields(string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
	if err != nil || len(words) == 0 {
		return fmt.Sprintf("process %d", pid)
	}
	const most = 80
	text := clean(strings.Join(words, " "))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return fmt.Sprintf("process %d (%s)", pid, text)
}
