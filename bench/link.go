package main

import (
	"net"
	"sync"
	"time"
)

// link is a line to a site, made of a relay: each byte takes its time on the one wire that all connections share in a direction, and then the
// way. What TCP itself does on such a line (slow start, losses) is not in it; the handshake is, as one round trip before the first byte.
type link struct {
	net.Listener
	site    string
	way     time.Duration // one way
	perByte time.Duration

	mu          sync.Mutex
	up, down    time.Time // when each wire is free
	first, last time.Time // the first byte that came from the client, the last that went to it, since reset
}

// newLink relays to a site, over a line of so many ms there and back and so many Mbit/s.
func newLink(site string, roundTrip time.Duration, megabits float64) (*link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k := &link{Listener: l, site: site, way: roundTrip / 2, perByte: time.Duration(8000 / megabits)}
	go k.serve()
	return k, nil
}

func (k *link) serve() {
	for {
		c, err := k.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", k.site)
		if err != nil {
			c.Close()
			continue
		}
		k.pump(c, s, &k.up, 2*k.way)
		k.pump(s, c, &k.down, 0)
	}
}

// parcel is bytes that are under way.
type parcel struct {
	bytes []byte
	due   time.Time
}

// pump carries bytes from one side to the other. The first wait so long more.
func (k *link) pump(from, to net.Conn, wire *time.Time, handshake time.Duration) {
	way := make(chan parcel, 4096)
	up := wire == &k.up
	go func() {
		defer close(way)
		opened := time.Now()
		for {
			b := make([]byte, 1460)
			n, err := from.Read(b)
			if n > 0 {
				way <- parcel{b[:n], k.reserve(wire, n, opened.Add(handshake), up)}
			}
			if err != nil {
				return
			}
		}
	}()
	go func() {
		defer to.Close()
		for p := range way {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.bytes); err != nil {
				from.Close()
				continue // until the other side has noticed
			}
			if !up {
				k.mu.Lock()
				k.last = time.Now()
				k.mu.Unlock()
			}
		}
	}()
}

// reserve takes room on a wire and says when the bytes are there.
func (k *link) reserve(wire *time.Time, n int, earliest time.Time, up bool) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := time.Now()
	if up && k.first.IsZero() {
		k.first = now
	}
	if now.Before(earliest) {
		now = earliest
	}
	if now.Before(*wire) {
		now = *wire
	}
	*wire = now.Add(time.Duration(n) * k.perByte)
	return wire.Add(k.way)
}

// reset begins a new measurement.
func (k *link) reset() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.first, k.last = time.Time{}, time.Time{}
}

// settle waits until something has come and then nothing more for 2 s. It reports false when nothing has come in that time.
func (k *link) settle(limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		k.mu.Lock()
		quiet := !k.last.IsZero() && time.Since(k.last) > 2*time.Second
		k.mu.Unlock()
		if quiet {
			return true
		}
	}
	return k.took() > 0
}

// took is from the first byte that the client sent to the last that it got.
func (k *link) took() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.last.Sub(k.first)
}
