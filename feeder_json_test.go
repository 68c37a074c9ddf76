package stampede

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

type account struct {
	Email string
	Age   int
	Note  string `csv:"-"`
}

func feedOf[R any](js bool, text string) string {
	files := fstest.MapFS{"f": {Data: []byte(text)}}
	read := CSV[R]
	if js {
		read = JSONLines[R]
	}
	f, err := read(files, "f")
	if err != nil {
		return strings.TrimPrefix(err.Error(), "feeder: f: ")
	}
	return fmt.Sprint(f.rows)
}

// What people have as JSON becomes rows, and what would become rows of nothing is refused by name.
func TestJSONRows(t *testing.T) {
	for in, want := range map[string]string{
		`[{"email":"a","age":3}]`:                            "[{a 3 }]",
		"{\"Email\":\"a\",\"age\":3}\n{\"EMAIL\":\"b\"}\n":   "[{a 3 } {b 0 }]",
		"{\n \"email\": \"a\",\n \"age\": 3\n}\n":            "[{a 3 }]",
		"\ufeff[{\"email\":\"a\",\"age\":3,\"note\":\"n\"}]": "[{a 3 n}]",
		`[{"email":"a","age":3},{"email":"b","age":"x"}]`:    "value 2: json: cannot unmarshal string into Go struct field",
		"[{\"email\":\"a\",\"age\":3},\n]":                   "the array of values: line 2: invalid character ']'",
		`[{"email":"a","age":3}`:                             "the array of values: line 1: unexpected end of JSON input",
		`[{"email":"a","age":3}] [{"email":"b","age":3}]`:    "the array of values: line 1: invalid character '[' after top-level value",
		"{\"email\":\"a\",\"age\":3}\n{\"email\":b}\n":       "value 2: line 2: invalid character 'b'",
		`[]`:                            "no rows",
		``:                              "no rows",
		`null`:                          "value 1 is null",
		`[{"email":"a","age":1}, null]`: "value 2 is null",
		`{"accounts":[{"email":"a"}]}`:  "no value has a key for Email, Age, Note; the keys are accounts",
		`[{"mail":"a","alter":3}]`:      "no value has a key for Email, Age, Note; the keys are alter, mail",
		`[{"email":"a"},{"a_ge":4}]`:    "the key a_ge is not that of the field Age: give it the tag `json:\"a_ge\"`",
		`["a","b"]`:                     "value 1: json: cannot unmarshal string into Go value",
	} {
		if got := feedOf[account](true, in); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"[\"a\",\"b\"]\n[\"c\"]": "[[a b] [c]]", `[["a","b"],["c"]]`: "[[a b] [c]]", `["a","b"]`: "[[a b]]",
	} {
		if got := feedOf[[]string](true, in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := feedOf[map[string]any](true, `[{"a":1},{}]`); got != "[map[a:1] map[]]" {
		t.Error(got)
	}
	if got := feedOf[any](true, `[{"a":1},["b"]]`); got != "[map[a:1] [b]]" {
		t.Error(got)
	}
	if got := feedOf[string](true, `["a","b"]`); got != "[a b]" {
		t.Error(got)
	}
}

// Of two columns for one field neither is taken in silence.
func TestCSVRows(t *testing.T) {
	for in, want := range map[string]string{
		"email,age\na@b,3\n":              "[{a@b 3 }]",
		"Email,email,age\na@b,c@d,3\n":    "the columns Email and email are both the field Email",
		"email;age\n\"=\"\"007\"\"\";3\n": "[{007 3 }]",
		"email\na\n":                      "no column for Age",
	} {
		if got := feedOf[account](false, in); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
	if got := feedOf[map[string]string](false, "Email,email\na,b\n"); got != "[map[Email:a email:b]]" {
		t.Error(got)
	}
}
