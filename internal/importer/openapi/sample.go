package openapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// deepest is how deep samples go: schemas may be in circles.
const deepest = 6

// json is a sample as JSON.
func (d *document) json(schema any) []byte {
	b, err := json.Marshal(d.below(schema, nil))
	if err != nil {
		return []byte("{}")
	}
	return b
}

// sample is a value that fits a schema: its example, or one made up. within are the references on the way, so that a circle ends.
func (d *document) sample(schema object, within []string) any {
	if schema == nil || len(within) > deepest {
		return nil
	}
	for _, v := range []any{schema["example"], d.plain(schema["examples"]), schema["const"], schema["default"], d.plain(schema["enum"])} {
		if v != nil {
			return v
		}
	}
	if all, _ := schema["allOf"].([]any); len(all) > 0 {
		return d.together(schema, all, within)
	}
	for _, word := range []string{"oneOf", "anyOf"} {
		list, _ := schema[word].([]any)
		for _, one := range list {
			if v := d.below(one, within); v != nil {
				d.discriminate(schema, one, v)
				return v
			}
		}
	}
	switch kind := kindOf(schema); kind {
	case "object":
		return d.fields(schema, within)
	case "array":
		list := []any{}
		first, _ := schema["prefixItems"].([]any)
		for _, one := range append(first[:len(first):len(first)], schema["items"]) {
			if v := d.below(one, within); v != nil {
				list = append(list, v)
			}
		}
		return list
	case "integer", "number":
		return number(schema)
	case "boolean":
		return true
	case "null":
		return nil
	}
	return word(schema)
}

// discriminate writes into a sample of one of several schemas which of them it is of.
func (d *document) discriminate(schema object, one, sample any) {
	by := d.object(schema["discriminator"])
	fields, ok := sample.(object)
	o, _ := one.(object)
	ref, _ := o["$ref"].(string)
	name := text(by["propertyName"])
	if !ok || name == "" || ref == "" {
		return
	}
	kind := ref[strings.LastIndexByte(ref, '/')+1:]
	mapping := d.object(by["mapping"])
	for _, k := range slices.Sorted(maps.Keys(mapping)) {
		if to := text(mapping[k]); to == ref || to == kind {
			kind = k
			break
		}
	}
	fields[name] = kind
}

// plain is the first of a list.
func (d *document) plain(v any) any {
	if list, ok := v.([]any); ok && len(list) > 0 {
		return list[0]
	}
	return nil
}

// below is a sample of a schema inside another; nil where it would go in a circle.
func (d *document) below(v any, within []string) any {
	ref := ""
	if o, ok := v.(object); ok {
		ref, _ = o["$ref"].(string)
	}
	if ref != "" && slices.Contains(within, ref) {
		return nil
	}
	return d.sample(d.object(v), append(within[:len(within):len(within)], ref))
}

// together is a sample of everything in allOf.
func (d *document) together(schema object, all []any, within []string) any {
	out := object{}
	for _, one := range all {
		switch v := d.below(one, within).(type) {
		case object:
			maps.Copy(out, v)
		case nil:
		default:
			return v
		}
	}
	if v, ok := d.fields(schema, within).(object); ok {
		maps.Copy(out, v)
	}
	return out
}

// fields is a sample of an object. What only answers have is left out.
func (d *document) fields(schema object, within []string) any {
	out := object{}
	properties := d.object(schema["properties"])
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		p := d.object(properties[name])
		if p["readOnly"] == true {
			continue
		}
		if v := d.below(properties[name], within); v != nil {
			out[name] = v
		}
	}
	return out
}

// kindOf is the type of a schema; of several, as 3.1 allows, the first that is not null.
func kindOf(schema object) string {
	switch t := schema["type"].(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if one != "null" {
				return text(one)
			}
		}
		return "null"
	}
	switch {
	case schema["properties"] != nil, schema["additionalProperties"] != nil:
		return "object"
	case schema["items"] != nil, schema["prefixItems"] != nil:
		return "array"
	}
	return "string"
}

func number(schema object) any {
	n := 1.0
	for _, key := range []string{"minimum", "exclusiveMinimum"} {
		switch v := schema[key].(type) {
		case float64:
			n = max(n, v+float64(len(key)-len("minimum"))/9)
		case int:
			n = max(n, float64(v)+float64(len(key)-len("minimum"))/9)
		}
	}
	if m, ok := schema["maximum"].(float64); ok {
		n = min(n, m)
	}
	if n == float64(int(n)) {
		return int(n)
	}
	return n
}

// word is a text of the format that a schema wants.
func word(schema object) string {
	s := map[string]string{
		"date-time": "2026-01-31T12:00:00Z", "date": "2026-01-31", "time": "12:00:00Z", "email": "visitor@example.org", "uuid": "3f1d9a52-6c1e-4f0b-9a57-0c6d1e2b7a44", "uri": "https://example.org/",
		"url": "https://example.org/", "hostname": "example.org", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "byte": "c3RhbXBlZGU=", "password": Secret,
	}[text(schema["format"])]
	if s == "" {
		s = "text"
	}
	least := 0
	switch v := schema["minLength"].(type) {
	case float64:
		least = int(v)
	case int:
		least = v
	}
	if n := len(s); n < least && least < 10_000 {
		s += strings.Repeat("x", least-n)
	}
	return s
}
