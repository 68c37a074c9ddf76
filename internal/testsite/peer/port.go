package peer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
)

// Ports of tests lie below those that systems give to outgoing connections and to port 0 (from 32768 on Linux, from 49152 elsewhere): a port of
// those that was free a moment ago may be the end of somebody's connection when a server is told to listen there, and the suite makes
// thousands of connections beside.
const (
	firstPort, lastPort = 10_000, 32_000
	portBlock           = 8 // ports that are reserved together: one of them is the lock
)

// FreePort is a loopback port where nothing listens. No other test gets it until this one ends, of this process or another.
func FreePort(t testing.TB) int {
	t.Helper()
	return FreePorts(t, 1)
}

// FreePorts is the first of n neighbouring ports, at most 7, each as by FreePort.
func FreePorts(t testing.TB, n int) int {
	t.Helper()
	port, release, err := Reserve(n)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return port
}

// Reserve is FreePorts without a test: they are the caller's until release.
func Reserve(n int) (port int, release func(), err error) {
	if n < 1 || n >= portBlock {
		return 0, nil, fmt.Errorf("peer: %d neighbouring ports: 1 to %d can be had", n, portBlock-1)
	}
	const blocks = (lastPort - firstPort) / portBlock
	for i, begin := 0, rand.IntN(blocks); i < blocks; i++ {
		port = firstPort + (begin+i)%blocks*portBlock
		// Held in UDP, where no server of the tests is told to listen, the last port is the lock. It goes with its process.
		lock, err := net.ListenPacket("udp4", fmt.Sprintf("127.0.0.1:%d", port+portBlock-1))
		if err != nil {
			continue
		}
		if allFree(port, n) {
			return port, func() { lock.Close() }, nil
		}
		lock.Close()
	}
	return 0, nil, errors.New("peer: no port is free")
}

// allFree reports whether nothing listens at n ports from one on.
func allFree(port, n int) bool {
	for i := range n {
		l, err := net.Listen("tcp4", fmt.Sprintf(":%d", port+i))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}
