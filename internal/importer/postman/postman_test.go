package postman_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/postman"
)

const collection = `{"info":{"name":"Shop","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
"variable":[{"key":"baseUrl","value":"https://shop.example"},{"key":"api","value":"{{baseUrl}}/api"}],
"auth":{"type":"bearer","bearer":[{"key":"token","value":"{{token}}"}]},
"item":[
 {"name":"Log in","event":[{"listen":"test","script":{"exec":["const body = pm.response.json();","pm.environment.set(\"token\", body.data.list[0].token);","pm.globals.set('n', 1+2);"]}}],
  "request":{"auth":{"type":"noauth"},"method":"POST","header":[{"key":"X-A","value":"1"},{"key":"X-B","value":"2","disabled":true}],"body":{"mode":"raw","raw":"{\"email\":\"ann@shop.example\",\"password\":\"hunter2\"}","options":{"raw":{"language":"json"}}},"url":{"raw":"{{api}}/login"}}},
 {"name":"Folder","item":[
  {"name":"Item","request":{"method":"GET","url":{"raw":"{{api}}/items/:id","variable":[{"key":"id","value":"17"}]}}},
  {"name":"Form","request":{"method":"POST","body":{"mode":"urlencoded","urlencoded":[{"key":"a b","value":"{{missing}}"}]},"url":"{{api}}/form"}},
  {"name":"File","request":{"method":"POST","auth":{"type":"apikey","apikey":[{"key":"key","value":"k"},{"key":"value","value":"v"},{"key":"in","value":"query"}]},"body":{"mode":"formdata","formdata":[{"key":"f","type":"file","src":"/x"},{"key":"t","value":"1"}]},"url":"{{api}}/file"}},
  {"name":"Graph","request":{"method":"POST","body":{"mode":"graphql","graphql":{"query":"{a}","variables":"{\"b\":1}"}},"url":"{{api}}/graphql"}}]},
 {"name":"Home","request":"https://shop.example/"}
]}`

func TestCollection(t *testing.T) {
	r, err := postman.Parse([]byte(collection), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, q := range r.Requests {
		fmt.Fprintf(&b, "%s: %s %s", q.Name, q.Method, q.URL)
		for _, h := range q.Header {
			fmt.Fprintf(&b, " [%s: %s]", h.Name, h.Value)
		}
		fmt.Fprintf(&b, " (%s) %s %v %d files -> %s\n", q.Type, q.Body, q.Form, len(q.Files), q.Response.Body.Bytes())
	}
	token := importer.Get(r.Requests[1].Header, "Authorization")
	got := strings.ReplaceAll(b.String(), strings.TrimPrefix(token, "Bearer "), "TOKEN")
	want := `Log in: POST https://shop.example/api/login [X-A: 1] (application/json) {"email":"ann@shop.example","password":"hunter2"} [] 0 files -> {"data":{"list":{"0":{"token":"TOKEN"}}}}
Item: GET https://shop.example/api/items/17 [Authorization: Bearer TOKEN] ()  [] 0 files -> 
Form: POST https://shop.example/api/form [Authorization: Bearer TOKEN] (application/x-www-form-urlencoded) a+b=put-missing-here [] 0 files -> 
File: POST https://shop.example/api/file?k=v (multipart/form-data)  [{t 1}] 1 files -> 
Graph: POST https://shop.example/api/graphql [Authorization: Bearer TOKEN] (application/json) {"query":"{a}","variables":{"b":1}} [] 0 files -> 
Home: GET https://shop.example/ [Authorization: Bearer TOKEN] ()  [] 0 files -> 
`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	if left := strings.Join(r.Left.Lines(), "\n"); !strings.Contains(left, "missing") || !strings.Contains(left, "more than a value of the answer (n)") {
		t.Error(left)
	}
}

// What exports of other versions and other programs look like.
func TestFormsOfCollections(t *testing.T) {
	const all = `{"info":{"name":"Old","schema":"https://schema.getpostman.com/json/collection/v2.0.0/collection.json"},"event":[{"listen":"prerequest","script":{"exec":"pm.sendRequest('x')"}}],
"variable":[{"id":"host","value":"a.example"}],
"item":[{"name":"Users","variable":[{"key":"who","value":"7"}],"event":[{"listen":"prerequest","script":{"exec":[""]}}],"auth":{"type":"basic","basic":{"username":"ann","password":"pw"}},"item":[
 {"name":"In parts","request":{"method":"PUT","header":"X-A: 1\nX-B: {{who}}","url":{"protocol":"https","host":["api","a","example"],"port":"8443","path":["users",":id",":identity"],"query":[{"key":"q","value":"1"},{"key":"off","value":"2","disabled":true}],"variable":[{"key":"id","value":"{{who}}"},{"key":"identity","value":"me"}]},
  "body":{"mode":"formdata","formdata":[{"key":"pic","type":"file","src":["/home/ann/a.png","C:\\b.png"],"contentType":"image/png"},{"key":"note","value":"{{$randomFirstName}}","type":"text"}]}}},
 {"name":"No token","request":{"auth":{"type":"oauth2","oauth2":[{"key":"grant_type","value":"client_credentials"}]},"method":"POST","url":"https://{{host}}/x","body":{"mode":"raw","raw":"{}","disabled":true}}},
 {"name":"Signed","request":{"auth":{"type":"awsv4"},"method":"GET","url":"https://{{host}}/y"}}]}]}`
	r, err := postman.Parse([]byte(all), nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, q := range r.Requests {
		fmt.Fprintf(&b, "%s %s %v %q %v %v\n", q.Method, q.URL, q.Header, q.Body, q.Form, q.Files)
	}
	const want = `PUT https://api.a.example:8443/users/7/me?q=1 [{X-A 1} {X-B 7} {Authorization Basic YW5uOnB3}] "" [{note Ann}] [{pic a.png image/png []} {pic b.png image/png []}]
POST https://a.example/x [{Authorization Bearer put-accessToken-here}] "" [] []
GET https://a.example/y [] "" [] []
`
	if got := b.String(); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	const left = `1 scripts before requests, which are not run (Old)
1 variables without a value, which are written as put-NAME-here: give them with --var NAME=VALUE (accessToken)
1 ways to log in that are not known here (awsv4)`
	if got := strings.Join(r.Left.Lines(), "\n"); got != left {
		t.Errorf("left out: %s", got)
	}
}

func TestNoCollection(t *testing.T) {
	for text, want := range map[string]string{
		"":            "not JSON",
		`{}`:          "no collection of Postman",
		`{"item":[]}`: "holds no request",
		`{"item":[{"name":"x","request":{"url":"{{host}}/a"}}]}`: "--var baseUrl=",
	} {
		if _, err := postman.Parse([]byte(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %s", text, err, want)
		}
	}
	if _, err := postman.Parse([]byte(`{"item":[{"name":"x","request":{"url":"{{host}}/a"}}]}`), map[string]string{"host": "https://a.example"}); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(collection)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := postman.Parse([]byte(text), nil); err == nil && len(r.Requests) == 0 {
			t.Error("no request is no collection")
		}
	})
}
