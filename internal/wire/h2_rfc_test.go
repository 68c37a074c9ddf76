package wire

import (
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/http2"

	"github.com/stampede-load/stampede/internal/fault"
)

// h2case is one thing that a server may do while a request waits for its answer, and what the client makes of it.
type h2case struct {
	name string
	do   func(p *h2peer, id uint32)
	kind fault.Kind // 0: the request succeeds
	text string     // part of the failure
	// What the client says of it: the code of its GOAWAY, or of its RST_STREAM; -1 for nothing.
	goAway, reset int
}

const (
	nothing    = -1
	noAnswer   = "closed the connection without an answer"
	notHTTP2   = "is not valid HTTP/2: "
	protocol   = int(http2.ErrCodeProtocol)
	flow       = int(http2.ErrCodeFlowControl)
	frameSize  = int(http2.ErrCodeFrameSize)
	gone       = int(http2.ErrCodeStreamClosed)
	compressed = int(http2.ErrCodeCompression)
	calm       = int(http2.ErrCodeEnhanceYourCalm)
	cancelCode = int(http2.ErrCodeCancel)
)

// connError and streamError are cases in which the server does wrong.
func connError(name string, code int, do func(p *h2peer, id uint32)) h2case {
	return h2case{name, do, fault.Protocol, notHTTP2, code, nothing}
}

func streamError(name string, code int, do func(p *h2peer, id uint32)) h2case {
	return h2case{name, do, fault.Protocol, notHTTP2, nothing, code}
}

func fine(name string, do func(p *h2peer, id uint32)) h2case {
	return h2case{name, do, 0, "", nothing, nothing}
}

// hints103 is the header block of an interim answer with status 103.
var hints103 = []byte{0x08, 3, '1', '0', '3'}

