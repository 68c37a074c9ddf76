// Package capture records what somebody's browser asks a site: a proxy on the loopback, which looks into the site's own traffic with certificates of
// an authority made on the spot, and passes everything else on unseen. With a Chromium of its own it also sees what is clicked.
package capture

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// Options say what is recorded.
type Options struct {
	Host     string   // the site's URL
	Hosts    []string // other hosts of the site, besides those below its own
	Insecure bool     // take any certificate of the site
	Listen   string   // where the proxy listens; "" means a free port of 127.0.0.1
}

// Proxy is a recording that goes on. Make it with Start, end it with Close.
type Proxy struct {
	site      *url.URL
	hosts     []string
	authority *authority
	listener  net.Listener
	server    *http.Server
	forward   *httputil.ReverseProxy
	store     *importer.Store

	mu       sync.Mutex
	taken    []*importer.Request
	others   map[string]int // hosts of others, and how often they were asked
	left     importer.Counts
	clicks   []click
	hijacked []net.Conn // which the server does not know any more
	closed   bool       // what comes now is no longer recorded
}

// click is something that was clicked, at a time.
type click struct {
	at   time.Time
	what string
}

// Start makes a proxy that records. Bodies of answers go into store, which must stay open as long as they are used.
func Start(o Options, store *importer.Store) (*Proxy, error) {
	site, err := url.Parse(o.Host)
	if err != nil || site.Host == "" || site.Scheme != "http" && site.Scheme != "https" {
		return nil, fmt.Errorf("record: --host %s is no URL of a site; write https://staging.example.org", o.Host)
	}
	p := &Proxy{site: site, hosts: append([]string{site.Hostname()}, o.Hosts...), store: store, others: map[string]int{}}
	if p.authority, err = newAuthority(); err != nil {
		return nil, fmt.Errorf("record: no certificate could be made: %w", err)
	}
	listen := o.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	if p.listener, err = net.Listen("tcp", listen); err != nil {
		return nil, fmt.Errorf("record: the proxy cannot listen: %w", err)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: o.Insecure}
	p.forward = &httputil.ReverseProxy{
		Transport: transport, FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.Header.Del("Accept-Encoding")          // then the transport asks for gzip, and undoes it
			r.Out.Header.Del("Sec-WebSocket-Extensions") // then messages are not compressed
			r.Out.Host = r.In.Host
		},
		ModifyResponse: p.answered, ErrorHandler: p.failed,
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute, ErrorLog: quiet()}
	go p.server.Serve(p.listener)
	return p, nil
}

// URL is the proxy's address, for the settings of a browser.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// CA is the certificate that a browser must trust to be recorded over TLS, as PEM. Its key exists in this process alone.
func (p *Proxy) CA() []byte { return p.authority.pem() }

// Requests is how many of the site's requests have been recorded so far.
func (p *Proxy) Requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.taken)
}

// Close ends the recording and gives it.
func (p *Proxy) Close() *importer.Recording {
	p.server.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, nc := range p.hijacked {
		nc.Close()
	}
	rec := &importer.Recording{Name: "visit", Requests: p.taken, Titles: map[string]string{}, Left: p.left}
	for _, host := range slices.Sorted(maps.Keys(p.others)) {
		n := p.others[host]
		for range n {
			rec.Left.Add("connections to hosts of others, which were passed on unseen: "+host, "")
		}
	}
	rec.Sort()
	p.assign(rec.Requests)
	return rec
}

// clickBefore is for how long what a click has caused may come after it.
const clickBefore = 2 * time.Second

// clockBlur is by how much browsers make their clocks inexact, and more.
const clockBlur = 10 * time.Millisecond

// assign tells the first request after each click what was clicked. Parts of a page that is still loading are passed over: they are not of the click.
func (p *Proxy) assign(all []*importer.Request) {
	slices.SortStableFunc(p.clicks, func(a, b click) int { return a.at.Compare(b.at) })
	next := 0
	for _, c := range p.clicks {
		for next < len(all) && all[next].Start.Before(c.at.Add(-clockBlur)) {
			next++
		}
		for i := next; i < len(all) && all[i].Start.Sub(c.at) <= clickBefore; i++ {
			if k := all[i].Kind; k != importer.Part && k != importer.Frame {
				if all[i].Clicked == "" {
					all[i].Clicked = c.what
				}
				break
			}
		}
	}
}

