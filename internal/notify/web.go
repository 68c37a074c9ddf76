package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// run starts a command with a message: as JSON on its standard input, and in a few variables.
func (w *Way) run(ctx context.Context, m *Message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	words := strings.Fields(w.command)
	if len(words) == 0 {
		return errors.New("there is no command")
	}
	program := words[0]
	if strings.HasPrefix(program, "./") || strings.HasPrefix(program, "../") {
		program = inside(w.dir, program)
	}
	c := exec.CommandContext(ctx, program, words[1:]...)
	c.Dir, c.Stdin, c.WaitDelay = w.dir, bytes.NewReader(append(text, '\n')), time.Second
	c.Env = append(os.Environ(), "STAMPEDE_EVENT="+string(m.Event), "STAMPEDE_SCHEDULE="+oneLine(m.Schedule), "STAMPEDE_LINE="+m.Line())
	out, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %w: %s", errRefused, err, oneLine(string(out[:min(len(out), 200)])))
	}
	return nil
}

// post sends a message to a webhook, or as text to Slack and its like.
func (w *Way) post(ctx context.Context, m *Message) error {
	var body []byte
	var err error
	if w.kind == "slack" {
		body, err = json.Marshal(map[string]string{"text": plain(m.Line())})
	} else {
		body, err = json.Marshal(m)
	}
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return errRefused
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "stampede")
	if w.kind == "webhook" {
		req.Header.Set("X-Stampede-Message", m.id)
	}
	if w.kind == "webhook" && w.secret != "" {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		req.Header.Set("X-Stampede-Timestamp", at)
		req.Header.Set("X-Stampede-Signature", Sign(w.secret, at, body))
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return cause(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // its status is what counts
	switch {
	case resp.StatusCode < 300:
		return nil
	case resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests:
		return errors.New("it answers " + resp.Status)
	}
	return fmt.Errorf("%w: it answers %s", errRefused, resp.Status)
}

// Sign is the signature of a webhook's body that was sent at a time, in seconds since 1970: HMAC-SHA256 of "TIME.BODY".
func Sign(secret, at string, body []byte) string {
	h := hmac.New(sha256.New, []byte(secret))
	_, _ = h.Write([]byte(at + ".")) // a hash takes everything
	_, _ = h.Write(body)
	return "sha256=" + hex.EncodeToString(h.Sum(nil))
}

// plain keeps what a site or a name says from being read as Slack's marks: links, mentions of everybody.
func plain(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// cause is an error without the address in it.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
