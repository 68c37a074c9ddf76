package verdict

import (
	"os"
	"strings"
	"testing"
)

// The guide is executed: what it shows as a threshold is read, what it shows as refused is refused in these words.
func TestTheGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/thresholds.md")
	if err != nil {
		t.Fatal(err)
	}
	read, refused := 0, 0
	blocks := strings.Split(string(text), "```")
	for i := 1; i < len(blocks); i += 2 {
		kind, body, _ := strings.Cut(blocks[i], "\n")
		body = strings.TrimRight(body, "\n")
		switch kind {
		case "threshold":
			for _, expr := range strings.Split(body, "\n") {
				r, err := Parse(expr)
				if err != nil {
					t.Error(err)
					continue
				}
				read++
				if r.String() != expr && !strings.ContainsAny(expr, "()") {
					t.Errorf("the guide should write %q as %q", expr, r)
				}
			}
		case "refused":
			expr, want, _ := strings.Cut(body, "\n")
			if _, err := Parse(expr); err == nil || err.Error() != want {
				t.Errorf("%q is refused with\n%v\nthe guide says\n%s", expr, err, want)
			}
			refused++
		}
	}
	if read < 20 || refused < 3 {
		t.Errorf("found %d thresholds and %d refusals in the guide", read, refused)
	}
}

// Every cause of failure that the language knows is in the guide.
func TestTheGuideNamesEveryCause(t *testing.T) {
	text, err := os.ReadFile("../../docs/thresholds.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range causeWords()[3:] {
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("the guide does not name %s", word)
		}
	}
}
