package fleet

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// source is where the seconds of workers come from, once each worker was told that they are kept.
type source interface {
	// read hands over what is kept of a run, from the first message on and then as it comes, one after the other. done ends it.
	read(ctx context.Context, run string, take func(subject string, data []byte)) (done func(), err error)
	// purge forgets a run.
	purge(ctx context.Context, run string) error
}

// duplicates is how long the stream knows the ids of messages, which costs it memory for each. One that a worker sends again later is stored twice,
// and merged once all the same.
const duplicates = 2 * time.Minute

// stream is a source in JetStream.
type stream struct{ jetstream.Stream }

// openStream makes the stream of snapshots, or finds it again. It keeps so many bytes at most.
func openStream(ctx context.Context, nc *nats.Conn, most int64) (*stream, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, err
	}
	st, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: streamName, Subjects: streamSubjects(), Storage: jetstream.FileStorage, Discard: jetstream.DiscardNew,
		MaxBytes: most, MaxMsgSize: maxMessage, Duplicates: duplicates,
	})
	if err != nil {
		return nil, fmt.Errorf("fleet: open the stream of snapshots: %w: it needs JetStream with %d MB of files", err, most>>20)
	}
	return &stream{st}, nil
}

func (s *stream) read(ctx context.Context, run string, take func(subject string, data []byte)) (done func(), err error) {
	consumer, err := s.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{
		prefix + ".w.*.snap." + run, prefix + ".w.*.end." + run,
	}})
	if err != nil {
		return nil, err
	}
	reading, err := consumer.Consume(func(m jetstream.Msg) { take(m.Subject(), m.Data()) }, jetstream.PullMaxMessages(256))
	if err != nil {
		return nil, err
	}
	return func() {
		reading.Stop()
		<-reading.Closed()
	}, nil
}

func (s *stream) purge(ctx context.Context, run string) error {
	return s.Purge(ctx, jetstream.WithPurgeSubject(prefix+".w.*.*."+run))
}
