#!/usr/bin/env bash
# What:    HTTP/2 header compression; two changes of the table's size in one header block, sent to Go's net/http server and to
#          golang.org/x/net/http2/hpack.
# Version: golang.org/x/net v0.62.0, and the net/http of the Go that runs this.
# Guess:   (written before it was run) both changes are taken: RFC 7541, 4.2, lets a block begin with two, the smallest size that was
#          used in between and the final one.
# Seen:    x/net takes the second change only while its table is empty. A client that lowers the size to 100 and raises it to 4096 again, with an
#          entry of the first request still in the table, gets a decoding error, and from the net/http server GOAWAY with COMPRESSION_ERROR; all
#          requests on the connection are lost. Lowered to 0 first, it works.
# Means:   a load generator that lets its table follow a server's SETTINGS to the letter can lose every connection to a Go server at that
#          moment. Going by way of size 0, which is below any smallest size, is right by the standard and taken by all.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.26

require golang.org/x/net v0.62.0
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// first is a request that puts one field into the table; again is the same one from the table, behind two sizes.
var (
	fields = []byte{0x82, 0x86, 0x84, 0x41, 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'} // GET http / authority, remembered
	plain  = []byte{0x82, 0x86, 0x84, 0x01, 9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't'}
)

func block(small byte) []byte {
	sizes := []byte{0x20 | small}
	if small == 31 { // 31 + 69 = 100
		sizes = append(sizes, 69)
	}
	sizes = append(sizes, 0x3f, 0xe1, 0x1f) // 4096
	return append(sizes, plain...)
}

func decode(small byte) error {
	d := hpack.NewDecoder(4096, func(hpack.HeaderField) {})
	if _, err := d.Write(fields); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	if _, err := d.Write(block(small)); err != nil {
		return err
	}
	return d.Close()
}

func ask(addr string, small byte) string {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err.Error()
	}
	defer c.Close()
	io.WriteString(c, http2.ClientPreface)
	f := http2.NewFramer(c, c)
	f.WriteSettings()
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fields, EndHeaders: true, EndStream: true})
	f.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: block(small), EndHeaders: true, EndStream: true})
	for {
		frame, err := f.ReadFrame()
		if err != nil {
			return err.Error()
		}
		switch frame := frame.(type) {
		case *http2.GoAwayFrame:
			return "GOAWAY " + frame.ErrCode.String()
		case *http2.HeadersFrame:
			if frame.StreamID == 3 {
				return "answered"
			}
		}
	}
}

func main() {
	fmt.Println(runtime.Version(), "golang.org/x/net v0.62.0")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	s := &http.Server{Protocols: new(http.Protocols), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) })}
	s.Protocols.SetUnencryptedHTTP2(true)
	go s.Serve(l)
	by100, by0 := decode(31), decode(0)
	fmt.Println("x/net, by way of 100:", by100)
	fmt.Println("x/net, by way of 0:  ", by0)
	s100, s0 := ask(l.Addr().String(), 31), ask(l.Addr().String(), 0)
	fmt.Println("net/http, by way of 100:", s100)
	fmt.Println("net/http, by way of 0:  ", s0)
	if by100 == nil || by0 != nil || s100 != "GOAWAY COMPRESSION_ERROR" || s0 != "answered" {
		fmt.Println("this is not what the finding states")
		os.Exit(1)
	}
}
GO
export GOFLAGS=-mod=mod
go run .
