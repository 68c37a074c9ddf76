package wire

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The ring tells of each send that did not go as usual, and of no other: one that the kernel took a part of, one that it took nothing of,
// and one to nobody.
func TestRing(t *testing.T) {
	leaks(t)
	r, err := newRing()
	if err != nil {
		t.Skip(err)
	}
	defer r.close()
	link := func() (*epollLink, int) {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(pair[0]); unix.Close(pair[1]) })
		return &epollLink{fd: int32(pair[0]), out: new([outSize]byte), outLen: outSize}, pair[1]
	}
	good, there := link()
	for i := range good.out {
		good.out[i] = byte(i)
	}
	full, _ := link()
	for {
		if _, e := sysWrite(int(full.fd), full.out[:]); e != 0 {
			break
		}
	}
	gone, other := link()
	unix.Shutdown(other, unix.SHUT_RD)
	for round := range 100 { // more than the queues hold
		full.trouble, gone.trouble = troubleNone, troubleNone
		r.send([]*epollLink{good, full, gone, good})
		got := make([]byte, 4*outSize)
		n, err := unix.Read(there, got)
		if n != 2*outSize || !bytes.Equal(got[outSize:n], good.out[:]) || good.trouble != troubleNone {
			t.Fatalf("round %d: %d bytes, %v", round, n, err)
		}
		if full.trouble != troubleShort || full.outFrom != 0 || gone.trouble != troubleLost || syscall.Errno(gone.outFrom) != syscall.EPIPE {
			t.Fatalf("round %d: %d %d, %d %d", round, full.trouble, full.outFrom, gone.trouble, gone.outFrom)
		}
	}
}

// Many users ask at once, with and without io_uring: nothing is lost or mixed up, and what is closed while it waits to be sent is not sent to
// somebody else.
func TestBursts(t *testing.T) {
	for _, without := range []bool{false, true} {
		t.Run(fmt.Sprint("write ", without), func(t *testing.T) {
			leaks(t)
			addr := scripted(t, func(_ int, c net.Conn, r *bufio.Reader) {
				for {
					line, err := r.ReadString('\n')
					if err != nil {
						return
					}
					var n int
					fmt.Sscanf(line, "GET /%d ", &n)
					for line != "\r\n" {
						if line, err = r.ReadString('\n'); err != nil {
							return
						}
					}
					if n%17 == 0 {
						return
					}
					fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n%08d", n)
				}
			})
			e := newEngine(t, Config{IO: "epoll", noRing: without})
			base := target(t, e, "http://"+addr)
			var all sync.WaitGroup
			for u := range 60 {
				all.Go(func() {
					c := e.Client(u)
					var r Response
					for i := range 60 {
						n := u*1000 + i
						err := c.Do(t.Context(), &Request{Base: base, URL: fmt.Sprint("/", n)}, &r)
						if b, _ := r.Body(); n%17 == 0 && err == nil || n%17 != 0 && (err != nil || string(b) != fmt.Sprintf("%08d", n)) {
							t.Errorf("%d: %q, %v", n, b, err)
						}
						r.Release()
					}
				})
			}
			all.Wait()
		})
	}
}
