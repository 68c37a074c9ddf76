#!/usr/bin/env bash
# What:    Go's net/http as a server of HTTP/2 in clear; a client whose SETTINGS come 2.5 s after the first 24 bytes of its preface, as they do when
#          thousands arrive in one second and a processor is short.
# Version: go 1.26.
# Guess:   (written before it was run) the server waits as long as for the preface, 10 s; or it gives up with a GOAWAY that names
#          SETTINGS_TIMEOUT, which RFC 9113 has for a peer that is slow with its settings.
# Seen:    after 2 s the connection ends, without a GOAWAY or a code. With SETTINGS after half a second all is as usual.
# Means:   on an overloaded machine requests over fresh connections fail with "closed the connection without an answer", and neither side says
#          why. A client does well to send preface and SETTINGS in one piece, and who reads such failures looks at processors first.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.go" <<'GO'
package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	s := &http.Server{Protocols: new(http.Protocols), ErrorLog: log.New(io.Discard, "", 0)}
	s.Protocols.SetUnencryptedHTTP2(true)
	go s.Serve(l)
	for _, pause := range []time.Duration{500 * time.Millisecond, 2500 * time.Millisecond} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			log.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(15 * time.Second))
		io.WriteString(c, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
		time.Sleep(pause)
		// An empty SETTINGS frame, then a PING, which is to be answered.
		c.Write([]byte{0, 0, 0, 4, 0, 0, 0, 0, 0})
		c.Write([]byte{0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8})
		fmt.Printf("after %v:%s\n", pause, frames(c))
		c.Close()
	}
}

// frames names what comes until the answer to the PING, or the end.
func frames(c net.Conn) (seen string) {
	names := map[byte]string{3: "RST_STREAM", 4: "SETTINGS", 6: "PING", 7: "GOAWAY", 8: "WINDOW_UPDATE"}
	for head := make([]byte, 9); ; {
		if _, err := io.ReadFull(c, head); err != nil {
			return seen + " end"
		}
		body := make([]byte, uint32(head[0])<<16|uint32(binary.BigEndian.Uint16(head[1:])))
		if _, err := io.ReadFull(c, body); err != nil {
			return seen + " end"
		}
		if seen += " " + names[head[3]]; head[3] == 6 {
			return seen
		}
	}
}
GO
seen=$(go run "$dir/main.go")
echo "$seen"
[ "$seen" = "after 500ms: SETTINGS WINDOW_UPDATE SETTINGS PING
after 2.5s: SETTINGS WINDOW_UPDATE end" ] || { echo "no longer so" >&2; exit 1; }
