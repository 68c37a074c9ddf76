package console_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/console"
	"github.com/stampede-load/stampede/internal/stats"
)

// message is one of a stream.
type message struct{ id, kind, data string }

// listen reads a stream until stop says so of a message, or it ends.
func (r *rig) listen(path, last string, stop func(message) bool) []message {
	r.t.Helper()
	req, err := http.NewRequest("GET", r.server.URL+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" || !strings.Contains(resp.Header.Get("Cache-Control"), "no-cache") {
		text, _ := io.ReadAll(resp.Body)
		r.t.Fatalf("%s: %d %v %s", path, resp.StatusCode, resp.Header, text)
	}
	var all []message
	var m message
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			m.id = value
		case "event":
			m.kind = value
		case "data":
			m.data = value
		case "":
			if m.kind != "" {
				all = append(all, m)
				if stop(m) {
					return all
				}
			}
			m = message{}
		}
	}
	return all
}

// covered is the stretches of a run that messages tell of, and the numbers of its events.
func covered(t *testing.T, all []message) (spans string, events string, count int64) {
	t.Helper()
	end := -1
	for _, m := range all {
		switch m.kind {
		case "second":
			var s console.Second
			if err := json.Unmarshal([]byte(m.data), &s); err != nil {
				t.Fatal(err)
			}
			if end >= 0 && s.From != end {
				t.Errorf("after second %d comes %d", end, s.From)
			}
			if end < 0 {
				spans = fmt.Sprint(s.From)
			}
			end = s.From + s.Width
			count += s.Total.Count
			if want := fmt.Sprintf("%d.", end); !strings.HasPrefix(m.id, want) {
				t.Errorf("the id of [%d, %d) is %s", s.From, end, m.id)
			}
		case "event":
			var e console.RunEvent
			if err := json.Unmarshal([]byte(m.data), &e); err != nil {
				t.Fatal(err)
			}
			events += fmt.Sprint(e.Number, " ")
		}
	}
	return fmt.Sprintf("%s-%d", spans, end), events, count
}

// A stream that is cut anywhere goes on where it was: no second and no event is missing or twice, during the run, at its end, and when the
// run is one of the ledger.
func TestAStreamResumes(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	id := r.start(`{"users":3,"run-time":3}`)
	path := "/api/v1/runs/" + id + "/stream"
	var all []message
	last := "0.0"
	for cuts := 0; ; cuts++ {
		n := 0
		part := r.listen(path+"?names=*", last, func(m message) bool { n++; return n > cuts%3 || m.kind == "end" })
		for _, m := range part {
			all = append(all, m)
			last = m.id
		}
		if len(all) > 0 && all[len(all)-1].kind == "end" {
			break
		}
		if cuts > 100 {
			t.Fatal("no end")
		}
	}
	r.until("done")
	spans, events, count := covered(t, all)
	rep, err := r.ledger.find(id)
	if err != nil {
		t.Fatal(err)
	}
	_, end := rep.Series.Span()
	numbers := ""
	for i := range rep.Events {
		numbers += fmt.Sprint(i, " ")
	}
	if want := fmt.Sprintf("0-%d", end); spans != want || events != numbers || count != rep.Whole.Total.Count {
		t.Errorf("seconds %s of %s, events %s of %s, %d of %d requests", spans, want, events, numbers, count, rep.Whole.Total.Count)
	}
	middle := all[len(all)/2].id
	r.start(`{"users":1,"run-time":0.2}`)
	r.until("done")
	rest := r.listen(path, middle, func(message) bool { return false })
	if got, _, _ := covered(t, append(all[:len(all)/2+1:len(all)/2+1], rest...)); got != spans {
		t.Errorf("from the ledger: %s, want %s", got, spans)
	}
	if rest[len(rest)-1].kind != "end" {
		t.Errorf("the last message is %+v", rest[len(rest)-1])
	}
}

