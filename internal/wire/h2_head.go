package wire

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"
)

// headers takes a HEADERS frame.
func (h *h2conn) headers(d *h2workspace, p []byte, flags byte, id uint32, now int64) {
	if !h.known(id, "HEADERS") {
		return
	}
	pad := 0
	if flags&flagPadded != 0 {
		if len(p) == 0 {
			h.die(h2FrameSize, "a HEADERS frame is too short for its padding")
			return
		}
		pad, p = int(p[0]), p[1:]
	}
	if flags&flagPriority != 0 {
		if len(p) < 5 {
			h.die(h2FrameSize, "a HEADERS frame is too short for its priority")
			return
		}
		p = p[5:]
	}
	if pad > len(p) {
		h.die(h2Protocol, "the padding is longer than its frame")
		return
	}
	p = p[:len(p)-pad]
	end := flags&flagEndStream != 0
	if flags&flagEndHeaders != 0 {
		h.header(d, p, id, end, now)
		return
	}
	h.expects, h.ends, h.parts = id, end, 0
	h.block = append(h.e.buffers.get(blockLimit)[:0], p...)
}

// continued takes a CONTINUATION frame.
func (h *h2conn) continued(d *h2workspace, p []byte, flags byte, id uint32, now int64) {
	limit := max(blockLimit, h.e.cfg.MaxHeader)
	if h.parts++; h.parts > max(blockParts, limit/frameLimit*2) || len(h.block)+len(p) > limit {
		h.die(h2Calm, "a header block without end")
		return
	}
	h.block = append(h.block, p...)
	if flags&flagEndHeaders == 0 {
		return
	}
	block := h.block
	h.block, h.expects = nil, 0
	h.header(d, block, id, h.ends, now)
	h.e.buffers.put(block)
}

// header takes a whole header block: of an answer, of one that comes before it, or of what comes behind its body.
func (h *h2conn) header(d *h2workspace, block []byte, id uint32, end bool, now int64) {
	head, err := h.decode(d, block)
	if err != nil {
		h.die(h2Compression, "a header block cannot be decompressed")
		return
	}
	i := h.find(id)
	if i < 0 {
		return
	}
	x := h.streams[i]
	s := &x.stream
	s.in += int64(len(block) + frameHeader)
	switch {
	case head.tooLarge:
		h.cancelStream(i, h2Cancel, headerTooLarge())
	case head.wrong != "":
		h.cancelStream(i, h2Protocol, h.wrong(head.wrong))
	case s.headed && (!end || head.status != 0):
		h.cancelStream(i, h2Protocol, h.wrong("a second header that does not end the stream"))
	case s.headed: // trailers
		h.idle = 0
		if s.tunnel == nil && x.req.Pool == CallPool {
			x.answer.trailed(head)
		}
		h.answered(i, now)
	case head.status == 0 || head.status == 101:
		h.cancelStream(i, h2Protocol, h.wrong("the answer has no status that HTTP/2 knows"))
	case head.status < 200:
		if end {
			h.cancelStream(i, h2Protocol, h.wrong("the stream ends with an interim answer"))
			return
		}
		x.hinted(head)
	default:
		h.idle = 0
		h.answerBegins(i, head, end, now)
	}
}

// hinted tells the caller of early hints, once.
func (x *exchange) hinted(head *h2head) {
	if head.status != 103 || x.req.Early == nil || x.stream.hinted {
		return
	}
	link := ""
	text := answer{fields: head.text}
	for name, value := range text.each {
		if sameFold(name, "link") {
			if link != "" {
				link += ", "
			}
			link += string(value)
		}
	}
	if link != "" {
		x.stream.hinted = true
		x.req.Early(link)
	}
}

