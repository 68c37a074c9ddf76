package curl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/curl"
)

var files = fstest.MapFS{"a.json": {Data: []byte("{\n\"a\":1}\n")}, "pic.png": {Data: []byte("\x89PNG")}}

func told(q *importer.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", q.Method, q.URL)
	for _, h := range q.Header {
		fmt.Fprintf(&b, " [%s: %s]", h.Name, h.Value)
	}
	if q.Type != "" {
		fmt.Fprintf(&b, " (%s)", q.Type)
	}
	if len(q.Body) > 0 {
		fmt.Fprintf(&b, " %q", q.Body)
	}
	for _, f := range q.Form {
		fmt.Fprintf(&b, " %s=%q", f.Name, f.Value)
	}
	for _, f := range q.Files {
		fmt.Fprintf(&b, " %s=@%s;%s %q", f.Field, f.Name, f.Type, f.Data)
	}
	return b.String()
}

func TestCommands(t *testing.T) {
	const form = "(application/x-www-form-urlencoded)"
	for _, c := range []struct{ command, want string }{
		{`curl https://a.example/`, "GET https://a.example/"},
		{`curl a.example/x`, "GET http://a.example/x"},
		{`$ curl -sSL -k --compressed 'https://a.example/' -o /dev/null`, "GET https://a.example/"},
		// As Chromium copies it.
		{
			"curl --url 'https://a.example/login' \\\n  -X 'PUT' \\\n  -H 'content-type: application/json' \\\n  -b 'sid=1; b=2' \\\n  --data-raw $'{\"a\":\"caf\\u00e9 \\'x\\' \\u0021\"}' \\\n  --insecure",
			`PUT https://a.example/login [content-type: application/json] [Cookie: sid=1; b=2] (application/json) "{\"a\":\"café 'x' !\"}"`,
		},
		// As Firefox copies it.
		{
			`curl 'https://a.example/' --globoff --compressed -X POST -H 'Content-Type: text/plain' --data-raw $'h\xe9 \ud83d\ude00 \041'`,
			`POST https://a.example/ [Content-Type: text/plain] (text/plain) "hé 😀 !"`,
		},
		{`curl https://a.example/ --data-raw $'\xc3\xa9'`, "POST https://a.example/ " + form + ` "é"`},
		// As Chromium copies it for the command line of Windows.
		{"curl ^\"https://a.example/?a=1^&b=2^\" ^\r\n  -H ^\"x: ^\\^\"q^\\^\"^\" ^\r\n  --data-raw ^\"c=$d^\"", `POST https://a.example/?a=1&b=2 [x: "q"] ` + form + ` "c=$d"`},
		{"curl ^\"https://a.example/^\" ^\n  --data-raw ^\"a^\n\nb^\"", `POST https://a.example/ ` + form + ` "a\nb"`},
		{`curl -d a=1 -d 'b=2&c=3' --data-urlencode 'd=x y&' https://a.example/`, "POST https://a.example/ " + form + ` "a=1&b=2&c=3&d=x+y%26"`},
		{`curl -G -d a=1 --data-urlencode q=é "https://a.example/?z=0"`, `GET https://a.example/?z=0&a=1&q=%C3%A9`},
		{`curl -d @a.json https://a.example/`, "POST https://a.example/ " + form + ` "{\"a\":1}"`},
		{`curl --data-binary @a.json -H 'Content-Type: application/json' https://a.example/`, `POST https://a.example/ [Content-Type: application/json] (application/json) "{\n\"a\":1}\n"`},
		{`curl --json '{"a":1}' https://a.example/`, `POST https://a.example/ [Content-Type: application/json] [Accept: application/json] (application/json) "{\"a\":1}"`},
		{`curl --data-raw @a.json https://a.example/`, "POST https://a.example/ " + form + ` "@a.json"`},
		{
			`curl -F a=1 -F 'pic=@pic.png;type=image/png;filename=me.png' -F 'note=<a.json' --form-string 'at=@x' https://a.example/`,
			`POST https://a.example/ (multipart/form-data) a="1" note="{\n\"a\":1}\n" at="@x" pic=@me.png;image/png "\x89PNG"`,
		},
		{`curl -T a.json https://a.example/f`, `PUT https://a.example/f (application/octet-stream) "{\n\"a\":1}\n"`},
		{`curl -u ann:pw -XDELETE https://a.example/1`, "DELETE https://a.example/1 [Authorization: Basic YW5uOnB3]"},
		{`curl --oauth2-bearer t0k --head https://a.example/`, "HEAD https://a.example/ [Authorization: Bearer t0k]"},
		{`curl --request=PATCH --http2 https://a.example/ -- https://b.example/`, "PATCH https://a.example/\nPATCH https://b.example/"},
		{`curl https://a.example/1 -d x --next https://a.example/2`, "POST https://a.example/1 " + form + " \"x\"\nGET https://a.example/2"},
		{"curl https://a.example/1 ;\ncurl https://a.example/2 &\ncurl 'https://a.example/3'", "GET https://a.example/1\nGET https://a.example/2\nGET https://a.example/3"},
		{"curl 'https://a.example/' ;\ncurl --url 'wss://a.example/ws'", "GET https://a.example/"},
		{`curl -d 'say=Invoke-WebRequest' https://a.example/`, "POST https://a.example/ " + form + ` "say=Invoke-WebRequest"`},
		// As Postman, Insomnia and Safari copy it.
		{"curl --location 'https://a.example/x' \\\n--header 'Content-Type: application/json' \\\n--data '{\n    \"a\": 1\n}'", `POST https://a.example/x [Content-Type: application/json] (application/json) "{\n    \"a\": 1\n}"`},
		{"curl --request POST \\\n  --url https://a.example/x \\\n  --header 'User-Agent: insomnia/9.3' \\\n  --data a=1", "POST https://a.example/x [User-Agent: insomnia/9.3] " + form + ` "a=1"`},
		{"curl 'https://a.example/x' \\\n-X 'PUT' \\\n-H 'Accept: */*' \\\n--data-binary '{}'", "PUT https://a.example/x [Accept: */*] " + form + ` "{}"`},
		{`curl --proto '=https' --tlsv1.2 -sSfp --retry 3 --retry-all-errors --url-query 'q=a b' --url-query +c=%20 -z yesterday https://a.example/?x=1`, "GET https://a.example/?x=1&q=a+b&c=%20"},
		{`curl "https://a.example/\$x\"y"`, `GET https://a.example/$x"y`},
	} {
		r, err := curl.Parse(c.command, files)
		if err != nil {
			t.Errorf("%s: %v", c.command, err)
			continue
		}
		var all []string
		for _, q := range r.Requests {
			all = append(all, told(q))
		}
		if got := strings.Join(all, "\n"); got != c.want {
			t.Errorf("%s:\n%s\nnot\n%s", c.command, got, c.want)
		}
	}
}