// Figures come with each second, of the names that were asked for.
func TestFiguresOfAStream(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	id := r.start(`{"users":3}`)
	var figures []console.Moment
	closed := 0 // of them with seconds
	r.listen("/api/v1/runs/"+id+"/stream?rows=READ+broken&errors=1", "", func(m message) bool {
		if m.kind == "figures" {
			var f console.Moment
			if err := json.Unmarshal([]byte(m.data), &f); err != nil {
				t.Fatal(err)
			}
			figures = append(figures, f)
			closed += min(int(f.Seconds), 1)
		}
		return closed > 2
	})
	f := figures[len(figures)-1]
	if len(f.Rows) != 1 || !strings.Contains(string(f.Rows[0]), `"broken"`) || f.Names != 2 || len(f.Errors) < 10 || f.Users != 3 || f.State != "running" ||
		f.Recent.Count == 0 || f.Verdict.Level == "" || len(f.Total) < 10 {
		t.Errorf("%+v", f)
	}
}

// Whoever slept for long gets what they missed in stretches that a screen can show, exactly as much as there was. Where seconds were rolled
// up meanwhile the first stretch begins before what they had, and takes its place.
func TestCatchingUp(t *testing.T) {
	t.Parallel()
	for _, from := range []int{0, 1, 599, 1000, 1999} {
		c := longConsole(2000)
		all := listenTo(t, c, fmt.Sprintf("%d.0", from))
		n := 0
		for _, m := range all {
			if m.kind == "second" {
				n++
			}
		}
		spans, _, count := covered(t, all)
		var begin, end int
		if _, err := fmt.Sscanf(spans, "%d-%d", &begin, &end); err != nil || begin > from || begin <= from-10 || end != 2000 || n > 721 {
			t.Errorf("from %d: %s in %d messages", from, spans, n)
		}
		if want := int64(2000 - begin); count != want {
			t.Errorf("from %d: %d requests of %d", from, count, want)
		}
	}
}

// begun is a run whose first second does not close.
type begun struct{ console.Run }

func (begun) SoFar() *stampede.Report { return &stampede.Report{Run: stampede.RunInfo{ID: "begun"}} }

func (begun) Progress() stampede.Progress {
	return stampede.Progress{State: "running", Users: 3, Sent: 7}
}
func (begun) Series() *stats.Series { return stats.NewSeries(stats.SeriesOptions{}) }

// Before the first second has closed a stream tells how many users there are and what was begun, again and again.
func TestFiguresBeforeTheFirstSecond(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	w := r.console.Watch()
	w.Begin(stampede.RunInfo{ID: "begun"})
	w.Going(begun{})
	n := 0
	all := r.listen("/api/v1/runs/begun/stream?figures=1", "", func(message) bool { n++; return n == 4 })
	for _, m := range all {
		var f console.Moment
		if err := json.Unmarshal([]byte(m.data), &f); err != nil || m.kind != "figures" || f.Users != 3 || f.Counts.Sent != 7 || f.RecentSpan != 0 {
			t.Errorf("%s %v: %s", m.kind, err, m.data)
		}
	}
}

// A stream says the same packed and as it is, and is packed to its very end, so that other programs than browsers can unpack it, too.
func TestAPackedStream(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	id := r.start(`{"users":3,"run-time":1}`)
	text := map[string]string{}
	r.until("done")
	for _, accept := range []string{"gzip", "identity"} {
		req, err := http.NewRequest("GET", r.server.URL+"/api/v1/runs/"+id+"/stream?from=0.0&names=*&rows=*", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept-Encoding", accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if len(resp.TransferEncoding) != 0 || !strings.Contains(strings.Join(resp.Header.Values("Vary"), ","), "Accept-Encoding") {
			t.Errorf("%s: %q %v", accept, resp.TransferEncoding, resp.Header)
		}
		body := io.Reader(resp.Body)
		if packed := resp.Header.Get("Content-Encoding") == "gzip"; packed != (accept == "gzip") {
			t.Errorf("%s: %v", accept, resp.Header)
		} else if packed {
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		all, err := io.ReadAll(body)
		if err != nil {
			t.Errorf("%s: %v", accept, err)
		}
		text[accept] = string(all)
	}
	if text["gzip"] != text["identity"] || !strings.Contains(text["gzip"], "event: figures") || !strings.HasSuffix(text["gzip"], "\n\n") {
		t.Errorf("packed:\n%.2000s\nas it is:\n%.2000s", text["gzip"], text["identity"])
	}
}
