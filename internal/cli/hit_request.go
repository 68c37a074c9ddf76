package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
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

// body reads -d, each time it is given.
func (a *app) body(r *request) func(string) error {
	return func(t string) error {
		part := []byte(t)
		if name, isFile := strings.CutPrefix(t, "@"); isFile {
			read := func() ([]byte, error) { return os.ReadFile(a.path(name)) }
			if name == "-" {
				read = a.typed
			}
			b, err := read()
			if err != nil {
				return fmt.Errorf("the file cannot be read: %w; correct the name", cmp.Or(errors.Unwrap(err), err))
			}
			part = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r"), nil), []byte("\n"), nil) // as curl does
		}
		if r.hasBody {
			r.body = append(r.body, '&')
		}
		r.body, r.hasBody = append(r.body, part...), true
		return nil
	}
}

// typed is all of standard input. It can be asked for again: a series reads its command line for each run.
func (a *app) typed() ([]byte, error) {
	if a.input == nil {
		b, err := io.ReadAll(a.In)
		if err != nil {
			return nil, err
		}
		a.input = append([]byte{}, b...)
	}
	return a.input, nil
}

// addHeader reads -H: "Name: value", as curl also "Name;" for an empty value and "Name:" for none, where stampede would send one.
func (r *request) addHeader(t string) error {
	name, value, ok := strings.Cut(t, ":")
	empty, isEmpty := strings.CutSuffix(t, ";")
	if !ok && isEmpty {
		name, ok = empty, true
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !ok || name == "" || strings.ContainsAny(name, " \t\r\n") {
		return errors.New("write 'Name: value'")
	}
	if strings.ContainsAny(value, "\r\n") {
		return errors.New("the value of a header is one line")
	}
	if value == "" && !isEmpty && !sentAnyway(name) {
		return nil
	}
	r.header = append(r.header, stampede.Header{Name: name, Value: value})
	return nil
}

// sentAnyway reports whether stampede sends a header of its own by this name, so that an empty one takes it away.
func sentAnyway(name string) bool {
	return slices.ContainsFunc([]string{"User-Agent", "Accept", "Accept-Encoding", "Cookie", "Content-Type"}, func(own string) bool {
		return strings.EqualFold(name, own)
	})
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
		if strings.EqualFold(h.Name, "Content-Type") && (r.hasBody || h.Value == "") {
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
