package stampede

import (
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// trace is one request as a check shows it. Everything in it is valid during the call only.
type trace struct {
	user    *User
	call    *call
	resp    *Response
	key     stats.Key
	failure *fault.Error
}

// watch shows a finished request to whoever wants to see each one.
func (r *run) watch(u *HTTPUser, c *call, resp *Response, key stats.Key, s *stats.Sample, failure *fault.Error) {
	if r.onTrace != nil {
		r.onTrace(trace{user: &u.User, call: c, resp: resp, key: key, failure: failure})
	}
	var err error
	if failure != nil {
		err = failure
	}
	r.watchSample(&u.User, key, s, err)
}

// watchOther shows something that is no request of HTTP, and was measured or reported by the test itself.
func (r *run) watchOther(u *User, key stats.Key, s *stats.Sample, m *Sample, err error) {
	if r.onOther != nil {
		r.onOther(key, s, m, err)
	}
	r.watchSample(u, key, s, err)
}

// watchSample calls the test's own observer.
func (r *run) watchSample(u *User, key stats.Key, s *stats.Sample, err error) {
	f := r.plan.Test.OnSample
	if f == nil {
		return
	}
	m := Sample{
		Type: key.Type, Name: key.Name, Start: r.start.Add(time.Duration(s.Sent)), Duration: time.Duration(s.Done - s.Sent),
		BytesIn: s.BytesIn, BytesOut: s.BytesOut, Status: s.Status, User: u.number, Err: err,
	}
	if s.FirstByte > 0 {
		m.FirstByte = time.Duration(s.FirstByte - s.Sent)
	}
	f(m)
}

// hopRecorder reports each redirect of one request as a request of its own.
func (r *run) hopRecorder(u *HTTPUser, key stats.Key) func(from string, w *wire.Response) {
	n := 0
	return func(_ string, w *wire.Response) {
		n++
		hop := stats.Key{Type: key.Type, Name: fmt.Sprintf("%s (redirect %d)", key.Name, n)}
		s := stats.Sample{
			Sent: w.Times.Sent, FirstByte: w.Times.FirstByte, Done: w.Times.Done,
			BytesIn: w.WireIn, BytesOut: w.WireOut, Decoded: w.BodySize, Status: w.Status,
		}
		r.recorder.Record(u.number, hop, &s)
		if r.watched {
			r.watchSample(&u.User, hop, &s, nil)
		}
	}
}
