package setting

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stampede-load/stampede/internal/suggest"
)

// FileName is the file of settings that is read when it lies in the current folder.
const FileName = "stampede.yaml"

// File is what a file of settings holds: texts by key, each with its line.
type File struct {
	name   string
	values map[string][]given
	order  []string
	lines  map[string]int
}

// ReadFile reads a file of settings. A file that does not exist is nil without error unless must is true.
func ReadFile(path string, must bool) (*File, error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !must:
		return nil, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("config %s: there is no such file; correct the name", path)
	case err != nil:
		return nil, fmt.Errorf("config %s: it cannot be read: %w", path, errors.Unwrap(err))
	}
	return ParseFile(filepath.Base(path), b)
}

// ParseFile reads the text of a file of settings: keys with a value, or with a list of values. name is what mistakes call it.
func ParseFile(name string, text []byte) (*File, error) {
	var doc, more yaml.Node
	all := yaml.NewDecoder(bytes.NewReader(text))
	if err := all.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: not YAML: %s", name, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := all.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s:%d: there is a second document after ---, which nothing would read; keep one", name, max(more.Line, 1))
	}
	f := &File{name: name, values: make(map[string][]given), lines: make(map[string]int)}
	if len(doc.Content) == 0 {
		return f, nil // empty, or comments only
	}
	top := doc.Content[0]
	if top.Kind == yaml.ScalarNode && top.Tag == "!!null" {
		return f, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: write one setting a line, such as: users: 50", name, top.Line)
	}
	var mistakes []error
	for i := 0; i+1 < len(top.Content); i += 2 {
		if err := f.add(top.Content[i], top.Content[i+1]); err != nil {
			mistakes = append(mistakes, err)
		}
	}
	return f, errors.Join(mistakes...)
}

// add keeps one key with its value or list of values.
func (f *File) add(key, value *yaml.Node) error {
	name := key.Value
	if line, twice := f.lines[name]; twice {
		return fmt.Errorf("%s:%d: %s: already set in line %d; keep one", f.name, key.Line, name, line)
	}
	f.lines[name] = key.Line
	f.order = append(f.order, name)
	if value.Kind == yaml.AliasNode {
		value = value.Alias
	}
	if value.Kind == yaml.MappingNode && name == Table {
		return f.addTable(name, "", value)
	}
	items := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		items = value.Content
	}
	for _, item := range items {
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		if value.Kind == yaml.SequenceNode && endsInColon(item) {
			item = &yaml.Node{Kind: yaml.ScalarNode, Line: item.Line, Value: item.Content[0].Value + ":"}
		}
		if item.Kind != yaml.ScalarNode {
			return fmt.Errorf("%s:%d: %s: write a value or a list of values here", f.name, item.Line, name)
		}
		if item.Tag == "!!null" {
			continue // "key:" with nothing behind it asks for nothing
		}
		f.values[name] = append(f.values[name], given{item.Value, origin{FromFile, fmt.Sprintf("%s:%d", f.name, item.Line)}})
	}
	return nil
}

// endsInColon reports an item of a list such as here=host: that ends in a colon, which YAML takes for a key without a value.
func endsInColon(item *yaml.Node) bool {
	return item.Kind == yaml.MappingNode && len(item.Content) == 2 && item.Content[1].Tag == "!!null" && item.Content[1].Value == ""
}

// Table is the one key whose value may be a table: each of its entries is a text NAME=VALUE, and NAME=KEY=VALUE below that.
const Table = "hosts"

// addTable keeps the entries of a table as texts.
func (f *File) addTable(name, before string, table *yaml.Node) error {
	for i := 0; i+1 < len(table.Content); i += 2 {
		key, value := table.Content[i], table.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if value.Kind == yaml.MappingNode && before == "" {
			if err := f.addTable(name, key.Value+"=", value); err != nil {
				return err
			}
			continue
		}
		items := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode && before == "" {
			items = value.Content
		}
		for _, item := range items {
			if item.Kind != yaml.ScalarNode {
				return fmt.Errorf("%s:%d: %s: %s: write a URL, a table of hosts and URLs, or for never a list of hosts", f.name, item.Line, name, key.Value)
			}
			if item.Tag != "!!null" {
				f.values[name] = append(f.values[name], given{before + key.Value + "=" + item.Value, origin{FromFile, fmt.Sprintf("%s:%d", f.name, item.Line)}})
			}
		}
	}
	return nil
}

// Merge adds the values of a key in another file that begin so. Of no file they are none.
func (f *File) Merge(other *File, key, begin string) {
	if f == nil || other == nil {
		return
	}
	for _, v := range other.values[key] {
		if strings.HasPrefix(v.text, begin) {
			f.values[key] = append(f.values[key], v)
		}
	}
}

// FileOf is what another program sent in place of a file: texts by key.
func FileOf(name string, values map[string][]string) *File {
	f := &File{name: name, values: make(map[string][]given), lines: make(map[string]int)}
	for key, texts := range values {
		f.order = append(f.order, key)
		for _, t := range texts {
			f.values[key] = append(f.values[key], given{t, origin{FromFile, name}})
		}
	}
	slices.Sort(f.order)
	return f
}

// Only is what the file says of these keys. Of no file it is none.
func (f *File) Only(keys []string) *File {
	if f == nil {
		return nil
	}
	o := &File{name: f.name, values: make(map[string][]given), lines: f.lines}
	for _, key := range f.order {
		if slices.Contains(keys, key) {
			o.order, o.values[key] = append(o.order, key), f.values[key]
		}
	}
	return o
}

// given returns the texts of a key.
func (f *File) given(key string) []given { return f.values[key] }

// Unknown refuses every key that is not among the known ones, with the nearest; of barred ones it says that a file cannot set them.
func (f *File) Unknown(known, barred []string) []error {
	if f == nil {
		return nil
	}
	var mistakes []error
	for _, key := range f.order {
		if slices.Contains(known, key) {
			continue
		}
		if slices.Contains(barred, key) {
			mistakes = append(mistakes, fmt.Errorf("%s:%d: %s: a file cannot set this; give --%s or its variable", f.name, f.lines[key], key, key))
			continue
		}
		text := fmt.Sprintf("%s:%d: %s: no setting has that name", f.name, f.lines[key], key)
		if near := suggest.Nearest(key, known); near != "" {
			text += "; did you mean " + near + "?"
		} else {
			text += `; "config explain" lists them`
		}
		mistakes = append(mistakes, errors.New(text))
	}
	return mistakes
}
