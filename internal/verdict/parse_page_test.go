package verdict

import (
	"reflect"
	"testing"
)

// A row is picked as it is printed: its type in capitals, and its name.
func TestPlainType(t *testing.T) {
	for expr, want := range map[string]string{
		`PAGE "Logged In Event Page" p95 < 2s`: `[PAGE "Logged In Event Page"] p95 < 2s`,
		`GET "/" mean < 1s and [POST] p99<1s`:  `[GET "/"] mean < 1s and [POST] p99 < 1s`,
		`STEP "*" p50 < 1s`:                    `[STEP] p50 < 1s`,
	} {
		r, err := Parse(expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
			continue
		}
		plain, err := Parse(want)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(r.root, plain.root) {
			t.Errorf("%s is read as %+v, and %s as %+v", expr, r.root, want, plain.root)
		}
	}
	for _, bad := range []string{`PAGE p95 < 2s`, `PAGE < 2s`, `"x" PAGE p95 < 1s`, `page "x" p95 < 1s`} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
