package screen

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/stampede-load/stampede/internal/format"
)

// paint colours a text. It never changes its width.
type paint func(string) string

// palette is the colours of a screen: the sixteen that the reader's own terminal theme defines, and few of them.
type palette struct {
	strong, faint        paint // bold, grey
	accent, second       paint // what the charts draw with
	good, warning, wrong paint
}

// newPalette gives colours, or none at all.
func newPalette(colour bool) palette {
	if !colour {
		same := func(s string) string { return s }
		return palette{same, same, same, same, same, same, same}
	}
	style := func(s lipgloss.Style) paint { return func(text string) string { return s.Render(text) } }
	fore := func(name string) paint { return style(lipgloss.NewStyle().Foreground(lipgloss.Color(name))) }
	return palette{
		strong: style(lipgloss.NewStyle().Bold(true)),
		faint:  fore("8"),
		accent: fore("6"), second: fore("4"),
		good: fore("2"), warning: fore("3"), wrong: fore("1"),
	}
}

// width is how many columns a text takes.
func width(s string) int { return ansi.StringWidth(s) }

// fit cuts a text to so many columns; a cut is seen as "…" at the end.
func fit(s string, columns int) string {
	if columns <= 0 {
		return ""
	}
	if width(s) <= columns {
		return s
	}
	return ansi.Truncate(s, columns, "…")
}

// squeeze cuts a name in its middle: the ends of names tell them apart ("/demo/…/poster.jpg").
func squeeze(s string, columns int) string {
	w := width(s)
	if w <= columns || columns < 8 {
		return fit(s, columns)
	}
	end := ansi.TruncateLeft(s, w-columns/3, "")
	if width(end) > columns/3 { // a wide character stood across the edge
		end = ansi.TruncateLeft(s, w-columns/3+1, "")
	}
	return strings.TrimRight(ansi.Truncate(s, columns-1-width(end), ""), " ") + "…" + end
}

// pad fills a text with spaces at its right up to so many columns, and cuts it there.
func pad(s string, columns int) string {
	s = fit(s, columns)
	return s + strings.Repeat(" ", max(columns-width(s), 0))
}

// padLeft fills at the left.
func padLeft(s string, columns int) string {
	return strings.Repeat(" ", max(columns-width(s), 0)) + s
}

// apart puts left and right at the two ends of a line. When both do not fit the left one is cut.
func apart(left, right string, columns int) string {
	room := columns - width(right)
	if right != "" {
		room-- // at least one space between
	}
	if room < 1 {
		return fit(right, columns)
	}
	left = fit(left, room)
	return left + strings.Repeat(" ", max(columns-width(left)-width(right), 0)) + right
}

// compact is a figure without the space before its unit, for where columns are scarce: "412ms", "0.2%".
func compact(figure string) string { return strings.ReplaceAll(figure, " ", "") }

// clean is a text of others, fit for one line.
func clean(s string) string { return format.Text(s, 0) }

// wrap breaks a text at spaces into lines of at most so many columns.
func wrap(s string, columns int) []string {
	lines := strings.Split(ansi.Wrap(s, columns, " "), "\n")
	for _, line := range lines {
		if width(line) > columns { // a wide character stands across the edge
			return strings.Split(ansi.Wrap(s, columns-1, " "), "\n")
		}
	}
	return lines
}