// framing are the cases of RFC 9113, 4 to 7.
var framingCases = []h2case{
	fine("4.1 a frame of an unknown type", func(p *h2peer, id uint32) {
		p.raw(0x99, 0xff, id, 1, 2, 3)
		p.headers(id, ok204, true)
	}),
	connError("4.2 a frame above the limit", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FramePing, 0, 0, make([]byte, 1<<14+1)...) }),
	connError("4.3 a block interrupted by another frame", protocol, func(p *h2peer, id uint32) {
		p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: ok204})
		p.WritePing(false, [8]byte{})
	}),
	connError("4.3 a block that cannot be decompressed", compressed, func(p *h2peer, id uint32) { p.headers(id, []byte{0xff, 0xff, 0xff}, true) }),
	fine("4.3 a block in three parts", func(p *h2peer, id uint32) {
		b := p.block(":status", "200", "x-long", strings.Repeat("v", 300))
		p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: b[:1], EndStream: true})
		p.WriteContinuation(id, false, b[1:5])
		p.WriteContinuation(id, true, b[5:])
	}),
	connError("5.1 DATA on a stream nobody opened", protocol, func(p *h2peer, id uint32) { p.WriteData(id+2, true, []byte("x")) }),
	connError("5.1 HEADERS on a stream nobody opened", protocol, func(p *h2peer, id uint32) { p.headers(id+2, ok204, true) }),
	connError("5.1 HEADERS on a stream of the server's", protocol, func(p *h2peer, id uint32) { p.headers(2, ok204, true) }),
	connError("5.1 WINDOW_UPDATE on a stream nobody opened", protocol, func(p *h2peer, id uint32) { p.WriteWindowUpdate(id+2, 1) }),
	connError("5.1 RST_STREAM on a stream nobody opened", protocol, func(p *h2peer, id uint32) { p.WriteRSTStream(id+2, http2.ErrCodeNo) }),
	fine("5.1 WINDOW_UPDATE and RST_STREAM on a stream that has ended", func(p *h2peer, id uint32) {
		p.headers(id, ok204, true)
		p.WriteWindowUpdate(id, 10)
		p.WriteRSTStream(id, http2.ErrCodeNo)
	}),
	fine("5.3 PRIORITY", func(p *h2peer, id uint32) {
		p.raw(http2.FramePriority, 0, id, 0, 0, 0, 0, 1)
		p.headers(id, ok204, true)
	}),
	connError("5.3 PRIORITY with a wrong length", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FramePriority, 0, id, 0) }),
	connError("6.1 DATA without a stream", protocol, func(p *h2peer, id uint32) { p.raw(http2.FrameData, 0, 0, 1) }),
	streamError("6.1 DATA before HEADERS", protocol, func(p *h2peer, id uint32) { p.WriteData(id, true, []byte("x")) }),
	connError("6.1 more padding than frame", protocol, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200"), false)
		p.raw(http2.FrameData, http2.FlagDataPadded, id, 5, 1, 2, 3)
	}),
	connError("6.1 padding without its length", frameSize, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200"), false)
		p.raw(http2.FrameData, http2.FlagDataPadded, id)
	}),
	connError("6.2 HEADERS without a stream", protocol, func(p *h2peer, id uint32) { p.raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders, 0, 0x89) }),
	connError("6.2 HEADERS with too much padding", protocol, func(p *h2peer, id uint32) {
		p.raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders|http2.FlagHeadersPadded, id, 9, 0x89)
	}),
	connError("6.2 HEADERS too short for a priority", frameSize, func(p *h2peer, id uint32) {
		p.raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders|http2.FlagHeadersPriority, id, 1)
	}),
	fine("6.2 HEADERS with padding and priority", func(p *h2peer, id uint32) {
		p.raw(http2.FrameHeaders, http2.FlagHeadersEndHeaders|http2.FlagHeadersEndStream|http2.FlagHeadersPriority|http2.FlagHeadersPadded, id,
			2, 0, 0, 0, 0, 1, 0x89, 0, 0)
	}),
	connError("6.4 RST_STREAM with a wrong length", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FrameRSTStream, 0, id, 1) }),
	{"6.4 RST_STREAM", func(p *h2peer, id uint32) { p.WriteRSTStream(id, http2.ErrCodeInternal) }, fault.Reset, "HTTP/2: the server reset the stream: INTERNAL_ERROR", nothing, nothing},
	{"6.4 RST_STREAM with an unknown code", func(p *h2peer, id uint32) { p.WriteRSTStream(id, 0x1234) }, fault.Reset, "HTTP/2: the server reset the stream: an unknown error code", nothing, nothing},
	connError("6.5 SETTINGS on a stream", protocol, func(p *h2peer, id uint32) { p.raw(http2.FrameSettings, 0, id) }),
	connError("6.5 SETTINGS with a wrong length", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FrameSettings, 0, 0, 1, 2, 3) }),
	connError("6.5 an acknowledgement that holds something", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FrameSettings, http2.FlagSettingsAck, 0, 0, 1, 0, 0, 0, 0) }),
	connError("6.5.2 a window above the limit", flow, func(p *h2peer, id uint32) {
		p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 31})
	}),
	connError("6.5.2 frames that are too small", protocol, func(p *h2peer, id uint32) {
		p.WriteSettings(http2.Setting{ID: http2.SettingMaxFrameSize, Val: 1<<14 - 1})
	}),
	connError("6.5.2 the server lets the client push", protocol, func(p *h2peer, id uint32) { p.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 1}) }),
	fine("6.5.2 a setting that nobody knows", func(p *h2peer, id uint32) {
		p.WriteSettings(http2.Setting{ID: 0x7777, Val: 1}, http2.Setting{ID: http2.SettingHeaderTableSize, Val: 0})
		p.headers(id, ok204, true)
	}),
	connError("6.6 PUSH_PROMISE", protocol, func(p *h2peer, id uint32) {
		p.WritePushPromise(http2.PushPromiseParam{StreamID: id, PromiseID: 2, BlockFragment: p.block(":method", "GET"), EndHeaders: true})
	}),
	connError("6.7 PING on a stream", protocol, func(p *h2peer, id uint32) { p.raw(http2.FramePing, 0, id, make([]byte, 8)...) }),
	connError("6.7 PING with a wrong length", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FramePing, 0, 0, 1) }),
	connError("6.8 GOAWAY on a stream", protocol, func(p *h2peer, id uint32) { p.raw(http2.FrameGoAway, 0, id, make([]byte, 8)...) }),
	connError("6.8 GOAWAY with a wrong length", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FrameGoAway, 0, 0, 1) }),
	connError("6.9 WINDOW_UPDATE by nothing", protocol, func(p *h2peer, id uint32) { p.raw(http2.FrameWindowUpdate, 0, 0, 0, 0, 0, 0) }),
	streamError("6.9 WINDOW_UPDATE of a stream by nothing", protocol, func(p *h2peer, id uint32) { p.raw(http2.FrameWindowUpdate, 0, id, 0, 0, 0, 0) }),
	connError("6.9 WINDOW_UPDATE with a wrong length", frameSize, func(p *h2peer, id uint32) { p.raw(http2.FrameWindowUpdate, 0, 0, 1) }),
	connError("6.9.1 the connection's window overflows", flow, func(p *h2peer, id uint32) { p.WriteWindowUpdate(0, 1<<31-1) }),
	streamError("6.9.1 a stream's window overflows", flow, func(p *h2peer, id uint32) { p.WriteWindowUpdate(id, 1<<31-1) }),
	connError("6.10 CONTINUATION out of nowhere", protocol, func(p *h2peer, id uint32) { p.WriteContinuation(id, true, ok204) }),
	connError("6.10 CONTINUATION of another stream", protocol, func(p *h2peer, id uint32) {
		p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: ok204})
		p.WriteContinuation(id+2, true, nil)
	}),
}

