package fleet

import (
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Limits on what anybody may send or fill.
const (
	maxMessage  = 768 << 10 // bytes of one message
	maxConns    = 4096
	maxStored   = 8 << 30 // bytes of snapshots on disk
	pingEvery   = 3 * time.Second
	pingsMissed = 2
)

func workerUser(n int) string { return "worker-" + strconv.Itoa(n) }

// listen starts the embedded server on an address.
func listen(addr, folder string, id identity, a *admission) (*server.Server, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("fleet: address %q: write host:port, such as 0.0.0.0:7422", addr)
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 0 || number > 65535 {
		return nil, fmt.Errorf("fleet: address %q: the port is a number from 0 to 65535", addr)
	}
	if number == 0 {
		number = server.RANDOM_PORT
	}
	if host == "" {
		host = "0.0.0.0"
	}
	// The server does not say why it cannot listen.
	if probe, err := net.Listen("tcp", net.JoinHostPort(host, port)); err != nil {
		return nil, fmt.Errorf("fleet: cannot listen on %s (%w): is another controller there? Stop it, or choose another port", addr, err)
	} else if err := probe.Close(); err != nil {
		return nil, err
	}
	secure, err := id.server()
	if err != nil {
		return nil, err
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "stampede", Host: host, Port: number, DontListen: false, NoSigs: true, NoLog: true,
		TLS: true, TLSConfig: secure, TLSTimeout: 5, AlwaysEnableNonce: true, CustomClientAuthentication: a, AuthTimeout: 10,
		MaxPayload: maxMessage, MaxConn: maxConns, MaxSubs: 64, PingInterval: pingEvery, MaxPingsOut: pingsMissed, WriteDeadline: 5 * time.Second,
		JetStream: true, StoreDir: folder, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: maxStored,
		DisableJetStreamBanner: true, NoSystemAccount: false,
	})
	if err != nil {
		return nil, fmt.Errorf("fleet: start the server: %w", err)
	}
	s.Start()
	if !s.ReadyForConnections(20 * time.Second) {
		s.Shutdown()
		return nil, fmt.Errorf("fleet: the server on %s did not get ready within 20 s", addr)
	}
	return s, nil
}

// inside connects the controller to its own server.
func inside(s *server.Server, a *admission) (*nats.Conn, error) {
	nc, err := nats.Connect("", nats.InProcessServer(s), nats.UserInfo(insider, a.inside), nats.Name("controller"),
		nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		return nil, fmt.Errorf("fleet: connect to the own server: %w", err)
	}
	return nc, nil
}
