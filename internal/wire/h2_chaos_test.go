package wire

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// chaos is a server of HTTP/2 that keeps to the standard and to nothing else: it pads, splits, mixes its answers, changes its settings in the
// middle of uploads, sends what nobody needs, refuses and leaves. Of its client it demands that every window be kept.
type chaos struct {
	*h2peer
	test    *testing.T
	rng     *rand.Rand
	leaves  bool      // it goes away in the middle of it
	refused *sync.Map // paths that were refused once, on any connection; nil where none is

	mu      sync.Mutex
	changed sync.Cond
	streams []*chaosStream    // whose answer is not complete
	last    uint32            // the highest stream that came
	room    int64             // what the client permits us, on the connection
	granted int64             // what we permit the client
	client  int64             // what the client permits a new stream
	initial int64             // what we permit a new stream, as the client knows
	frame   int               // the largest frame that we take, likewise
	asked   [][]http2.Setting // what was not acknowledged yet, in the order in which it was sent
	leaving bool              // GOAWAY was sent
	gone    bool
	news    bool // the client has said something that lets us go on
}

type chaosStream struct {
	id            uint32
	path          string
	room, granted int64
	up            int64 // of the request's body
	sum           hash.Hash
	whole, headed bool
	answer        []byte
}

// slices of a connection: what is written leaves in pieces of any length.
type pieces struct {
	net.Conn
	rng *rand.Rand
}

func (p pieces) Write(b []byte) (int, error) {
	for sent := 0; sent < len(b); {
		n := len(b) - sent
		if p.rng.IntN(8) == 0 {
			n = 1 + p.rng.IntN(n)
		}
		if _, err := p.Conn.Write(b[sent : sent+n]); err != nil {
			return sent, err
		}
		sent += n
	}
	return len(b), nil
}

// runChaos serves a connection. A request that comes a second time must be answered: a client need not try for ever. So either some are refused, once,
// or the first connection goes away.
func runChaos(t *testing.T, p *h2peer, seed uint64, refused *sync.Map) {
	s := &chaos{
		test: t, rng: rand.New(rand.NewPCG(seed, uint64(p.n))), room: windowAtOnce, granted: windowAtOnce, client: windowAtOnce, initial: windowAtOnce, frame: 1 << 14,
	}
	if seed%2 == 0 {
		s.refused = refused
	} else {
		s.leaves = p.n == 0
	}
	s.changed.L = &s.mu
	in := p.Framer
	in.SetMaxReadFrameSize(1<<24 - 1)
	s.h2peer = &h2peer{Framer: http2.NewFramer(pieces{p.c, rand.New(rand.NewPCG(seed, uint64(p.n)+1000))}, nil), c: p.c, n: p.n}
	s.AllowIllegalWrites = true // frames that nobody knows
	s.enc = hpack.NewEncoder(&s.text)
	s.say(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 5})
	done := make(chan bool)
	go func() {
		defer close(done)
		s.read(in)
	}()
	s.write()
	p.c.(*net.TCPConn).CloseWrite() // to close at once, with something unread, would take back what was sent
	<-done
}

func (s *chaos) blame(format string, args ...any) {
	s.test.Errorf("connection %d: %s", s.n, fmt.Sprintf(format, args...))
	s.gone = true
}

// read takes what the client says.
func (s *chaos) read(in *http2.Framer) {
	dec := hpack.NewDecoder(4096, nil)
	for {
		f, err := in.ReadFrame()
		s.mu.Lock()
		if err != nil {
			s.gone = true
		} else {
			s.take(f, dec)
		}
		over := s.gone
		s.changed.Broadcast()
		s.mu.Unlock()
		if over {
			return
		}
	}
}

func (s *chaos) find(id uint32) *chaosStream {
	for _, st := range s.streams {
		if st.id == id {
			return st
		}
	}
	return nil
}

