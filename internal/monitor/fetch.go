package monitor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxPage bounds a status page. A Prometheus page of a large server has a few megabytes.
const maxPage = 8 << 20

// Page is a status page that is fetched again and again over one connection.
type Page struct {
	url    string
	client *http.Client
	header http.Header
}

// NewPage prepares a page. User and password stand in the URL and are sent as basic authentication.
func NewPage(raw string) (*Page, error) {
	u, err := url.Parse(raw)
	if err != nil && Torn(raw) {
		return nil, errors.New(TornAdvice)
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%s is not the address of a page; write http://HOST:PORT/PATH", Redact(raw))
	}
	if u.User != nil && Torn(strings.SplitN(raw, "#", 2)[0]) {
		return nil, errors.New(TornAdvice)
	}
	return &Page{
		url: raw,
		client: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: longestRead},
			// A status page that redirects is a page of somebody else: a log-in, or another host that would be given the password.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		header: http.Header{"User-Agent": {"stampede-monitor"}},
	}, nil
}

// URL is the address with a query added or replaced.
func (p *Page) URL() *url.URL {
	u, _ := url.Parse(p.url)
	return u
}

// SetHeader sets a field of every request, such as an API key.
func (p *Page) SetHeader(name, value string) { p.header.Set(name, value) }

// Get fetches the page. The time is the server's own, from its Date field to the second; zero when it does not say.
func (p *Page) Get(ctx context.Context) ([]byte, time.Time, error) {
	return p.Do(ctx, http.MethodGet, p.url, nil)
}

// Do asks for another address of the same server.
func (p *Page) Do(ctx context.Context, method, address string, body io.Reader) ([]byte, time.Time, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("ask %s: %w", Redact(address), unwrap(err))
	}
	req.Header = p.header.Clone()
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("ask %s: %w", Redact(address), unwrap(err))
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(io.LimitReader(resp.Body, maxPage+1))
	switch {
	case err != nil:
		return nil, time.Time{}, fmt.Errorf("read %s: %w", Redact(address), unwrap(err))
	case len(page) > maxPage:
		return nil, time.Time{}, fmt.Errorf("read %s: the page is larger than %d MB; ask for less of it", Redact(address), maxPage>>20)
	case resp.StatusCode != http.StatusOK:
		return page, time.Time{}, &StatusError{Address: Redact(address), Status: resp.StatusCode, Where: Redact(resp.Header.Get("Location"))}
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		date = time.Time{}
	}
	return page, date, nil
}

// Close gives up the connection.
func (p *Page) Close() error {
	p.client.CloseIdleConnections()
	return nil
}

// StatusError is an answer that is no page.
type StatusError struct {
	Address string
	Status  int
	Where   string // of a redirect
}

// Error says what to do.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("ask %s: the server answered %d %s", e.Address, e.Status, http.StatusText(e.Status))
	switch {
	case e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden:
		text += ": give this machine access to the page, or a user and password in the URL"
	case e.Status == http.StatusNotFound:
		text += ": is the status page switched on, and is this its address?"
	case e.Where != "":
		text += " to " + e.Where + ": name that address itself"
	}
	return text
}

// unwrap takes the URL off an error of net/http: it holds the password.
func unwrap(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if text := err.Error(); strings.Contains(text, "@") {
		return errors.New("the address is not valid")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the server closed the connection before its answer was complete: %w", err)
	}
	var unknown x509.UnknownAuthorityError
	if errors.As(err, &unknown) {
		return fmt.Errorf("%w: name a file that has its CA's certificate in the environment, SSL_CERT_FILE=ca.pem", err)
	}
	return err
}
