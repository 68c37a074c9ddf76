package ledger

import (
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/mask"
	"github.com/stampede-load/stampede/internal/stats"
)

// clean takes out of a text what no database should hold: secrets, and bytes that are no text.
func clean(text string) string {
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	}
	return mask.Text(strings.ToValidUTF8(text, "\uFFFD"))
}

func cleanAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = clean(t)
	}
	return out
}

// cleaner cleans the rows of a run, and remembers the names it has seen: there are few, and they come again every second. It is not
// safe for concurrent use.
type cleaner struct {
	known map[stats.Key]stats.Key
}

func (c *cleaner) key(k stats.Key) stats.Key {
	if to, ok := c.known[k]; ok {
		return to
	}
	to := stats.Key{Type: clean(k.Type), Name: clean(k.Name)}
	if c.known == nil {
		c.known = map[stats.Key]stats.Key{}
	}
	c.known[k] = to
	return to
}

// rows is rows under their clean names, which may be fewer. It copies what it changes.
func (c *cleaner) rows(rows []stats.Row) []stats.Row {
	dirty := slices.ContainsFunc(rows, func(r stats.Row) bool { return c.key(r.Key) != r.Key })
	if !dirty {
		return rows
	}
	at := map[stats.Key]int{}
	var out []stats.Row
	for i := range rows {
		k := c.key(rows[i].Key)
		j, known := at[k]
		if !known {
			j = len(out)
			at[k] = j
			out = append(out, stats.Row{Key: k})
		}
		out[j].Add(&rows[i])
	}
	sortRows(out)
	return out
}

// errors is failures under clean names and with clean texts. It copies them.
func (c *cleaner) errors(errors []stats.ErrorRow) []stats.ErrorRow {
	if len(errors) == 0 {
		return nil
	}
	out := slices.Clone(errors)
	dirty := false
	for i := range out {
		e, was := &out[i], &errors[i]
		e.Key, e.Text, e.Detail, e.Stack = c.key(e.Key), clean(e.Text), clean(e.Detail), clean(e.Stack)
		dirty = dirty || e.Key != was.Key || e.Text != was.Text
	}
	if !dirty {
		return out
	}
	return addErrors(nil, out) // two may be the same now
}
