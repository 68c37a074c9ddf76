package stampede

import (
	"context"
	"errors"
	"io"
	"mime"
	"strconv"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
	"github.com/stampede-load/stampede/internal/sse"
	"github.com/stampede-load/stampede/internal/stats"
	"github.com/stampede-load/stampede/internal/wire"
)

// StreamEvent is one server-sent event: its type ("message" when the site gave none), its data, and the last id that the site gave.
type StreamEvent = sse.Event

// EventStream is an open stream of server-sent events. It belongs to the user that opened it, is closed when that user stops, and is not safe
// for use by several goroutines.
type EventStream struct {
	u       *HTTPUser
	url     string
	opts    []Option
	name    string
	cadence time.Duration
	silence time.Duration

	stream *wire.Stream // nil while there is none
	reader sse.Reader
	ready  []StreamEvent // have come, and were not asked for yet
	told   bool          // the first of them is in the sample of the stream
	buf    []byte
	bytes  int64 // received, and in no sample yet
	due    int64 // when the next event is expected, ns of run time
	lost   error // why there will be no other stream
}

// Cadence says how often a stream of events is expected to have one, for [HTTPUser.Events].
func Cadence(d time.Duration) Option { return Option{what: optCadence.with(int64(d))} }

// eventsType is the Type of the samples of event streams.
const eventsType = "SSE"

// Events opens a stream of server-sent events and waits for the first of them; that is one sample, "SSE /path", with everything a request has.
// Each further event, which Next waits for, is a sample "SSE /path (event)": with [Cadence] how late it came, counted from the first event on,
// and without how long the site let the user wait since the one before.
//
// As in browsers, a stream that ends is opened again, after the time that the site asked for or 3 s, with the id of the last event in
// Last-Event-ID ("SSE /path (again)"); an answer that is not 200 or no event stream ends it for good. Where the site speaks HTTP/2 it is a stream
// of the user's connection, else it has a connection of its own. The error is counted already.
func (u *HTTPUser) Events(ctx context.Context, url string, opts ...Option) (*EventStream, error) {
	s := &EventStream{u: u, url: url, opts: opts, name: nameIn(opts, url), silence: u.patience()}
	for i := range opts {
		switch o := &opts[i]; o.kind() {
		case optCadence:
			s.cadence = time.Duration(o.number())
		case optTimeout:
			s.silence = time.Duration(o.number())
		}
	}
	s.silence = max(s.silence, 3*s.cadence)
	if err := s.open(ctx, s.name); err != nil {
		return nil, err
	}
	return s, nil
}

// patience is for how long the user waits for an answer where nothing else is said.
func (u *HTTPUser) patience() time.Duration {
	if d := u.run.plan.HTTP.Timeout; d > 0 {
		return d
	}
	return wire.DefaultTimeout
}

// open asks for the stream and waits for its first event.
func (s *EventStream) open(ctx context.Context, name string) error {
	u := s.u
	c := u.take()
	opts := append(s.opts[:len(s.opts):len(s.opts)], Name(name), WithHeader("Accept", "text/event-stream"), WithHeader("Accept-Encoding", "identity"),
		WithHeader("Cache-Control", "no-cache"))
	if id := s.reader.LastID; id != "" {
		opts = append(opts, WithHeader("Last-Event-ID", id))
	}
	err := u.prepare(c, eventsType, s.url, opts)
	if err == nil {
		c.req.Method = "GET"
		s.stream, err = u.client.Open(ctx, &c.req, &c.resp.wire)
	}
	if w := &c.resp.wire; err == nil {
		if s.stream != nil {
			err = s.first(ctx, w.Status, c.resp.Header("Content-Type"))
			w.Times.Done, w.WireIn = u.run.now(), w.WireIn+s.bytes
			s.bytes = 0
		} else if w.Status < 400 {
			err = &fault.Error{Kind: fault.Protocol, Text: "the site answered " + strconv.Itoa(w.Status) + ", which is no stream of events"}
		}
	}
	if err = u.finish(c, opts, err); err != nil {
		s.drop()
		return err
	}
	return nil
}

// first waits for the first event of a stream that has just been opened.
func (s *EventStream) first(ctx context.Context, status int, contentType string) error {
	if t, _, _ := mime.ParseMediaType(contentType); status != 200 || t != "text/event-stream" {
		return &fault.Error{
			Kind: fault.Protocol, Text: "the site answered " + strconv.Itoa(status) + " with " + contentType + ", which is no stream of events",
			Hint: "a stream has the status 200 and the type text/event-stream",
		}
	}
	if err := s.await(ctx); err != nil {
		if errors.Is(err, io.EOF) {
			err = &fault.Error{Kind: fault.Reset, Text: "the stream ended before its first event", Err: err}
		}
		return err
	}
	s.due, s.told = s.u.run.now()+int64(s.cadence), true
	return nil
}

