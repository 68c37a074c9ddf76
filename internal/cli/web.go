package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/console"
)

// groupWeb is the heading of the settings of the page.
const groupWeb = "Web page"

// webAddress is where the page is when nothing is said.
const webAddress = "127.0.0.1:8089"

// webOptions say where the page is and who may see it.
type webOptions struct {
	addr        string // empty means no page
	token, read string
	base        string
	stay        bool
}

// webSettings are those of the page beside a run.
func (a *app) webSettings(o *webOptions) []setting.Setting {
	return []setting.Setting{
		{
			Name: "web", Arg: "ADDR", Bare: webAddress, Group: groupWeb, Default: "none", Read: webAddr(&o.addr),
			Help: "show this run in a browser while it goes on, at " + webAddress + " or at ADDR; beyond this machine it takes --web-token",
		},
		{
			Name: "stay", Group: groupWeb, Default: "false", Needs: "web", Read: onOff(&o.stay),
			Help: "keep the page open after the run, until Ctrl-C",
		},
		{
			Name: "web-token", Arg: "TOKEN", Group: groupWeb, Read: webToken(&o.token), Mask: setting.Mask,
			Help: "who knows it may see and change everything; without it only this machine may",
		},
		{
			Name: "web-read-token", Arg: "TOKEN", Group: groupWeb, Read: webToken(&o.read), Mask: setting.Mask,
			Help: "who knows it may look, and change nothing",
		},
		{
			Name: "web-base-path", Arg: "PATH", Group: groupWeb, Read: webBase(&o.base),
			Help: "the path under which a reverse proxy shows the page: /load",
		},
	}
}

// leastToken is how long a token must be, in characters.
const leastToken = 8

func webToken(into *string) func(string) error {
	return func(t string) error {
		if len(t) < leastToken || strings.TrimSpace(t) != t {
			return fmt.Errorf("use at least %d characters, without spaces at the ends: openssl rand -hex 16 makes a good one", leastToken)
		}
		*into = t
		return nil
	}
}

func webBase(into *string) func(string) error {
	return func(t string) error {
		t = strings.TrimRight(t, "/")
		if t != "" && (!strings.HasPrefix(t, "/") || strings.ContainsAny(t, " ?#%\"\\;") || strings.Contains(t, "//") || strings.Contains(t, "..")) {
			return errors.New("write a path such as /load")
		}
		*into = t
		return nil
	}
}

// webAddr reads "host:port", ":port" or "port".
func webAddr(into *string) func(string) error {
	return func(t string) error {
		if isPort(t) {
			t = "127.0.0.1:" + t
		}
		host, port, err := net.SplitHostPort(t)
		if err != nil || !isPort(port) {
			return errors.New("write an address and a port, such as " + webAddress)
		}
		*into = net.JoinHostPort(host, port)
		return nil
	}
}

func isPort(t string) bool {
	n, err := net.LookupPort("tcp", t)
	return err == nil && n >= 0 && t != "" && strings.Trim(t, "0123456789") == ""
}

// looksLikeAddr reports whether a word is an address for --web and no name of a user type.
func looksLikeAddr(word string) bool {
	var into string
	return (strings.Contains(word, ":") || isPort(word)) && webAddr(&into)(word) == nil
}

// check refuses to show a run to everybody.
func (o *webOptions) check() error {
	if o.addr == "" || o.token != "" {
		return nil
	}
	host, _, err := net.SplitHostPort(o.addr)
	if err != nil {
		return err
	}
	if strings.EqualFold(host, "localhost") {
		return nil
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsLoopback() {
		return nil
	}
	return fmt.Errorf("--web %s is open to other machines: give --web-token, so that not everybody there can start load (openssl rand -hex 16 makes one)", o.addr)
}

// webServer is a page that is open.
type webServer struct {
	console *console.Console
	server  *http.Server
	url     string
	fleet   *pageFleet
	ledger  *pageLedger // nil when none is kept
	ended   chan error
}

// edited makes the page read the ledger anew. It may be called of no page.
func (w *webServer) edited() {
	if w == nil {
		return
	}
	if w.ledger != nil {
		w.ledger.forget()
	}
	w.console.Edited()
}

// openWeb opens a page. The address is known when it returns.
func (a *app) openWeb(ctx context.Context, o *webOptions, cfg console.Config) (*webServer, error) {
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return nil, fmt.Errorf("--web %s: nothing can listen there (%w); stop what does, or give another port: --web 127.0.0.1:0 takes a free one", o.addr, errors.Unwrap(err))
	}
	cfg.Access, cfg.Base = console.Access{Token: o.token, Read: o.read}, o.base
	cfg.Log = func(text string) { put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), text)) }
	members := &pageFleet{}
	cfg.Fleet = members
	w := &webServer{console: console.New(cfg), url: "http://" + shownAddr(l.Addr()) + o.base + "/", fleet: members, ended: make(chan error, 1)}
	w.server = w.console.Server()
	go func() { w.ended <- w.server.Serve(l) }()
	return w, nil
}

// shownAddr is an address as it can be opened on this machine.
func shownAddr(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// close ends the page; what is being sent may come to its end.
func (w *webServer) close() {
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	if err := w.server.Shutdown(ctx); err != nil {
		w.server.Close()
	}
	<-w.ended
}

// invitation says where the page is and how to log in.
func (o *webOptions) invitation(url string) string {
	text := "the page is at " + url
	if o.token != "" {
		text += " (log in with the token)"
	}
	if o.read != "" {
		text += "; for looking only: " + url + "#token=" + o.read
	}
	return text + "\n"
}

// controlled is a run as the page changes it.
type controlled struct{ *stampede.Running }

func (c controlled) SetUsers(who string, n int, spawnRate float64) error {
	return c.As(who).SetUsers(n, spawnRate)
}

func (c controlled) SetRate(who string, perSecond float64) error { return c.As(who).SetRate(perSecond) }
func (c controlled) Pause(who string)                            { c.As(who).Pause() }
func (c controlled) Resume(who string)                           { c.As(who).Resume() }
func (c controlled) Annotate(who, text string)                   { c.As(who).Annotate(text) }

func (c controlled) Stop(who string) {
	reason := "stopped on the page"
	if who != "" {
		reason += " by " + who
	}
	c.Running.Stop(reason)
}
