//go:build !linux

package wire

// poller serves many requests by one goroutine, which no back end of this platform does.
type poller struct{}

func canFollow(backend) bool     { return false }
func park(*exchange) bool        { return false }
func at(*exchange, *poller) bool { return false }
func (c *conn) follows() bool    { return false }
