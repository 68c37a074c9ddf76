package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/stampede-load/stampede"
)

// request is what a hit sends to each URL.
type request struct {
	method  string
	body    []byte
	hasBody bool
	header  []stampede.Header
}

func (r *request) setMethod(t string) error {
	if t == "" || strings.ContainsFunc(t, func(c rune) bool { return !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '-' || c == '_') }) {
		return errors.New("a method is one word, such as POST")
	}
	r.method = strings.ToUpper(t)
	return nil
}

// body reads -d.
func (a *app) body(r *request) func(string) error {
	return func(t string) error {
		r.hasBody = true
		name, isFile := strings.CutPrefix(t, "@")
		if !isFile {
			r.body = []byte(t)
			return nil
		}
		b, err := os.ReadFile(a.path(name))
		if err != nil {
			return fmt.Errorf("the file cannot be read: %w; correct the name", errors.Unwrap(err))
		}
		r.body = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r"), nil), []byte("\n"), nil) // as curl does
		return nil
	}
}

func (r *request) addHeader(t string) error {
	name, value, ok := strings.Cut(t, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") {
		return errors.New("write 'Name: value'")
	}
	if strings.ContainsAny(value, "\r\n") {
		return errors.New("the value of a header is one line")
	}
	r.header = append(r.header, stampede.Header{Name: name, Value: value})
	return nil
}

// hitter is a user of a hit: it asks for the URLs in turn, and each user begins at another one.
type hitter struct {
	stampede.HTTPUser
	asked int
}

// test makes a test of a request and its targets.
func (r *request) test(targets []target) stampede.Test {
	method := r.method
	if method == "" {
		method = "GET"
		if r.hasBody {
			method = "POST"
		}
	}
	shared := []stampede.Option{stampede.Discard()}
	contentType := "application/x-www-form-urlencoded" // as curl has it
	for _, h := range r.header {
		if strings.EqualFold(h.Name, "Content-Type") {
			contentType = h.Value
			continue
		}
		shared = append(shared, stampede.WithHeader(h.Name, h.Value))
	}
	if r.hasBody {
		shared = append(shared, stampede.Body(contentType, r.body))
	}
	options := make([][]stampede.Option, len(targets))
	for i, t := range targets {
		options[i] = append(append([]stampede.Option(nil), shared...), stampede.Name(t.label))
	}
	ask := func(h *hitter, ctx context.Context) error {
		i := (h.Number() + h.asked) % len(targets)
		h.asked++
		_, err := h.Do(ctx, method, targets[i].url, options[i]...)
		return err
	}
	return stampede.Test{
		Name:  "hit",
		Users: []stampede.UserType{stampede.Users(stampede.Spec[hitter]{Name: "hit", Tasks: []stampede.Task[hitter]{{Name: "ask", Do: ask}}})},
	}
}
