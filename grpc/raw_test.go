package grpc_test

import (
	"bytes"
	"encoding/binary"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
	hpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
)

// stream is what a script of the server below has to answer on.
type stream struct {
	*http2.Framer
	nc  net.Conn
	id  uint32
	enc *hpack.Encoder
	buf bytes.Buffer
}

// header sends fields, written "name: value"; the first is the status where it stands alone.
func (s *stream) header(end bool, lines ...string) {
	s.buf.Reset()
	for _, l := range lines {
		name, value, ok := strings.Cut(l, ": ")
		if !ok {
			name, value = ":status", l
		}
		s.enc.WriteField(hpack.HeaderField{Name: name, Value: value})
	}
	s.WriteHeaders(http2.HeadersFrameParam{StreamID: s.id, BlockFragment: s.buf.Bytes(), EndHeaders: true, EndStream: end})
}

// usual is the header of an answer that gRPC likes.
func (s *stream) usual(more ...string) {
	s.header(false, append([]string{"200", "content-type: application/grpc"}, more...)...)
}

// message sends one, with the flag and the length that it claims.
func (s *stream) message(flag byte, length int, body []byte) {
	b := binary.BigEndian.AppendUint32([]byte{flag}, uint32(length))
	s.WriteData(s.id, false, append(b, body...))
}

var serving, _ = proto.Marshal(&hpb.HealthCheckResponse{Status: hpb.HealthCheckResponse_SERVING})

// serve sends the message that was asked for.
func (s *stream) serve() { s.message(0, len(serving), serving) }

// rawSite is a server that answers calls as scripts say, by the name of the method, and keeps the fields of the last request.
type rawSite struct {
	scripts map[string]func(*stream)
	mu      sync.Mutex
	asked   map[string][]string
}

func (r *rawSite) start(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go r.serve(nc)
		}
	}()
	return l.Addr().String()
}

func (r *rawSite) serve(nc net.Conn) {
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(time.Minute))
	if _, err := nc.Read(make([]byte, len(http2.ClientPreface))); err != nil {
		return
	}
	s := &stream{Framer: http2.NewFramer(nc, nc), nc: nc}
	s.enc = hpack.NewEncoder(&s.buf)
	s.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	s.WriteSettings()
	method := map[uint32]string{}
	for {
		f, err := s.ReadFrame()
		if err != nil {
			return
		}
		switch f := f.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				s.WriteSettingsAck()
			}
		case *http2.PingFrame:
			s.WritePing(true, f.Data)
		case *http2.MetaHeadersFrame:
			asked := map[string][]string{}
			for _, h := range f.Fields {
				asked[h.Name] = append(asked[h.Name], h.Value)
			}
			method[f.StreamID] = strings.ReplaceAll(strings.TrimPrefix(asked[":path"][0], "/test/"), "-", " ")
			r.mu.Lock()
			r.asked = asked // from here on the test's
			r.mu.Unlock()
		}
		if d, ok := f.(*http2.DataFrame); ok && d.StreamEnded() {
			s.id = d.StreamID
			if do := r.scripts[method[s.id]]; do != nil {
				do(s)
			}
		}
	}
}
