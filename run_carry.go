package stampede

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/stampede-load/stampede/internal/pace"
)

// carried is a plan on its way to another process that has the same test. What is code, or is the controller's alone (hooks, thresholds,
// observers, the baseline), stays at home; so does HTTP.RootCAs, which cannot be written down: it travels as the file of --cacert.
type carried struct {
	Plan         *Plan
	Users, Rate  string            // as pace.Parse reads them; files are spelled out
	Proxy        string            // with its password
	Certificates []carriedIdentity // of the client
}

// carriedIdentity is a tls.Certificate.
type carriedIdentity struct {
	Chain [][]byte
	Key   []byte // PKCS 8
}

// Carry writes a plan down for another process that has the same test. It may hold secrets.
func (plan *Plan) Carry() ([]byte, error) {
	c := carried{Plan: plan}
	if plan.Users != nil {
		c.Users = pace.Inline(plan.Users)
	}
	if plan.Rate != nil {
		c.Rate = pace.Inline(plan.Rate)
	}
	if plan.HTTP.Proxy != nil {
		c.Proxy = plan.HTTP.Proxy.String()
	}
	if plan.HTTP.Dial != nil {
		return nil, fmt.Errorf("the plan has a Dial function of its own, which cannot be sent to other processes: leave it out")
	}
	for i, cert := range plan.HTTP.Certificates {
		key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
		if err != nil {
			return nil, fmt.Errorf("client certificate %d: its key cannot be sent to workers: %w", i+1, err)
		}
		c.Certificates = append(c.Certificates, carriedIdentity{cert.Certificate, key})
	}
	return json.Marshal(&c)
}

// Receive takes over what Carry wrote. Test, hooks and what else is code stay as they are in p.
func (plan *Plan) Receive(b []byte) error {
	home := *plan
	c := carried{Plan: plan}
	if err := json.Unmarshal(b, &c); err != nil {
		return fmt.Errorf("the controller's plan cannot be read (%w): use the same version of stampede on both sides", err)
	}
	plan.HTTP.RootCAs, plan.HTTP.Dial = home.HTTP.RootCAs, home.HTTP.Dial
	plan.Users, plan.Rate, plan.HTTP.Proxy, plan.HTTP.Certificates = nil, nil, nil, nil
	for _, s := range []struct {
		text string
		into *Shape
	}{{c.Users, &plan.Users}, {c.Rate, &plan.Rate}} {
		if s.text == "" {
			continue
		}
		shape, err := pace.Parser{}.Parse(s.text)
		if err != nil {
			return fmt.Errorf("the controller's load cannot be read: %w", err)
		}
		*s.into = shape
	}
	if c.Proxy != "" {
		u, err := url.Parse(c.Proxy)
		if err != nil {
			return fmt.Errorf("the controller's proxy cannot be read: %w", err)
		}
		plan.HTTP.Proxy = u
	}
	for i, cert := range c.Certificates {
		key, err := x509.ParsePKCS8PrivateKey(cert.Key)
		if err != nil {
			return fmt.Errorf("client certificate %d: its key cannot be read: %w", i+1, err)
		}
		plan.HTTP.Certificates = append(plan.HTTP.Certificates, tls.Certificate{Certificate: cert.Chain, PrivateKey: key})
	}
	return nil
}
