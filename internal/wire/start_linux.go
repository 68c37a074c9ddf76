package wire

// canFollow reports whether requests over a back end can go on without a goroutine.
func canFollow(b backend) bool {
	_, ok := b.(*epollBackend)
	return ok
}

// park leaves a request that waits to the poller of its connection. It reports false when something has happened meanwhile, or when the
// connection needs somebody who waits.
func park(x *exchange) bool {
	l, ok := x.conn.link.(*epollLink)
	return ok && l.park(x)
}

// at reports whether the connection of a request is one of that poller.
func at(x *exchange, p *poller) bool {
	l, ok := x.conn.link.(*epollLink)
	return ok && l.poller == p
}

// follows reports whether requests on the connection can go on without a goroutine.
func (c *conn) follows() bool {
	switch l := c.link.(type) {
	case *epollLink:
		return true
	case *h2conn:
		_, ok := l.line.(*h2epoll)
		return ok
	}
	return false
}

// park is wait without waiting: the poller goes on with x when something happens. From then on x belongs to it.
func (l *epollLink) park(x *exchange) bool {
	s := l.state.Load()
	if s&(linkReady|linkEnded|linkWoken) != 0 {
		return false
	}
	l.who, x.parked = x, true
	if l.poller.b.crowded() {
		l.cold.leaveParked(x)
	}
	if l.state.CompareAndSwap(s, s|linkWaiting) {
		return true
	}
	x.parked = false
	return false
}
