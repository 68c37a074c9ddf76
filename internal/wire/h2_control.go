package wire

import (
	"encoding/binary"
)

// frameDone is called with the whole payload of a frame other than DATA, or with nil when a frame has none.
func (h *h2conn) frameDone(d *h2workspace, p []byte, now int64) {
	h.have = 0
	flags, id := h.head[4], binary.BigEndian.Uint32(h.head[5:])&streamLimit
	switch h.head[3] {
	case frameData: // an empty one
		h.dataDone(now)
	case frameHeaders:
		h.headers(d, p, flags, id, now)
	case frameContinuation:
		h.continued(d, p, flags, id, now)
	case frameReset:
		h.reset(p, id)
	case frameSettings:
		h.settings(p, flags, id)
	case framePush:
		h.die(h2Protocol, "it pushes, although told not to")
	case framePing:
		switch {
		case id != 0:
			h.die(h2Protocol, "PING on a stream")
		case len(p) != 8:
			h.die(h2FrameSize, "PING with a wrong length")
		case flags&flagAck == 0:
			h.reply(framePing, p)
		}
	case frameGoAway:
		h.goAway(p, id)
	case frameWindow:
		h.windowUpdate(p, id)
	case framePriority:
		if len(p) != 5 {
			h.die(h2FrameSize, "PRIORITY with a wrong length")
		}
	}
}

// settings takes over what the peer says of itself.
func (h *h2conn) settings(p []byte, flags byte, id uint32) {
	h.settled = true
	switch {
	case id != 0:
		h.die(h2Protocol, "SETTINGS on a stream")
		return
	case flags&flagAck != 0:
		if len(p) > 0 {
			h.die(h2FrameSize, "an acknowledgement of SETTINGS that holds some")
		}
		return
	case len(p)%6 != 0:
		h.die(h2FrameSize, "SETTINGS with a wrong length")
		return
	}
	for ; len(p) > 0 && h.err == nil; p = p[6:] {
		h.setting(binary.BigEndian.Uint16(p), binary.BigEndian.Uint32(p[2:]))
	}
	if h.err != nil {
		return
	}
	h.tellArrived()
	if h.reply(frameSettings, nil); h.err == nil {
		h.pump()
		h.line.kick()
	}
}

func (h *h2conn) setting(id uint16, v uint32) {
	switch id {
	case settingTable:
		h.enc.SetTable(v)
	case settingPush:
		if v != 0 {
			h.die(h2Protocol, "SETTINGS let the client push")
		}
	case settingStreams:
		most := int32(min(v, streamLimit))
		if most > h.most.Swap(most) {
			h.roomChanged = true
		}
		for i := int(most); i < len(h.streams); i++ {
			h.streams[i].stream.excess = true
		}
	case settingWindow:
		if v > windowLimit {
			h.die(h2Flow, "SETTINGS with a window that is too large")
			return
		}
		change := int64(v) - h.initial
		h.initial = int64(v)
		for _, x := range h.streams {
			if x.stream.window += change; x.stream.window > windowLimit {
				h.die(h2Flow, "SETTINGS make a window too large")
				return
			}
		}
	case settingFrame:
		if v < frameLimit || v > 1<<24-1 {
			h.die(h2Protocol, "SETTINGS with a size of frames that cannot be")
			return
		}
		h.maxFrame = int(v)
	case settingConnect:
		if v > 1 {
			h.die(h2Protocol, "SETTINGS with a value that cannot be")
			return
		}
		h.connects = v == 1
	}
}

// windowUpdate lets more be sent.
func (h *h2conn) windowUpdate(p []byte, id uint32) {
	if len(p) != 4 {
		h.die(h2FrameSize, "WINDOW_UPDATE with a wrong length")
		return
	}
	n := int64(binary.BigEndian.Uint32(p) & windowLimit)
	switch {
	case id == 0 && n == 0:
		h.die(h2Protocol, "WINDOW_UPDATE by nothing")
		return
	case id == 0:
		if h.window += n; h.window > windowLimit {
			h.die(h2Flow, "WINDOW_UPDATE makes the window of the connection too large")
			return
		}
	case id&1 == 0 || id >= h.next:
		h.die(h2Protocol, "WINDOW_UPDATE on a stream that nobody opened")
		return
	default:
		i := h.find(id)
		if i < 0 {
			return // it ended a moment ago
		}
		s := &h.streams[i].stream
		s.window += n
		switch {
		case n == 0:
			h.cancelStream(i, h2Protocol, h.wrong("WINDOW_UPDATE by nothing"))
			return
		case s.window > windowLimit:
			h.cancelStream(i, h2Flow, h.wrong("WINDOW_UPDATE makes the window of the stream too large"))
			return
		}
	}
	if h.uploads > 0 {
		h.idle = 0
		if h.pump(); len(h.out) > 0 {
			h.line.kick()
		}
	}
}

// reset ends a stream as the peer wishes.
func (h *h2conn) reset(p []byte, id uint32) {
	if len(p) != 4 {
		h.die(h2FrameSize, "RST_STREAM with a wrong length")
		return
	}
	if id == 0 || id&1 == 0 || id >= h.next {
		h.die(h2Protocol, "RST_STREAM on a stream that nobody opened")
		return
	}
	i := h.find(id)
	if i < 0 {
		return
	}
	code := h2code(binary.BigEndian.Uint32(p))
	h.idle = 0
	s := &h.streams[i].stream
	s.untouched, s.ended = code == h2Refused && !s.headed, true // RFC 9113, 8.7
	h.end(i, h.resetError(code))
}

// goAway is the peer's wish to end the connection. Requests that it will not look at are sent again elsewhere; it answers the others.
func (h *h2conn) goAway(p []byte, id uint32) {
	if id != 0 {
		h.die(h2Protocol, "GOAWAY on a stream")
		return
	}
	if len(p) < 8 {
		h.die(h2FrameSize, "GOAWAY with a wrong length")
		return
	}
	last := binary.BigEndian.Uint32(p) & streamLimit
	h.last = min(h.last, last)
	h.code = h2code(binary.BigEndian.Uint32(p[4:]))
	h.state.Or(h2Leaving)
	h.roomChanged = true
	for i := len(h.streams) - 1; i >= 0 && h.streams[i].stream.id > h.last; i-- {
		s := &h.streams[i].stream
		s.untouched = !s.headed
		h.end(i, h.closedError(h.code, s.headed))
	}
	if len(h.streams) == 0 {
		h.fail(h.closedError(h.code, false), nil)
	}
}

// lost is called when nothing more will come: the peer has closed, or the network failed.
func (h *h2conn) lost(err error) {
	if !isReset(err) {
		h.fail(transportError("read", h.origin, err), nil)
		return
	}
	if h.have > 0 && !h.settled && string(h.head[:min(h.have, 5)]) == "HTTP/" {
		h.fail(h.speaks1(), nil)
		return
	}
	h.fail(h.closedError(h.code, false), h.closedError(h.code, true))
}
