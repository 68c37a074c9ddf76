package main

import (
	"strings"
	"testing"
)

func TestTell(t *testing.T) {
	const of = `{"Action":"start","Package":"github.com/stampede-load/stampede/internal/a"}
{"Action":"output","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"output","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestGood","Output":"    a_test.go:3: chatter\n"}
{"Action":"pass","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestGood","Elapsed":0.1}
{"Action":"output","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestElsewhere","Output":"=== RUN   TestElsewhere\n"}
{"Action":"output","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestElsewhere","Output":"    a_test.go:9: initdb is not here: install it\n"}
{"Action":"output","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestElsewhere","Output":"--- SKIP: TestElsewhere (0.00s)\n"}
{"Action":"skip","Package":"github.com/stampede-load/stampede/internal/a","Test":"TestElsewhere","Elapsed":0}
{"Action":"skip","Package":"github.com/stampede-load/stampede/internal/none","Elapsed":0}
`
	var out strings.Builder
	skipped, err := tell(strings.NewReader(of+`{"Action":"pass","Package":"github.com/stampede-load/stampede/internal/a","Elapsed":1.25}`), &out)
	if err != nil || len(skipped) != 1 || skipped[0] != "internal/a TestElsewhere: initdb is not here: install it" {
		t.Errorf("%q, %v", skipped, err)
	}
	if got := out.String(); !strings.HasPrefix(got, "ok  internal/a ") || strings.Contains(got, "chatter") || strings.Contains(got, "none") {
		t.Errorf("printed %q", got)
	}

	for name, more := range map[string]string{
		"a test failed": `{"Action":"output","Package":"p","Test":"TestBad","Output":"    why\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"fail","Package":"p"}`,
		"it did not build": `{"ImportPath":"p","Action":"build-output","Output":"why\n"}
{"ImportPath":"p","Action":"build-fail"}`,
		"it was killed": `{"Action":"output","Package":"p","Test":"TestLong","Output":"why\n"}`,
	} {
		out.Reset()
		if _, err := tell(strings.NewReader(of+more), &out); err == nil || !strings.Contains(out.String(), "why") {
			t.Errorf("%s: %v, printed %q", name, err, out.String())
		}
	}
}
