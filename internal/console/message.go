package console

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
)

// message is a piece of a stream: written once, and packed once, however many get it. It is never changed.
type message struct {
	text   []byte
	once   sync.Once
	packed []byte
}

// plain is a message of a text.
func plain(text []byte) *message { return &message{text: text} }

// written is a message as it goes over the wire.
func written(id position, kind string, data json.RawMessage) *message {
	head := fmt.Sprintf("id: %s\nevent: %s\ndata: ", id, kind)
	return plain(slices.Concat([]byte(head), data, []byte("\n\n")))
}

// deflated is the message as blocks of DEFLATE that refer to nothing before them and end at a whole byte: they fit into any stream, at any place.
func (m *message) deflated() []byte {
	m.once.Do(func() {
		var b bytes.Buffer
		if err := flate.StatelessDeflate(&b, m.text, false, nil); err == nil { // writing to memory does not fail
			m.packed = b.Bytes()
		}
	})
	return m.packed
}

// envelope is what stands around the messages of one stream.
type envelope interface {
	open(to []byte) []byte
	add(to []byte, m *message) []byte
	close(to []byte) []byte
}

// envelopeFor is what whoever asks can read.
func envelopeFor(r *http.Request) envelope {
	if takesGzip(r.Header) {
		return new(gzipped)
	}
	return bare{}
}

// bare is messages as they are.
type bare struct{}

func (bare) open(to []byte) []byte            { return to }
func (bare) add(to []byte, m *message) []byte { return append(to, m.text...) }
func (bare) close(to []byte) []byte           { return to }

// gzipped is a gzip file (RFC 1952) that is made of messages packed elsewhere: what is its own is the sum of all of them.
type gzipped struct {
	sum, size uint32
}

func (*gzipped) open(to []byte) []byte {
	return append(to, 0x1f, 0x8b, 8 /* deflate */, 0, 0, 0, 0, 0, 0, 0xff /* of no particular system */)
}

func (g *gzipped) add(to []byte, m *message) []byte {
	g.sum = crc32.Update(g.sum, crc32.IEEETable, m.text)
	g.size += uint32(len(m.text)) // modulo 2^32, as it should be
	return append(to, m.deflated()...)
}

func (g *gzipped) close(to []byte) []byte {
	to = append(to, 1, 0, 0, 0xff, 0xff) // the last block, which is empty
	to = binary.LittleEndian.AppendUint32(to, g.sum)
	return binary.LittleEndian.AppendUint32(to, g.size)
}

// takesGzip reports whether a request accepts an answer in gzip (RFC 9110, 12.5.3).
func takesGzip(h http.Header) bool {
	any := false
	for part := range strings.SplitSeq(strings.Join(h.Values("Accept-Encoding"), ","), ",") {
		coding, weight, weighed := strings.Cut(part, ";")
		q := 1.0
		if _, text, ok := strings.Cut(weight, "="); weighed && ok {
			q, _ = strconv.ParseFloat(strings.TrimSpace(text), 64)
		}
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return q > 0
		case "*":
			any = q > 0
		}
	}
	return any
}
