package wire

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// childVar makes this test binary a server, so that benchmarks do not count its work as theirs.
const childVar = "WIRE_TEST_SERVER"

// addrVar is the address of such a server that runs already, for example on a core of its own.
const addrVar = "WIRE_TEST_ADDR"

func TestMain(m *testing.M) {
	if os.Getenv(childVar) != "" {
		serveFixed()
		return
	}
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		l.Close() // Go opens its poller at the first use of the network; no test is to take that for a leak
	}
	os.Exit(m.Run())
}

// fixedAnswer is a small page: 1 KiB of body and the header fields a usual server sends.
var fixedAnswer = []byte("HTTP/1.1 200 OK\r\nServer: fixed\r\nDate: Mon, 23 Nov 2026 07:00:00 GMT\r\nContent-Type: text/html; charset=utf-8\r\n" +
	"Content-Length: 1024\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\nX-Request-Id: 0123456789abcdef\r\n\r\n" + strings.Repeat("x", 1024))

// serveFixed answers every request on a port it prints, until its standard input ends.
func serveFixed() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveFixedConn(c)
		}
	}()
	bufio.NewReader(os.Stdin).ReadByte()
}

func serveFixedConn(c net.Conn) {
	defer c.Close()
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil {
			return
		}
		if n >= 4 && string(b[n-4:n]) == "\r\n\r\n" {
			if _, err := c.Write(fixedAnswer); err != nil {
				return
			}
		}
	}
}

// childServer starts the server in a process of its own and gives its address.
func childServer(tb testing.TB) string {
	tb.Helper()
	if addr := os.Getenv(addrVar); addr != "" {
		return addr
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"=1", "GOMAXPROCS=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		tb.Fatal(err)
	}
	return strings.TrimSpace(line)
}
