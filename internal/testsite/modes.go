package testsite

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// exchange is one request on its way to an answer.
type exchange struct {
	*conn
	head   head
	number int64         // of this request, from 0
	since  time.Duration // when it arrived, on the server's clock
}

// behaviour answers one request. It reports false if the connection is of no more use.
type behaviour func(exchange) bool

// behaviour is the one of the server's mode.
func (s *Server) behaviour() behaviour {
	switch s.config.Mode {
	case Fixed:
		return func(x exchange) bool { return x.until(x.since+s.config.Service) && x.ok() }
	case Bimodal:
		return s.bimodal
	case Exp:
		return func(x exchange) bool { return x.until(s.worker.take(x.since)) && x.ok() }
	case Freeze:
		return s.freezing
	case SlowBody:
		return s.slowBody
	case Reset:
		return s.share(func(x exchange) bool { x.reset(); return false })
	case Cut:
		return s.share(cut)
	case Hang:
		return s.share(hang)
	case FiveXX:
		return s.share(func(x exchange) bool { return x.send(x.head, s.failure) })
	case Cookie:
		return s.cookie
	}
	return fast
}

// fast answers from memory. Only after a freeze does it look at the clock at all.
func fast(x exchange) bool {
	if x.server.clock.frozen.Load() != nil && !x.until(x.since) {
		return false
	}
	return x.ok()
}

// ok sends the usual answer.
func (x exchange) ok() bool { return x.send(x.head, x.server.page) }

// share gives the requests of the configured share to a behaviour, and a fast answer to the others.
func (s *Server) share(chosen behaviour) behaviour {
	return func(x exchange) bool {
		if !inShare(x.number, s.config.Share) {
			return fast(x)
		}
		return x.until(x.since) && chosen(x)
	}
}

// inShare picks requests so that of the first N exactly floor(N*share) are chosen, as evenly as can be.
func inShare(number int64, share float64) bool {
	return math.Floor(float64(number+1)*share) > math.Floor(float64(number)*share)
}

func (s *Server) bimodal(x exchange) bool {
	service := s.config.Service
	if inShare(x.number, s.config.Share) {
		service = s.config.Slow
	}
	return x.until(x.since+service) && x.ok()
}

// freezing starts the clock of the freeze at the first request, so that its place within a run does not depend on when the run began.
func (s *Server) freezing(x exchange) bool {
	if x.number == 0 {
		s.freezeLater()
	}
	return fast(x)
}

// pieces is how many writes the body of slowbody takes.
const pieces = 10

func (s *Server) slowBody(x exchange) bool {
	if string(x.head.method) == "HEAD" {
		return fast(x)
	}
	sent, body := s.page.head, len(s.page.bytes)-s.page.head
	for i := range pieces {
		if !x.until(x.since + s.config.Service*time.Duration(i)/(pieces-1)) {
			return false
		}
		end := s.page.head + body*(i+1)/pieces
		from := sent
		if i == 0 {
			from = 0
		}
		if _, err := x.stream.Write(s.page.bytes[from:end]); err != nil {
			return false
		}
		sent = end
	}
	return true
}

// cut promises a body, sends half of it and goes.
func cut(x exchange) bool {
	p := x.server.page
	_, _ = x.stream.Write(p.bytes[:p.head+(len(p.bytes)-p.head)/2])
	return false
}

// hang listens until the client has had enough, or the server closes.
func hang(x exchange) bool {
	_, _ = io.Copy(io.Discard, x.stream)
	return false
}

// visitorCookie is "number-visits". The client keeps the count, so the server needs no memory of its visitors.
const visitorCookie = "visitor"

func (s *Server) cookie(x exchange) bool {
	visitor, visits, known := parseVisitor(x.head.cookie)
	if !known {
		visitor, visits = s.visitors.Add(1), 0
	}
	visits++
	set := fmt.Sprintf("Set-Cookie: %s=%d-%d; Path=/\r\n", visitorCookie, visitor, visits)
	body := fmt.Appendf(nil, `{"visitor":%d,"visits":%d}`, visitor, visits)
	return x.until(x.since) && x.send(x.head, newPage("200 OK", "application/json", set, body))
}

// parseVisitor finds the visitor in the value of a Cookie header.
func parseVisitor(header []byte) (visitor, visits int64, ok bool) {
	for cookie := range bytes.SplitSeq(header, []byte{';'}) {
		name, value, _ := bytes.Cut(bytes.TrimSpace(cookie), []byte{'='})
		if string(name) != visitorCookie {
			continue
		}
		first, second, _ := bytes.Cut(value, []byte{'-'})
		visitor, err1 := strconv.ParseInt(string(first), 10, 64)
		visits, err2 := strconv.ParseInt(string(second), 10, 64)
		return visitor, visits, err1 == nil && err2 == nil && visitor > 0 && visits > 0
	}
	return 0, 0, false
}
