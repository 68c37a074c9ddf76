package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/screen"
	"github.com/stampede-load/stampede/internal/format"
)

// codes counts the answers of a hit by their status.
type codes struct{ stampede.Statuses }

// text lists the statuses with their counts: "200 × 1,204, 503 × 3, no answer × 2".
func (c *codes) text() string {
	var parts []string
	none := ""
	for status := range 600 {
		switch n := c.Count(status); {
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
