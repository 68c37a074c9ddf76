package postman

import (
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// variables takes a list of them. A folder's own are known from it on.
func (r *reader) variables(v any) {
	list, _ := v.([]any)
	for _, one := range list {
		o, ok := one.(object)
		if !ok || o["disabled"] == true {
			continue
		}
		name := word(o["key"])
		if name == "" {
			name = word(o["id"]) // 2.0
		}
		r.values[name] = word(o["value"])
	}
}

// unrun counts scripts that are not run, as they do more than to keep values of answers.
func (r *reader) unrun(item object) {
	events, _ := item["event"].([]any)
	for _, e := range events {
		o, _ := e.(object)
		if o["listen"] == "prerequest" && strings.TrimSpace(source(o)) != "" {
			name := word(item["name"])
			if name == "" { // the collection itself
				name = word(member(item, "info")["name"])
			}
			r.rec.Left.Add("scripts before requests, which are not run", name)
		}
	}
}

// source is the text of the script of an event: lines, or one text.
func source(event object) string {
	script := member(event, "script")
	lines, _ := script["exec"].([]any)
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(word(l) + "\n")
	}
	return text.String() + word(script["exec"])
}

// address is one that is written in parts, with the values of its path's variables.
func address(u object) string {
	raw := word(u["raw"])
	if raw == "" {
		raw = strings.Join(words(u["host"]), ".")
		if p := word(u["protocol"]); p != "" {
			raw = p + "://" + raw
		}
		if p := word(u["port"]); p != "" {
			raw += ":" + p
		}
		for _, p := range words(u["path"]) {
			raw += "/" + strings.TrimPrefix(p, "/")
		}
		sep := "?"
		list, _ := u["query"].([]any)
		for _, v := range list {
			if o, ok := v.(object); ok && o["disabled"] != true {
				raw += sep + word(o["key"]) + "=" + word(o["value"])
				sep = "&"
			}
		}
	}
	before, query, asked := strings.Cut(raw, "?")
	segments := strings.Split(before, "/")
	list, _ := u["variable"].([]any)
	for _, v := range list {
		o, _ := v.(object)
		name := word(o["key"])
		if name == "" {
			name = word(o["id"])
		}
		for i, s := range segments {
			if s == ":"+name {
				segments[i] = word(o["value"])
			}
		}
	}
	if before = strings.Join(segments, "/"); asked {
		before += "?" + query
	}
	return before
}

// words are those of a list, or the one that stands in its place.
func words(v any) []string {
	list, ok := v.([]any)
	if !ok {
		if s := word(v); s != "" {
			return []string{s}
		}
		return nil
	}
	var all []string
	for _, one := range list {
		if o, ok := one.(object); ok {
			one = o["value"]
		}
		all = append(all, word(one))
	}
	return all
}

// header takes fields: a list, or as 2.0 has it lines of text.
func (r *reader) header(q *importer.Request, v any) {
	if text, ok := v.(string); ok {
		for line := range strings.Lines(text) {
			if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				q.Header = append(q.Header, importer.Field{Name: r.filled(strings.TrimSpace(name)), Value: r.filled(strings.TrimSpace(value))})
			}
		}
	}
	list, _ := v.([]any)
	for _, v := range list {
		if o, ok := v.(object); ok && o["disabled"] != true {
			q.Header = append(q.Header, importer.Field{Name: r.filled(word(o["key"])), Value: r.filled(word(o["value"]))})
		}
	}
}