// answerBegins gives the header of the answer to its exchange.
func (h *h2conn) answerBegins(i int, head *h2head, end bool, now int64) {
	x := h.streams[i]
	s := &x.stream
	x.acquire()
	x.resp.Times.FirstByte, x.resp.Times.Done = now, now
	if x.firstDue { // the limit of the first byte is lifted; the wheel finds out that it comes too early
		x.firstDue, x.due = false, x.deadline
	}
	s.headed, s.length = true, head.length
	opens := s.tunnel != nil && !end && head.status/100 == 2
	if err := x.answer.adopt(head, !end && !opens); err != nil {
		h.cancelStream(i, h2Cancel, err)
		return
	}
	if opens {
		h.openTunnel(i)
		return
	}
	if end {
		h.answered(i, now)
	}
}

// adopt takes over a header that came over HTTP/2. What is shared may be kept, else its text is copied.
func (a *answer) adopt(head *h2head, body bool) error {
	a.status, a.minor, a.stage = head.status, 2, atClose
	a.cookies, a.encoded, a.hop = head.cookies, head.encoded, head.hop
	if head.shared {
		a.fields = head.text
		if size := smallBuffer; body {
			if head.length > 0 && head.length <= tinyBuffer {
				size = tinyBuffer
			}
			a.takeBuffer(size)
		}
	} else {
		a.buf = a.pool.get(len(head.text) + smallBuffer/2)
		n := copy(a.buf, head.text)
		a.fields = a.buf[:n:n]
		a.at, a.have, a.floor, a.seen = n, n, n, n
	}
	if head.length > a.maxBody && !a.headless && !a.discard {
		return a.bodyTooLarge()
	}
	if body && head.length > 0 && !a.headless {
		a.left = head.length
		a.prepare()
	}
	return nil
}

// h2head is a header block, understood.
type h2head struct {
	block    []byte // as it came; only of a shared one
	text     []byte // its fields as HTTP/1.1 sends them
	status   int
	length   int64 // -1 without
	cookies  bool
	encoded  bool
	hop      bool
	shared   bool // it is remembered, and nobody may change it
	fills    bool // it has fields enter the table, if that has any room
	tooLarge bool
	wrong    string // why it cannot be
}

// heads remembers header blocks for all connections of an engine whose tables are empty, so that a block means the same on each. Servers
// send the same header again and again: comparing it costs a tenth of decompressing it.
type heads struct {
	slots [256]struct {
		head atomic.Pointer[h2head]
		seen atomic.Uint64 // hash of the last block that was not there: only what comes twice is worth remembering
	}
}

// headMost is how large a block may be to be remembered.
const headMost = 1 << 10

// decode understands a block.
func (h *h2conn) decode(d *h2workspace, block []byte) (*h2head, error) {
	if !h.dec.Empty() || len(block) > headMost || changesTable(block) {
		return h.read(d, block)
	}
	hash := maphash.Bytes(h.e.seed, block)
	slot := &h.e.heads.slots[hash%uint64(len(h.e.heads.slots))]
	if known := slot.head.Load(); known != nil && (!known.fills || h.dec.Fixed()) && bytes.Equal(known.block, block) {
		return known, nil
	}
	before := h.dec.Remembered()
	head, err := h.read(d, block)
	if err != nil || head.wrong != "" || head.tooLarge || !h.dec.Empty() || slot.seen.Swap(hash) != hash {
		return head, err
	}
	kept := *head
	kept.block, kept.text, kept.shared = bytes.Clone(block), bytes.Clone(head.text), true
	kept.fills = h.dec.Remembered() != before
	slot.head.Store(&kept)
	return head, nil
}

// read decompresses a block.
func (h *h2conn) read(d *h2workspace, block []byte) (*h2head, error) {
	d.headReader.begin(h.e.cfg.MaxHeader)
	err := h.dec.Decode(block, &d.scratch, &d.headReader)
	return &d.head, err
}

// changesTable reports whether a block sets the size of the table: it must be read each time.
func changesTable(block []byte) bool { return len(block) > 0 && block[0]>>5 == 1 }
