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
	return c.next(ctx, nil)
}

// Expect waits for a message that match accepts, and passes over those before it; nil accepts every one. The wait is a sample under a name. A
// message that has come already is waited for no longer. Checks decide whether the message is a success, before the sample is recorded. The
// error is counted already.
func (c *Conn) Expect(ctx context.Context, name string, match func(Message) bool, checks ...func(Message) error) (Message, error) {
	return c.measure(ctx, name, nil, match, checks)
}

// Exchange sends a message and waits for its answer: the first message from then on that match accepts; nil accepts every one. Those before it
// are passed over, as are those that had come before. From sending to the answer is a sample under a name. Checks decide whether the answer is
// a success, before the sample is recorded. The error is counted already.
func (c *Conn) Exchange(ctx context.Context, name string, send Message, match func(Message) bool, checks ...func(Message) error) (Message, error) {
	return c.measure(ctx, name, &send, match, checks)
}

func (c *Conn) measure(ctx context.Context, name string, send *Message, match func(Message) bool, checks []func(Message) error) (got Message, err error) {
	err = c.user.Measure(sampleType, name, func(s *stampede.Sample) error {
		defer c.tell(s)
		if send != nil {
			c.passOver()
			if err := c.Send(ctx, *send); err != nil {
				return err
			}
		}
		var err error
		got, err = c.next(ctx, match)
		s.Show = func() []string { return shown(send, got, err) }
		for i := 0; err == nil && i < len(checks); i++ {
			err = fault.Checked(func() error { return checks[i](got) })
		}
		return err
	})
	return got, err
}

// next waits for one message that match accepts.
func (c *Conn) next(ctx context.Context, match func(Message) bool) (m Message, err error) {
	err = c.wait(ctx, time.Now().Add(c.Timeout), func() bool {
		for {
			var ok bool
			if m, ok = c.pop(); !ok {
				return false
			}
			if match == nil || match(m) {
				return true
			}
		}
	})
	if err != nil {
		return Message{}, err
	}
	return m, nil
}

// passOver forgets the messages that came before a question: none of them is its answer.
func (c *Conn) passOver() {
	c.mu.Lock()
	c.inbox = nil
	c.mu.Unlock()
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
