// Package jsonpath finds one value in a JSON document by the way to it. It is pure.
package jsonpath

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Find is the value at a path: names and numbers with dots between, a dot or a backslash of a name behind a backslash. A string is given as it is, a
// number and true or false as they are written, an object or an array as JSON. The error says how far the way could be gone; what names the document
// in it, as "the answer".
func Find(document []byte, path, what string) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(document))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", fmt.Errorf("%s is not JSON: it begins with %q", what, document[:min(len(document), 40)])
	}
	gone := ""
	for _, name := range names(path) {
		next, ok := member(v, name)
		if !ok {
			if gone == "" {
				return "", fmt.Errorf("there is no %q in the JSON of %s", name, what)
			}
			return "", fmt.Errorf("there is no %q below %q in the JSON of %s", name, gone, what)
		}
		gone = strings.TrimPrefix(gone+"."+name, ".")
		v = next
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", fmt.Errorf("%q is null in the JSON of %s", path, what)
	case json.Number:
		return v.String(), nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

// member is what a value has under a name.
func member(v any, name string) (any, bool) {
	switch at := v.(type) {
	case map[string]any:
		next, ok := at[name]
		return next, ok
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(at) {
			return at[i], true
		}
	}
	return nil, false
}

// names splits a path at its dots.
func names(path string) []string {
	var all []string
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch c := path[i]; {
		case c == '\\' && i+1 < len(path):
			i++
			b.WriteByte(path[i])
		case c == '.':
			all = append(all, b.String())
			b.Reset()
		default:
			b.WriteByte(c)
		}
	}
	return append(all, b.String())
}
