package stats

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

func TestErrorsAreGroupedAndFolded(t *testing.T) {
	r := NewRecorder(Options{MaxErrors: 10})
	for i := range 100 {
		at := int64(i+1) * ms
		r.Record(i, get, &Sample{Sent: 1, Done: at, Fault: fault.Check, Err: "sold out"})
		r.Record(i, get, &Sample{Sent: 1, Done: at, Fault: fault.Check, Err: fmt.Sprintf("ticket %d is gone", i)})
		r.Record(i, get, &Sample{Sent: 1, Done: at, Fault: fault.Check, Err: fmt.Sprintf("ticket %d\n", i)})
	}
	snap := drained(r, 7, 0)
	if len(snap.Errors) != 11 {
		t.Fatalf("%d groups: %+v", len(snap.Errors), snap.Errors)
	}
	groups := map[string]ErrorRow{}
	var n int64
	for _, e := range snap.Errors {
		groups[e.Text] = e
		n += e.Count
	}
	sold, others := groups["sold out"], groups[OtherErrors]
	if sold.Count != 100 || sold.First != time.Millisecond || sold.Last != 100*time.Millisecond || !slices.Equal(sold.Workers, []int{7}) {
		t.Errorf("group %+v", sold)
	}
	if others.Kind != fault.Other || others.Key != get || n != 300 || others.Count != 300-100-9 {
		t.Errorf("%d failures, %+v", n, others)
	}
	if known := len(*r.failures.known.Load()); known > 21 {
		t.Errorf("%d texts are kept", known)
	}
}

func TestErrorsThatAreNoRequest(t *testing.T) {
	r := NewRecorder(Options{})
	user := Key{"USER", "Fan\x00"}
	r.RecordError(user, fault.Panic, "index out of range", "main.go:1\n\tmain.go:2", 3*ms)
	r.RecordError(user, fault.Panic, "index out of range", "another", 2*ms)
	r.RecordError(user, fault.Start, "", "", 5*ms)
	snap := drained(r, 0, 0)
	if len(snap.Rows) != 0 || len(snap.Errors) != 2 {
		t.Fatalf("%d rows, errors %+v", len(snap.Rows), snap.Errors)
	}
	e := snap.Errors[0]
	if e.Name != `Fan\x00` || e.Count != 2 || e.Stack != "main.go:1\n\tmain.go:2" || e.First != 2*time.Millisecond || e.Last != 3*time.Millisecond {
		t.Errorf("panic %+v", e)
	}
	if e := snap.Errors[1]; e.Text != "start" || e.Kind != fault.Start {
		t.Errorf("start %+v", e)
	}
	r.RecordError(user, fault.Panic, "index out of range", "third", 9*ms)
	if e := drained(r, 0, 1).Errors[0]; e.Stack != "" || e.Count != 1 {
		t.Errorf("a stack is sent twice: %+v", e)
	}
}

func TestErrorKeysAreBounded(t *testing.T) {
	r := NewRecorder(Options{MaxErrors: 10})
	for i := range 1000 {
		r.RecordError(Key{"USER", fmt.Sprint(i)}, fault.Panic, fmt.Sprint(i), "", 1)
	}
	snap := drained(r, 0, 0)
	var n int64
	for _, e := range snap.Errors {
		n += e.Count
	}
	if len(snap.Errors) > 21 || n != 1000 {
		t.Errorf("%d groups with %d failures", len(snap.Errors), n)
	}
}