// Next waits for the next event; one that has come already is there at once. It waits for as long as a request may take (Timeout), or three times
// the cadence if that is longer. The error is counted already.
func (s *EventStream) Next(ctx context.Context) (StreamEvent, error) {
	if s.told {
		return s.pop(), nil
	}
	if s.stream == nil {
		return s.again(ctx)
	}
	err := s.await(ctx)
	if err != nil && ctx.Err() == nil && fault.Of(err) != fault.Timeout {
		if !errors.Is(err, io.EOF) {
			s.record(err)
		}
		s.drop()
		return s.again(ctx)
	}
	if err = s.record(err); err != nil {
		return StreamEvent{}, err
	}
	return s.pop(), nil
}

// again opens another stream, as often as it takes, and gives the first event of it. What comes of opening one is counted by open.
func (s *EventStream) again(ctx context.Context) (StreamEvent, error) {
	for s.lost == nil {
		if err := s.u.Pause(ctx, s.wait()); err != nil {
			return StreamEvent{}, s.record(err)
		}
		err := s.open(ctx, s.name+" (again)")
		if err == nil {
			return s.pop(), nil
		}
		switch fault.Of(err) {
		case fault.Status, fault.Protocol, fault.Guard:
			s.lost = err // as a browser would
		case fault.Timeout:
			return StreamEvent{}, err // the next call tries again
		}
		if ctx.Err() != nil {
			return StreamEvent{}, err
		}
	}
	return StreamEvent{}, s.lost
}

// wait is how long to wait before another stream is opened.
func (s *EventStream) wait() time.Duration {
	if s.reader.Retry > 0 {
		return s.reader.Retry
	}
	return 3 * time.Second
}

// pop is the oldest of the events that have come.
func (s *EventStream) pop() StreamEvent {
	e := s.ready[0]
	s.told = false
	if s.ready = s.ready[1:]; len(s.ready) == 0 {
		s.ready = nil
	}
	return e
}

// await reads until there is an event. The error is io.EOF where the site has ended the stream.
func (s *EventStream) await(ctx context.Context) error {
	if len(s.ready) > 0 {
		return nil
	}
	if s.buf == nil {
		s.buf = make([]byte, 4<<10)
	}
	s.stream.SetReadDeadline(time.Now().Add(s.silence))
	stop := context.AfterFunc(ctx, func() { s.stream.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	for len(s.ready) == 0 {
		n, err := s.stream.Read(s.buf)
		s.bytes += int64(n)
		if broken := s.reader.Push(s.buf[:n], func(e StreamEvent) { s.ready = append(s.ready, e) }); broken != nil {
			return &fault.Error{Kind: fault.TooLarge, Text: broken.Error(), Err: broken}
		}
		switch {
		case err == nil || len(s.ready) > 0:
		case ctx.Err() != nil:
			return &fault.Error{Kind: fault.Cancelled, Text: "the wait for an event was cancelled", Err: context.Cause(ctx)}
		case err == io.EOF:
			return err
		default:
			return s.broken(err)
		}
	}
	return nil
}

// broken is the failure of a stream that did not end in an orderly way.
func (s *EventStream) broken(err error) error {
	f := wire.Lost(err)
	if f.Kind == fault.Timeout {
		f.Text = "no event within " + s.silence.String()
	}
	return f
}

// record makes the sample of an event, or of what came instead.
func (s *EventStream) record(err error) error {
	u, r := &s.u.User, s.u.run
	key := stats.Key{Type: eventsType, Name: s.name + " (event)"}
	now := r.now()
	sample := stats.Sample{Sent: min(s.due, now), Done: now, BytesIn: s.bytes, Decoded: s.bytes}
	s.bytes = 0
	// One that is early moves the schedule: only how late events are adds up.
	s.due = sample.Sent + int64(s.cadence)
	if s.cadence == 0 {
		s.due = now
	}
	if err != nil {
		if u.cutOff() && isCancelled(err) {
			return err
		}
		sample.Fault, sample.Err = fault.Of(err), briefError(err)
	}
	r.recorder.Record(u.number, key, &sample)
	if r.watched {
		r.watchOther(u, key, &sample, &Sample{Show: s.shown}, err)
	}
	return counted(err)
}

// shown is the next event as `check` prints it.
func (s *EventStream) shown() []string {
	if len(s.ready) == 0 {
		return nil
	}
	e := &s.ready[0]
	return []string{"< " + e.Type + " " + e.ID + ": " + string(head([]byte(e.Data), valueShown))}
}

// LastID is the id of the last event, as it is sent when the stream is opened again.
func (s *EventStream) LastID() string { return s.reader.LastID }

// Close closes the stream. It makes no sample.
func (s *EventStream) Close() {
	s.drop()
	s.lost = &fault.Error{Kind: fault.Other, Text: "the test has closed this stream"}
}

func (s *EventStream) drop() {
	if s.stream != nil {
		s.stream.Close()
		s.stream = nil
	}
	s.ready, s.bytes, s.told = nil, 0, false
	s.reader.Again()
}
