package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
)

func markdownOf(t *testing.T, r *stampede.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMarkdown(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Whatever names and errors hold, tables keep their columns, no tag but our own comes through, and nobody is mentioned.
func TestMarkdownStaysText(t *testing.T) {
	for name, r := range runs() {
		t.Run(name, func(t *testing.T) {
			text := markdownOf(t, r)
			columns := 0
			for line := range strings.Lines(text) {
				if !strings.HasPrefix(line, "|") {
					columns = 0
					continue
				}
				n := strings.Count(line, "|")
				if columns == 0 {
					columns = n
				}
				if n != columns {
					t.Errorf("%d columns instead of %d: %s", n-1, columns-1, line)
				}
			}
			for _, tag := range regexp.MustCompile(`<[^>]*>`).FindAllString(text, -1) {
				switch tag {
				case "<code>", "</code>", "<details>", "</details>", "<summary>", "</summary>":
				default:
					t.Errorf("tag %s", tag)
				}
			}
			if strings.ContainsAny(text, "@") || strings.Contains(text, "](") || strings.Contains(text, "http://") || strings.Contains(text, "https://") {
				t.Error("a mention or a link came through")
			}
		})
	}
}

func TestMarkdownOfManyNamesStaysShort(t *testing.T) {
	r := reporttest.Many(2000)
	r.Judged.Rows[1999].Failures = 1 // the last one in order is shown, because it failed
	for i := range 500 {
		r.Judged.Errors = append(r.Judged.Errors, stats.ErrorRow{Text: fmt.Sprintf("error %d", i), Count: int64(i)})
		r.Events = append(r.Events, stampede.Event{Kind: "users", Text: "more"})
	}
	text := markdownOf(t, r)
	if len(text) > 32_000 {
		t.Errorf("%d bytes; GitHub cuts at 65,536 characters", len(text))
	}
	for _, want := range []string{"1,950 requests with fewer calls are not listed", r.Judged.Rows[1999].Name, "480 kinds of errors more", "error 499", "470 more events"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
}

func TestMarkdownTellsOfTheWarmup(t *testing.T) {
	r := reporttest.Sample()
	if text := markdownOf(t, r); strings.Contains(text, "warm-up") {
		t.Error("a run without a warm-up has one")
	}
	r.Whole.Total = r.Judged.Total.Clone()
	r.Whole.Total.Count += 1500
	want := "1,500 requests of " + format.Count(r.Whole.Total.Count)
	text := markdownOf(t, r)
	for _, line := range []string{"The warm-up is left out: " + want + ".", "| Left out as warm-up | " + want + " |"} {
		if !strings.Contains(text, line) {
			t.Errorf("%q is missing in\n%s", line, text)
		}
	}
}
