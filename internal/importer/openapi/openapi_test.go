package openapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/openapi"
)

func told(r *importer.Recording) string {
	var b strings.Builder
	for _, q := range r.Requests {
		fmt.Fprintf(&b, "%s: %s %s", q.Name, q.Method, q.URL)
		for _, h := range q.Header {
			fmt.Fprintf(&b, " [%s: %s]", h.Name, h.Value)
		}
		if q.Type != "" {
			fmt.Fprintf(&b, " (%s) %s", q.Type, q.Body)
		}
		for _, f := range q.Form {
			fmt.Fprintf(&b, " %s=%s", f.Name, f.Value)
		}
		for _, f := range q.Files {
			fmt.Fprintf(&b, " %s=@%s", f.Field, f.Name)
		}
		b.WriteString("\n")
	}
	return b.String()
}

const three = `openapi: 3.1.0
info: {title: Shop}
servers: [{url: "https://{where}.shop.example/v1/", variables: {where: {default: api}}}]
security: [{token: []}]
paths:
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 10}}]
    get:
      operationId: getItem
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: size, in: query, required: true, schema: {type: [string, "null"], enum: [small, large]}}
        - {name: X-Tenant, in: header, required: true, example: acme, schema: {type: string}}
    delete: {security: []}
  /items:
    post:
      operationId: addItem
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Item"}}, text/csv: {}}}
  /avatar:
    put:
      requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {note: {type: string}, pic: {type: string, format: binary}}}}}}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
  schemas:
    Item:
      allOf:
        - {$ref: "#/components/schemas/Base"}
        - {type: object, properties: {price: {type: number, exclusiveMinimum: 2}, parent: {$ref: "#/components/schemas/Item"}, tags: {type: array, items: {type: string, minLength: 6}}}}
    Base:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        mail: {type: string, format: email}
        shape: {oneOf: [{$ref: "#/components/schemas/Base"}, {type: object, properties: {sides: {type: integer, default: 3}}}]}
`

const two = `{"swagger":"2.0","host":"api.example.org","basePath":"/v2","schemes":["http"],"securityDefinitions":{"k":{"type":"apiKey","in":"header","name":"X-Key"}},
"paths":{"/pets":{"post":{"security":[{"k":[]}],"parameters":[{"in":"body","name":"b","schema":{"$ref":"#/definitions/Pet"}}]},
"get":{"parameters":[{"in":"query","name":"n","required":true,"type":"integer","default":7}]},"put":{"parameters":[{"in":"formData","name":"a b","type":"string"}]}}},
"definitions":{"Pet":{"properties":{"name":{"type":"string","example":"Rex"},"friend":{"$ref":"#/definitions/Pet"}}}}}`

func TestDescriptions(t *testing.T) {
	for _, c := range []struct{ name, text, from, host, want string }{
		{"3.1", three, "", "", `put avatar: PUT https://api.shop.example/v1/avatar [Authorization: Bearer put-yours-here] (multipart/form-data)  note=text pic=@pic
addItem: POST https://api.shop.example/v1/items [Authorization: Bearer put-yours-here] (application/json) {"mail":"visitor@example.org","price":3,"shape":{"sides":3},"tags":["textxx"]}
getItem: GET https://api.shop.example/v1/items/10?size=small [X-Tenant: acme] [Authorization: Bearer put-yours-here]
delete items id: DELETE https://api.shop.example/v1/items/10
`},
		{"Swagger 2", two, "", "", `get pets: GET http://api.example.org/v2/pets?n=7
post pets: POST http://api.example.org/v2/pets [X-Key: put-yours-here] (application/json) {"name":"Rex"}
put pets: PUT http://api.example.org/v2/pets (application/x-www-form-urlencoded) a+b=text
`},
		{"another host", two, "", "http://127.0.0.1:8080", `get pets: GET http://127.0.0.1:8080/v2/pets?n=7
post pets: POST http://127.0.0.1:8080/v2/pets [X-Key: put-yours-here] (application/json) {"name":"Rex"}
put pets: PUT http://127.0.0.1:8080/v2/pets (application/x-www-form-urlencoded) a+b=text
`},
		{"a relative server", `{"openapi":"3.0.3","servers":[{"url":"/api"}],"paths":{"/x":{"get":{}}}}`, "https://a.example/docs/openapi.json", "", "get x: GET https://a.example/api/x\n"},
	} {
		r, err := openapi.Parse([]byte(c.text), c.from, c.host)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := told(r); got != c.want {
			t.Errorf("%s:\n%s\nnot\n%s", c.name, got, c.want)
		}
	}
}

