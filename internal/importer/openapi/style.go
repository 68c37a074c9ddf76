package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// style is how a parameter that is a list or an object is written.
type style struct {
	name    string // form, simple, matrix, label, deepObject, spaceDelimited, pipeDelimited
	explode bool   // each of several by itself
	comma   string // else between them
}

// styleOf is how a parameter says that it is written.
func styleOf(p object) style {
	s := style{name: text(p["style"]), comma: ","}
	if s.name == "" {
		s.name = "simple"
		if in := text(p["in"]); in == "query" || in == "cookie" || in == "formData" || in == "" {
			s.name = "form"
		}
	}
	if format := text(p["collectionFormat"]); format != "" || p["type"] != nil { // of Swagger 2
		s.explode = format == "multi"
		s.comma = map[string]string{"ssv": " ", "tsv": "\t", "pipes": "|"}[format]
	} else if explode, said := p["explode"].(bool); said {
		s.explode = explode
	} else {
		s.explode = s.name == "form" || s.name == "deepObject"
	}
	switch {
	case s.name == "spaceDelimited":
		s.comma = " "
	case s.name == "pipeDelimited":
		s.comma = "|"
	case s.comma == "":
		s.comma = ","
	}
	return s
}

// fields are those by which a value is sent in a query or a form.
func (s style) fields(name string, v any) []importer.Field {
	switch v := v.(type) {
	case []any:
		if s.name == "deepObject" {
			return bracketed(name, v)
		}
		if !s.explode {
			return []importer.Field{{Name: name, Value: strings.Join(texts(v), s.comma)}}
		}
		var all []importer.Field
		for i, one := range v {
			if _, plain := one.(object); plain {
				all = append(all, bracketed(fmt.Sprintf("%s[%d]", name, i), one)...)
				continue
			}
			all = append(all, importer.Field{Name: name, Value: text(one)})
		}
		return all
	case object:
		if s.name == "deepObject" {
			return bracketed(name, v)
		}
		if !s.explode {
			return []importer.Field{{Name: name, Value: strings.Join(texts(v), s.comma)}}
		}
		var all []importer.Field
		for _, k := range slices.Sorted(maps.Keys(v)) {
			all = append(all, importer.Field{Name: k, Value: text(v[k])})
		}
		return all
	}
	return []importer.Field{{Name: name, Value: text(v)}}
}

// bracketed is a value as deepObject has it: name[key][0]=value.
func bracketed(name string, v any) (all []importer.Field) {
	switch v := v.(type) {
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			all = append(all, bracketed(name+"["+k+"]", v[k])...)
		}
	case []any:
		for i, one := range v {
			all = append(all, bracketed(fmt.Sprintf("%s[%d]", name, i), one)...)
		}
	default:
		all = []importer.Field{{Name: name, Value: text(v)}}
	}
	return all
}

// texts are the members of a list, or the names and members of an object one behind the other.
func texts(v any) (all []string) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			all = append(all, text(one))
		}
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			all = append(all, k, text(v[k]))
		}
	}
	return all
}

// one is a value in a path or a header field.
func (s style) one(name string, v any, escape func(string) string) string {
	equals := func(k string, one any) string { return escape(k) + "=" + escape(text(one)) }
	var members []string
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			if s.name == "matrix" && s.explode {
				members = append(members, equals(name, one))
			} else {
				members = append(members, escape(text(one)))
			}
		}
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if s.explode {
				members = append(members, equals(k, v[k]))
			} else {
				members = append(members, escape(k), escape(text(v[k])))
			}
		}
	default:
		members = []string{escape(text(v))}
	}
	switch {
	case s.name == "matrix" && s.explode && !isPlain(v):
		return ";" + strings.Join(members, ";")
	case s.name == "matrix":
		return ";" + escape(name) + "=" + strings.Join(members, ",")
	case s.name == "label" && s.explode:
		return "." + strings.Join(members, ".")
	case s.name == "label":
		return "." + strings.Join(members, ",")
	}
	return strings.Join(members, ",")
}

func isPlain(v any) bool {
	_, list := v.([]any)
	_, fields := v.(object)
	return !list && !fields
}

// parameter is the value of a parameter: its example, or one that fits its schema.
func (d *document) parameter(p, schema object) any {
	for _, v := range []any{p["example"], d.first(p["examples"]), d.sample(schema, nil)} {
		switch v := v.(type) {
		case nil:
		case []any:
			if len(v) > 0 {
				return v
			}
		case object:
			if len(v) > 0 {
				return v
			}
		default:
			if text(v) != "" {
				return v
			}
		}
	}
	return "1"
}

// asJSON is a parameter that is written as JSON, where its content says so.
func (d *document) asJSON(p object, v any) any {
	for kind := range d.object(p["content"]) {
		if b, err := json.Marshal(v); err == nil && importer.IsJSON(kind) {
			return string(b)
		}
	}
	return v
}

// formOf is an object as a form has it.
func (d *document) formOf(media object, fields object) []importer.Field {
	var form []importer.Field
	for _, k := range slices.Sorted(maps.Keys(fields)) {
		s := styleOf(d.object(d.object(media["encoding"])[k]))
		if _, nested := fields[k].(object); nested {
			s.name = "deepObject" // servers that take objects in forms take them so
		}
		form = append(form, s.fields(k, fields[k])...)
	}
	return form
}

func plainText(s string) string { return s }

// add puts a parameter into its place.
func (d *document) add(q *importer.Request, p object, v any, path string, query url.Values) string {
	name, required, s := text(p["name"]), p["required"] == true, styleOf(p)
	v = d.asJSON(p, v)
	switch in := text(p["in"]); {
	case in == "path":
		return strings.ReplaceAll(path, "{"+name+"}", s.one(name, v, url.PathEscape))
	case in == "query" && (required || p["example"] != nil):
		for _, f := range s.fields(name, v) {
			query.Add(f.Name, f.Value)
		}
	case in == "header" && required && !strings.EqualFold(name, "Authorization"):
		q.Header = append(q.Header, importer.Field{Name: name, Value: s.one(name, v, plainText)})
	case in == "cookie" && required:
		d.rec.Left.Add("cookies that operations require: the visitor takes cookies from the site", name)
	}
	return path
}
