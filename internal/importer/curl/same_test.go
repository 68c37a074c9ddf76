package curl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stampede-load/stampede/internal/importer/curl"
)

// What becomes of a command is what curl 7.88.1 sent of it to a server, where the two can be compared: the address without its fragment, fields of
// the header that the command gives, the kind of the body and the body.
func TestSameAsCurl(t *testing.T) {
	files := fstest.MapFS{"a.txt": {Data: []byte("one & two\n")}, "a.json": {Data: []byte("{\"a\": 1,\r\n\"b\": \"x y\"}\n")}}
	for command, want := range map[string]string{
		`'http://h.example/a?x=1#f' --url-query 'q=a b'`:                              `GET /a?x=1&q=a+b`,
		`'http://h.example/a?x=1#f' -G -d q=1`:                                        `GET /a?x=1&q=1`,
		`-G 'http://h.example/a?' -d z=1`:                                             `GET /a?z=1`,
		`-G 'http://h.example/a?b&' -d z=1`:                                           `GET /a?b&z=1`,
		`'http://h.example/a?f\[x\]=1&g=\{y\}'`:                                       `GET /a?f[x]=1&g={y}`,
		`'http://h.example/a?ids[]=1'`:                                                `GET /a?ids[]=1`,
		`-g 'http://h.example/{a,b}[1-3]'`:                                            `GET /{a,b}[1-3]`,
		`http://h.example/a --json '{"a":1}' --json '{"b":2}'`:                        `POST /a [Content-Type: application/json] [Accept: application/json] application/json {"a":1}{"b":2}`,
		`http://h.example/a -d a=1 --json '{}'`:                                       `POST /a [Content-Type: application/json] [Accept: application/json] application/json a=1{}`,
		`http://h.example/a -d @a.json`:                                               `POST /a application/x-www-form-urlencoded {"a": 1,"b": "x y"}`,
		`http://h.example/a --data-urlencode 'me@x.org=a b'`:                          `POST /a application/x-www-form-urlencoded me@x.org=a+b`,
		`http://h.example/a --data-urlencode n@a.txt --data-urlencode 'plain text'`:   `POST /a application/x-www-form-urlencoded n=one+%26+two%0A&plain+text`,
		`-H 'X-A;' http://h.example/a`:                                                `GET /a [X-A: ]`,
		`-u ann:p:w -H 'Authorization: Bearer x' http://h.example/a`:                  `GET /a [Authorization: Bearer x]`,
		`http://ann:p%40w@h.example/a`:                                                `GET /a [Authorization: Basic YW5uOnBAdw==]`,
		`-u bob:b http://ann:pw@h.example/a`:                                          `GET /a [Authorization: Basic Ym9iOmI=]`,
		`-b a=1 -b b=2 http://h.example/a`:                                            `GET /a [Cookie: a=1; b=2]`,
		`-T a.txt http://h.example/up/`:                                               "PUT /up/a.txt application/octet-stream one & two\n",
		`-T a.txt 'http://h.example/up/x.txt?a=/'`:                                    "PUT /up/x.txt?a=/ application/octet-stream one & two\n",
		`-s http://h.example/a | jq .`:                                                `GET /a`,
		`-s http://h.example/a && curl -X DELETE http://h.example/b || echo "failed"`: `GET /a | DELETE /b`,
		`http://h.example/a > out.txt`:                                                `GET /a`,
	} {
		r, err := curl.Parse("curl "+command, files)
		if err != nil {
			t.Errorf("%s: %v", command, err)
			continue
		}
		var all []string
		for _, q := range r.Requests {
			address, _, _ := strings.Cut(strings.TrimPrefix(q.URL, "http://h.example"), "#")
			one := q.Method + " " + address
			for _, f := range q.Header {
				one += fmt.Sprintf(" [%s: %s]", f.Name, f.Value)
			}
			if q.Type != "" {
				one += fmt.Sprintf(" %s %s", q.Type, q.Body)
			}
			all = append(all, one)
		}
		if got := strings.Join(all, " | "); got != want {
			t.Errorf("%s:\n got %s\nwant %s", command, got, want)
		}
	}
}
