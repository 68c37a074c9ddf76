package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// holder says who keeps the ledger locked, as well as can be known: the process that the system names, else the runs that are being
// recorded.
func (b *Ledger) holder() string {
	if who := lockHolder(b.path); who != "" {
		return who + " is using it"
	}
	ctx, stop := context.WithTimeout(context.Background(), time.Second)
	defer stop()
	var who []string
	rows, err := b.read.QueryContext(ctx, "SELECT id, head FROM run WHERE state = 'running'")
	if err != nil {
		return "another program is using it"
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var data []byte
		var h header
		if rows.Scan(&id, &data) != nil || json.Unmarshal(data, &h) != nil {
			continue
		}
		who = append(who, strings.TrimSpace(fmt.Sprintf("process %d %s records run %s", h.Process, h.Command, id)))
	}
	if rows.Err() != nil || len(who) == 0 {
		return "another program is using it"
	}
	return strings.Join(who, ", ")
}
