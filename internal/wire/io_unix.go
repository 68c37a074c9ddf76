//go:build unix

package wire

const bestBackend = "net"

var backends = []backendMaker{{"net", openNet}}

type waiter struct{}

func (*waiter) init(*exchange) {}