func (s *chaos) take(f http2.Frame, dec *hpack.Decoder) {
	switch f.Header().Type {
	case http2.FrameHeaders, http2.FrameData, http2.FrameWindowUpdate:
		s.news = true
	}
	switch f := f.(type) {
	case *http2.HeadersFrame:
		fields, err := dec.DecodeFull(f.HeaderBlockFragment())
		if err != nil || !f.HeadersEnded() || f.StreamID <= s.last {
			s.blame("%v: %v", f, err)
			return
		}
		s.last = f.StreamID
		st := &chaosStream{id: f.StreamID, room: s.client, granted: s.initial, whole: f.StreamEnded(), sum: sha256.New()}
		named := map[string]string{}
		for _, field := range fields {
			named[field.Name] = field.Value
		}
		st.path = named[":path"]
		if method := named[":method"]; !strings.HasSuffix(st.path, method+named["x-one"]) || named["cookie"] != "session=1" || named[":scheme"] != "http" || len(fields) < 8 {
			s.blame("a request of %v", fields)
		}
		if s.leaving { // it may not have heard yet
			return
		}
		s.streams = append(s.streams, st)
	case *http2.DataFrame:
		n := int64(f.Length)
		if s.granted -= n; s.granted < 0 || int(n) > s.frame {
			s.blame("%d bytes of data: %d beyond the connection's window, frames of %d", n, -s.granted, s.frame)
		}
		st := s.find(f.StreamID)
		if st == nil {
			return
		}
		if st.granted -= n; st.granted < 0 {
			s.blame("%d bytes beyond the window of stream %d", -st.granted, st.id)
		}
		st.up += n
		st.sum.Write(f.Data())
		st.whole = f.StreamEnded()
	case *http2.WindowUpdateFrame:
		if f.StreamID == 0 {
			s.room += int64(f.Increment)
		} else if st := s.find(f.StreamID); st != nil {
			st.room += int64(f.Increment)
		}
	case *http2.SettingsFrame:
		if f.IsAck() {
			s.acknowledged(dec)
			return
		}
		if v, ok := f.Value(http2.SettingInitialWindowSize); ok {
			for _, st := range s.streams {
				st.room += int64(v) - s.client
			}
			s.client = int64(v)
		}
		s.WriteSettingsAck()
	case *http2.RSTStreamFrame:
		s.blame("it resets stream %d: %v", f.StreamID, f.ErrCode)
	case *http2.GoAwayFrame:
		if f.ErrCode != http2.ErrCodeNo {
			s.blame("it goes away: %v", f.ErrCode)
		}
	}
}

// acknowledged has what was asked for take effect.
func (s *chaos) acknowledged(dec *hpack.Decoder) {
	if len(s.asked) == 0 {
		s.blame("it acknowledges what nobody sent")
		return
	}
	for _, set := range s.asked[0] {
		switch set.ID {
		case http2.SettingInitialWindowSize:
			if int64(set.Val) < s.initial { // a larger one counts from when it was asked for
				s.widen(int64(set.Val))
			}
		case http2.SettingMaxFrameSize:
			s.frame = int(set.Val)
		case http2.SettingHeaderTableSize:
			dec.SetAllowedMaxDynamicTableSize(set.Val)
		}
	}
	s.asked = s.asked[1:]
	s.news = true // it may have less room now than it needs
}

func (s *chaos) widen(to int64) {
	for _, st := range s.streams {
		st.granted += to - s.initial
	}
	s.initial = to
}

// write does one thing after another, whatever comes to its mind.
func (s *chaos) write() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for idle := 0; !s.gone; {
		if s.act() {
			idle = 0
			continue
		}
		if s.leaving && len(s.streams) == 0 {
			return
		}
		if idle++; idle > 300 { // what is useless has its limit too
			for s.news = false; !s.news && !s.gone; {
				s.changed.Wait()
			}
			idle = 0
		}
	}
}

// act reports whether it brought a request forward.
func (s *chaos) act() bool {
	switch n := s.rng.IntN(100); {
	case n < 4:
		s.WritePing(s.rng.IntN(2) == 0, [8]byte{})
	case n < 6:
		s.raw(http2.FrameType(10+s.rng.IntN(200)), http2.Flags(s.rng.IntN(256)), uint32(s.rng.IntN(9)), make([]byte, s.rng.IntN(50))...)
	case n < 8:
		s.raw(http2.FramePriority, 0, uint32(1+s.rng.IntN(9)), 0, 0, 0, 0, 1)
	case n < 14:
		s.settings()
	case n == 14 && s.last > 20 && s.leaves && !s.leaving:
		s.WriteGoAway(1<<31-1, http2.ErrCodeNo, nil)
		s.WriteGoAway(s.last, http2.ErrCodeNo, []byte("enough"))
		s.leaving = true
	case n < 40:
		return s.grant()
	case len(s.streams) > 0:
		return s.answerOf(s.streams[s.rng.IntN(len(s.streams))])
	}
	return false
}

