package report

import (
	"bufio"
	"compress/flate"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/format"
)

// htmlPage is the page that web/ builds, with marks where a report goes. Its scripts and styles are part of it and named in its content
// security policy by their hashes, so that nothing which a report carries can ever run.
//
//go:embed dist/report.html
var htmlPage string

// The marks of the page, in their order.
const (
	htmlTitle    = "{{title}}"
	htmlFallback = "{{fallback}}"
	htmlData     = "{{data}}"
)

// HTMLOptions says what the page shows beside the run. The zero value is the run alone.
type HTMLOptions struct {
	// Baseline is a run to hold this one against: its curves lie under those of the run, name by name. Nil for none.
	Baseline *stampede.Report
	// Comparison is what was found, the baseline being among its old runs and the run among its new ones. Without a Baseline it is not
	// shown; nil shows the curves and judges nothing.
	Comparison *compare.Result
}

// outcome is that of the page: a regression counts.
func (o *HTMLOptions) outcome(r *stampede.Report) Outcome {
	return OutcomeAgainst(r, o.found(), false)
}

// found is the comparison that is shown, nil for none.
func (o *HTMLOptions) found() *compare.Result {
	if o.Baseline == nil {
		return nil
	}
	return o.Comparison
}

// WriteHTML writes the result as one HTML file that shows everything by itself: no network, no other file. It opens from a mail, prints,
// and says the most important also where scripts do not run. Memory depends on the number of names, not on the length of the run.
func WriteHTML(w io.Writer, r *stampede.Report) error { return WriteHTMLWith(w, r, HTMLOptions{}) }

// WriteHTMLWith is [WriteHTML] with more to show. A baseline at most doubles what the run itself takes.
func WriteHTMLWith(w io.Writer, r *stampede.Report, o HTMLOptions) error {
	head, rest, ok1 := strings.Cut(htmlPage, htmlTitle)
	body, rest, ok2 := strings.Cut(rest, htmlFallback)
	before, after, ok3 := strings.Cut(rest, htmlData)
	if !ok1 || !ok2 || !ok3 {
		return fmt.Errorf("report: the built-in page lacks its marks; build it again with npm run build in web/")
	}
	b := bufio.NewWriterSize(w, 64<<10)
	b.WriteString(head)
	b.WriteString(html.EscapeString(htmlTitleOf(r, &o)))
	b.WriteString(body)
	writeFallback(b, r, &o)
	b.WriteString(before)
	if err := writePacked(b, func(w io.Writer) error { return writePayload(w, r, &o) }); err != nil {
		return err
	}
	b.WriteString(after)
	return b.Flush() // the first error of all the above
}

// htmlTitleOf names the page: "Tour announcement: PASSED".
func htmlTitleOf(r *stampede.Report, o *HTMLOptions) string {
	name := r.Run.Name
	if name == "" {
		name = "Load test"
	}
	return format.Text(name, 100) + ": " + o.outcome(r).String()
}

// writePacked writes what write writes, packed with deflate, as base64: text that can end no element and hold no markup.
func writePacked(w io.Writer, write func(io.Writer) error) error {
	text := base64.NewEncoder(base64.StdEncoding, w)
	packed, err := flate.NewWriter(text, flate.DefaultCompression)
	if err != nil {
		return err
	}
	if err := write(packed); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	return text.Close()
}
