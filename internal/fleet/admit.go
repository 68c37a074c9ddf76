package fleet

import (
	"crypto/subtle"
	"encoding/base64"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// admission is who may connect, and as what. It is asked by the server for each connection.
type admission struct {
	token    string
	inside   string // password of the controller's own connection
	operator string // password of an operator

	mu   sync.Mutex
	keys map[string]int // public key to number
}

// insider is the user name of the controller's own connection.
const insider = "controller"

// operator is the user name of somebody on the controller's machine.
const operator = "operator"

// let gives a worker its number.
func (a *admission) let(key string, number int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keys[key] = number
}

// forget takes a worker's key back.
func (a *admission) forget(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.keys, key)
}

// Check is called by the server. It returns false for whoever has nothing to show.
func (a *admission) Check(c server.ClientAuthentication) bool {
	o := c.GetOpts()
	switch {
	case c.Kind() != server.CLIENT:
		return false
	case o.Nkey != "":
		return a.checkKey(c, o.Nkey, o.Sig)
	case o.Username == insider:
		if !same(o.Password, a.inside) {
			return false
		}
		c.RegisterUser(&server.User{Username: insider})
		return true
	case o.Username == operator:
		if !same(o.Password, a.operator) {
			return false
		}
		c.RegisterUser(&server.User{Username: operator, Permissions: operatorMay()})
		return true
	case o.Token != "":
		if !same(o.Token, a.token) || !nkeys.IsValidPublicUserKey(o.Name) {
			return false
		}
		c.RegisterUser(&server.User{Username: "joiner", Permissions: joinerMay(o.Name)})
		return true
	}
	return false
}

// checkKey lets a worker in that can sign what the server gave it to sign.
func (a *admission) checkKey(c server.ClientAuthentication, key, sig string) bool {
	a.mu.Lock()
	number, known := a.keys[key]
	a.mu.Unlock()
	if !known {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(sig)
	if err != nil {
		return false
	}
	public, err := nkeys.FromPublicKey(key)
	if err != nil || public.Verify(c.GetNonce(), raw) != nil {
		return false
	}
	c.RegisterUser(&server.User{Username: workerUser(number), Permissions: workerMay(number)})
	return true
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
