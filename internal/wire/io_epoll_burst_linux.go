package wire

import (
	"io"
	"runtime"
	"syscall"
)

// Requests that are made while a poller is in the middle of a round are sent by it, together, at the end of that round. One by one, each
// send would find the server's thread asleep and have to wake it; and io_uring makes one system call of many of them.
//
// The queue is a list of links that grows at its head, without a lock. While the poller sleeps, its head is asleep: who then has something
// to send does it himself.

// Where the bytes stand that a request left to the poller.
const (
	burstNone    = iota // nothing is left to it
	burstQueued         // they wait for the end of the round
	burstSending        // the poller is at it: the descriptor must stay
	burstDropped        // the link was closed meanwhile
)

// What became of them, when it was not what is usual.
const (
	troubleNone  = iota
	troubleShort // only the first outFrom were sent
	troubleLost  // none was; outFrom is the error
)

// leave leaves a small request to the poller, when that is in a round.
func (l *epollLink) leave(x *exchange) bool {
	p, b := l.poller, x.out
	if len(b) > outSize || p.queue.Load() == &p.asleep {
		return false
	}
	l.settle(x.loop)
	out, _ := p.b.outs.Get().(*[outSize]byte)
	if out == nil {
		out = new([outSize]byte)
	}
	l.out, l.outLen = out, uint16(copy(out[:], b))
	l.burst.Store(burstQueued)
	if p.later(l) {
		return true
	}
	l.burst.Store(burstNone)
	l.giveBack()
	return false
}

// settle waits until the poller has sent what was left to it: before the link sends more, or its descriptor is closed. That is soon. On is the
// poller that calls it, which goes on sending meanwhile: two of them may wait for each other. It is nil for anybody else.
func (l *epollLink) settle(on *poller) {
	for l.burst.Load() != burstNone {
		if on != nil {
			on.flush()
		}
		if on != l.poller {
			runtime.Gosched()
		}
	}
}

// drop takes back what the poller has not begun to send.
func (l *epollLink) drop() {
	if !l.burst.CompareAndSwap(burstQueued, burstDropped) {
		for l.burst.Load() == burstSending {
			runtime.Gosched()
		}
	}
}

func (l *epollLink) giveBack() {
	l.poller.b.outs.Put(l.out)
	l.out = nil
}

// troubled goes on after the poller could not send everything.
func (l *epollLink) troubled(x *exchange) (int, error) {
	trouble := l.trouble
	l.trouble = troubleNone
	if trouble == troubleLost {
		x.sent = 0
		return l.early(x, syscall.Errno(l.outFrom))
	}
	defer l.giveBack()
	for rest := l.out[l.outFrom:l.outLen]; len(rest) > 0; {
		n, e := sysWrite(int(l.fd), rest)
		switch {
		case e == 0:
			rest = rest[n:]
		case e != syscall.EAGAIN:
			return l.early(x, e)
		case l.ended():
			return l.early(x, io.EOF)
		default:
			if err := l.awaitRoom(x); err != nil {
				return 0, err
			}
		}
	}
	return l.more(x)
}

// later has the poller look at l at the end of its round. It reports false when the poller sleeps. Whoever has the link may call it.
func (p *poller) later(l *epollLink) bool {
	if l.queued {
		return true
	}
	for {
		head := p.queue.Load()
		if head == &p.asleep {
			return false
		}
		l.behind = head
		l.queued = true
		if p.queue.CompareAndSwap(head, l) {
			return true
		}
		l.queued = false
	}
}

// flush sends what was left to the poller.
func (p *poller) flush() {
	if p.queue.Load() == nil {
		return
	}
	var first *epollLink
	for l := p.queue.Swap(nil); l != nil; { // the list has the last one first
		next := l.behind
		l.behind = first
		first, l = l, next
	}
	for first != nil {
		l := first
		first, l.behind = l.behind, nil // before it is worked on: from then on it may be queued again
		if l.line != nil {
			l.line.burst()
			continue
		}
		l.queued = false
		if !l.burst.CompareAndSwap(burstQueued, burstSending) {
			l.out = nil
			l.burst.Store(burstNone)
			continue
		}
		if p.burst = append(p.burst, l); len(p.burst) == cap(p.burst) {
			p.sendBurst()
		}
	}
	p.sendBurst()
}

// sendBurst sends what the links of the burst have.
func (p *poller) sendBurst() {
	switch {
	case len(p.burst) == 0:
		return
	case len(p.burst) > 1 && p.ring != nil:
		p.ring.send(p.burst)
	default:
		for _, l := range p.burst {
			n, e := sysWrite(int(l.fd), l.out[:l.outLen])
			l.sent(n, e)
		}
	}
	for i, l := range p.burst {
		p.burst[i] = nil
		if l.trouble == troubleNone {
			l.giveBack()
			l.burst.Store(burstNone)
			continue
		}
		l.burst.Store(burstNone)
		l.tell(linkReady)
	}
	p.burst = p.burst[:0]
}

// sent notes what became of a send.
func (l *epollLink) sent(n int, e syscall.Errno) {
	switch {
	case e == 0 && n == int(l.outLen):
	case e == 0:
		l.trouble, l.outFrom = troubleShort, uint16(n)
	case e == syscall.EAGAIN:
		l.trouble, l.outFrom = troubleShort, 0
	default:
		l.trouble, l.outFrom = troubleLost, uint16(e)
	}
}

// sleep says that from now on requests are not sent by the poller. It reports false when there is one already.
func (p *poller) sleep() bool { return p.queue.CompareAndSwap(nil, &p.asleep) }

// wakeUp is the opposite.
func (p *poller) wakeUp() { p.queue.CompareAndSwap(&p.asleep, nil) }
