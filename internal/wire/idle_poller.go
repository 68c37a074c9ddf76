package wire

import "time"

// idleAfter is for how long a stream must not have been used before the idle poller takes it over: one that is in use all the time costs it
// nothing.
const idleAfter = 200 * time.Millisecond

// pollState is what the idle poller knows of a stream.
type pollState struct {
	f     func()
	since time.Duration // when Watch was called last
	fd    int32
	known bool // the descriptor is in the idle poller's table
	soon  bool // it is in the list of those to be polled
	armed bool
}

// Watch calls f once, in a goroutine of its own, when something can be read: bytes, the end, an error. Streams that nobody reads need no
// goroutine by it. It begins to look a moment later, so that a stream in steady use costs nothing. It reports false where the platform or the
// connection has no such thing; then a goroutine must read.
func (s *Stream) Watch(f func()) bool {
	if t := s.over2(); t != nil {
		t.notify(f)
		return true
	}
	if s.e == nil || s.bare == nil || s.bare.rc == nil || s.body != nil {
		return false
	}
	return s.e.idle.watch(s, f)
}
