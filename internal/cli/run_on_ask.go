package cli

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/fleet"
	"github.com/stampede-load/stampede/internal/report"
)

// remote is a controller elsewhere that carries a run out.
type remote struct {
	url, token string
	flag       string // which named it; "the controller at" where none did
	who        string // asks, for the events of the run; may be empty
	client     http.Client
}

// remoteAt is the controller at an address, which a flag gave. ?pin=sha256:HEX behind it names the one certificate that it may have.
func remoteAt(flag, on, token string) (*remote, error) {
	u, err := url.Parse(on)
	if err != nil {
		return nil, errors.New("the address cannot be read")
	}
	r := &remote{token: token, flag: flag}
	if pin := u.Query().Get("pin"); pin != "" {
		hash, sha := strings.CutPrefix(pin, "sha256:")
		if raw, err := hex.DecodeString(hash); u.Scheme != "https" || !sha || err != nil || len(raw) != sha256.Size {
			return nil, errors.New("the pin of a certificate is https://HOST?pin=sha256:HEX: copy the whole address")
		}
		r.client.Transport = &http.Transport{TLSClientConfig: fleet.Pinned(strings.ToLower(hash)), DisableKeepAlives: true}
	}
	u.RawQuery = ""
	r.url = strings.TrimRight(u.String(), "/")
	return r, nil
}

// String is how people named it.
func (r *remote) String() string { return r.flag + " " + setting.MaskURL(r.url) }

// How long a controller may take.
const (
	longestAnswer = 30 * time.Second
	longestResult = 10 * time.Minute // that of a long run is large, and the line may be slow
)

// runPath is where a run is asked for.
func runPath(ref, what string) string { return "/api/v1/runs/" + url.PathEscape(ref) + what }

// result is a run as it stands, and what a comparison of its own found; query may leave out a part of its course.
func (r *remote) result(ctx context.Context, ref, query string) (*stampede.Report, *compare.Result, error) {
	var got *stampede.Report
	var compared *compare.Result
	err := r.read(ctx, ref, query, func(from io.Reader) (err error) {
		got, compared, err = report.ReadResult(from)
		return err
	})
	return got, compared, err
}

// read asks for the result of a run, and has it read.
func (r *remote) read(ctx context.Context, ref, query string, read func(io.Reader) error) error {
	ctx, stop := context.WithTimeout(ctx, longestResult)
	defer stop()
	resp, err := r.send(ctx, http.MethodGet, runPath(ref, "/report.json"+query), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return read(resp.Body)
}

// ask sends JSON and reads JSON; into may be nil.
func (r *remote) ask(ctx context.Context, method, path string, body, into any) error {
	ctx, stop := context.WithTimeout(ctx, longestAnswer)
	defer stop()
	resp, err := r.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if into == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// send asks, until ctx is done; what is refused comes back as mistakes in the controller's words.
func (r *remote) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, text)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.who != "" {
		req.Header.Set("X-Stampede-Who", url.PathEscape(r.who))
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: it does not answer: %w", r, errors.Unwrap(err))
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	var problem struct {
		Detail string
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&problem); err != nil || problem.Detail == "" {
		return nil, fmt.Errorf("%s: it answers %s", r, resp.Status)
	}
	var wrong mistakes
	for _, one := range problem.Errors {
		wrong.add(errors.New(one.Message))
	}
	if len(wrong) == 0 {
		hint := "" // in front: what follows Authorization is masked
		if resp.StatusCode == http.StatusUnauthorized {
			hint = "here it is read from STAMPEDE_TOKEN; "
		}
		wrong.add(fmt.Errorf("%s: %s%s", r, hint, problem.Detail))
	}
	return nil, wrong.err()
}
