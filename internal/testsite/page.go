package testsite

import (
	"bytes"
	"fmt"
)

// page is a whole answer, made once.
type page struct {
	bytes []byte
	head  int // how many of the bytes are the head, which is all that HEAD gets
}

// newPage makes an answer with a body. status is the number and the reason; fields are further header lines, each with its end.
func newPage(status, contentType, fields string, body []byte) *page {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n", status, contentType, len(body), fields)
	head := b.Len()
	b.Write(body)
	return &page{bytes: b.Bytes(), head: head}
}

// filler is n bytes of text.
func filler(n int) []byte {
	const line = "The quick brown fox jumps over the lazy dog, and a thousand more.\n"
	return bytes.Repeat([]byte(line), n/len(line)+1)[:n]
}
