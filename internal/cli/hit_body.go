package cli

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
)

// part is what one flag gives to the body.
type part []byte

// The flags that make a body, as curl has them.
const (
	dataFlag       = "data"
	dataBinaryFlag = "data-binary"
	dataRawFlag    = "data-raw"
	dataURLFlag    = "data-urlencode"
)

func dataFlags() []string { return []string{dataFlag, dataBinaryFlag, dataRawFlag, dataURLFlag} }

// body reads one of the flags that make a body, each time it is given.
func (a *app) body(r *request, flag string) func(string) error {
	return func(t string) error {
		b, err := a.dataOf(flag, t)
		if err != nil {
			return err
		}
		if r.parts == nil {
			r.parts = map[string][]part{}
		}
		r.parts[flag] = append(r.parts[flag], b)
		return nil
	}
}

func (a *app) dataOf(flag, t string) ([]byte, error) {
	name, isFile := strings.CutPrefix(t, "@")
	switch {
	case flag == dataURLFlag:
		return a.urlEncoded(t)
	case flag == dataRawFlag || !isFile:
		return []byte(t), nil
	}
	b, err := a.fileOrInput(name)
	if flag == dataFlag { // without line ends and zero bytes, as curl does
		for _, c := range []string{"\r", "\n", "\x00"} {
			b = bytes.ReplaceAll(b, []byte(c), nil)
		}
	}
	return b, err
}

// urlEncoded reads curl's five forms: content, =content, name=content, @file, name@file. A name is taken as encoded already.
func (a *app) urlEncoded(t string) ([]byte, error) {
	at := strings.IndexAny(t, "=@")
	if at < 0 {
		return []byte(url.QueryEscape(t)), nil
	}
	name, content := t[:at], t[at+1:]
	if t[at] == '@' {
		b, err := a.fileOrInput(content)
		if err != nil {
			return nil, err
		}
		content = string(b)
	}
	if name != "" {
		name += "="
	}
	return []byte(name + url.QueryEscape(content)), nil
}

// join puts the parts of the body together, in the order of the command line, with & between them as curl does.
func (r *request) join(set *setting.Set) {
	left := map[string][]part{}
	for flag, parts := range r.parts {
		left[flag] = parts
	}
	add := func(flag string) {
		if len(left[flag]) == 0 {
			return
		}
		if r.hasBody {
			r.joined = append(r.joined, '&')
		}
		r.joined, r.hasBody = append(r.joined, left[flag][0]...), true
		left[flag] = left[flag][1:]
	}
	for _, flag := range set.Order(dataFlags()...) {
		add(flag)
	}
	for _, flag := range dataFlags() { // of the environment or a file
		for len(left[flag]) > 0 {
			add(flag)
		}
	}
}

// contradictions are flags that cannot be followed together.
func (r *request) contradictions() error {
	form := r.files != nil || r.fields != nil
	switch {
	case form && r.hasBody:
		return errors.New("-F makes a multipart form and -d a body of its own; give one of them")
	case form && r.inQuery:
		return errors.New("-G puts the data of -d into the URL, and -F sends a form; give one of them")
	}
	return nil
}

// addForm reads -F as curl does: NAME=CONTENT, NAME=@FILE to send a file, NAME=<FILE for a field with what a file holds; ;type= and
// ;filename= may follow a file.
func (a *app) addForm(r *request) func(string) error {
	return func(t string) error {
		name, content, ok := strings.Cut(t, "=")
		if !ok || name == "" {
			return errors.New("write NAME=CONTENT, or NAME=@FILE to send a file")
		}
		kind := content[:min(len(content), 1)]
		if kind != "@" && kind != "<" {
			r.addField(name, content)
			return nil
		}
		file, rest := formWord(content[1:])
		b, err := a.fileOrInput(file)
		if err != nil {
			return err
		}
		f := stampede.File{Field: name, Data: b}
		if kind == "@" {
			f.Name = filepath.Base(file)
			f.ContentType, _, _ = strings.Cut(mime.TypeByExtension(filepath.Ext(file)), ";") // as curl and browsers, which say no charset
		}
		for rest != "" {
			var word string
			word, rest = formWord(rest[1:])
			key, value, _ := strings.Cut(strings.TrimSpace(word), "=")
			switch value, _ = formWord(value); key {
			case "type":
				f.ContentType = value
			case "filename":
				f.Name = value
			default:
				return fmt.Errorf("after a file there may be ;type=TYPE and ;filename=NAME, and not ;%s", word)
			}
		}
		if f.Name == "" && f.ContentType == "" {
			r.fields = append(r.fields, name, string(b))
			return nil
		}
		r.files = append(slices.Clip(r.files), f)
		return nil
	}
}

// addField adds a field whose content is given: in quotes, where it holds what would end it, and with ;type=TYPE behind it.
func (r *request) addField(name, content string) {
	word, rest := content, ""
	if i := strings.LastIndex(content, ";type="); i >= 0 {
		word, rest = content[:i], content[i+len(";type="):]
	}
	if text, behind := formWord(word); strings.HasPrefix(word, `"`) && behind == "" {
		word = text
	}
	if rest == "" {
		r.fields = append(r.fields, name, word)
		return
	}
	r.files = append(slices.Clip(r.files), stampede.File{Field: name, ContentType: rest, Data: []byte(word)})
}

// formWord cuts a word up to the next semicolon. In quotes, where a backslash stands before a quote and a backslash, it may have semicolons.
func formWord(s string) (word, rest string) {
	if !strings.HasPrefix(s, `"`) {
		quoted := false
		for i := 0; i < len(s); i++ {
			switch {
			case quoted && s[i] == '\\':
				i++
			case s[i] == '"':
				quoted = !quoted
			case s[i] == ';' && !quoted:
				return s[:i], s[i:]
			}
		}
		return s, ""
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return s, "" // no quote ends it
}
