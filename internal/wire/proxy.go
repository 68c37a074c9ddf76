package wire

import (
	"net"
	"strconv"

	"github.com/stampede-load/stampede/internal/fault"
)

// tunnel asks the proxy to connect nc through to the site (RFC 9110, 9.3.6). The dialer closes nc when its time is over.
func (d *dialing) tunnel(nc net.Conn) error {
	b := append([]byte("CONNECT "), d.origin.hostport...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, d.origin.hostport...)
	b = append(b, "\r\nUser-Agent: "...)
	b = append(b, d.e.cfg.UserAgent...)
	if d.e.proxyAuth != "" {
		b = append(b, "\r\nProxy-Authorization: "...)
		b = append(b, d.e.proxyAuth...)
	}
	b = append(b, "\r\n\r\n"...)
	if _, err := nc.Write(b); err != nil {
		return transportError("dial", d.peer(), err)
	}
	a := answer{pool: &d.e.buffers, maxHeader: d.e.cfg.MaxHeader, maxBody: d.e.cfg.MaxBody}
	a.begin(false, true)
	defer a.release()
	for a.fields == nil {
		// One byte at a time at the end: what follows the header belongs to the site, and must not be taken from it.
		n, err := nc.Read(a.room()[:1])
		if err != nil {
			return transportError("dial", d.peer(), err)
		}
		done, err := a.took(n)
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	if a.status/100 == 2 {
		return nil
	}
	f := &fault.Error{Kind: fault.Refused, Op: "dial", Text: "the proxy answered " + strconv.Itoa(a.status) + " to CONNECT " + d.origin.hostport}
	if a.status == 407 {
		f.Hint = "put user:password@ into the proxy's URL"
	}
	return f
}
