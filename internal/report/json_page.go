package report

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// jsonPage is the row of a page with what became of its parts.
type jsonPage struct {
	jsonRow
	Document    jsonQ `json:"document"` // from the start until the document was there
	Resources   int64 `json:"resources"`
	Cached      int64 `json:"cached"`
	Revalidated int64 `json:"revalidated"`
	Skipped     int64 `json:"skipped"`
}

// jsonPages are the rows of pages.
func jsonPages(t *stats.Totals) []jsonPage {
	var out []jsonPage
	for i := range t.Rows {
		row := &t.Rows[i]
		if row.Type != stats.PageType {
			continue
		}
		n := row.Page()
		out = append(out, jsonPage{
			jsonRow: jsonRowOf(row, t.Seconds), Document: jsonQOf(&row.FirstByte, 0),
			Resources: n.Requests, Cached: n.Cached, Revalidated: n.Revalidated, Skipped: n.Skipped,
		})
	}
	return out
}

// faultsOf are the faults of a row as JSON has them: without the counts of a page, which are told apart.
func faultsOf(row *stats.Row) []jsonFault {
	out := make([]jsonFault, 0, len(row.Faults))
	for _, f := range row.Faults {
		if f.Kind != fault.None {
			out = append(out, jsonFault{Kind: f.Kind.String(), Status: f.Status, Count: f.Count})
		}
	}
	return out
}

// restore gives the row of a page back what became of its parts. The row itself is among the requests.
func (j *jsonPage) restore(t *jsonTotals) error {
	n := stats.PageCounts{Requests: j.Resources, Cached: j.Cached, Revalidated: j.Revalidated, Skipped: j.Skipped}
	if err := notNegative(n.Requests, n.Cached, n.Revalidated, n.Skipped); err != nil {
		return err
	}
	if t.pages == nil {
		t.pages = map[string]stats.PageCounts{}
	}
	t.pages[j.Name] = n
	return nil
}

// jsonPicture is a waterfall.
type jsonPicture struct {
	Page  string     `json:"page"`
	Which string     `json:"which"`
	Time  float64    `json:"time"`
	More  int        `json:"more"`
	Spans []jsonSpan `json:"spans"`
}

type jsonSpan struct {
	Kind      string  `json:"kind"`
	URL       string  `json:"url"`
	Start     float64 `json:"start"`
	FirstByte float64 `json:"first_byte"`
	Done      float64 `json:"done"`
	Status    int     `json:"status"`
	Bytes     int64   `json:"bytes"`
	Failed    bool    `json:"failed,omitempty"`
}

func jsonPictureOf(p *stampede.PagePicture) jsonPicture {
	j := jsonPicture{Page: p.Page, Which: p.Which, Time: format.Millis(p.Time), More: p.More, Spans: []jsonSpan{}}
	for _, s := range p.Spans {
		j.Spans = append(j.Spans, jsonSpan{
			Kind: s.Kind, URL: s.URL, Start: format.Millis(s.Start), FirstByte: format.Millis(s.FirstByte), Done: format.Millis(s.Done),
			Status: s.Status, Bytes: s.Bytes, Failed: s.Failed,
		})
	}
	return j
}

func (j *jsonPicture) restore(r *stampede.Report) error {
	p := stampede.PagePicture{Page: j.Page, Which: j.Which, More: j.More}
	if err := restoreTime(&p.Time, j.Time, 1e6); err != nil {
		return err
	}
	if len(j.Spans) > maxSpans {
		return fmt.Errorf("a picture of a page with %d requests, where %d are allowed", len(j.Spans), maxSpans)
	}
	for _, s := range j.Spans {
		span := stampede.PageSpan{Kind: s.Kind, URL: s.URL, Status: s.Status, Bytes: s.Bytes, Failed: s.Failed}
		for _, t := range []struct {
			into *time.Duration
			ms   float64
		}{{&span.Start, s.Start}, {&span.FirstByte, s.FirstByte}, {&span.Done, s.Done}} {
			if err := restoreTime(t.into, t.ms, 1e6); err != nil {
				return err
			}
		}
		p.Spans = append(p.Spans, span)
	}
	r.Pages = append(r.Pages, p)
	return nil
}

// maxSpans bounds a picture that is read from a file.
const maxSpans = 1000
