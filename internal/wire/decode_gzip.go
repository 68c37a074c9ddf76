package wire

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// gunzip reads what servers send as gzip. Unlike a reader of files it takes, as browsers and curl do, a body with something else behind it and
// one whose sum at the end is missing: the data are whole.
type gunzip struct {
	in    *bufio.Reader
	body  io.ReadCloser // also a flate.Resetter
	sum   hash.Hash32
	size  uint32
	begun bool // the header of a member was read
	err   error
}

var (
	errNotGzip  = errors.New("no gzip header")
	errChecksum = errors.New("wrong checksum")
)

// reset begins to read from another source.
func (g *gunzip) reset(src io.Reader) {
	if g.in == nil {
		g.in, g.sum = bufio.NewReaderSize(src, 4096), crc32.NewIEEE()
	}
	g.in.Reset(src)
	g.begun, g.err = false, nil
}

func (g *gunzip) Read(p []byte) (int, error) {
	for g.err == nil {
		if !g.begun {
			if g.err = g.header(); g.err != nil {
				break
			}
			g.start()
		}
		n, err := g.body.Read(p)
		g.sum.Write(p[:n])
		g.size += uint32(n)
		switch {
		case err == io.EOF:
			g.err = g.trailer()
		case err == io.ErrUnexpectedEOF || err != nil:
			g.err = err
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, g.err
}

func (g *gunzip) start() {
	if g.body == nil {
		g.body = flate.NewReader(g.in)
	} else {
		_ = g.body.(flate.Resetter).Reset(g.in, nil)
	}
	g.sum.Reset()
	g.size, g.begun = 0, true
}

// header reads that of a member (RFC 1952, 2.3).
func (g *gunzip) header() error {
	var h [10]byte
	if _, err := io.ReadFull(g.in, h[:]); err != nil {
		return errNotGzip
	}
	if h[0] != 0x1f || h[1] != 0x8b || h[2] != 8 || h[3]&0xe0 != 0 {
		return errNotGzip
	}
	flags := h[3]
	if flags&4 != 0 {
		var n [2]byte
		if _, err := io.ReadFull(g.in, n[:]); err != nil {
			return errNotGzip
		}
		if _, err := g.in.Discard(int(binary.LittleEndian.Uint16(n[:]))); err != nil {
			return errNotGzip
		}
	}
	for _, text := range []byte{8, 16} { // file name and comment
		for flags&text != 0 {
			if c, err := g.in.ReadByte(); err != nil {
				return errNotGzip
			} else if c == 0 {
				break
			}
		}
	}
	if flags&2 != 0 {
		if _, err := g.in.Discard(2); err != nil {
			return errNotGzip
		}
	}
	return nil
}

// trailer checks the sum of a member, if it is there, and finds out whether another one follows. io.EOF is the good end.
func (g *gunzip) trailer() error {
	var t [8]byte
	if _, err := io.ReadFull(g.in, t[:]); err != nil {
		return io.EOF
	}
	if binary.LittleEndian.Uint32(t[:]) != g.sum.Sum32() || binary.LittleEndian.Uint32(t[4:]) != g.size {
		return errChecksum
	}
	if next, _ := g.in.Peek(3); len(next) == 3 && next[0] == 0x1f && next[1] == 0x8b && next[2] == 8 {
		g.begun = false
		return nil
	}
	return io.EOF
}
