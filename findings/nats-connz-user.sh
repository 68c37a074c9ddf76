#!/bin/bash
# What: the name of a user in the list of connections (Connz) of an embedded NATS server whose own authenticator lets somebody in by NKey.
# Version: nats-server/v2 v2.15.2, nats.go v1.55.0, nkeys v0.4.16.
# A second run, on 2026-11-29, had the same outcome.
# Guess, written down before running: AuthorizedUser is the Username that the authenticator registered with RegisterUser ("worker-7").
# Seen: for whoever comes with a token or a password it is that name, in place of what the client sent. For whoever comes with an NKey it is the
#   public key, and the registered name is shown nowhere.
# What it means for a load test: whoever watches workers of a fleet by their connections has to look for keys. Looking for names finds nobody,
#   and takes every worker that is silent for a moment for one whose connection is closed.
set -e
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

type admission struct{}

func (admission) Check(c server.ClientAuthentication) bool {
	c.RegisterUser(&server.User{Username: "worker-7"})
	return true
}

func main() {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, AlwaysEnableNonce: true, CustomClientAuthentication: admission{}})
	if err != nil {
		panic(err)
	}
	s.Start()
	defer s.Shutdown()
	s.ReadyForConnections(10 * time.Second)
	key, _ := nkeys.CreateUser()
	public, _ := key.PublicKey()
	ok := true
	for _, c := range []struct {
		what, want string
		option     nats.Option
	}{
		{"NKey", public, nats.Nkey(public, key.Sign)},
		{"token", "worker-7", nats.Token("secret")},
		{"user", "worker-7", nats.UserInfo("ann", "secret")},
	} {
		nc, err := nats.Connect(s.ClientURL(), c.option)
		if err != nil {
			panic(err)
		}
		z, err := s.Connz(&server.ConnzOptions{Username: true})
		if err != nil {
			panic(err)
		}
		got := z.Conns[0].AuthorizedUser
		fmt.Printf("%s: registered as worker-7, listed as %s\n", c.what, got)
		ok = ok && got == c.want
		nc.Close()
		for s.NumClients() > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if !ok {
		fmt.Println("not as stated")
		os.Exit(1)
	}
}
GO
cat > go.mod <<'MOD'
module finding

go 1.26
MOD
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 github.com/nats-io/nkeys@v0.4.16 >/dev/null 2>&1
echo "nats-server v2.15.2, nats.go v1.55.0"
go run .
