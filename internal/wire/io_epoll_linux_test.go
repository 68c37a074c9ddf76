package wire

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/fault"
)

// A server that ends its side in the middle of a large request, and reads no more of it, has said all it will: the request does not turn in
// circles until its time is over.
func TestHalfClosedWhileSending(t *testing.T) {
	ca := newAuthority(t)
	cert := ca.issue(t, "127.0.0.1", time.Now().Add(time.Hour))
	for _, secure := range []bool{false, true} {
		for _, says := range []string{"", "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!"} {
			t.Run(map[bool]string{false: "http ", true: "https "}[secure]+says[:min(len(says), 12)], func(t *testing.T) {
				leaks(t)
				over := make(chan bool)
				addr := scripted(t, func(_ int, c net.Conn, _ *bufio.Reader) {
					s := c.(interface {
						io.ReadWriter
						CloseWrite() error
					})
					if secure {
						s = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
					}
					bufio.NewReader(s).ReadString('\n')
					io.WriteString(s, says)
					s.CloseWrite()
					c.(*net.TCPConn).CloseWrite()
					<-over
				})
				e := newEngine(t, Config{IO: "epoll", RootCAs: ca.pool, Timeout: time.Minute})
				url := "http://" + addr
				if secure {
					url = "https://" + addr
				}
				var r Response
				err := e.Client(0).Do(t.Context(), &Request{Method: "POST", URL: url, Body: make([]byte, 64<<20)}, &r)
				close(over)
				if says == "" {
					if fault.Of(err) != fault.Reset {
						t.Errorf("%v of kind %v", err, fault.Of(err))
					}
				} else if err != nil || r.Status != 413 || !strings.Contains(body(t, &r), "no!") {
					t.Errorf("%v, %+v", err, &r)
				}
				r.Release()
				if n := e.Counters().Open; n != 0 {
					t.Errorf("%d connections are open", n)
				}
			})
		}
	}
}
