package setting

import (
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/suggest"
)

// Line is one line of an explanation: a setting, its value, where that came from.
type Line struct{ Name, Value, From string }

// Explain lists every setting with the value that counts and its source; a list has a line for each value. Secrets are hidden. Call it
// after Resolve.
func (s *Set) Explain() []Line {
	var lines []Line
	for _, r := range s.rows {
		if len(r.values) == 0 {
			lines = append(lines, Line{r.Name, r.Default, "default"})
			continue
		}
		for _, v := range r.values {
			from := v.from.place
			if r.aside != "" {
				from += " (" + r.aside + ")"
			}
			lines = append(lines, Line{r.Name, oneLine(r.show(v.text)), from})
		}
	}
	return lines
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// Strays are variables of the environment that look like settings of ours and are none, each with the nearest name: a typing error
// there would otherwise go unseen. environ is as os.Environ gives it.
func Strays(environ, known []string) []string {
	var notes []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, Prefix) || slices.Contains(known, name) {
			continue
		}
		if near := suggest.Nearest(name[len(Prefix):], trimmed(known)); near != "" {
			notes = append(notes, name+" is not a setting and is not used; did you mean "+Prefix+near+"?")
		}
	}
	slices.Sort(notes)
	return notes
}

func trimmed(variables []string) []string {
	names := make([]string, len(variables))
	for i, v := range variables {
		names[i] = strings.TrimPrefix(v, Prefix)
	}
	return names
}
