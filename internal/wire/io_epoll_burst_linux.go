package wire

// Requests that are made while a poller is in the middle of a round are sent by it, together, at the end of that round. One by one, each
// send would find the server's thread asleep and have to wake it.
//
// The queue is a list of links that grows at its head, without a lock. While the poller sleeps, its head is asleep: who then has something
// to send does it himself.

// later leaves it to the poller to send what l has. It reports false when the poller sleeps. Whoever has the link may call it.
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
		first, l.behind = l.behind, nil // before burst: from then on it may be queued again
		l.line.burst()
	}
}

// sleep says that from now on requests are not sent by the poller. It reports false when there is one already.
func (p *poller) sleep() bool { return p.queue.CompareAndSwap(nil, &p.asleep) }

// wakeUp is the opposite.
func (p *poller) wakeUp() { p.queue.CompareAndSwap(&p.asleep, nil) }
