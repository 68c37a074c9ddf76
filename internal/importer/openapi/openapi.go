// Package openapi makes requests of a description of an API: OpenAPI 3.0 and 3.1, and Swagger 2. Each operation becomes one request with the
// examples of the description, or with values that fit its schemas.
//
// Descriptions in use are often wrong by the letter of the standard. What is not needed for a request is not looked at.
package openapi

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/stampede-load/stampede/internal/importer"
)

// object is one of JSON or YAML.
type object = map[string]any

// document is a description on its way.
type document struct {
	root   object
	old    bool // Swagger 2
	server string
	fixed  bool // server is what somebody said, and not the description
	rec    *importer.Recording
}

// Secret is what stands for a secret that the description does not tell.
const Secret = "put-yours-here"

// methods are those of operations, in the order in which they are written.
var methods = []string{"get", "head", "options", "post", "put", "patch", "delete"}

// Parse reads a description in JSON or YAML. from is its address, which a relative server counts from; "" when it came from a file, and server then
// takes its place. An error is one sentence.
func Parse(data []byte, from, server string) (*importer.Recording, error) {
	d := &document{rec: &importer.Recording{}}
	if json.Unmarshal(data, &d.root) != nil {
		if err := yaml.Unmarshal(data, &d.root); err != nil {
			return nil, errors.New("it is neither JSON nor YAML")
		}
		d.root, _ = plainly(d.root).(object)
	}
	version, swagger := fmt.Sprint(d.root["openapi"]), fmt.Sprint(d.root["swagger"])
	switch {
	case strings.HasPrefix(version, "3."):
	case strings.HasPrefix(swagger, "2"):
		d.old = true
	default:
		return nil, errors.New(`it is no description of an API: neither "openapi: 3" nor "swagger: 2.0" is in it`)
	}
	if err := d.where(from, server); err != nil {
		return nil, err
	}
	d.rec.Name = text(d.object(d.root["info"])["title"])
	for range d.object(d.root["webhooks"]) {
		d.rec.Left.Add("webhooks, which the API sends by itself", "")
	}
	paths := d.object(d.root["paths"])
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := d.object(paths[path])
		for _, m := range methods {
			if op := d.object(item[m]); op != nil {
				if q := d.request(m, path, item, op); q != nil {
					d.rec.Requests = append(d.rec.Requests, q)
				}
			}
		}
	}
	if len(d.rec.Requests) == 0 {
		return nil, errors.New("it describes no operation")
	}
	return d.rec, nil
}

// object is a value as an object, with its reference followed; nil when it is none.
func (d *document) object(v any) object {
	for range 20 {
		o, ok := v.(object)
		if !ok {
			return nil
		}
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		if v = d.at(ref); v == nil {
			return nil
		}
	}
	return nil
}

// at is what a reference within the document leads to; nil for any other.
func (d *document) at(ref string) any {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		d.rec.Left.Add("references to other documents, which are not followed", ref)
		return nil
	}
	var v any = d.root
	for p := range strings.SplitSeq(path, "/") {
		if u, err := url.PathUnescape(p); err == nil {
			p = u
		}
		o, ok := v.(object)
		if !ok {
			return nil
		}
		v = o[strings.NewReplacer("~1", "/", "~0", "~").Replace(p)]
	}
	return v
}

// plainly is what YAML holds as JSON would have it: its keys are texts, its times are written out.
func plainly(v any) any {
	switch v := v.(type) {
	case object:
		for k, one := range v {
			v[k] = plainly(one)
		}
	case map[any]any:
		o := object{}
		for k, one := range v {
			o[fmt.Sprint(k)] = plainly(one)
		}
		return o
	case []any:
		for i, one := range v {
			v[i] = plainly(one)
		}
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.Format(time.RFC3339Nano)
	case int:
		if v > -1<<50 && v < 1<<50 {
			return float64(v)
		}
	}
	return v
}

func text(v any) string {
	switch v := v.(type) {
	case nil, object, []any:
		return ""
	case float64:
		return strings.TrimSuffix(fmt.Sprintf("%f", v), ".000000")
	default:
		return fmt.Sprint(v)
	}
}

// request is an operation as a request.
func (d *document) request(method, path string, item, op object) *importer.Request {
	q := &importer.Request{Method: strings.ToUpper(method), Kind: importer.Data, Name: text(op["operationId"])}
	if q.Name == "" {
		q.Name = strings.Join(strings.Fields(method+" "+strings.NewReplacer("{", "", "}", "", "/", " ").Replace(path)), " ")
	}
	query := url.Values{}
	var form []importer.Field
	for _, p := range d.parameters(item, op) {
		name := text(p["name"])
		schema := d.object(p["schema"])
		for _, media := range d.object(p["content"]) {
			schema = d.object(d.object(media)["schema"])
		}
		if schema == nil {
			schema = p // Swagger 2
		}
		v := d.parameter(p, schema)
		switch in := text(p["in"]); {
		case in == "formData" && text(p["type"]) == "file":
			q.Files = append(q.Files, importer.File{Field: name, Name: name})
		case in == "formData":
			form = append(form, styleOf(p).fields(name, v)...)
		case in == "body":
			q.Type, q.Body = "application/json", d.json(p["schema"])
		default:
			path = d.add(q, p, v, path, query)
		}
	}
	switch {
	case len(q.Files) > 0:
		q.Type, q.Form = "multipart/form-data", form
	case len(form) > 0:
		q.Type, q.Body = "application/x-www-form-urlencoded", encoded(form)
	}
	for range d.object(op["callbacks"]) {
		d.rec.Left.Add("callbacks, which the API sends by itself", "")
	}
	d.body(q, d.object(op["requestBody"]))
	d.security(q, op, query)
	q.URL = d.serverFor(item, op) + path
	if len(query) > 0 {
		q.URL += "?" + query.Encode()
	}
	return q
}

