package ledger

import (
	"fmt"
	"os"
)

// Stamp changes when anybody writes into the ledger: while it is the same, what was read still holds. It is "" where that cannot be told, on a server.
func (b *Ledger) Stamp() string {
	if b.path == "" {
		return ""
	}
	text := ""
	for _, name := range []string{b.path, b.path + "-wal"} {
		if info, err := os.Stat(name); err == nil {
			text += fmt.Sprintf("%d %d;", info.ModTime().UnixNano(), info.Size())
		} else if name == b.path {
			return ""
		}
	}
	return text
}
