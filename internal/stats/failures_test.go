package stats

import (
	"fmt"
	"reflect"
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

func TestFirstFailureExplainsItsGroup(t *testing.T) {
	r := NewRecorder(Options{MaxErrors: 2})
	p := r.Place(get)
	fail := func(text string) {
		r.RecordAt(0, p, &Sample{Sent: 1, Done: 2, Fault: fault.Status, Err: text})
		if r.Unexplained(p, fault.Status, text) {
			r.Explain(p, fault.Status, text, "said with "+text+"\x1b")
		}
	}
	for range 3 {
		fail("500")
		fail("503")
		fail("504") // beyond the bound: one of the others, which no answer explains
	}
	snap := drained(r, 0, 0)
	for _, e := range snap.Errors {
		want := map[string]string{"500": `said with 500\x1b`, "503": `said with 503\x1b`, OtherErrors: ""}[e.Text]
		if e.Detail != want || e.Count != 3 {
			t.Errorf("%d x %s: detail %q, want %q", e.Count, e.Text, e.Detail, want)
		}
	}
	fail("500")
	if again := drained(r, 0, 0); len(again.Errors) != 1 || again.Errors[0].Detail != "" {
		t.Errorf("told again: %+v", again.Errors)
	}
	old := snap.AppendBinary(nil)
	if d, err := DecodeSnapshot(old); err != nil || !reflect.DeepEqual(d.Errors, snap.Errors) {
		t.Errorf("%+v, %v", d, err)
	}
	for i := range snap.Errors {
		snap.Errors[i].Detail = ""
	}
	old = snap.AppendBinary(nil)
	old[0] = 1 // what version 1 wrote is the same but for details
	if d, err := DecodeSnapshot(old); err != nil || len(d.Errors) != len(snap.Errors) {
		t.Errorf("version 1: %v", err)
	}
	if e := (ErrorRow{Text: "500", Detail: "down"}); e.Said() != "500: down" {
		t.Error(e.Said())
	}
}
