package gotest_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/curl"
	"github.com/stampede-load/stampede/internal/importer/flow"
	"github.com/stampede-load/stampede/internal/importer/gotest"
	"github.com/stampede-load/stampede/internal/importer/har"
	"github.com/stampede-load/stampede/internal/importer/openapi"
	"github.com/stampede-load/stampede/internal/importer/postman"
)

// oddity is an input of a form that some program writes. What becomes of it must compile, have what is wanted in the program or its README, and
// not have what is unwanted.
type oddity struct {
	name, kind, text string
	want             []string
	not              []string
}

// entryOf is an entry of a HAR.
func entryOf(second int, rest string) string {
	return fmt.Sprintf(`{"startedDateTime":"2026-11-20T12:00:%02d.123Z","time":20,%s}`, second, rest)
}

func harOf(head string, entries ...string) string {
	return `{"log":{"version":"1.2",` + head + `"entries":[` + strings.Join(entries, ",") + `]}}`
}

const (
	htmlOf = `"response":{"status":200,"headers":[{"name":"Content-Type","value":"text/html"}],"content":{"mimeType":"text/html","text":"<form><input type=hidden name=csrf value=Qz7kPm2xW9vT4bLc></form>"}}`
	sendOf = `"headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"}],`
)

var oddities = []oddity{
	{"firefox", "har", harOf(`"creator":{"name":"Firefox","version":"153.0"},"pages":[{"id":"page_1","pageTimings":{"onLoad":-1},"startedDateTime":"2026-11-20T13:00:00.123+01:00","title":"x"}],`,
		`{"startedDateTime":"2026-11-20T13:00:01.123+01:00","request":{"bodySize":0,"method":"GET","url":"https://a.example/form","httpVersion":"HTTP/2","headers":[{"name":"Sec-Fetch-Dest","value":"document"}],"cookies":[],"queryString":[]},`+htmlOf+`,"cache":{},"timings":{"blocked":0,"dns":0},"time":20,"_securityState":"secure","serverIPAddress":"192.0.2.1","connection":"443","pageref":"page_1"}`,
		`{"startedDateTime":"2026-11-20T13:00:04.123+01:00","request":{"bodySize":30,"method":"POST","url":"https://a.example/form","headers":[{"name":"Content-Type","value":"application/x-www-form-urlencoded"},{"name":"Sec-Fetch-Dest","value":"document"}],"postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"csrf","value":"Qz7kPm2xW9vT4bLc"},{"name":"n","value":"caf\u00e9 \u0026 t"}],"text":"csrf=Qz7kPm2xW9vT4bLc&n=caf%C3%A9+%26+t"}},"response":{"status":200,"headers":[],"content":{"mimeType":"text/html","text":""}},"time":9}`,
	), []string{`r.Form("csrf")`, `"n", "café & t"`}, []string{"Qz7kPm2xW9vT4bLc"}},
	{"safari", "har", harOf(`"creator":{"name":"WebKit Web Inspector","version":"20621"},`,
		entryOf(1, `"_fetchType":"Network Load","_priority":"high","request":{"method":"GET","url":"https://a.example/","headers":[],"bodySize":0},`+htmlOf),
		entryOf(2, `"_fetchType":"Memory Cache","request":{"method":"GET","url":"https://a.example/app.js","headers":[]},"response":{"status":200,"content":{"mimeType":"text/javascript"}}`),
		entryOf(3, `"_fetchType":"Disk Cache","request":{"method":"GET","url":"https://a.example/api/me","headers":[]},"response":{"status":200,"content":{"mimeType":"application/json","text":"{}"}}`),
	), []string{"2 answers from the browser's cache"}, []string{"/api/me\""}},
	{"charles", "har", harOf(`"creator":{"name":"Charles Proxy","version":"5.0"},`,
		entryOf(1, `"request":{"method":"CONNECT","url":"https://a.example:443","headers":[]},"response":{"_charlesStatus":"COMPLETE","status":200,"content":{}}`),
		entryOf(2, `"request":{"method":"GET","url":"https://a.example/api/items","httpVersion":"HTTP/2.0","headers":[{"name":":method","value":"GET"},{"name":"accept","value":"application/json"}],"bodySize":0},"response":{"_charlesStatus":"COMPLETE","status":200,"content":{"mimeType":"application/json","text":"eyJpZCI6MTd9","encoding":"base64"}}`),
	), []string{"1 CONNECT requests", `v.Get(ctx, "/api/items"`}, []string{`"CONNECT"`}},
	{"fiddler", "har", "\ufeff" + harOf(`"creator":{"name":"Fiddler","version":"5.0"},"pages":[],"comment":"exported @ 20/11/2026 12:00:00",`,
		`{"startedDateTime":"2026-11-20T12:00:01.1234567+02:00","connection":"ClientPort:51000;EgressPort:51001","time":45,"request":{"method":"POST","url":"https://a.example/api/cart","headersSize":400,"bodySize":8,"headers":[{"name":"Host","value":"a.example"},{"name":"Content-Length","value":"8"},{"name":"Content-Type","value":"application/json"}],"postData":{"mimeType":"application/json","text":"{\"id\":7}"}},"response":{"status":201,"statusText":"Created","headers":[],"content":{"size":0,"mimeType":"application/json","text":"{}"},"redirectURL":""}}`,
	), []string{`v.Post(ctx, "/api/cart"`, `"id": 7`}, []string{"Content-Length", `"Host", `}},
	{"proxyman", "har", harOf(`"creator":{"name":"Proxyman","version":"Proxyman Proxyman/5"},`,
		entryOf(1, `"_id":"1","_name":"","_isHTTPS":true,"_clientName":"Safari","request":{"method":"POST","url":"https://a.example/graphql","httpVersion":"HTTP/1.1","headers":[{"name":"Content-Type","value":"application/json"}],"postData":{"params":[],"mimeType":"application/json","text":"{\"operationName\":\"Cart\",\"query\":\"query Cart{cart{id}}\",\"variables\":{}}"}},"response":{"status":200,"content":{"mimeType":"application/json","text":"{}"}}`),
	), []string{`stampede.Name("Cart")`}, nil},
	{"mitmproxy", "har", harOf(`"creator":{"name":"mitmproxy","version":"11.0","comment":""},"pages":[],`,
		entryOf(1, `"request":{"method":"POST","url":"https://a.example/api/login","httpVersion":"HTTP/2.0","cookies":[],"headers":[{"name":"content-type","value":"application/json"}],"queryString":[],"headersSize":90,"bodySize":40,"postData":{"mimeType":"application/json","text":"{\"email\":\"ann@a.example\",\"password\":\"hunter-22\"}","params":[]}},"response":{"status":200,"headers":[],"cookies":[{"name":"s","value":"1"}],"content":{"size":20,"compression":0,"mimeType":"application/json","text":"{\"token\":\"Qz7kPm2xW9vT4bLc\"}"}},"cache":{},"timings":{"connect":-1.0,"ssl":-1.0,"send":0.1,"receive":1,"wait":2},"serverIPAddress":"192.0.2.1"`),
		entryOf(3, `"request":{"method":"GET","url":"https://a.example/api/me","headers":[{"name":"authorization","value":"Bearer Qz7kPm2xW9vT4bLc"}]},"response":{"status":200,"content":{"mimeType":"application/json","text":"{}"}}`),
		entryOf(4, `"_resourceType":"websocket","_webSocketMessages":[{"type":"send","time":1.0,"opcode":1,"data":"hi"}],"request":{"method":"GET","url":"https://a.example/ws","headers":[]},"response":{"status":101}`),
	), []string{`r.Path("token")`, "stampede.Bearer(v.token)", `websocket.Dial(ctx, v, "/ws")`, `socket.Send(ctx, websocket.Text("hi"))`}, []string{"hunter-22", "Qz7kPm2xW9vT4bLc"}},
	{"insomnia", "har", harOf(`"creator":{"name":"Insomnia REST Client","version":"insomnia.desktop.app:v9.3"},`,
		`{"startedDateTime":"2026-11-20T12:00:01.000Z","time":0,"request":{"method":"PUT","url":"https://a.example/items/17","httpVersion":"HTTP/1.1","cookies":[],"headers":[{"name":"Content-Type","value":"application/json"}],"queryString":[],"postData":{"mimeType":"application/json","text":"{}"},"headersSize":-1,"bodySize":-1,"settingEncodeUrl":true},"response":{"status":0,"statusText":"","httpVersion":"HTTP/1.1","cookies":[],"headers":[],"content":{"size":0,"mimeType":""},"redirectURL":"","headersSize":-1,"bodySize":-1},"cache":{},"timings":{"blocked":-1,"dns":-1,"connect":-1,"send":0,"wait":0,"receive":0,"ssl":-1},"comment":"Change an item"}`,
	), []string{`v.Put(ctx, "/items/17"`, "nobody has made them"}, nil},
	{"httptoolkit", "har", harOf(`"creator":{"name":"HTTP Toolkit","version":"1.2.0"},`,
		entryOf(1, `"request":{"method":"POST","url":"https://a.example/upload","headers":[{"name":"Content-Type","value":"application/octet-stream"}],"bodySize":99,"_requestBodyStatus":"discarded:too-large"},"response":{"status":200,"content":{"mimeType":"text/plain"}}`),
	), []string{"the recording does not have its body"}, nil},
	{"burp", "har", harOf(``, entryOf(1, `"request":{"method":"get","url":"https://a.example/a?x=1&x=2&y","queryString":[{"name":"x","value":"1"}],"headers":[{"name":"Cookie","value":"a=1"}]},"response":{"status":200,"content":{"mimeType":"x-unknown","text":"ok"}}`)), []string{`"/a?x=1&x=2&y"`}, nil},
	{"omitted", "har", harOf(`"creator":{"name":"Playwright","version":"1.65.1"},"browser":{"name":"chromium","version":"156"},`,
		entryOf(1, `"_resourceType":"document","request":{"method":"GET","url":"https://a.example/","headers":[],"bodySize":0},"response":{"status":200,"content":{"size":-1,"mimeType":"text/html"},"bodySize":-1}`),
	), []string{"does not hold what the site answered"}, nil},
	{"nulls", "har", `{"log":{"version":null,"pages":null,"entries":[null,7,{},{"startedDateTime":null,"time":null,"request":{"method":null,"url":"https://a.example/x","headers":null,"cookies":null,"postData":null},"response":{"status":200,"headers":null,"content":null,"cookies":[null]},"timings":null,"cache":null}]}}`, []string{`"/x"`}, nil},
	{"fragment", "har", harOf(``, entryOf(1, `"request":{"method":"GET","url":"https://a.example/app?tab=1#/list","headers":[]},`+htmlOf)), []string{`"/app?tab=1"`}, []string{"#/list"}},
	{"unicode", "har", harOf(``, entryOf(1, `"request":{"method":"GET","url":"https://b\u00fccher.example/\u00fcber uns?q=\u4e2d`+"`"+`\"","headers":[]},`+htmlOf)), []string{"xn--bcher-kva.example"}, nil},
	{"ipv6", "har", harOf(``, entryOf(1, `"request":{"method":"GET","url":"http://[::1]:8080/","headers":[]},`+htmlOf)), []string{`"http://[::1]:8080"`}, nil},
	{"upload", "har", harOf(``, entryOf(1, `"request":{"method":"POST","url":"https://a.example/upload","headers":[{"name":"Content-Type","value":"multipart/form-data; boundary=----x"}],"postData":{"mimeType":"multipart/form-data; boundary=----x","text":"------x\r\nContent-Disposition: form-data; name=\"pic\"; filename=\"..\\\\..\\\\a b.png\"\r\nContent-Type: image/png\r\n\r\n\u0089PNG\r\n------x--\r\n"}},"response":{"status":200}`)), []string{"bodies/", `Field: "pic"`}, []string{`body("..`}},
	{"soap", "har", harOf(``, entryOf(1, `"request":{"method":"POST","url":"https://a.example/soap","headers":[{"name":"SOAPAction","value":"\"urn:Buy\""},{"name":"Content-Type","value":"text/xml; charset=utf-8"}],"postData":{"mimeType":"text/xml","text":"<Envelope><Buy id=\"7\"/></Envelope>"}},"response":{"status":500,"content":{"mimeType":"text/xml","text":"<Fault/>"}}`)), []string{"\"SOAPAction\", `\"urn:Buy\"`", "stampede.Expect(500)", "text/xml; charset=utf-8"}, nil},
	{"grpcweb", "har", harOf(``, entryOf(1, `"request":{"method":"POST","url":"https://a.example/shop.Seats/Find","headers":[{"name":"Content-Type","value":"application/grpc-web+proto"}],"postData":{"mimeType":"application/grpc-web+proto","text":"AAAAAAIIBw==","encoding":"base64"}},"response":{"status":200}`)), []string{"bodies/body", `"application/grpc-web+proto"`}, nil},
	{"method", "har", harOf(``, entryOf(1, `"request":{"method":"PROPFIND","url":"https://a.example/dav/","headers":[{"name":"Depth","value":"1"}]},"response":{"status":207,"content":{"mimeType":"application/xml","text":"<x/>"}}`)), []string{`v.Do(ctx, "PROPFIND", "/dav/"`}, nil},
	{"redirects", "har", harOf(``,
		entryOf(1, `"request":{"method":"GET","url":"http://a.example/","headers":[]},"response":{"status":301,"headers":[{"name":"location","value":"https://a.example/"}],"content":{}}`),
		entryOf(1, `"request":{"method":"GET","url":"https://a.example/","headers":[]},"response":{"status":302,"headers":[],"redirectURL":"/en/","content":{}}`),
		entryOf(2, `"request":{"method":"GET","url":"https://a.example/en/","headers":[]},`+htmlOf)), nil, []string{`"/en/"`}},

	{"curlpostman", "curl", "curl --location --request POST 'https://a.example/api/items' \\\n--header 'Content-Type: application/json' \\\n--header 'Authorization: Bearer Qz7kPm2xW9vT4bLc' \\\n--data-raw '{\n    \"n\": 1.50,\n    \"at\": null\n}'", []string{`json.Number("1.50")`, `"at": nil`}, []string{"Qz7kPm2xW9vT4bLc"}},
	{"curlall", "curl", "curl 'https://a.example/one' \\\n  -H 'accept: text/html' ;\ncurl 'https://a.example/two' \\\n  -X 'DELETE' ;\ncurl 'https://cdn.other.example/x.js'", []string{`v.Delete(ctx, "/two"`, "cdn.other.example (1)"}, nil},
	{"curlcmd", "curl", "curl ^\"https://a.example/api?x=1^&y=^%^20^\" ^\r\n  -H ^\"content-type: application/json^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"b^%^c^\\^\"^}^\"", []string{`"a": "b%c"`, `x=1&y=%20`}, nil},
	{"curlform", "curl", "curl -F 'a=1' -F 'pic=@pic.png' -F 'list[]=x' -F 'list[]=y' https://a.example/up", []string{`"list[]", "x", "list[]", "y"`, `body("pic.png")`}, nil},
	{"curldigest", "curl", "curl --digest -u ann:pw https://a.example/secret", []string{"v.account"}, []string{`"pw"`}},

	{"api30", "openapi", `{"openapi":"3.0.3","info":{"title":"Shop","version":"1"},"servers":[{"url":"https://{env}.a.example/{base}","variables":{"env":{"default":"staging","enum":["staging","live"]},"base":{"default":"v1"}}}],"paths":{"/a/{id}/b/{name}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}},{"name":"name","in":"path","required":true,"schema":{"type":"string"},"example":"x y/z"}]}}}}`, []string{"https://staging.a.example", `"/v1/a/1/b/x%20y%2Fz"`}, nil},
	{"api31", "openapi", "openapi: 3.1.0\ninfo: {title: Pets, version: '1'}\nservers: [{url: https://a.example}]\nwebhooks:\n  newPet: {post: {}}\npaths:\n  /pets:\n    post:\n      operationId: add-pet.v2\n      requestBody:\n        content:\n          application/json:\n            schema: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: petType}}\n      responses:\n        201: {links: {get: {operationId: get}}}\ncomponents:\n  schemas:\n    Cat: {type: object, properties: {petType: {type: string}, born: {type: string, format: date, examples: [2020-02-03]}}}\n    Dog: {type: object}\n", []string{`"petType": "Cat"`, `"born":`, `"2020-02-03"`, "AddPetV2", "1 webhooks"}, nil},
	{"api20", "openapi", `{"swagger":"2.0","info":{"title":"x","version":"1"},"host":"a.example","consumes":["multipart/form-data"],"paths":{"/up":{"post":{"parameters":[{"in":"formData","name":"pic","type":"file"},{"in":"formData","name":"note","type":"string"},{"$ref":"#/parameters/T"}]}}},"parameters":{"T":{"in":"header","name":"X-T","type":"string","required":true,"enum":["q"]}}}`, []string{"stampede.Multipart", `"X-T", "q"`}, nil},
	{"apicircle", "openapi", `{"openapi":"3.0.0","servers":[{"url":"https://a.example"}],"paths":{"/n":{"$ref":"#/x/p"}},"x":{"p":{"put":{"requestBody":{"content":{"application/merge-patch+json":{"schema":{"$ref":"#/components/schemas/N"}}}}}}},"components":{"schemas":{"N":{"type":"object","properties":{"next":{"$ref":"#/components/schemas/N"},"list":{"type":"array","items":{"$ref":"#/components/schemas/N"}},"self":{"$ref":"#/components/schemas/S"}}},"S":{"$ref":"#/components/schemas/S"}}}}`, []string{"v.Put(ctx, "}, nil},
	{"apinames", "openapi", `{"openapi":"3.0.0","servers":[{"url":"https://a.example"}],"paths":{"/type":{"get":{"operationId":"type"},"post":{"operationId":"Type"}},"/go/func":{"get":{"operationId":"123"}},"/é":{"get":{"operationId":"日本"}}}}`, []string{"func (v *Visitor) Type("}, nil},

	{"postman20", "postman", `{"info":{"name":"Old","schema":"https://schema.getpostman.com/json/collection/v2.0.0/collection.json"},"item":[{"name":"Get","request":{"method":"GET","url":"https://a.example/x","header":"X-A: 1","auth":{"type":"basic","basic":{"username":"u","password":"wonder-land-9"}}}}]}`, []string{"BasicAuth"}, []string{"wonder-land-9"}},
	{"postman21", "postman", `{"info":{"name":"New","schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},"variable":[{"key":"base","value":"https://a.example/api"}],"event":[{"listen":"prerequest","script":{"exec":["console.log(1)"]}}],"item":[{"name":"Folder","item":[{"name":"Log in","event":[{"listen":"test","script":{"exec":["pm.collectionVariables.set('t', pm.response.json().token)"]}}],"request":{"method":"POST","url":{"raw":"{{base}}/login","host":["{{base}}"],"path":["login"]},"body":{"mode":"raw","raw":"{\"user\":\"ann\",\"password\":\"wonder-land-9\"}","options":{"raw":{"language":"json"}}}}},{"name":"Me","request":{"method":"GET","url":{"raw":"{{base}}/me"},"auth":{"type":"bearer","bearer":[{"key":"token","value":"{{t}}"}]}}}]}]}`, []string{`r.Path("token")`, "scripts before requests"}, []string{"wonder-land-9"}},
	{"postmanform", "postman", `{"info":{"name":"Form"},"item":[{"name":"Up","request":{"method":"POST","url":"https://a.example/up","body":{"mode":"formdata","formdata":[{"key":"f","type":"file","src":["a.txt","b.txt"]},{"key":"g","type":"file","src":null},{"key":"t","value":"{{$guid}}"}]}}},{"name":"Bin","request":{"method":"PUT","url":"https://a.example/bin","body":{"mode":"file","file":{"src":"/x"}}}}]}`, []string{`Name: "a.txt"`, `Name: "b.txt"`, "a file of somebody's machine"}, nil},
}

