package stampede

import (
	"strings"
	"testing"
	"time"
)

// What workers saw of pages is told once, and merged.
func TestPagesOfWorkers(t *testing.T) {
	worker := func(took ...time.Duration) Ending {
		var r run
		for _, d := range took {
			r.pictures.offer("Home", &pageSpans{list: []PageSpan{{Kind: "document", URL: "http://a.example/", Done: d}}}, int64(d))
		}
		r.foreign.add("Home", map[string]int{"cdn.example": len(took), "fonts.example": 2})
		return Ending{Pages: r.pictures.few(maxSentSpans), Foreign: r.foreign.all()}
	}
	var r run
	for _, e := range []Ending{worker(10, 20, 90), worker(30, 40, 50), worker(1, 5, 70)} {
		r.pictures.merge(e.Pages)
		for name, hosts := range e.Foreign {
			r.foreign.add(name, hosts)
		}
	}
	list := r.pictures.list()
	if len(list) != 2 || list[0].Which != "median" || list[0].Time != 20 || list[1].Which != "slowest" || list[1].Time != 90 || len(list[1].Spans) != 1 {
		t.Errorf("%+v", list)
	}
	notices := r.foreign.notices()
	if len(notices) != 1 || !strings.Contains(notices[0], "5 parts on 2 hosts") || !strings.Contains(notices[0], "cdn.example (3), fonts.example (2)") {
		t.Errorf("%q", notices)
	}
	var many run
	for i := range 40 {
		many.pictures.offer(strings.Repeat("x", i+1), &pageSpans{list: make([]PageSpan, maxSpans)}, int64(i))
	}
	spans := 0
	for _, p := range many.pictures.few(maxSentSpans) {
		spans += len(p.Spans)
	}
	if spans == 0 || spans > maxSentSpans {
		t.Errorf("%d spans are sent", spans)
	}
}
