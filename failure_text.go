package stampede

import "github.com/stampede-load/stampede/internal/mask"

// textKept is how much of an error's text is kept, in bytes. A check that quotes a body of 10 MB must not cost that again at every place the
// text passes.
const textKept = 2 << 10

// brief is the beginning of a text, without the memory of the rest.
func brief(text string) string {
	if len(text) <= textKept {
		return text
	}
	return string(head([]byte(text[:textKept+1]), textKept)) + "…"
}

// briefError is the text of an error as failures keep it.
func briefError(err error) string { return brief(err.Error()) }

// told is a text as events tell it.
func told(text string) string { return mask.Text(brief(text)) }
