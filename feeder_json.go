package stampede

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/stampede-load/stampede/internal/table"
)

// readJSON reads values one behind the other, or all in one array.
func readJSON[R any](r io.Reader) (rows []R, err error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	text, err := table.Text(all)
	if err != nil {
		return nil, err
	}
	values, err := jsonValues(strings.TrimSpace(text), reflect.TypeFor[R]())
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, errors.New("no rows")
	}
	keys := newKeys(reflect.TypeFor[R]())
	rows = make([]R, len(values))
	for i, v := range values {
		if string(v) == "null" {
			return nil, fmt.Errorf("value %d is null", i+1)
		}
		if err := json.Unmarshal(v, &rows[i]); err != nil {
			return nil, fmt.Errorf("value %d: %w", i+1, err)
		}
		keys.see(v)
	}
	return rows, keys.missing()
}

// jsonValues cuts the text of a file into its values. An array is one of values, unless the rows are lists themselves.
func jsonValues(text string, row reflect.Type) (values []json.RawMessage, err error) {
	list := row.Kind() == reflect.Slice || row.Kind() == reflect.Array || row.Kind() == reflect.Interface
	if strings.HasPrefix(text, "[") {
		err := json.Unmarshal([]byte(text), &values)
		if err == nil && (!list || row.Kind() == reflect.Interface || allLists(values)) {
			return values, nil
		}
		if values = nil; !list {
			return nil, fmt.Errorf("the array of values: %w", at(text, err))
		}
	}
	for dec := json.NewDecoder(strings.NewReader(text)); ; {
		var v json.RawMessage
		switch err := dec.Decode(&v); {
		case errors.Is(err, io.EOF):
			return values, nil
		case err != nil:
			return nil, fmt.Errorf("value %d: %w", len(values)+1, at(text, err))
		}
		values = append(values, v)
	}
}

// allLists reports whether the values can be rows that are lists.
func allLists(values []json.RawMessage) bool {
	return !slices.ContainsFunc(values, func(v json.RawMessage) bool { return !bytes.HasPrefix(v, []byte("[")) })
}

// at adds the line to an error that knows its place.
func at(text string, err error) error {
	var wrong *json.SyntaxError
	if !errors.As(err, &wrong) || wrong.Offset > int64(len(text)) {
		return err
	}
	return fmt.Errorf("line %d: %w", 1+strings.Count(text[:wrong.Offset], "\n"), err)
}

// keys finds fields of rows that no value fills because their key is written in another way, which would leave them empty without a word.
type keys struct {
	fields int                   // that can have a key
	wanted []reflect.StructField // those that no value had so far
	seen   []string              // keys of values, the first few
}

// newKeys is for rows of a type. What fills in its fields by itself is left alone.
func newKeys(row reflect.Type) *keys {
	k := &keys{}
	if row.Kind() != reflect.Struct || reflect.PointerTo(row).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return k
	}
	for i := range row.NumField() {
		f := row.Field(i)
		if f.Anonymous {
			return &keys{} // whose fields those are is a matter of its own
		}
		if f.IsExported() && f.Tag.Get("json") != "-" {
			k.wanted = append(k.wanted, f)
		}
	}
	k.fields = len(k.wanted)
	return k
}

// jsonName is the key of a field.
func jsonName(f reflect.StructField) string {
	if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
		return name
	}
	return f.Name
}

// see takes note of the keys of a value.
func (k *keys) see(value json.RawMessage) {
	if len(k.wanted) == 0 {
		return
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(value, &fields) != nil {
		return
	}
	for key := range fields {
		if len(k.seen) < 50 && !slices.Contains(k.seen, key) {
			k.seen = append(k.seen, key)
		}
		k.wanted = slices.DeleteFunc(k.wanted, func(f reflect.StructField) bool {
			return strings.EqualFold(key, jsonName(f)) // as encoding/json has it
		})
	}
}

// missing is the error of fields that no value fills where that is a mistake: none is filled at all, or a key differs in signs alone. A key that
// may be absent is nothing wrong.
func (k *keys) missing() error {
	slices.Sort(k.seen)
	if len(k.wanted) == k.fields && k.fields > 0 {
		var names []string
		for _, f := range k.wanted {
			names = append(names, jsonName(f))
		}
		return fmt.Errorf("no value has a key for %s; the keys are %s (a tag `json:\"...\"` names the key of a field)",
			strings.Join(names, ", "), strings.Join(k.seen, ", "))
	}
	for _, f := range k.wanted {
		for _, key := range k.seen {
			if letters(key) == letters(jsonName(f)) {
				return fmt.Errorf("the key %s is not that of the field %s: give it the tag `json:%q`", key, f.Name, key)
			}
		}
	}
	return nil
}

// letters is a key without what people write differently.
func letters(key string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' || r == '.' {
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}
