package websocket

import (
	"fmt"
	"strings"
)

// shownBytes is how much of a message `check` prints.
const shownBytes = 400

// shown is an exchange as `check` prints it.
func shown(send *Message, got Message, err error) []string {
	var lines []string
	if send != nil {
		lines = append(lines, "> "+outline(*send))
	}
	if err == nil {
		lines = append(lines, "< "+outline(got))
	}
	return lines
}

// outline is a message in one line.
func outline(m Message) string {
	if m.Binary {
		return fmt.Sprintf("%d bytes: % x", len(m.Data), m.Data[:min(len(m.Data), 16)])
	}
	text := strings.ToValidUTF8(string(m.Data[:min(len(m.Data), shownBytes)]), "")
	if len(m.Data) > shownBytes {
		return fmt.Sprintf("%s... (%d bytes)", text, len(m.Data))
	}
	return text
}
