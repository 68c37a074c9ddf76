package peer

import (
	"fmt"
	"net"
	"testing"
)

// Nobody gets a port twice while it is reserved, though nothing listens there yet.
func TestReserve(t *testing.T) {
	taken := map[int]bool{}
	for range 300 {
		port := FreePorts(t, 4)
		for i := range 4 {
			if port < firstPort || port+i >= lastPort || taken[port+i] {
				t.Fatalf("port %d: taken before or out of range", port+i)
			}
			taken[port+i] = true
		}
	}
	if _, _, err := Reserve(portBlock); err == nil {
		t.Error("more ports than a block has were given")
	}
	port, release, err := Reserve(1)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatalf("a reserved port cannot be used: %v", err)
	}
	defer l.Close()
	if allFree(port, 1) {
		t.Error("a port where somebody listens is taken for free")
	}
}
