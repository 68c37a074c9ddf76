package wire

import "encoding/binary"

// Types of frames (RFC 9113, 6).
const (
	frameData         = 0
	frameHeaders      = 1
	framePriority     = 2
	frameReset        = 3 // RST_STREAM
	frameSettings     = 4
	framePush         = 5 // PUSH_PROMISE
	framePing         = 6
	frameGoAway       = 7
	frameWindow       = 8 // WINDOW_UPDATE
	frameContinuation = 9
)

// Flags of frames. Their meaning depends on the type.
const (
	flagAck        = 0x1 // SETTINGS, PING
	flagEndStream  = 0x1 // DATA, HEADERS
	flagEndHeaders = 0x4 // HEADERS, CONTINUATION
	flagPadded     = 0x8 // DATA, HEADERS
	flagPriority   = 0x20
)

// Settings.
const (
	settingTable      = 1
	settingPush       = 2
	settingStreams    = 3
	settingWindow     = 4
	settingFrame      = 5
	settingHeaderList = 6
	settingConnect    = 8 // RFC 8441
)

// h2code is the reason for which a stream or a connection ends (RFC 9113, 7).
type h2code uint32

const (
	h2NoError      h2code = 0
	h2Protocol     h2code = 1
	h2Flow         h2code = 3
	h2StreamClosed h2code = 5
	h2FrameSize    h2code = 6
	h2Refused      h2code = 7
	h2Cancel       h2code = 8
	h2Compression  h2code = 9
	h2Calm         h2code = 11
)

var h2codeNames = [...]string{
	"NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED", "FRAME_SIZE_ERROR",
	"REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED",
}

// String is the code as the standard spells it. All that it does not know have one text, as texts must group.
func (c h2code) String() string {
	if int(c) < len(h2codeNames) {
		return h2codeNames[c]
	}
	return "an unknown error code"
}

const (
	frameHeader  = 9       // bytes before the payload of each frame
	frameLimit   = 1 << 14 // of a payload, which nothing raises for what we receive
	windowLimit  = 1<<31 - 1
	streamLimit  = 1<<31 - 1 // of stream ids
	windowAtOnce = 1<<16 - 1 // of a connection, before anything is said
)

// What we permit the peer, as browsers do: windows that hardly ever need to be renewed.
const (
	streamWindow = 6 << 20
	connWindow   = 15 << 20
	// tableWindow is the size of the table for header compression. Told nothing, nginx fills its table anew with each answer; told this,
	// it does without.
	tableWindow = 64 << 10
)

// appendFrame begins a frame with a payload of n bytes.
func appendFrame(b []byte, n int, kind, flags byte, stream uint32) []byte {
	return append(b, byte(n>>16), byte(n>>8), byte(n), kind, flags, byte(stream>>24), byte(stream>>16), byte(stream>>8), byte(stream))
}

// appendNumber is a frame whose payload is a number of four bytes: WINDOW_UPDATE and RST_STREAM.
func appendNumber(b []byte, kind byte, stream, n uint32) []byte {
	return binary.BigEndian.AppendUint32(appendFrame(b, 4, kind, 0, stream), n)
}

func appendGoAway(b []byte, code h2code) []byte {
	b = binary.BigEndian.AppendUint32(appendFrame(b, 8, frameGoAway, 0, 0), 0)
	return binary.BigEndian.AppendUint32(b, uint32(code))
}

// appendPreface is what a client says first (RFC 9113, 3.4).
func appendPreface(b []byte, maxHeader int) []byte {
	b = append(b, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"...)
	settings := [...]struct {
		id    uint16
		value uint32
	}{{settingTable, tableWindow}, {settingPush, 0}, {settingWindow, streamWindow}, {settingHeaderList, uint32(maxHeader)}}
	b = appendFrame(b, 6*len(settings), frameSettings, 0, 0)
	for _, s := range settings {
		b = binary.BigEndian.AppendUint16(b, s.id)
		b = binary.BigEndian.AppendUint32(b, s.value)
	}
	return appendNumber(b, frameWindow, 0, connWindow-windowAtOnce)
}
