// Package postman reads collections of Postman (2.0 and 2.1). Their requests become one flow, in the order of the collection; what their scripts
// keep of an answer in a variable is found again as a value of that answer.
package postman

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// object is one of JSON.
type object = map[string]any

// reader is a collection on its way.
type reader struct {
	rec    *importer.Recording
	values map[string]string // of variables, by name
	kept   map[string]string // what stands for the variables that scripts set
}

// Parse reads a collection. values are those of variables, which take the place of the collection's own. An error is one sentence.
func Parse(data []byte, values map[string]string) (*importer.Recording, error) {
	var root object
	if json.Unmarshal(data, &root) != nil {
		return nil, errors.New("it is not JSON; in Postman use Export, Collection v2.1")
	}
	if c, ok := root["collection"].(object); ok { // as its API wraps it
		root = c
	}
	items, ok := root["item"].([]any)
	if !ok {
		return nil, errors.New(`it is no collection of Postman: there is no "item" in it; use Export, Collection v2.1`)
	}
	r := &reader{rec: &importer.Recording{}, values: map[string]string{}, kept: map[string]string{}}
	r.rec.Name = word(member(root, "info")["name"])
	r.variables(root["variable"])
	for k, v := range values {
		r.values[k] = v
	}
	r.unrun(root)
	if err := r.items(items, member(root, "auth"), 0); err != nil {
		return nil, err
	}
	if len(r.rec.Requests) == 0 {
		return nil, errors.New("the collection holds no request")
	}
	return r.rec, nil
}

func member(o object, name string) object {
	m, _ := o[name].(object)
	return m
}

func word(v any) string {
	switch v := v.(type) {
	case nil, object, []any:
		return ""
	case string:
		return v
	default:
		return fmt.Sprint(v)
	}
}

func (r *reader) items(list []any, auth object, depth int) error {
	for _, v := range list {
		item, ok := v.(object)
		if !ok || depth > 50 {
			continue
		}
		if below, ok := item["item"].([]any); ok {
			own := auth
			if a := member(item, "auth"); a != nil {
				own = a
			}
			r.variables(item["variable"])
			r.unrun(item)
			if err := r.items(below, own, depth+1); err != nil {
				return err
			}
			continue
		}
		if err := r.item(item, auth); err != nil {
			return err
		}
	}
	return nil
}

// item is one request.
func (r *reader) item(item, auth object) error {
	req := member(item, "request")
	name := word(item["name"])
	if s, ok := item["request"].(string); ok {
		req = object{"url": s}
	}
	if req == nil {
		return nil
	}
	q := &importer.Request{Name: name, Kind: importer.Data, Method: strings.ToUpper(word(req["method"]))}
	if q.Method == "" {
		q.Method = "GET"
	}
	raw := word(req["url"])
	if u := member(req, "url"); u != nil {
		raw = address(u)
	}
	q.URL = strings.TrimSpace(r.filled(raw))
	if !strings.Contains(q.URL, "://") {
		q.URL = "http://" + q.URL
	}
	if u, err := url.Parse(q.URL); err != nil || u.Host == "" || strings.Contains(u.Host, "{") || strings.HasPrefix(raw, "{{") && strings.Contains(q.URL, "://put-") {
		return fmt.Errorf("%q: the address %s is not whole: give its variable a value, as in --var baseUrl=https://api.example.org", name, raw)
	}
	r.header(q, req["header"])
	if a := member(req, "auth"); a != nil {
		auth = a
	}
	r.auth(q, auth)
	r.body(q, member(req, "body"))
	r.unrun(item)
	r.scripts(q, item)
	r.rec.Requests = append(r.rec.Requests, q)
	return nil
}

// drawn stand for variables whose value Postman draws anew each time.
var drawn = map[string]string{
	"$guid": "3f1d9a52-6c1e-4f0b-9a57-0c6d1e2b7a44", "$randomUUID": "3f1d9a52-6c1e-4f0b-9a57-0c6d1e2b7a44", "$timestamp": "1790000000", "$isoTimestamp": "2026-01-31T12:00:00.000Z", "$randomInt": "417",
	"$randomEmail": "visitor@example.org", "$randomExampleEmail": "visitor@example.com", "$randomFirstName": "Ann", "$randomLastName": "Lee", "$randomFullName": "Ann Lee", "$randomUserName": "ann.lee",
	"$randomPassword": "put-yours-here", "$randomPhoneNumber": "555-0100", "$randomCity": "Springfield", "$randomCountry": "Ireland", "$randomBoolean": "true", "$randomUrl": "https://example.org/", "$randomWord": "word",
}

var (
	variable = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)
	setter   = regexp.MustCompile(`(?:pm\.(?:environment|collectionVariables|globals|variables)\.set|postman\.set(?:Environment|Global)Variable)\(\s*["']([^"']+)["']\s*,\s*([^;\n]+?)\s*\)\s*;?\s*(?:\n|$)`)
	ofAnswer = regexp.MustCompile(`^(?:pm\.response\.json\(\)|JSON\.parse\(responseBody\)|[A-Za-z_$][\w$]*)((?:\??\.[A-Za-z_$][\w$]*|\[\d+\]|\[["'][^"']+["']\])+)$`)
	step     = regexp.MustCompile(`\.([A-Za-z_$][\w$]*)|\[(\d+)\]|\[["']([^"']+)["']\]`)
)

// filled puts values in the place of variables.
func (r *reader) filled(s string) string {
	return variable.ReplaceAllStringFunc(s, func(m string) string {
		name := variable.FindStringSubmatch(m)[1]
		if v, ok := r.kept[name]; ok {
			return v
		}
		if v, ok := r.values[name]; ok && v != "" {
			if strings.Contains(v, "{{") && !strings.Contains(v, m) {
				return r.filled(v)
			}
			return v
		}
		if v := drawn[name]; v != "" {
			return v
		}
		r.rec.Left.Add("variables without a value, which are written as put-NAME-here: give them with --var NAME=VALUE", name)
		return "put-" + name + "-here"
	})
}