// messageCases are those of RFC 9113, 8.
var messageCases = []h2case{
	streamError("8.1 a header behind the body that does not end the stream", protocol, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200"), false)
		p.headers(id, p.block("x-trailer", "1"), false)
	}),
	fine("8.1 trailers", func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200"), false)
		p.WriteData(id, false, []byte("body"))
		p.headers(id, p.block("x-trailer", "1"), true)
	}),
	streamError("8.1 a status among the trailers", protocol, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200"), false)
		p.headers(id, p.block(":status", "200"), true)
	}),
	fine("8.1 interim answers", func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "100"), false)
		p.headers(id, p.block(":status", "103", "link", "</a.css>"), false)
		p.headers(id, ok204, true)
	}),
	streamError("8.1 an interim answer that ends the stream", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "100"), true) }),
	streamError("8.6 status 101", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "101"), true) }),
	streamError("8.3.2 no status", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block("server", "x"), true) }),
	streamError("8.3.2 two", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "200", ":status", "200"), true) }),
	streamError("8.3.2 a status of words", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "2OO"), true) }),
	streamError("8.3 a status behind other fields", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block("server", "x", ":status", "200"), true) }),
	streamError("8.3 a field of requests", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "200", ":path", "/"), true) }),
	streamError("8.2.1 a name in upper case", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "200", "Server", "x"), true) }),
	streamError("8.2.1 a line break in a value", protocol, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "a", "b\r\nset-cookie: evil=1"), true)
	}),
	streamError("8.2.1 an empty name", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "200", "", "x"), true) }),
	streamError("8.2.2 a field of the connection", protocol, func(p *h2peer, id uint32) { p.headers(id, p.block(":status", "200", "connection", "close"), true) }),
	streamError("8.1.1 a body shorter than announced", nothing, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "content-length", "9"), false)
		p.WriteData(id, true, []byte("short"))
	}),
	streamError("8.1.1 a body longer than announced", nothing, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "content-length", "2"), false)
		p.WriteData(id, true, []byte("longer"))
	}),
	streamError("8.1.1 two lengths", protocol, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "content-length", "2", "content-length", "3"), true)
	}),
	fine("6.1 DATA with padding, in small pieces", func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "content-length", "4"), false)
		p.WriteDataPadded(id, false, []byte("bo"), make([]byte, 200))
		p.WriteDataPadded(id, false, nil, nil)
		p.WriteDataPadded(id, true, []byte("dy"), nil)
	}),
	{"10.5.1 a header above the limit", func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "a", strings.Repeat("a", 12<<10)), true)
	}, fault.TooLarge, "the response header is larger than the limit", nothing, cancelCode},
	connError("10.5.1 CONTINUATION without end", calm, func(p *h2peer, id uint32) {
		p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block(":status", "200")})
		for range 10_000 {
			if p.WriteContinuation(id, false, []byte{0x10, 1, 'a', 1, 'b'}) != nil {
				return
			}
		}
	}),
	connError("10.5 a flood of PING", calm, func(p *h2peer, id uint32) {
		for range idleFrames + 100 {
			if p.WritePing(true, [8]byte{}) != nil {
				return
			}
		}
	}),
	connError("10.5 a flood of interim answers", calm, func(p *h2peer, id uint32) {
		for range idleFrames + 100 {
			if p.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: hints103, EndHeaders: true, PadLength: 9}) != nil {
				return
			}
		}
	}),
	connError("10.5 a flood of windows that nobody needs", calm, func(p *h2peer, id uint32) {
		for i := range uint32(idleFrames + 100) {
			if p.WriteWindowUpdate(i%2*id, 1) != nil {
				return
			}
		}
	}),
	fine("10.5 as many interim answers as anybody may send", func(p *h2peer, id uint32) {
		for range 1000 {
			p.headers(id, hints103, false)
		}
		p.headers(id, ok204, true)
	}),
	streamError("8.3.2 an empty header", protocol, func(p *h2peer, id uint32) { p.headers(id, nil, true) }),
	{"5.1 HEADERS behind the end", func(p *h2peer, id uint32) {
		p.atOnce(func(f *http2.Framer) {
			for range 2 {
				f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: ok204, EndHeaders: true, EndStream: true})
			}
		})
	}, 0, "", gone, nothing},
	{"5.1 DATA behind the end", func(p *h2peer, id uint32) {
		p.atOnce(func(f *http2.Framer) {
			f.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: ok204, EndHeaders: true, EndStream: true})
			f.WriteData(id, true, nil)
		})
	}, 0, "", gone, nothing},
	fine("5.1 RST_STREAM behind the end, twice", func(p *h2peer, id uint32) {
		p.headers(id, ok204, true)
		p.WriteRSTStream(id, http2.ErrCodeNo)
		p.WriteRSTStream(id, http2.ErrCodeInternal)
	}),
	fine("4.1 bits and flags that mean nothing", func(p *h2peer, id uint32) {
		p.raw(http2.FrameWindowUpdate, 0xff, 1<<31, 0x80, 0, 0, 9)
		p.raw(http2.FramePing, 0xff, 1<<31, make([]byte, 8)...)
		p.raw(http2.FrameHeaders, 0xd2|http2.FlagHeadersEndHeaders, 1<<31|id, 0x88)
		p.raw(http2.FrameData, 0xf6|http2.FlagDataEndStream, 1<<31|id, 'x')
	}),
	connError("10.5 a flood of empty frames", calm, func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200"), false)
		for range idleFrames + 100 {
			if p.WriteData(id, false, nil) != nil {
				return
			}
		}
	}),
	{"6.8 GOAWAY with a reason, then the end", func(p *h2peer, id uint32) {
		p.WriteGoAway(id, http2.ErrCodeEnhanceYourCalm, []byte("slowly"))
		p.c.Close()
	}, fault.Reset, "HTTP/2: the server closed the connection: ENHANCE_YOUR_CALM", nothing, nothing},
	{"the end without a word", func(p *h2peer, _ uint32) { p.c.Close() }, fault.Reset, noAnswer, nothing, nothing},
	{"the end within an answer", func(p *h2peer, id uint32) {
		p.headers(id, p.block(":status", "200", "content-length", "9"), false)
		p.WriteData(id, false, []byte("short"))
		p.c.Close()
	}, fault.Reset, "closed the connection before its answer was complete", nothing, nothing},
}