const odd = `openapi: 3.1.0
info: {title: Odd, version: 1}
servers: [{url: "{scheme}://{host}/v{n}", variables: {scheme: {enum: [https, http]}, host: {default: a.example}, n: {default: 2}}}]
webhooks: {paid: {post: {}}}
paths:
  /pay:
    post:
      operationId: pay
      servers: [{url: "https://pay.a.example/x"}]
      callbacks: {done: {"{$request.body#/url}": {post: {}}}}
      security: [{session: []}]
      parameters:
        - {name: sid, in: cookie, required: true, schema: {type: string}}
        - {name: filter, in: query, required: true, content: {application/json: {schema: {type: integer, minimum: 4}}}}
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Way"}}}}
      responses: {200: {description: fine, links: {next: {operationId: list}}}}
  /list:
    servers: [{url: /other}]
    get: {operationId: list, parameters: [{name: since, in: query, required: true, example: 2026-01-31}]}
  /xml:
    post: {operationId: sendXML, requestBody: {content: {application/xml: {schema: {type: object, properties: {a: {type: string}}}}}}}
components:
  securitySchemes: {session: {type: apiKey, in: cookie, name: sid}}
  schemas:
    Way: {oneOf: [{$ref: "#/components/schemas/Card"}, {$ref: "#/components/schemas/Bank"}], discriminator: {propertyName: kind, mapping: {card: "#/components/schemas/Card"}}}
    Card: {type: object, required: [kind], properties: {kind: {type: string}, number: {type: integer, maximum: 0}, at: {type: array, prefixItems: [{type: number}, {type: boolean}]}}}
    Bank: {type: object}
`

// What descriptions have that is rare.
func TestOddDescription(t *testing.T) {
	for host, want := range map[string]string{
		"": `list: GET https://a.example/other/list?since=2026-01-31
pay: POST https://pay.a.example/x/pay?filter=4 (application/json) {"at":[1,true],"kind":"card","number":0}
sendXML: POST https://a.example/v2/xml (application/xml) 
`,
		"http://127.0.0.1:8080": `list: GET http://127.0.0.1:8080/other/list?since=2026-01-31
pay: POST http://127.0.0.1:8080/x/pay?filter=4 (application/json) {"at":[1,true],"kind":"card","number":0}
sendXML: POST http://127.0.0.1:8080/v2/xml (application/xml) 
`,
	} {
		r, err := openapi.Parse([]byte(odd), "", host)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(r); got != want {
			t.Errorf("%s\nnot\n%s", got, want)
		}
		const left = `1 webhooks, which the API sends by itself
1 callbacks, which the API sends by itself
1 cookies that log in: log in within the test, or set them (sid)
1 cookies that operations require: the visitor takes cookies from the site (sid)`
		if got := strings.Join(r.Left.Lines(), "\n"); !sameLines(got, left) {
			t.Errorf("left out:\n%s", got)
		}
	}
}

func sameLines(a, b string) bool {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func TestNoDescriptions(t *testing.T) {
	for text, want := range map[string]string{
		"":           "neither",
		"<html>":     "neither JSON nor YAML",
		"\t{]":       "neither JSON nor YAML",
		`{"a":1}`:    `neither "openapi: 3" nor "swagger: 2.0"`,
		`openapi: 4`: `neither "openapi: 3" nor "swagger: 2.0"`,
		`{"openapi":"3.0.0","paths":{"/":{"get":{}}}}`:                        "give --host",
		`{"openapi":"3.0.0","servers":[{"url":"https://a.example"}]}`:         "describes no operation",
		`{"openapi":"3.0.0","servers":[{"url":"https://a"}],"paths":{"/":1}}`: "describes no operation",
	} {
		if _, err := openapi.Parse([]byte(text), "", ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, not %s", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(three)
	f.Add(two)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := openapi.Parse([]byte(text), "", "http://127.0.0.1"); err == nil && len(r.Requests) == 0 {
			t.Error("no operation is no description")
		}
	})
}
