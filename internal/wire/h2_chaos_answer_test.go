package wire

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/http2"
)

// answerOf does the next step of an answer.
func (s *chaos) answerOf(st *chaosStream) bool {
	switch {
	case !st.headed && s.rng.IntN(4) == 0:
		s.split(st.id, false, ":status", strconv.Itoa(102+s.rng.IntN(2)), "link", "</a.css>")
		return false
	case !st.headed && s.refused != nil && s.rng.IntN(20) == 0:
		if _, again := s.refused.LoadOrStore(st.path, true); again {
			return false
		}
		s.WriteRSTStream(st.id, http2.ErrCodeRefusedStream)
		s.over(st)
	case !st.whole:
		return false
	case !st.headed:
		st.headed = true
		what, _, _ := strings.Cut(strings.TrimPrefix(st.path, "/"), "?")
		n, _ := strconv.Atoi(what)
		st.answer = append(bytesOf(n), fmt.Sprintf("%d %x", st.up, st.sum.Sum(nil))...)
		fields := []string{":status", "200", "x-path", st.path}
		if s.rng.IntN(2) == 0 {
			fields = append(fields, "content-length", strconv.Itoa(len(st.answer)))
		}
		s.split(st.id, false, fields...)
	case len(st.answer) > 0:
		return s.data(st)
	default:
		s.end(st)
	}
	return true
}

// data sends a part of the body, as far as the windows permit.
func (s *chaos) data(st *chaosStream) bool {
	n := min(1+s.rng.IntN(1<<s.rng.IntN(14)), len(st.answer))
	var pad []byte
	cost := int64(n)
	if s.rng.IntN(2) == 0 {
		pad = make([]byte, s.rng.IntN(256))
		cost += int64(len(pad)) + 1
	}
	if cost > s.room || cost > st.room {
		return false
	}
	s.room -= cost
	st.room -= cost
	part := st.answer[:n]
	st.answer = st.answer[n:]
	ends := len(st.answer) == 0 && s.rng.IntN(2) == 0
	if pad != nil {
		s.WriteDataPadded(st.id, ends, part, pad)
	} else {
		s.WriteData(st.id, ends, part)
	}
	if ends {
		s.over(st)
	}
	return true
}

// end ends an answer whose body is out.
func (s *chaos) end(st *chaosStream) {
	if s.rng.IntN(2) == 0 {
		s.split(st.id, true, "x-trailer", st.path)
	} else {
		s.WriteData(st.id, true, nil)
	}
	s.over(st)
}

// over forgets a stream, and sends what may still come behind its end.
func (s *chaos) over(st *chaosStream) {
	for i := range s.streams {
		if s.streams[i] == st {
			s.streams = append(s.streams[:i], s.streams[i+1:]...)
			break
		}
	}
	if s.rng.IntN(3) == 0 {
		s.WriteRSTStream(st.id, http2.ErrCodeNo)
		s.WriteWindowUpdate(st.id, 5)
	}
}

// split sends a header in as many frames as it likes, padded and with a priority.
func (s *chaos) split(id uint32, end bool, fields ...string) {
	b := s.block(fields...)
	n := s.rng.IntN(len(b) + 1)
	if s.rng.IntN(2) == 0 {
		n = len(b)
	}
	param := http2.HeadersFrameParam{StreamID: id, BlockFragment: b[:n], EndStream: end, EndHeaders: n == len(b), PadLength: uint8(s.rng.IntN(256))}
	if s.rng.IntN(2) == 0 {
		param.Priority = http2.PriorityParam{StreamDep: 7, Weight: 3}
	}
	s.WriteHeaders(param)
	for b = b[n:]; !param.EndHeaders; b = b[n:] {
		n = min(len(b), s.rng.IntN(20))
		param.EndHeaders = n == len(b)
		s.WriteContinuation(id, param.EndHeaders, b[:n])
	}
}
