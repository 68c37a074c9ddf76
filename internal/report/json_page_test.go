package report

import (
	"bytes"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// Pages, with what became of their parts and their waterfalls, come back from JSON as they were.
func TestPagesInJSON(t *testing.T) {
	row := stats.Row{Key: stats.Key{Type: stats.PageType, Name: "Home"}, Count: 2}
	row.Service.Record(2e9)
	row.Service.Record(3e9)
	row.Response = row.Service.Clone()
	row.FirstByte.Record(1e8)
	want := stats.PageCounts{Requests: 42, Cached: 7, Revalidated: 3, Skipped: 1}
	row.AddPage(want)
	r := &stampede.Report{
		Run: stampede.RunInfo{ID: "x", Name: "x", Duration: 5 * time.Second}, Judged: stats.Totals{Seconds: 5, Rows: []stats.Row{row}},
		Pages: []stampede.PagePicture{{Page: "Home", Which: "slowest", Time: 3 * time.Second, More: 4, Spans: []stampede.PageSpan{
			{Kind: "css", URL: "http://a.example/s.css", Start: 1e6, FirstByte: 2e6, Done: 3e6, Status: 200, Bytes: 9, Failed: true},
		}}},
	}
	r.Whole = r.Judged
	var b bytes.Buffer
	if err := WriteJSON(&b, r, JSONOptions{}); err != nil {
		t.Fatal(err)
	}
	back, err := ReadJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got := back.Judged.Rows[0].Page(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if len(back.Pages) != 1 || len(back.Pages[0].Spans) != 1 || back.Pages[0].Spans[0] != r.Pages[0].Spans[0] || back.Pages[0].More != 4 {
		t.Errorf("%+v", back.Pages)
	}
	if back.Judged.Total.Count != 0 {
		t.Errorf("a page is part of the total: %d", back.Judged.Total.Count)
	}
}
