package cli

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// wrapped breaks a text at spaces into lines of at most so many columns, indented from the second on. Flags and dates stay whole, and so does
// a number with its percent sign.
func wrapped(text string, width, indent int) string {
	var lines []string
	line := ""
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		word := words[i]
		for i+1 < len(words) && strings.HasPrefix(words[i+1], "%") {
			i++
			word += " " + words[i]
		}
		switch {
		case line == "":
			line = word
		case ansi.StringWidth(line)+1+ansi.StringWidth(word) > width:
			lines = append(lines, line)
			line = strings.Repeat(" ", indent) + word
		default:
			line += " " + word
		}
	}
	return strings.Join(append(lines, line), "\n")
}