// readOddity reads it as the command line does.
func readOddity(o oddity, store *importer.Store) (*importer.Recording, flow.Options, error) {
	switch o.kind {
	case "curl":
		r, err := curl.Parse(o.text, fstest.MapFS{"pic.png": {Data: []byte("\x89PNG")}})
		return r, flow.Options{Alone: err == nil && len(r.Requests) == 1, Cookies: true}, err
	case "openapi":
		r, err := openapi.Parse([]byte(o.text), "", "")
		return r, flow.Options{Alone: true}, err
	case "postman":
		r, err := postman.Parse([]byte(o.text), nil)
		return r, flow.Options{}, err
	}
	r, err := har.Read(strings.NewReader(strings.TrimPrefix(o.text, "\ufeff")), o.name+".har", store)
	return r, flow.Options{}, err
}

// writeOddities makes a test of each, and looks at what is in it.
func writeOddities(t *testing.T) (all []written) {
	t.Helper()
	for _, o := range slices.Concat(oddities, moreOddities) {
		var store importer.Store
		defer store.Close()
		r, options, err := readOddity(o, &store)
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		if r.Name == "" {
			r.Name = o.name
		}
		test, err := flow.Make([]*importer.Recording{r}, options)
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		files, err := gotest.Files(test, o.name)
		if err != nil {
			t.Errorf("%s: %v", o.name, err)
			continue
		}
		text := bytes.Join([][]byte{files["main.go"], files["README.md"]}, nil)
		for name := range files {
			text = append(text, "\n"+name...)
		}
		for _, w := range o.want {
			if !bytes.Contains(text, []byte(w)) {
				t.Errorf("%s: %q is missing in:\n%s", o.name, w, text)
			}
		}
		for _, w := range o.not {
			if bytes.Contains(text, []byte(w)) {
				t.Errorf("%s: %q is in:\n%s", o.name, w, text)
			}
		}
		all = append(all, written{name: "odd_" + o.name, files: files})
	}
	return all
}
