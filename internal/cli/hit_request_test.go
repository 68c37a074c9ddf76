package cli

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stampede-load/stampede"
)

// -H as curl has it.
func TestHeaders(t *testing.T) {
	for text, want := range map[string][]stampede.Header{
		"X-A: b; c":        {{Name: "X-A", Value: "b; c"}},
		"x-a:b:c":          {{Name: "x-a", Value: "b:c"}},
		"X-Empty;":         {{Name: "X-Empty", Value: ""}},
		"X-None:":          nil,
		"user-agent:":      {{Name: "user-agent", Value: ""}}, // takes stampede's own away
		"Accept-Encoding:": {{Name: "Accept-Encoding", Value: ""}},
	} {
		var r request
		if err := r.addHeader(text); err != nil || !reflect.DeepEqual(r.header, want) {
			t.Errorf("%q: %v, %v, want %v", text, r.header, err, want)
		}
	}
	for _, text := range []string{"nonsense", ": x", "a b: c", "a b;", ";", "", "A: b\r\nC: d"} {
		var r request
		if err := r.addHeader(text); err == nil {
			t.Errorf("%q is a header: %v", text, r.header)
		}
	}
}

// -d as curl has it: several are joined, a file and standard input lose their line ends, a text keeps them.
func TestBody(t *testing.T) {
	a := newTestApp(t)
	a.In = strings.NewReader("x=\r\n1\n")
	for range 2 { // a series reads its command line again
		var r request
		read := a.body(&r)
		for _, text := range []string{"a=\n1", "@-", ""} {
			if err := read(text); err != nil {
				t.Fatal(err)
			}
		}
		if got, want := string(r.body), "a=\n1&x=1&"; got != want || !r.hasBody {
			t.Errorf("body %q, want %q", got, want)
		}
	}
}