// auth adds what logs in.
func (r *reader) auth(q *importer.Request, auth object) {
	kind := word(auth["type"])
	get := func(name string) string {
		if o := member(auth, kind); o != nil { // 2.0
			return r.filled(word(o[name]))
		}
		list, _ := auth[kind].([]any)
		for _, v := range list {
			if o, ok := v.(object); ok && o["key"] == name {
				return r.filled(word(o["value"]))
			}
		}
		return ""
	}
	add := func(name, value string) { q.Header = append(q.Header, importer.Field{Name: name, Value: value}) }
	switch kind {
	case "bearer":
		add("Authorization", "Bearer "+get("token"))
	case "oauth2":
		token := get("accessToken")
		if token == "" {
			token = r.filled("{{accessToken}}") // Postman fetches it, and does not export it
		}
		add("Authorization", "Bearer "+token)
	case "basic":
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(get("username")+":"+get("password"))))
	case "apikey":
		q.Secrets = append(q.Secrets, get("key"))
		if get("in") == "query" {
			sep := "?"
			if strings.Contains(q.URL, "?") {
				sep = "&"
			}
			q.URL += sep + url.QueryEscape(get("key")) + "=" + url.QueryEscape(get("value"))
			return
		}
		add(get("key"), get("value"))
	case "", "noauth":
	default:
		r.rec.Left.Add("ways to log in that are not known here", kind)
	}
}

// typeOf is the media type of a body that is written in a language.
func typeOf(language string, body []byte) string {
	switch {
	case language == "json", json.Valid(body):
		return "application/json"
	case language == "xml", language == "javascript":
		return "application/" + language
	case language == "html":
		return "text/html"
	}
	return "text/plain"
}

// body is what is sent.
func (r *reader) body(q *importer.Request, body object) {
	declared := importer.Get(q.Header, "Content-Type")
	if body["disabled"] == true {
		return
	}
	switch mode := word(body["mode"]); mode {
	case "raw":
		q.Body, q.Type = []byte(r.filled(word(body["raw"]))), declared
		if q.Type == "" {
			q.Type = typeOf(word(member(member(body, "options"), "raw")["language"]), q.Body)
		}
		if len(q.Body) == 0 {
			q.Type = ""
		}
	case "urlencoded", "formdata":
		list, _ := body[mode].([]any)
		var all []string
		for _, v := range list {
			o, ok := v.(object)
			if !ok || o["disabled"] == true {
				continue
			}
			key, value := r.filled(word(o["key"])), r.filled(word(o["value"]))
			switch {
			case mode == "urlencoded":
				all = append(all, url.QueryEscape(key)+"="+url.QueryEscape(value))
			case o["type"] == "file":
				files := words(o["src"])
				if len(files) == 0 {
					files = []string{key}
				}
				for _, f := range files {
					q.Files = append(q.Files, importer.File{Field: key, Name: path.Base(strings.ReplaceAll(f, `\`, "/")), Type: word(o["contentType"])})
				}
			default:
				q.Form = append(q.Form, importer.Field{Name: key, Value: value})
			}
		}
		if q.Type = "multipart/form-data"; mode == "urlencoded" {
			q.Type, q.Body = "application/x-www-form-urlencoded", []byte(strings.Join(all, "&"))
		}
	case "graphql":
		g := member(body, "graphql")
		sent := object{"query": r.filled(word(g["query"]))}
		var variables any
		if json.Unmarshal([]byte(r.filled(word(g["variables"]))), &variables) == nil {
			sent["variables"] = variables
		}
		q.Type = "application/json"
		q.Body, _ = json.Marshal(sent) // of texts and what came from JSON
	case "file":
		q.Lost = "a file of somebody's machine"
	}
}

// scripts look for what is kept of the answer, as in pm.environment.set("token", pm.response.json().data.token). The answer is made up of it, so
// that a later use of the variable is found as a value of this answer.
func (r *reader) scripts(q *importer.Request, item object) {
	events, _ := item["event"].([]any)
	answer := object{}
	for _, e := range events {
		o, _ := e.(object)
		if o["listen"] != "test" {
			continue
		}
		for _, m := range setter.FindAllStringSubmatch(source(o), -1) {
			way := ofAnswer.FindStringSubmatch(strings.ReplaceAll(m[2], "?.", "."))
			if way == nil {
				r.rec.Left.Add("variables that a script sets by more than a value of the answer", m[1])
				continue
			}
			value := fmt.Sprintf("v%x", sha256.Sum256([]byte(q.Name+" "+m[1])))[:24]
			if put(answer, way[1], value) {
				r.kept[m[1]] = value
			}
		}
	}
	if len(r.kept) > 0 && len(answer) > 0 {
		b, err := json.Marshal(answer)
		if err == nil {
			q.Response = importer.Response{Status: 200, Type: "application/json", Body: importer.TextOf(b)}
		}
	}
}

// put puts a value into a made up answer; false when something else is in its way.
func put(answer object, to, value string) bool {
	var at any = answer
	steps := step.FindAllStringSubmatch(to, -1)
	for i, s := range steps {
		o, ok := at.(object)
		if !ok {
			return false
		}
		name := s[1] + s[2] + s[3] // a number is a name here: a path is written the same way for both
		if i == len(steps)-1 {
			if o[name] != nil {
				return false
			}
			o[name] = value
			return true
		}
		if o[name] == nil {
			o[name] = object{}
		}
		at = o[name]
	}
	return false
}
