package grpc

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	ggrpc "google.golang.org/grpc"

	"github.com/stampede-load/stampede"
)

// NewStream opens a stream. What is received from it is measured: the first message, or the only reply, under the method's name, from opening
// the stream on; each that follows under "NAME (message)", from the last message sent to the site, or from when the test began to wait for it.
// Its end is no sample; an end with a status other than OK is a failed one. Without a deadline of its own it may go on for ever.
func (c *Conn) NewStream(ctx context.Context, desc *ggrpc.StreamDesc, method string, opts ...ggrpc.CallOption) (ggrpc.ClientStream, error) {
	o := settings(ctx, method, opts)
	cc, err := c.link.streams(ctx, c.user)
	if err != nil {
		return nil, err
	}
	t := &tally{begun: time.Now()}
	s, err := cc.NewStream(context.WithValue(ctx, tallyKey{}, t), desc, method, opts...)
	if err != nil {
		err = c.user.Measure(sampleType, o.name, func(*stampede.Sample) error { return failure(ctx, err, c.link.why()) })
		rest(ctx, t.sent.Load(), err)
		return nil, err
	}
	m := &measured{ClientStream: s, conn: c, options: o, tally: t}
	m.asked.Store(1)
	return m, nil
}

// measured is a stream whose messages are samples.
type measured struct {
	ggrpc.ClientStream
	conn *Conn
	*options
	tally *tally
	asked atomic.Int64 // when something was sent that was not answered yet, ns after tally.begun; 0 when there is nothing
	said  atomic.Value // any: what was sent last, for `check`
	got   int
}

func (m *measured) SendMsg(v any) error {
	m.asked.CompareAndSwap(0, int64(time.Since(m.tally.begun)))
	m.said.Store(said{v})
	err := m.ClientStream.SendMsg(v)
	if err == io.EOF {
		return err // RecvMsg says why
	}
	return failure(m.Context(), err, m.conn.link.why())
}

type said struct{ v any }

func (m *measured) RecvMsg(v any) error {
	name := m.name
	if m.got > 0 {
		name += " (message)"
	}
	begun := time.Now()
	if at := m.asked.Swap(0); at != 0 {
		begun = m.tally.begun.Add(time.Duration(at))
	}
	err := m.ClientStream.RecvMsg(v)
	if err == io.EOF {
		return err
	}
	m.got++
	return m.conn.user.Measure(sampleType, name, func(s *stampede.Sample) error {
		m.tally.tell(s)
		s.Start = begun
		if m.got > 1 {
			s.FirstByte = 0
		}
		err := failure(m.Context(), err, m.conn.link.why())
		sent, _ := m.said.Load().(said)
		s.Show = func() []string { return shown(sent.v, v, err) }
		return m.check(err, func() any { return v })
	})
}
