package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/table"
)

// request is what a hit sends to each URL.
type request struct {
	method  string
	parts   map[string][]part // of the body, by the flag that brought them
	joined  []byte            // the parts in the order of the command line
	hasBody bool
	inQuery bool // the parts go into the query
	fields  []string
	files   []stampede.File
	header  []stampede.Header
	cookies []cookieFor
	stay    bool // redirects are answers
	plain   bool // no compression is asked for
	page    bool // load each URL as a page
}

func (r *request) setMethod(t string) error {
	if t == "" || strings.ContainsFunc(t, func(c rune) bool { return !('A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || c == '-' || c == '_') }) {
		return errors.New("a method is one word, such as POST")
	}
	r.method = strings.ToUpper(t)
	return nil
}

// fileOrInput reads a file that a flag names; - is standard input.
func (a *app) fileOrInput(name string) ([]byte, error) {
	var b []byte
	var err error
	if name == "-" {
		b, err = a.typed()
	} else {
		b, err = os.ReadFile(a.path(name))
	}
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w; correct the name", cmp.Or(errors.Unwrap(err), err))
	}
	return b, nil
}

// textOf is fileOrInput of a file of text, whatever its encoding and the mark at its beginning.
func (a *app) textOf(name string) (string, error) {
	b, err := a.fileOrInput(name)
	if err != nil {
		return "", err
	}
	return table.Text(b)
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

// headers reads -H: one header, or as curl @FILE with one on each line.
func (a *app) headers(r *request) func(string) error {
	return func(t string) error {
		name, isFile := strings.CutPrefix(t, "@")
		if !isFile {
			return r.addHeader(t)
		}
		text, err := a.textOf(name)
		if err != nil {
			return err
		}
		n := 0
		for line := range strings.Lines(text) {
			n++
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if err := r.addHeader(line); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
		return nil
	}
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

// setHeader reads a flag that stands for one header field: -A, -e. It is what counts unless -H says otherwise.
func (r *request) setHeader(name string) func(string) error {
	return func(t string) error {
		if strings.ContainsAny(t, "\r\n") {
			return errors.New("the value of a header is one line")
		}
		if name == "Referer" && strings.HasSuffix(t, ";auto") {
			return errors.New("the part ;auto is curl's alone; give the URL that every request says it comes from")
		}
		if t != "" || sentAnyway(name) {
			r.header = append(r.header, stampede.Header{Name: name, Value: t})
		}
		return nil
	}
}

// hitter is a user of a hit.
type hitter struct{ stampede.HTTPUser }

// methodOf is what a target is asked with.
func (r *request) methodOf(t *target) string {
	switch {
	case t.method != "":
		return t.method
	case r.method != "":
		return r.method
	case r.hasBody && !r.inQuery || r.files != nil || r.fields != nil || t.hasBody:
		return "POST"
	}
	return "GET"
}

// noPage reports whether a target cannot be loaded as a page.
func (r *request) noPage(t target) bool { return r.methodOf(&t) != "GET" || t.hasBody }

// options are those of every request to a target.
func (r *request) options(t *target) []stampede.Option {
	all := []stampede.Option{stampede.Discard(), stampede.Name(t.label)}
	if r.page {
		all[0] = stampede.Reload() // else a document that is fresh in the cache would be no load at all
	}
	if r.stay {
		all = append(all, stampede.NoRedirects())
	}
	header := append(slices.Clone(r.header), t.header...)
	if r.plain && !named(header, "Accept-Encoding") {
		header = append(header, stampede.Header{Name: "Accept-Encoding"})
	}
	body, hasBody := r.joined, r.hasBody && !r.inQuery
	if t.hasBody {
		body, hasBody = t.body, true
	}
	contentType := "application/x-www-form-urlencoded" // as curl has it
	for i, h := range header {
		if again := named(header[i+1:], h.Name); again && (strings.EqualFold(h.Name, "User-Agent") || strings.EqualFold(h.Name, "Referer")) {
			continue // -H takes the place of -A and -e
		}
		if strings.EqualFold(h.Name, "Content-Type") && (hasBody || h.Value == "") {
			contentType = h.Value
			continue
		}
		all = append(all, stampede.WithHeader(h.Name, h.Value))
	}
	switch {
	case r.files != nil || r.fields != nil:
		return append(all, stampede.Multipart(r.files, r.fields...))
	case hasBody:
		return append(all, stampede.Body(contentType, body))
	}
	return all
}

func named(header []stampede.Header, name string) bool {
	return slices.ContainsFunc(header, func(h stampede.Header) bool { return strings.EqualFold(h.Name, name) })
}

// test makes a test of a request and its targets. Of several URLs each is asked in its turn, over all users: a list of 200 is asked through
// before any of it is asked again.
func (r *request) test(targets []target, counted *codes) stampede.Test {
	all := make([]stampede.Ask, len(targets))
	for i := range targets {
		t := &targets[i]
		all[i] = stampede.Ask{Method: r.methodOf(t), URL: r.withQuery(t.url), Options: r.options(t), Statuses: &counted.Statuses}
	}
	task := stampede.Task[hitter]{Name: "ask", Ask: all}
	if r.page {
		task.Ask, task.Do = nil, asPages(all)
	}
	spec := stampede.Spec[hitter]{Name: "hit", Tasks: []stampede.Task[hitter]{task}}
	if len(r.cookies) > 0 {
		spec.OnStart = func(h *hitter, _ context.Context) error {
			for _, c := range r.cookies {
				h.SetCookies(c.url, []*http.Cookie{c.cookie})
			}
			return nil
		}
	}
	return stampede.Test{Name: "hit", Users: []stampede.UserType{stampede.Users(spec)}}
}

// asPages is a task that loads URLs as pages.
func asPages(all []stampede.Ask) func(*hitter, context.Context) error {
	var turn atomic.Uint64
	return func(h *hitter, ctx context.Context) error {
		a := &all[(turn.Add(1)-1)%uint64(len(all))]
		p, err := h.Page(ctx, a.URL, a.Options...)
		a.Statuses.Add(h.Number(), p.Response.Status)
		return err
	}
}

// withQuery adds the data of -G to a URL.
func (r *request) withQuery(url string) string {
	if !r.inQuery || len(r.joined) == 0 {
		return url
	}
	mark := "?"
	switch {
	case strings.HasSuffix(url, "?"):
		mark = ""
	case strings.Contains(url, "?"):
		mark = "&"
	}
	return url + mark + string(r.joined)
}