// settings changes its mind, once the last change was heard of.
func (s *chaos) settings() {
	if len(s.asked) > 0 {
		return
	}
	switch s.rng.IntN(5) {
	case 0:
		v := uint32(s.rng.IntN(3) * s.rng.IntN(40_000))
		s.say(http2.Setting{ID: http2.SettingInitialWindowSize, Val: v})
		if int64(v) > s.initial {
			s.widen(int64(v))
		}
	case 1:
		v := 1<<14 + s.rng.IntN(20_000)
		s.say(http2.Setting{ID: http2.SettingMaxFrameSize, Val: uint32(v)})
		s.frame = max(s.frame, v)
	case 2:
		s.say(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: uint32(1 + s.rng.IntN(8))})
	case 3:
		s.say(http2.Setting{ID: http2.SettingHeaderTableSize, Val: uint32(s.rng.IntN(3) * 100)}, http2.Setting{ID: http2.SettingHeaderTableSize, Val: uint32(s.rng.IntN(2) * 4096)})
	default:
		s.say(http2.Setting{ID: http2.SettingID(0x20 + s.rng.IntN(1000)), Val: s.rng.Uint32()})
	}
}

// say sends settings, which take effect when the client has acknowledged them.
func (s *chaos) say(settings ...http2.Setting) {
	s.asked = append(s.asked, settings)
	s.WriteSettings(settings...)
}

// grant lets the client send more.
func (s *chaos) grant() (useful bool) {
	n := uint32(1 + s.rng.IntN(20_000))
	if s.granted < 100_000 {
		s.granted += int64(n)
		s.WriteWindowUpdate(0, n)
	}
	for _, st := range s.streams {
		if !st.whole && st.granted < 50_000 && s.rng.IntN(2) == 0 {
			st.granted += int64(n)
			s.raw(http2.FrameWindowUpdate, 0xff, st.id, 0x80|byte(n>>24), byte(n>>16), byte(n>>8), byte(n)) // the highest bit means nothing
			useful = true
		}
	}
	return useful
}

// chaosAnswer is what chaos answers: so many bytes, and what it has received.
func chaosAnswer(n int, up []byte) string {
	return fmt.Sprintf("%s%d %x", bytesOf(n), len(up), sha256.Sum256(up))
}

// Whatever a server does that the standard permits, each request has its own answer, each body arrives, and no window is overrun.
func TestHTTP2Chaos(t *testing.T) {
	for seed := range 8 {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var refused sync.Map
			eachPeer(t, Config{}, func(p *h2peer) { runChaos(t, p, uint64(seed), &refused) }, func(t *testing.T, e *Engine, base *Target) {
				rng := rand.New(rand.NewPCG(uint64(seed), 7))
				c := e.Client(0)
				c.SetCookies(base.String()+"/", cookieOf("session", "1"))
				for range 3 {
					askChaos(t, c, base, rng)
				}
				if n := e.Counters(); e.inUse() != 0 || n.DialFails > 0 {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

// askChaos makes some requests at once, half of them with a body.
func askChaos(t *testing.T, c *Client, base *Target, rng *rand.Rand) {
	t.Helper()
	reqs, want := make([]Request, 12), make([]string, 12)
	for i := range reqs {
		n := rng.IntN(1 << rng.IntN(18))
		method, one := []string{"PUT", "GET"}[i%2], []string{"", "a", "a", "b"}[rng.IntN(4)] // the same as the one before, or not
		reqs[i] = Request{Method: method, Base: base, URL: fmt.Sprintf("/%d?%s.%d.%s%s", n, t.Name(), rng.Uint64(), method, one)}
		if one != "" {
			reqs[i].Header = []Field{{"X-One", one}}
		}
		if method == "PUT" {
			reqs[i].Body = bytesOf(rng.IntN(1 << rng.IntN(18)))
		}
		want[i] = chaosAnswer(n, reqs[i].Body)
	}
	for i, r := range atOnce(t, c, len(reqs), func(i int) Request { return reqs[i] }) {
		if got := body(t, r); got != want[i] {
			t.Errorf("%s: %d bytes, want %d", reqs[i].URL, len(got), len(want[i]))
		}
		r.Release()
	}
}
