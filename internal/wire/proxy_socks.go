package wire

import (
	"io"
	"net"
	"net/netip"
	"strconv"

	"github.com/stampede-load/stampede/internal/fault"
)

// What is said to a SOCKS 5 proxy (RFC 1928), and how it is logged in to (RFC 1929).
const (
	socksVersion   = 5
	socksConnect   = 1
	socksNoLogin   = 0
	socksPassword  = 2
	socksNoMethod  = 0xff
	socksIPv4      = 1
	socksName      = 3
	socksIPv6      = 4
	socksLoginForm = 1 // version of the log-in
)

// socksReplies are the reasons a SOCKS proxy can give, by their numbers, and what kind of failure each is.
var socksReplies = [...]struct {
	text string
	kind fault.Kind
}{
	1: {"the proxy failed", fault.Refused},
	2: {"its rules forbid it", fault.Refused},
	3: {"no network leads there", fault.Unreachable},
	4: {"the host cannot be reached", fault.Unreachable},
	5: {"nothing listens there", fault.Refused},
	6: {"the time to live ran out", fault.Unreachable},
	7: {"it does not know that command", fault.Refused},
	8: {"it does not know that kind of address", fault.Unreachable},
}

// socksRefusal is a SOCKS proxy's answer that it did not connect.
type socksRefusal struct{ reply byte }

func (r *socksRefusal) Error() string { return "reply " + strconv.Itoa(int(r.reply)) }

// elsewhere reports whether another address of the site may do better.
func (r *socksRefusal) elsewhere() bool { return r.reply != 2 && r.reply != 7 }

// socks has a SOCKS 5 proxy connect nc through to the site. The dialer closes nc when its time is over.
func (d *dialing) socks(nc net.Conn) error {
	d.stage.Store(int32(tunnelling))
	if err := d.socksGreet(nc); err != nil {
		return err
	}
	b := d.appendSocksSite([]byte{socksVersion, socksConnect, 0})
	if _, err := nc.Write(b); err != nil {
		return transportError("dial", d.peer(), err)
	}
	var head [5]byte // version, reply, 0, kind of address, its first byte
	if err := d.socksRead(nc, head[:]); err != nil {
		return err
	}
	if reply := head[1]; head[0] == socksVersion && reply != 0 {
		return d.socksRefused(reply)
	}
	rest := 0 // of the address from which it asks, which says nothing to us, and its port
	switch head[3] {
	case socksIPv4:
		rest = net.IPv4len - 1 + 2
	case socksIPv6:
		rest = net.IPv6len - 1 + 2
	case socksName:
		rest = int(head[4]) + 2
	}
	if head[0] != socksVersion || rest == 0 {
		return d.notSocks("its answer is none of SOCKS 5")
	}
	var skipped [257]byte
	return d.socksRead(nc, skipped[:rest])
}

// socksGreet agrees on how to log in, and does.
func (d *dialing) socksGreet(nc net.Conn) error {
	login := d.origin.via.socks
	user, password := login.Username(), ""
	hello := []byte{socksVersion, 1, socksNoLogin}
	if user != "" {
		password, _ = login.Password()
		hello = []byte{socksVersion, 2, socksNoLogin, socksPassword}
	}
	if _, err := nc.Write(hello); err != nil {
		return transportError("dial", d.peer(), err)
	}
	var chosen [2]byte
	if err := d.socksRead(nc, chosen[:]); err != nil {
		return err
	}
	switch {
	case chosen[0] != socksVersion:
		return d.notSocks("its answer is none of SOCKS 5")
	case chosen[1] == socksNoLogin:
		return nil
	case chosen[1] != socksPassword || user == "":
		f := &fault.Error{Kind: fault.Refused, Op: "dial", Text: d.peer().named() + " does not let us in without a user and a password", Hint: "put user:password@ into the proxy's URL"}
		if user != "" || chosen[1] != socksNoMethod && chosen[1] != socksPassword {
			f.Text, f.Hint = d.peer().named()+" takes no user and password", "it wants another way to log in, which cannot be done: let it know this machine by its address"
		}
		return f
	}
	b := append([]byte{socksLoginForm, byte(len(user))}, user...)
	b = append(append(b, byte(len(password))), password...)
	if _, err := nc.Write(b); err != nil {
		return transportError("dial", d.peer(), err)
	}
	if err := d.socksRead(nc, chosen[:]); err != nil {
		return err
	}
	if chosen[1] != 0 {
		return &fault.Error{
			Kind: fault.Refused, Op: "dial", Text: d.peer().named() + " refused the log-in",
			Hint: proxyLogin(true, nil),
		}
	}
	return nil
}

// socksRead fills b.
func (d *dialing) socksRead(nc net.Conn, b []byte) error {
	if _, err := io.ReadFull(nc, b); err != nil {
		return transportError("dial", d.peer(), err)
	}
	return nil
}

// appendSocksSite appends where the proxy is to connect to: the address of the site where it was looked up here, else its name.
func (d *dialing) appendSocksSite(b []byte) []byte {
	addr, port := d.origin.addr, uint16(0)
	if n, err := strconv.ParseUint(d.origin.port, 10, 16); err == nil { // the port was looked at when the origin was made
		port = uint16(n)
	}
	if len(d.siteAt) > 0 {
		addr, port = d.siteAt[0].Addr(), d.siteAt[0].Port()
	}
	switch addr = addr.Unmap(); {
	case !addr.IsValid():
		b = append(b, socksName, byte(len(d.origin.host))) // a host has at most 255 bytes
		b = append(b, d.origin.host...)
	case addr.Is4():
		b = append(append(b, socksIPv4), addr.AsSlice()...)
	default:
		b = append(append(b, socksIPv6), addr.AsSlice()...)
	}
	return append(b, byte(port>>8), byte(port))
}

// socksAddresses looks the site up where that is not for the proxy to do.
func (d *dialing) socksAddresses() (to []netip.AddrPort, err error) {
	p := d.origin.via
	if p == nil || !p.here || d.e.cfg.Dial != nil {
		return nil, nil
	}
	return d.addresses(d.origin)
}

// socksRefused is the failure where the proxy did not connect.
func (d *dialing) socksRefused(reply byte) error {
	why, kind := "its reply is "+strconv.Itoa(int(reply)), fault.Refused
	if int(reply) < len(socksReplies) && socksReplies[reply].text != "" {
		why, kind = socksReplies[reply].text, socksReplies[reply].kind
	}
	return &fault.Error{
		Kind: kind, Op: "dial", Text: d.peer().named() + " did not connect to " + d.origin.hostport + ": " + why,
		Hint: "can the proxy reach the site?", Err: &socksRefusal{reply},
	}
}

// notSocks is the failure where what answers does not speak SOCKS.
func (d *dialing) notSocks(why string) error {
	return &fault.Error{
		Kind: fault.Protocol, Op: "dial", Text: d.peer().named() + " does not answer as a SOCKS 5 proxy: " + why,
		Hint: "is this the port of a SOCKS proxy, and not of an HTTP proxy (http://, or https:// where it wants TLS)?",
	}
}
