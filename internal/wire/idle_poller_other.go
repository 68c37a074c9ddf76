//go:build !linux

package wire

// idlePoller is there on Linux alone.
type idlePoller struct{}

func (*idlePoller) watch(*Stream, func()) bool { return false }
func (*idlePoller) forget(*Stream)             {}
func (*idlePoller) close()                     {}
