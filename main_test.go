package stampede_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// keptVar makes this test binary a site whose page has 50 parts that visitors keep, so that what the server holds of its connections is not taken for
// memory of the visitors.
const keptVar = "STAMPEDE_TEST_KEPT_SITE"

func TestMain(m *testing.M) {
	if os.Getenv(keptVar) != "" {
		serveKept()
		return
	}
	os.Exit(m.Run())
}

// keptParts is how many parts the page of the site has.
const keptParts = 50

// serveKept answers on a port it prints, until its standard input ends.
func serveKept() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	var doc strings.Builder
	doc.WriteString("<!doctype html><link rel=icon href='data:,'>")
	for i := range keptParts {
		fmt.Fprintf(&doc, "<img src=/k/%d.png>", i)
	}
	page := keptAnswer("text/html", "no-store", doc.String())
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveKeptConn(c, page)
		}
	}()
	bufio.NewReader(os.Stdin).ReadByte()
}

func serveKeptConn(c net.Conn, page string) {
	defer c.Close()
	b := make([]byte, 2048)
	for have := 0; ; {
		n, err := c.Read(b[have:])
		if err != nil {
			return
		}
		have += n
		if !bytes.HasSuffix(b[:have], []byte("\r\n\r\n")) {
			continue
		}
		_, rest, _ := strings.Cut(string(b[:have]), " ")
		path, _, _ := strings.Cut(rest, " ")
		have = 0
		answer := page
		if path != "/" {
			answer = keptAnswer("image/png", fmt.Sprintf("max-age=3600\r\nETag: %q", path), strings.Repeat("x", 500))
		}
		if _, err := c.Write([]byte(answer)); err != nil {
			return
		}
	}
}

func keptAnswer(typ, keeps, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nCache-Control: %s\r\nContent-Length: %d\r\n\r\n%s", typ, keeps, len(body), body)
}

// keptSite starts the site in a process of its own and gives its address.
func keptSite(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), keptVar+"=1", "GOMAXPROCS=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://" + strings.TrimSpace(line)
}
