package websocket

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/fault"
)

// sampleType is the Type of every sample of a socket.
const sampleType = "WS"

// Receive waits for the next message, or gives the oldest of those that came while nobody waited. It makes no sample: what is waited for is
// for the test to say, with Expect.
func (c *Conn) Receive(ctx context.Context) (Message, error) {
	return c.next(ctx, nil, false)
}

// Expect waits for a message that match accepts, and passes over those before it; nil accepts every one. The wait is a sample under a name. A
// message that has come already is waited for no longer. Checks decide whether the message is a success, before the sample is recorded. The
// error is counted already.
func (c *Conn) Expect(ctx context.Context, name string, match func(Message) bool, checks ...func(Message) error) (Message, error) {
	return c.measure(ctx, name, nil, match, false, checks)
}

// Latest is Expect for what the site says again and again, as a price: of the messages that have come and that match accepts it is the last one.
func (c *Conn) Latest(ctx context.Context, name string, match func(Message) bool, checks ...func(Message) error) (Message, error) {
	return c.measure(ctx, name, nil, match, true, checks)
}

// Exchange sends a message and waits for its answer: the first message from then on that match accepts; nil accepts every one. Those before it
// are passed over, as are those that had come before. From sending to the answer is a sample under a name. Checks decide whether the answer is
// a success, before the sample is recorded. The error is counted already.
func (c *Conn) Exchange(ctx context.Context, name string, send Message, match func(Message) bool, checks ...func(Message) error) (Message, error) {
	return c.measure(ctx, name, &send, match, false, checks)
}

func (c *Conn) measure(ctx context.Context, name string, send *Message, match func(Message) bool, last bool, checks []func(Message) error) (got Message, err error) {
	err = c.user.Measure(sampleType, name, func(s *stampede.Sample) error {
		defer c.tell(s)
		if send != nil {
			c.passOver()
			if err := c.Send(ctx, *send); err != nil {
				return err
			}
		}
		var err error
		got, err = c.next(ctx, match, last)
		s.Show = func() []string { return shown(send, got, err) }
		for i := 0; err == nil && i < len(checks); i++ {
			err = fault.Checked(func() error { return checks[i](got) })
		}
		return err
	})
	return got, err
}

// next waits for one message that match accepts: the first, or the last one that has come.
func (c *Conn) next(ctx context.Context, match func(Message) bool, last bool) (m Message, err error) {
	err = c.wait(ctx, time.Now().Add(c.Timeout), func() (found bool) {
		m, found = c.pick(match, last)
		return found
	})
	if err != nil {
		m = Message{}
	}
	if c.Keep != nil { // the next one may be for those that came before a question
		c.mu.Lock()
		for i := range c.inbox {
			c.inbox[i].old = false
		}
		c.mu.Unlock()
	}
	return m, err
}

// passOver forgets the messages that came before a question: none of them is its answer. Those that are kept wait for somebody else.
func (c *Conn) passOver() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.inbox = c.remaining(c.inbox)
	for i := range c.inbox {
		c.inbox[i].old = true
	}
}

// tell gives a sample the bytes that no sample has yet.
func (c *Conn) tell(s *stampede.Sample) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s.BytesIn, s.BytesOut = c.counts.BytesIn-c.told.BytesIn, c.counts.BytesOut-c.told.BytesOut
	c.told = c.counts
}

// Ping asks for a sign of life and waits for it: a sample under a name.
func (c *Conn) Ping(ctx context.Context, name string) error {
	return c.user.Measure(sampleType, name, func(s *stampede.Sample) error {
		defer c.tell(s)
		c.mu.Lock()
		c.pings++
		data := binary.BigEndian.AppendUint32(nil, c.pings)
		c.mu.Unlock()
		if err := c.write(opPing, data); err != nil {
			return err
		}
		return c.wait(ctx, time.Now().Add(c.Timeout), func() bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.ponged == string(data)
		})
	})
}
