package sse

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// read gives a whole stream to a reader in pieces.
func read(t testing.TB, r *Reader, stream string, step int) []string {
	t.Helper()
	var got []string
	for in := stream; len(in) > 0; {
		n := min(step, len(in))
		if err := r.Push([]byte(in[:n]), func(e Event) { got = append(got, fmt.Sprintf("%s|%s|%s", e.Type, e.Data, e.ID)) }); err != nil {
			t.Fatal(err)
		}
		in = in[n:]
	}
	return got
}

// The examples of the HTML standard, and what browsers' tests ask for.
func TestEvents(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		lastID   string
		retry    time.Duration
	}{
		{"two lines", "data: YHOO\ndata: +2\ndata: 10\n\n", []string{"message|YHOO\n+2\n10|"}, "", 0},
		{
			"comments and ids", ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
			[]string{"message|first event|1", "message|second event|", "message| third event|"},
			"", 0,
		},
		{"empty data", "data\n\ndata\ndata\n\ndata:", []string{"message||", "message|\n|"}, "", 0},
		{"space is optional", "data:test\n\ndata: test\n\n", []string{"message|test|", "message|test|"}, "", 0},
		{"types", "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\ndata: x\n\n", []string{"add|73857293|", "remove|2153|", "message|x|"}, "", 0},
		{"all line ends", "data: a\r\n\r\ndata: b\r\rdata: c\n\n", []string{"message|a|", "message|b|", "message|c|"}, "", 0},
		{"mark at the beginning", "\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", []string{"message|a|"}, "", 0},
		{"id with a zero", "id: 5\ndata: a\n\nid: 6\x007\ndata: b\n\n", []string{"message|a|5", "message|b|5"}, "5", 0},
		{"id without data", "id: 8\n\n", nil, "8", 0},
		{"id of half an event", "id: 1\ndata: a\n\nid: 2\ndata: b\n", []string{"message|a|1"}, "1", 0},
		{"retry", "retry: 1500\nretry: +3\nretry: 1.5\nretry:\n\n", nil, "", 1500 * time.Millisecond},
		{"unknown fields, and case", "Data: x\nfoo: bar\n data: y\n\n", nil, "", 0},
		{"colons", "data: a: b\n\n", []string{"message|a: b|"}, "", 0},
		{"broken text", "data: \xff!\n\n", []string{"message|\uFFFD!|"}, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, step := range []int{len(c.in), 1, 2, 5} {
				var r Reader
				if got := read(t, &r, c.in, step); strings.Join(got, "§") != strings.Join(c.want, "§") {
					t.Errorf("in pieces of %d: got %q, want %q", step, got, c.want)
				}
				if r.LastID != c.lastID || r.Retry != c.retry {
					t.Errorf("in pieces of %d: last id %q, retry %v; want %q, %v", step, r.LastID, r.Retry, c.lastID, c.retry)
				}
			}
		})
	}
}

func TestAgain(t *testing.T) {
	var r Reader
	read(t, &r, "retry: 20\nid: 1\ndata: a\n\nid: 2\ndata: half", 100)
	r.Again()
	if r.LastID != "1" || r.Retry != 20*time.Millisecond {
		t.Errorf("goes on after %q with %v", r.LastID, r.Retry)
	}
	if got := read(t, &r, "data: c\n\n", 100); fmt.Sprint(got) != "[message|c|1]" {
		t.Errorf("then came %q", got)
	}
}

func TestTooLarge(t *testing.T) {
	var r Reader
	var err error
	for range MaxEvent/1000 + 2 {
		if err = r.Push([]byte("data: "+strings.Repeat("x", 1000)+"\n"), func(Event) {}); err != nil {
			break
		}
	}
	if err != ErrTooLarge {
		t.Errorf("%v, want %v", err, ErrTooLarge)
	}
}

func FuzzReader(f *testing.F) {
	f.Add("id: 1\r\ndata: a\r\n\r\nevent: x\ndata\n\n", 3)
	f.Fuzz(func(t *testing.T, stream string, step int) {
		var whole, pieces Reader
		if a, b := read(t, &whole, stream, len(stream)+1), read(t, &pieces, stream, max(1, step&15)); fmt.Sprint(a) != fmt.Sprint(b) || whole.LastID != pieces.LastID {
			t.Errorf("whole %q, in pieces %q", a, b)
		}
	})
}
