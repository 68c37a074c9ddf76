package wire

import (
	"fmt"
	"net"
	"strings"
)

// backend makes links: one way of moving bytes.
type backend interface {
	name() string
	// link takes over a connected stream. It owns nc also when it fails.
	link(nc net.Conn) (link, error)
	// pipe is link for a stream that crypto/tls reads and writes.
	pipe(nc net.Conn) (pipe, error)
	close()
}

// pipe is what lies under TLS.
type pipe interface {
	net.Conn
	// promote is called once, when the handshake is over and HTTP/1.1 will be spoken.
	promote() error
	// use tells which request reads and writes from now on; nil for none.
	use(x *exchange)
	alive(idle int64, once bool) bool
	wake()
}

// openBackend makes the one that Config.IO names. For auto that is the best one that the system permits.
func (e *Engine) openBackend() (backend, error) {
	want := e.cfg.IO
	if e.cfg.Dial != nil {
		want = "net"
	}
	auto := want == "" || want == "auto"
	for i := len(backends) - 1; i >= 0; i-- {
		if !auto && backends[i].name != want {
			continue
		}
		b, err := backends[i].open(e)
		if err == nil || !auto || i == 0 {
			return b, err
		}
	}
	return nil, fmt.Errorf("I/O %q: this platform has %s, and auto", want, strings.Join(Backends(), ", "))
}

// Backends names the ways of moving bytes that this platform has, the portable one first and the best one last, which is what auto means.
// docs/design/http-engine.md has the figures that decided.
func Backends() []string {
	var all []string
	for _, b := range backends {
		all = append(all, b.name)
	}
	return all
}

type backendMaker struct {
	name string
	open func(e *Engine) (backend, error)
}
