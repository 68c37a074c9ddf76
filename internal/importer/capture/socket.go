package capture

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// upgraded notes a connection that speaks another protocol from here on. What is said over a WebSocket is noted as it passes.
func (p *Proxy) upgraded(resp *http.Response, q *importer.Request) {
	both, ok := resp.Body.(io.ReadWriteCloser)
	if !ok || !strings.EqualFold(resp.Header.Get("Upgrade"), "websocket") {
		p.mu.Lock()
		p.left.Add("connections that were switched to another protocol than WebSocket", importer.Brief(q.URL))
		p.mu.Unlock()
		return
	}
	q.Kind = importer.Socket
	p.mu.Lock()
	if !p.closed {
		p.taken = append(p.taken, q)
	}
	p.mu.Unlock()
	note := func(sent bool) *listener {
		return &listener{tell: func(m importer.Message) {
			m.Sent, m.At = sent, time.Now()
			p.mu.Lock()
			defer p.mu.Unlock()
			if !p.closed && len(q.Messages) < mostMessages {
				q.Messages = append(q.Messages, m)
			}
		}}
	}
	resp.Body = &overheard{ReadWriteCloser: both, site: note(false), browser: note(true)}
}

// mostMessages is how many messages of a socket are kept.
const mostMessages = 10_000

// overheard is a connection whose frames are read as they pass.
type overheard struct {
	io.ReadWriteCloser
	site, browser *listener
}

func (o *overheard) Read(b []byte) (int, error) {
	n, err := o.ReadWriteCloser.Read(b)
	o.site.hear(b[:n])
	return n, err
}

func (o *overheard) Write(b []byte) (int, error) {
	o.browser.hear(b)
	return o.ReadWriteCloser.Write(b)
}

// listener reads the frames of one side (RFC 6455, 5.2). What it cannot read it passes over from then on.
type listener struct {
	tell    func(importer.Message)
	rest    []byte // of a frame that is not whole yet
	message []byte // the fragments so far
	binary  bool
	deaf    bool
}

func (l *listener) hear(b []byte) {
	if l.deaf {
		return
	}
	for l.rest = append(l.rest, b...); ; {
		n := l.frame(l.rest)
		if n == 0 {
			break
		}
		l.rest = bytes.Clone(l.rest[n:])
	}
	if len(l.rest) > bodyMost {
		l.rest, l.deaf = nil, true
	}
}

// frame reads the first frame of b and gives its length; 0 when it is not whole.
func (l *listener) frame(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	head, n := 2, uint64(b[1]&0x7f)
	switch n {
	case 126:
		if head = 4; len(b) < head {
			return 0
		}
		n = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if head = 10; len(b) < head {
			return 0
		}
		n = binary.BigEndian.Uint64(b[2:])
	}
	var key []byte
	if b[1]&0x80 != 0 {
		if head += 4; len(b) < head {
			return 0
		}
		key = b[head-4 : head]
	}
	if n > bodyMost || uint64(len(b)-head) < n {
		return 0
	}
	payload := bytes.Clone(b[head : head+int(n)])
	for i := range payload {
		if key != nil {
			payload[i] ^= key[i&3]
		}
	}
	l.took(b[0], payload)
	return head + int(n)
}

// took takes a frame whose first byte is given.
func (l *listener) took(first byte, payload []byte) {
	switch op := first & 0x0f; {
	case first&0x70 != 0: // of an extension that nobody has offered
		l.deaf = true
	case op == 0:
		l.message = append(l.message, payload...)
	case op == 1, op == 2:
		l.message, l.binary = payload, op == 2
	default:
		return // a control frame
	}
	if len(l.message) > bodyMost {
		l.message, l.deaf = nil, true
	}
	if first&0x80 != 0 && !l.deaf {
		l.tell(importer.Message{Data: l.message, Binary: l.binary})
		l.message = nil
	}
}