func TestMistakes(t *testing.T) {
	for command, want := range map[string]string{
		"":                                       "there is no command",
		"wget https://a.example/":                `"wget" is no curl command`,
		"curl":                                   "no address",
		"curl -H":                                "-H wants a value",
		"curl --frobnicate https://a/":           "--frobnicate is not known",
		"curl -W https://a/":                     "-W is not known",
		"curl 'https://a.example/":               "copy the whole command",
		"echo 1 | curl -d @- https://a.example/": `"echo" is no curl command`,
		"curl 'https://a.example/{a,b}'":         "is a pattern ({a,b} or [1-9])",
		"curl 'https://a.example/[1-20:2]'":      "is a pattern",
		"curl https://a.example -H $'a: 1\r\nb: 2'": "no line ends",
		"curl -X 'GE T' https://a/":                 "no method has such characters",
		"curl -H 'a\x01: b' https://a/":             "no header field has such a name",
		"curl -H ':method: GET' https://a.example/": "",
		"curl $URL":                                         "something that a shell would have to work out",
		"curl https://a/?a=1&b=2 -d x":                      "only curl commands",
		"curl -d @/etc/passwd https://a.example/":           "from this folder alone",
		"curl -d @../x https://a.example/":                  "from this folder alone",
		"curl -d @none https://a.example/":                  "no such file",
		"curl -b jar.txt https://a.example/":                "a file of cookies",
		`curl https://a.example/ --data-raw $'a\u0000b'`:    "zero byte",
		"curl --url 'wss://a.example/'":                     "nothing of it can be made again",
		"curl -F x https://a.example/":                      "name=content",
		"for i in 1 2; do curl https://a.example/$i; done":  "only curl commands",
		"A=1 curl https://a.example/":                       "only curl commands",
		"curl https://a.example/ -H 'A: b' --data-raw $'a'": "",
		"$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\nInvoke-WebRequest -UseBasicParsing -Uri \"https://a.example/\" `\n-WebSession $session": "Copy as cURL (bash)",
		"Invoke-RestMethod https://a.example/":                        "Copy as cURL (bash)",
		"fetch(\"https://a.example/\", {\n  \"method\": \"GET\"\n});": "Copy as cURL",
		"await fetch('https://a.example/');":                          "Copy as cURL",
	} {
		_, err := curl.Parse(command, files)
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", command, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %s", command, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`curl 'https://a.example/' -H 'a: b' --data-raw $'\u00e9\xe9\ud83d'`)
	f.Add("curl -sF a=@x --next \"b\" ^\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := curl.Parse(text, fstest.MapFS{})
		if err == nil && len(r.Requests) == 0 {
			t.Error("nothing is no command")
		}
	})
}
