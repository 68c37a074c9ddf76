package cli

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/format"
)

// codes counts the answers of a hit by their status. Users share counters by their number, so that few wait for each other.
type codes struct {
	shards [codeShards]struct {
		n [statuses]atomic.Int64
		_ [64]byte
	}
}

const (
	codeShards = 32
	statuses   = 600 // an answer of another status counts as the last
)

// add counts one answer; status 0 is none at all.
func (c *codes) add(user, status int) {
	c.shards[user&(codeShards-1)].n[min(max(status, 0), statuses-1)].Add(1)
}

// text lists the statuses with their counts: "200 × 1,204, 503 × 3, no answer × 2".
func (c *codes) text() string {
	var parts []string
	none := ""
	for status := range statuses {
		var n int64
		for i := range c.shards {
			n += c.shards[i].n[status].Load()
		}
		switch {
		case n == 0:
		case status == 0:
			none = "no answer × " + format.Count(n)
		default:
			parts = append(parts, strconv.Itoa(status)+" × "+format.Count(n))
		}
	}
	if none != "" {
		parts = append(parts, none)
	}
	return strings.Join(parts, ", ")
}

// tail is what is printed of a hit besides the tables: the statuses, and how long answers took as a histogram.
func (c *codes) tail(r *stampede.Report, columns int, colour bool) string {
	h := r.Judged.Total.Headline(r.Run.Paced)
	text := screen.Distribution("how long answers took, "+r.Headline()+" time", h, columns, colour)
	if codes := c.text(); codes != "" {
		text = fmt.Sprintf("status codes  %s\n", codes) + text
	}
	return text
}