// clicked notes a click. Pages may tell one twice, and late.
func (p *Proxy) clicked(what string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := (click{at, what}); !slices.Contains(p.clicks, c) {
		p.clicks = append(p.clicks, c)
	}
}

// ours reports whether a host belongs to the site.
func (p *Proxy) ours(host string) bool {
	for _, h := range p.hosts {
		if strings.EqualFold(host, h) || len(host) > len(h) && strings.EqualFold(host[len(host)-len(h)-1:], "."+h) {
			return true
		}
	}
	return false
}

// ServeHTTP is asked by the browser.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Host == "":
		http.Error(w, "This is the proxy of stampede record: enter it in the browser's proxy settings.", http.StatusBadRequest)
	default:
		p.pass(w, r)
	}
}

// pass passes one request on. Only those to the site are recorded.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) {
	if !p.ours(r.URL.Hostname()) {
		p.other(r.URL.Hostname())
		p.forward.ServeHTTP(w, r)
		return
	}
	q := request(r)
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyMost+1))
	if err != nil {
		http.Error(w, "the request was cut off", http.StatusBadRequest)
		return
	}
	if len(body) > bodyMost {
		q.Lost = "it is larger than 16 MB"
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	} else {
		r.Body = io.NopCloser(bytes.NewReader(body))
		sent(q, body)
	}
	p.forward.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), entryKey{}, &entry{proxy: p, request: q})))
}

func (p *Proxy) other(host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.others[host]++
}

// failed answers for a site that did not.
func (p *Proxy) failed(w http.ResponseWriter, _ *http.Request, err error) {
	if !errors.Is(err, context.Canceled) {
		http.Error(w, "stampede record: the site did not answer: "+err.Error(), http.StatusBadGateway)
	}
}

// connect takes the place of the site in a connection, or leads through to the host of another.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		http.Error(w, "CONNECT needs host:port", http.StatusBadRequest)
		return
	}
	if !p.ours(host) {
		p.other(host)
		p.tunnel(w, r)
		return
	}
	nc, ok := taken(w)
	if !ok || !p.keep(nc) {
		return
	}
	if _, err := io.WriteString(nc, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		nc.Close()
		return
	}
	tc := tls.Server(nc, &tls.Config{NextProtos: []string{"http/1.1"}, GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if h.ServerName != "" {
			return p.authority.sign(h.ServerName)
		}
		return p.authority.sign(host)
	}})
	authority := strings.TrimSuffix(r.Host, ":443")
	inner := &http.Server{ReadHeaderTimeout: time.Minute, ErrorLog: quiet(), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Scheme, r.URL.Host = "https", authority
		p.pass(w, r)
	})}
	_ = inner.Serve(&single{conn: tc, done: make(chan struct{})}) // ends with the connection
}

// taken takes a connection from its server.
func taken(w http.ResponseWriter) (net.Conn, bool) {
	nc, _, err := http.NewResponseController(w).Hijack()
	return nc, err == nil
}

// keep remembers a connection for Close. It reports false, and has closed it, when that was called already.
func (p *Proxy) keep(nc net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		nc.Close()
		return false
	}
	p.hijacked = append(p.hijacked, nc)
	return true
}

// tunnel leads through to the host of another, without looking at what is said.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	d := net.Dialer{Timeout: 10 * time.Second}
	there, err := d.DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		http.Error(w, "the host cannot be reached", http.StatusBadGateway)
		return
	}
	here, ok := taken(w)
	if !ok || !p.keep(here) || !p.keep(there) {
		there.Close()
		return
	}
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		_, _ = io.Copy(there, here)
		there.Close()
	}()
	_, _ = io.Copy(here, there)
	here.Close()
}
