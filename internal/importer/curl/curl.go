// Package curl reads command lines of curl, as the network panels of Chromium and Firefox copy them and as documentation of APIs shows them. It
// reads what they say and runs nothing.
package curl

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// Parse reads one or more commands. Files that they send (@file) are read from files; nil allows none. An error says which flag or place is
// wrong.
func Parse(text string, files fs.FS) (*importer.Recording, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("there is no command; in the network panel use Copy as cURL")
	}
	if m := foreign.FindString(text); m != "" {
		return nil, fmt.Errorf("it is no curl command but another form of it (%s): in the network panel use Copy as cURL, or on Windows Copy as cURL (bash)", m)
	}
	lines, err := commands(text)
	if err != nil {
		return nil, err
	}
	rec := &importer.Recording{Name: "visit"}
	for _, line := range lines {
		if base := filepath.Base(strings.ReplaceAll(line[0], `\`, "/")); base != "curl" && base != "curl.exe" {
			return nil, fmt.Errorf("%q is no curl command; in the network panel use Copy as cURL", importer.Brief(line[0]))
		}
		for _, args := range nexts(line[1:]) {
			c := &command{files: files}
			if err := c.read(args); err != nil {
				return nil, err
			}
			all, err := c.requests()
			if err != nil {
				return nil, err
			}
			for _, q := range all {
				if strings.HasPrefix(q.URL, "ws:") || strings.HasPrefix(q.URL, "wss:") {
					rec.Left.Add("WebSocket connections: their messages are not in the command", importer.Brief(q.URL))
					continue
				}
				rec.Requests = append(rec.Requests, q)
			}
		}
	}
	if len(rec.Requests) == 0 {
		return nil, fmt.Errorf("nothing of it can be made again: %s", strings.Join(rec.Left.Lines(), "; "))
	}
	return rec, nil
}

// foreign are the other forms in which network panels copy a request: for PowerShell, and as a call of fetch.
var foreign = regexp.MustCompile(`(?i)^\s*(?:(?:await\s+)?fetch\(|(?:\$\w+\s*=\s*)?(?:New-Object|Invoke-WebRequest|Invoke-RestMethod)\b)`)

// nexts splits arguments at --next.
func nexts(args []string) [][]string {
	all := [][]string{nil}
	for _, a := range args {
		if a == "--next" || a == "-:" {
			all = append(all, nil)
			continue
		}
		all[len(all)-1] = append(all[len(all)-1], a)
	}
	return all
}

// command is one command on its way to a request.
type command struct {
	files  fs.FS
	method string
	urls   []string
	header []importer.Field
	data   []string
	json   bool
	sent   bool // there is a body, perhaps an empty one
	get    bool
	head   bool
	form   []importer.Field
	upload []importer.File
	put    string // the file of -T
	query  []string
	user   string // name and password of -u

	globoff   bool
	documents []int // which of data came by --json
}

// flag is what is done about a flag.
type flag struct {
	takes bool // a value
	do    func(c *command, value string) error
}

func (c *command) read(args []string) error {
	only := false
	for i := 0; i < len(args); i++ {
		a := args[i]
		switch {
		case only || a == "-" || !strings.HasPrefix(a, "-"):
			c.urls = append(c.urls, a)
		case a == "--":
			only = true
		case strings.HasPrefix(a, "--"):
			name, value, attached := strings.Cut(a[2:], "=")
			f, ok := long[name]
			if !ok {
				if f, ok = long[strings.TrimPrefix(name, "no-")]; !ok || f.takes {
					return fmt.Errorf("curl's flag --%s is not known here: leave it out, or give what it does by hand", name)
				}
				continue
			}
			if f.takes && !attached {
				if i++; i == len(args) {
					return fmt.Errorf("--%s wants a value", name)
				}
				value = args[i]
			}
			if err := f.run(c, "--"+name, value); err != nil {
				return err
			}
		default:
			rest, err := c.short(a[1:], args[i+1:])
			if err != nil {
				return err
			}
			i += rest
		}
	}
	return nil
}

// short reads flags of one letter, and says how many of the next arguments they took.
func (c *command) short(letters string, next []string) (int, error) {
	for k := 0; k < len(letters); k++ {
		name, ok := shorts[letters[k]]
		if !ok {
			return 0, fmt.Errorf("curl's flag -%c is not known here: leave it out, or give what it does by hand", letters[k])
		}
		f := long[name]
		if !f.takes {
			if err := f.run(c, "--"+name, ""); err != nil {
				return 0, err
			}
			continue
		}
		if value := letters[k+1:]; value != "" {
			return 0, f.run(c, "--"+name, value)
		}
		if len(next) == 0 {
			return 0, fmt.Errorf("-%c wants a value", letters[k])
		}
		return 1, f.run(c, "--"+name, next[0])
	}
	return 0, nil
}

func (f flag) run(c *command, name, value string) error {
	if f.do == nil {
		return nil
	}
	if err := f.do(c, value); err != nil {
		return fmt.Errorf("%s %s: %w", name, importer.Brief(value), err)
	}
	return nil
}

// requests are those that the command makes: one for each address.
func (c *command) requests() ([]*importer.Request, error) {
	if len(c.urls) == 0 {
		return nil, errors.New("the command has no address")
	}
	var all []*importer.Request
	for _, u := range c.urls {
		address, err := c.address(u)
		if err != nil {
			return nil, err
		}
		q := &importer.Request{Method: c.method}
		q.URL, q.Header = c.login(address)
		switch {
		case len(c.form)+len(c.upload) > 0:
			q.Form, q.Files, q.Type = c.form, c.upload, "multipart/form-data"
			q.Method = either(q.Method, "POST")
		case c.get:
			q.URL = withQuery(q.URL, c.data)
		case c.put != "":
			b, err := c.file(c.put)
			if err != nil {
				return nil, fmt.Errorf("-T %s: %w", c.put, err)
			}
			q.Body, q.Method = b, either(q.Method, "PUT")
			q.Type = either(importer.Get(q.Header, "Content-Type"), "application/octet-stream")
		case c.sent:
			q.Body, q.Method = []byte(c.joined()), either(q.Method, "POST")
			if q.Type = importer.Get(q.Header, "Content-Type"); q.Type == "" {
				q.Type = "application/x-www-form-urlencoded"
			}
			if importer.Media(q.Type) == "multipart/form-data" {
				q.SplitMultipart()
			}
		}
		if c.head {
			q.Method = either(q.Method, "HEAD")
		}
		q.Method = either(strings.ToUpper(q.Method), "GET")
		q.Kind = importer.KindOf("", importer.Get(q.Header, "Sec-Fetch-Dest"))
		all = append(all, q)
	}
	return all, nil
}

func either(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// file reads what @file stands for, from the folder of the command alone.
func (c *command) file(name string) ([]byte, error) {
	if name == "-" {
		return nil, errors.New("standard input is not read here; put what it gives into a file")
	}
	if c.files == nil || filepath.IsAbs(name) || !filepath.IsLocal(name) {
		return nil, errors.New("files are read from this folder alone: put it here, and write its name")
	}
	b, err := fs.ReadFile(c.files, filepath.ToSlash(filepath.Clean(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("there is no such file in this folder")
	}
	return b, err
}

// add adds a field. Cookies of several flags go in one.
func (c *command) add(name, value string) {
	for i := range c.header {
		if f := &c.header[i]; strings.EqualFold(name, "Cookie") && strings.EqualFold(f.Name, name) {
			f.Value += "; " + value
			return
		}
	}
	c.header = append(c.header, importer.Field{Name: name, Value: value})
}

// joined is what -d and its kin have put together: parts of JSON as they stand, fields of a form with an ampersand between.
func (c *command) joined() string {
	text := ""
	for i, d := range c.data {
		if i > 0 && !slices.Contains(c.documents, i) {
			text += "&"
		}
		text += d
	}
	return text
}

// data takes -d and its kin. A value that begins with @ is a file, where at says so.
func (c *command) dataFrom(value string, at, lines bool) error {
	c.sent = true
	if !at || !strings.HasPrefix(value, "@") {
		c.data = append(c.data, value)
		return nil
	}
	b, err := c.file(value[1:])
	if err != nil {
		return err
	}
	text := string(b)
	if !lines {
		text = strings.NewReplacer("\r", "", "\n", "", "\x00", "").Replace(text)
	}
	c.data = append(c.data, text)
	return nil
}

// encoded takes --data-urlencode: content, =content, name=content, @file, name@file.
func (c *command) encoded(value string) error {
	c.sent = true
	field, err := c.escaped(value)
	c.data = append(c.data, field)
	return err
}

// queried takes --url-query: as --data-urlencode, into the query; +content is taken as it is.
func (c *command) queried(value string) error {
	if rest, ok := strings.CutPrefix(value, "+"); ok {
		c.query = append(c.query, rest)
		return nil
	}
	field, err := c.escaped(value)
	c.query = append(c.query, field)
	return err
}

func (c *command) escaped(value string) (string, error) {
	name, content := "", value
	i := strings.IndexByte(value, '=')
	if i < 0 {
		i = strings.IndexByte(value, '@')
	}
	if i >= 0 {
		name, content = value[:i], value[i+1:]
		if value[i] == '@' {
			b, err := c.file(content)
			if err != nil {
				return "", err
			}
			content = string(b)
		}
	}
	content = url.QueryEscape(content)
	if name != "" {
		content = name + "=" + content
	}
	return content, nil
}

// formField takes -F: name=content, name=@file, name=<file, with ;type= and ;filename= behind.
func (c *command) formField(value string) error {
	name, content, ok := strings.Cut(value, "=")
	if !ok {
		return errors.New("write it as name=content")
	}
	if content == "" || content[0] != '@' && content[0] != '<' {
		content, _, _ = strings.Cut(content, ";type=")
		c.form = append(c.form, importer.Field{Name: name, Value: strings.Trim(content, `"`)})
		return nil
	}
	parts := strings.Split(content[1:], ";")
	path := strings.Trim(parts[0], `"`)
	b, err := c.file(path)
	if err != nil {
		return err
	}
	if content[0] == '<' {
		c.form = append(c.form, importer.Field{Name: name, Value: string(b)})
		return nil
	}
	f := importer.File{Field: name, Name: filepath.Base(path), Data: b}
	for _, p := range parts[1:] {
		if v, ok := strings.CutPrefix(strings.TrimSpace(p), "type="); ok {
			f.Type = v
		}
		if v, ok := strings.CutPrefix(strings.TrimSpace(p), "filename="); ok {
			f.Name = strings.Trim(v, `"`)
		}
	}
	c.upload = append(c.upload, f)
	return nil
}

func basic(value string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(value))
}
