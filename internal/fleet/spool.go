package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/stampede-load/stampede/internal/stats"
)

// spool keeps the snapshots of a run until the stream has them. Emitting never waits for the network.
type spool struct {
	js          jetstream.JetStream
	number      int
	run         string
	index       int // in the run: a worker that was lost may join again
	pack        *packer
	signal      chan struct{}
	mu          sync.Mutex
	waiting     []parcel
	bytes, lost int64
	seq         uint64
}

// parcel is a message for the stream.
type parcel struct {
	subject, id string
	data        []byte
}

// spoolMost bounds what a worker keeps while the controller is away: ten minutes of a test with a thousand names.
const (
	spoolMost    = 128 << 20
	spoolParcels = 20_000
	inFlight     = 64
	publishWait  = 5 * time.Second
)

func newSpool(nc *nats.Conn, number int, run string, index int) (*spool, error) {
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncTimeout(publishWait), jetstream.WithPublishAsyncMaxPending(4*inFlight))
	if err != nil {
		return nil, err
	}
	p, err := newPacker()
	if err != nil {
		return nil, err
	}
	return &spool{js: js, number: number, run: run, index: index, pack: p, signal: make(chan struct{}, 1)}, nil
}

// put takes a snapshot. It is called by one goroutine.
func (s *spool) put(snap *stats.Snapshot) {
	for _, b := range s.pack.pack(snap, s.seq+1) {
		s.seq++
		s.keep(parcel{snapSubject(s.number, s.run), fmt.Sprintf("%s-%d-%d", s.run, s.index, s.seq), b}, false)
	}
}

// end takes the last message of a run; it always has room.
func (s *spool) end(b []byte) {
	s.keep(parcel{endSubject(s.number, s.run), fmt.Sprintf("%s-%d-end", s.run, s.index), b}, true)
}

func (s *spool) keep(p parcel, always bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !always && (s.bytes+int64(len(p.data)) > spoolMost || len(s.waiting) >= spoolParcels) {
		s.lost++
		return
	}
	s.waiting = append(s.waiting, p)
	s.bytes += int64(len(p.data))
	select {
	case s.signal <- struct{}{}:
	default:
	}
}

// state is how many messages wait, and how many found no room.
func (s *spool) state() (waiting int, lost int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting), s.lost
}

// deliver sends what waits, in order and again until the stream has it, and returns when ctx ends.
func (s *spool) deliver(ctx context.Context) {
	for {
		batch := s.first()
		if len(batch) == 0 {
			select {
			case <-s.signal:
				continue
			case <-ctx.Done():
				return
			}
		}
		n := s.send(ctx, batch)
		s.drop(n)
		if n < len(batch) {
			select {
			case <-time.After(200 * time.Millisecond):
			case <-ctx.Done():
				return
			}
		}
	}
}

// first is what waits longest.
func (s *spool) first() []parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waiting[:min(inFlight, len(s.waiting)):min(inFlight, len(s.waiting))]
}

// drop forgets what the stream has.
func (s *spool) drop(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.waiting[:n] {
		s.bytes -= int64(len(p.data))
	}
	s.waiting = append([]parcel(nil), s.waiting[n:]...)
}

// send publishes a batch, and returns how many of its first are stored for certain.
func (s *spool) send(ctx context.Context, batch []parcel) int {
	futures := make([]jetstream.PubAckFuture, 0, len(batch))
	for _, p := range batch {
		f, err := s.js.PublishMsgAsync(&nats.Msg{Subject: p.subject, Data: p.data, Header: nats.Header{"Nats-Msg-Id": {p.id}}})
		if err != nil {
			break
		}
		futures = append(futures, f)
	}
	deadline := time.NewTimer(publishWait + time.Second)
	defer deadline.Stop()
	for i, f := range futures {
		select {
		case <-f.Ok():
		case <-f.Err():
			return i
		case <-deadline.C:
			return i
		case <-ctx.Done():
			return i
		}
	}
	return len(futures)
}

// errSpool means that a worker could not deliver all that it had.
var errSpool = errors.New("not all seconds could be delivered to the controller")

// flush waits until the stream has everything.
func (s *spool) flush(ctx context.Context) error {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		if n, _ := s.state(); n == 0 {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return errSpool
		}
	}
}
