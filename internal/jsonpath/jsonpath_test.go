package jsonpath_test

import (
	"testing"

	"github.com/stampede-load/stampede/internal/jsonpath"
)

func TestFind(t *testing.T) {
	const document = `{"a":{"b.c":[1,{"d":"x"},null]},"n":12345678901234567890,"t":true,"":"e","\\":"s"}`
	for path, want := range map[string]string{
		`a.b\.c.1.d`: "x",
		`a.b\.c.0`:   "1",
		`n`:          "12345678901234567890",
		`t`:          "true",
		``:           "e",
		`\\`:         "s",
		`a`:          `{"b.c":[1,{"d":"x"},null]}`,
		`a.b\.c.2`:   `error: "a.b\\.c.2" is null in the JSON of it`,
		`a.b\.c.3`:   `error: there is no "3" below "a.b.c" in the JSON of it`,
		`a.b.c`:      `error: there is no "b" below "a" in the JSON of it`,
		`x`:          `error: there is no "x" in the JSON of it`,
	} {
		got, err := jsonpath.Find([]byte(document), path, "it")
		if err != nil {
			got = "error: " + err.Error()
		}
		if got != want {
			t.Errorf("%s: %s, not %s", path, got, want)
		}
	}
	if _, err := jsonpath.Find([]byte("<p>"), "a", "it"); err == nil || err.Error() != `it is not JSON: it begins with "<p>"` {
		t.Error(err)
	}
}
