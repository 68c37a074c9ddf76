package stats

import "github.com/stampede-load/stampede/internal/fault"

// StepType is the Type of a row that times several requests as one. Rows of this type are reported beside the requests and are never
// part of a total.
const StepType = "STEP"

// PageType is the Type of a row that times whole pages, from the start until the last part was there. Like steps, pages are part of no
// total: their requests are.
const PageType = "PAGE"

// Apart reports whether rows of the key are no requests, but time several of them as one: steps and pages.
func (k Key) Apart() bool { return k.Type == StepType || k.Type == PageType }

// PageCounts is what became of the parts of pages.
type PageCounts struct {
	Requests    int64 // that were sent, the document's among them
	Cached      int64 // parts that were not asked for, because the visitor had them
	Revalidated int64 // requests that were answered with 304
	Skipped     int64 // parts that were not asked for: other hosts, patterns, too many
}

// Key names what is measured: the type (GET, STEP, SQL) and the name that groups.
type Key struct {
	Type, Name string
}

// Compare is the order of rows in every list: by Type, then Name. It is negative when k comes first, 0 when both are the same.
func (k Key) Compare(o Key) int {
	switch {
	case k == o:
		return 0
	case k.Type < o.Type || k.Type == o.Type && k.Name < o.Name:
		return -1
	default:
		return 1
	}
}

// Sample is one measured operation. Times are nanoseconds since the start of the run (monotonic). It is owned by the caller; the
// recorder copies what it needs.
type Sample struct {
	Intended  int64 // when the plan wanted it sent; 0 when nothing planned it: lag is then not recorded
	Sent      int64 // when the generator began it, before name lookup and connect
	FirstByte int64 // first byte of the answer; 0 when there was none
	Done      int64 // end of the answer, or of the wait for it
	BytesIn   int64 // on the wire, header and body
	BytesOut  int64
	Decoded   int64      // size of the body after decompression, when it was looked at; else the size as received
	Fault     fault.Kind // fault.None is success
	Status    int        // HTTP status, 0 when there was none
	Err       string     // the grouped text of the failure; "" is success
}

// planned reports whether a plan said when the sample was to be sent: only then has it a lag.
func (s *Sample) planned() bool { return s.Intended != 0 }

// intended is when the sample was to be sent. The generator is never early: a clock that was read twice is.
func (s *Sample) intended() int64 { return min(s.Intended, s.Sent) }

// FaultCount counts the failures of one kind and status. Status is 0 unless Kind is fault.Status.
type FaultCount struct {
	Kind   fault.Kind
	Status int
	Count  int64
}