// parameters are those of the path and of the operation; the latter take the place of the former.
func (d *document) parameters(item, op object) []object {
	var all []object
	for _, list := range []any{item["parameters"], op["parameters"]} {
		values, _ := list.([]any)
		for _, v := range values {
			p := d.object(v)
			if p == nil {
				continue
			}
			all = slices.DeleteFunc(all, func(o object) bool { return o["name"] == p["name"] && o["in"] == p["in"] })
			all = append(all, p)
		}
	}
	return all
}

// first is the value of the first example of several.
func (d *document) first(v any) any {
	switch v := v.(type) {
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			return d.object(v[k])["value"]
		}
	case []any:
		if len(v) > 0 {
			return v[0]
		}
	}
	return nil
}

// body fills in what is sent, of several kinds the plainest.
func (d *document) body(q *importer.Request, body object) {
	content := d.object(body["content"])
	kinds := slices.Sorted(maps.Keys(content))
	best := slices.IndexFunc(kinds, importer.IsJSON)
	if best < 0 {
		best = slices.IndexFunc(kinds, func(k string) bool { return strings.HasPrefix(k, "application/x-www-form-urlencoded") })
	}
	if len(kinds) == 0 {
		return
	}
	kind := kinds[max(best, 0)]
	media := d.object(content[kind])
	value := media["example"]
	if value == nil {
		value = d.first(media["examples"])
	}
	if value == nil {
		value = d.below(media["schema"], nil)
	}
	if strings.HasSuffix(kind, "*") {
		kind = "application/octet-stream"
	}
	fields, isObject := value.(object)
	q.Type = kind
	switch {
	case importer.IsJSON(kind):
		q.Body, _ = json.Marshal(value) // of values that came from JSON
	case isObject && strings.HasPrefix(kind, "multipart/"):
		for _, k := range slices.Sorted(maps.Keys(fields)) {
			schema := d.object(d.object(d.object(media["schema"])["properties"])[k])
			if schema["format"] == "binary" || schema["contentMediaType"] != nil {
				q.Files = append(q.Files, importer.File{Field: k, Name: k})
				continue
			}
			q.Form = append(q.Form, importer.Field{Name: k, Value: text(fields[k])})
		}
	case isObject:
		if q.Body = encoded(d.formOf(media, fields)); !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
			q.Body, q.Lost = nil, "an example of the kind "+kind+" is not in the description"
		}
	default:
		if q.Body = []byte(text(value)); len(q.Body) == 0 {
			q.Lost = "an example of the kind " + kind + " is not in the description"
		}
	}
}

func encoded(form []importer.Field) []byte {
	var all []string
	for _, f := range form {
		all = append(all, url.QueryEscape(f.Name)+"="+url.QueryEscape(f.Value))
	}
	return []byte(strings.Join(all, "&"))
}

// security adds what logs in, by the first way that the operation allows.
func (d *document) security(q *importer.Request, op object, query url.Values) {
	list, ok := op["security"].([]any)
	if !ok {
		list, _ = d.root["security"].([]any)
	}
	if len(list) == 0 {
		return
	}
	schemes := d.object(d.object(d.root["components"])["securitySchemes"])
	if d.old {
		schemes = d.object(d.root["securityDefinitions"])
	}
	for _, name := range slices.Sorted(maps.Keys(d.object(list[0]))) {
		s := d.object(schemes[name])
		kind := strings.ToLower(text(s["type"]))
		switch {
		case kind == "basic", kind == "http" && strings.EqualFold(text(s["scheme"]), "basic"):
			q.Header = append(q.Header, importer.Field{Name: "Authorization", Value: "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+Secret))})
		case kind == "apikey" && s["in"] == "query":
			query.Set(text(s["name"]), Secret)
		case kind == "apikey" && s["in"] == "header":
			q.Header = append(q.Header, importer.Field{Name: text(s["name"]), Value: Secret})
		case kind == "apikey":
			d.rec.Left.Add("cookies that log in: log in within the test, or set them", text(s["name"]))
		case kind == "http", kind == "oauth2", kind == "openidconnect":
			q.Header = append(q.Header, importer.Field{Name: "Authorization", Value: "Bearer " + Secret})
		}
	}
}