// A client of HTTP/2 holds what a server does against the standard, and says so in the standard's way. After a mistake within a stream the
// connection goes on.
func TestRFC9113(t *testing.T) {
	for _, tt := range append(framingCases, messageCases...) {
		t.Run(tt.name, func(t *testing.T) {
			var mu sync.Mutex
			goAway, reset := nothing, nothing
			eachPeer(t, Config{MaxHeader: 10 << 10}, func(p *h2peer) {
				p.WriteSettings()
				if p.n%2 == 1 {
					p.serve()
					return
				}
				id := p.request().StreamID
				tt.do(p, id)
				for {
					switch f := p.next().(type) {
					case nil:
						return
					case *http2.RSTStreamFrame:
						mu.Lock()
						reset = int(f.ErrCode)
						mu.Unlock()
					case *http2.GoAwayFrame:
						mu.Lock()
						goAway = int(f.ErrCode)
						mu.Unlock()
					case *http2.HeadersFrame:
						p.headers(f.StreamID, ok204, true)
					}
				}
			}, func(t *testing.T, e *Engine, base *Target) {
				c := e.Client(0)
				if tt.kind == 0 {
					do(t, c, Request{Base: base, URL: "/"})
				} else if _, f := doFail(t, c, Request{Base: base, URL: "/", Method: "POST"}, tt.kind); !strings.Contains(f.Text, tt.text) {
					t.Errorf("%s, want %s", f.Text, tt.text)
				}
				if r := do(t, c, Request{Base: base, URL: "/"}); r.Status != 204 {
					t.Errorf("%+v", r)
				}
				ended := tt.goAway != nothing || tt.kind == fault.Reset && !strings.Contains(tt.text, "stream")
				if n := e.Counters().Dials; (n == 2) != ended {
					t.Errorf("%d connections", n)
				}
				if !eventually(func() bool {
					mu.Lock()
					defer mu.Unlock()
					return goAway == tt.goAway && reset == tt.reset
				}) {
					t.Errorf("GOAWAY %d, RST_STREAM %d", goAway, reset)
				}
				mu.Lock()
				defer mu.Unlock()
				goAway, reset = nothing, nothing
			})
		})
	}
}

// What came in the first frame decides whether the other side speaks HTTP/2 at all.
func TestFirstFrame(t *testing.T) {
	for name, do := range map[string]func(p *h2peer){
		"PING first":    func(p *h2peer) { p.WritePing(false, [8]byte{}) },
		"an answer":     func(p *h2peer) { p.headers(1, ok204, true) },
		"acknowledging": func(p *h2peer) { p.WriteSettingsAck() },
	} {
		t.Run(name, func(t *testing.T) {
			eachPeer(t, Config{}, func(p *h2peer) {
				do(p)
				for p.next() != nil {
				}
			}, func(t *testing.T, e *Engine, base *Target) {
				doFail(t, e.Client(0), Request{Base: base, URL: "/"}, fault.Protocol)
			})
		})
	}
}
