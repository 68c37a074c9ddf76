package gotest

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/importer/flow"
)

// step writes a method.
func (w *writer) step(t *flow.Task, s *flow.Step) {
	w.comment("", s.Method+" "+s.Doc+".")
	w.printf("func (v *Visitor) %s(ctx context.Context) error {\n", s.Method)
	if f := w.feedOf(t); t.Alone && f != nil && usesColumns(s) {
		w.printf("\tv.%s = %s.Pick(v.Rand())\n", f.member, f.variable)
	}
	leave := func(err string) string {
		if t.Alone {
			return err
		}
		w.needs["leave"] = true
		return "leave(" + err + ")"
	}
	if c := s.Calls[0]; c.Socket != nil || c.Over != nil {
		w.socket(t, s, leave)
		w.printf("}\n\n")
		return
	}
	for i, c := range s.Calls {
		last := i == len(s.Calls)-1
		landing := !last && s.Calls[i+1].Landing
		for _, v := range c.Makes {
			w.printf("\tv.%s = %s // %s\n", v.Name, w.made(v.Made, v.Length, nil), oneLine(v.Why))
		}
		for _, n := range c.Notes {
			w.comment("\t", "To do by hand: "+n+".")
		}
		switch {
		case landing:
			w.printf("\tresp, err := %s\n\tif err != nil {\n\t\treturn %s\n\t}\n", w.call(t, c), leave("err"))
		case last && c.Landing, last && i > 0 && declares(s.Calls[:i]):
			w.printf("\t_, err = %s\n\treturn %s\n", w.call(t, c), leave("err"))
		case last:
			w.printf("\t_, err := %s\n\treturn %s\n", w.call(t, c), leave("err"))
		default:
			w.printf("\tif _, err := %s; err != nil {\n\t\treturn %s\n\t}\n", w.call(t, c), leave("err"))
		}
	}
	w.printf("}\n\n")
}

// declares reports whether one of the calls has declared resp and err.
func declares(calls []*flow.Call) bool {
	for i := range calls[:max(0, len(calls)-1)] {
		if calls[i+1].Landing {
			return true
		}
	}
	return false
}

func usesColumns(s *flow.Step) bool {
	for _, c := range s.Calls {
		for _, v := range c.Values() {
			for _, p := range v {
				if p.Column != nil {
					return true
				}
			}
		}
	}
	return false
}

// call writes a request.
func (w *writer) call(t *flow.Task, c *flow.Call) string {
	x := &scribe{writer: w, task: t}
	var b strings.Builder
	known := map[string]string{"GET": "Get", "POST": "Post", "PUT": "Put", "PATCH": "Patch", "DELETE": "Delete", "HEAD": "Head", "OPTIONS": "Options"}
	switch name, ok := known[c.Method]; {
	case c.Page:
		b.WriteString("v.Page(ctx, ")
	case ok:
		b.WriteString("v." + name + "(ctx, ")
	default:
		fmt.Fprintf(&b, "v.Do(ctx, %q, ", c.Method)
	}
	b.WriteString(x.address(c))
	for _, o := range x.options(c) {
		b.WriteString(", " + o)
	}
	b.WriteString(")")
	return b.String()
}

// scribe writes values of one task.
type scribe struct {
	*writer
	task *flow.Task
}

// address is where a request goes.
func (x *scribe) address(c *flow.Call) string {
	if c.Landing {
		return `resp.Header("Location")`
	}
	if c.Link != nil {
		address := "v." + c.Link.Name
		if c.Fixed != "" {
			address += "+" + quoted("?"+c.Fixed)
		}
		return address
	}
	v := c.Path
	if c.Origin > 1 {
		v = append(flow.Value{{Origin: c.Origin}}, v...)
	}
	if c.Fixed != "" {
		v = append(v[:len(v):len(v)], flow.Part{Text: "?" + c.Fixed})
	}
	return x.value(v, true)
}

// options are those of a request, in the order in which people write them.
func (x *scribe) options(c *flow.Call) []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if c.Name != "" {
		add("stampede.Name(%q)", c.Name)
	}
	if len(c.Query) > 0 {
		add("\nstampede.Query(%s)", x.pairs(c.Query))
	}
	switch {
	case c.Parts:
		add("\nstampede.Multipart(%s)", x.multipart(c))
	case len(c.Form) > 0:
		add("\nstampede.Form(%s)", x.pairs(c.Form))
	case c.JSON != nil:
		add("\nstampede.JSON(%s)", x.node(c.JSON, 1))
	case c.BodyFile != "":
		x.needs["body"] = true
		add("\nstampede.Body(%q, body(%q))", c.BodyType, c.BodyFile)
	case len(c.Body) > 0:
		add("\nstampede.Body(%q, []byte(%s))", c.BodyType, x.value(c.Body, false))
	}
	if len(c.Basic) == 2 {
		add("\nstampede.BasicAuth(%s, %s)", x.value(c.Basic[0], false), x.value(c.Basic[1], false))
	}
	if len(c.Bearer) > 0 {
		add("\nstampede.Bearer(%s)", x.value(c.Bearer, false))
	}
	for _, h := range c.Headers {
		add("\nstampede.WithHeader(%q, %s)", h.Name, x.value(h.Value, false))
	}
	if c.NoRedirects {
		add("stampede.NoRedirects()")
	}
	if len(c.Expect) > 0 {
		var list []string
		for _, e := range c.Expect {
			list = append(list, strconv.Itoa(e))
		}
		add("stampede.Expect(%s)", strings.Join(list, ", "))
	}
	var gets []*flow.Var
	for _, v := range c.Gets {
		if !v.From.Heard {
			gets = append(gets, v)
		}
	}
	if len(gets) > 0 {
		all = append(all, "\nstampede.Check(func(r *stampede.Response) (err error) {\n"+x.keeps("r", gets)+"})")
	}
	return all
}

func (x *scribe) pairs(pairs []*flow.Pair) string {
	var b strings.Builder
	wide := len(pairs) > 3
	for i, p := range pairs {
		switch {
		case wide && i == 0:
			b.WriteString("\n")
		case i > 0 && wide:
			b.WriteString(",\n")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(quoted(p.Name) + ", " + x.value(p.Value, false))
	}
	if wide {
		b.WriteString(",\n")
	}
	return b.String()
}

func (x *scribe) multipart(c *flow.Call) string {
	var b strings.Builder
	b.WriteString("[]stampede.File{")
	for _, f := range c.Files {
		x.needs["body"] = true
		fmt.Fprintf(&b, "\n{Field: %q, Name: %q, ", f.Field, f.Name)
		if f.Type != "" {
			fmt.Fprintf(&b, "ContentType: %q, ", f.Type)
		}
		fmt.Fprintf(&b, "Data: body(%q)},", f.File)
	}
	b.WriteString("\n}")
	for _, p := range c.Form {
		b.WriteString(", " + quoted(p.Name) + ", " + x.value(p.Value, false))
	}
	return b.String()
}

// node writes a value of JSON.
func (x *scribe) node(n *flow.Node, depth int) string {
	var b strings.Builder
	switch n.Kind {
	case flow.Object:
		b.WriteString("map[string]any{")
		for i, k := range n.Kids {
			fmt.Fprintf(&b, "\n%s: %s,", quoted(n.Keys[i]), x.node(k, depth+1))
		}
		if len(n.Kids) > 0 {
			b.WriteString("\n")
		}
		b.WriteString("}")
	case flow.Array:
		b.WriteString("[]any{")
		for i, k := range n.Kids {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(x.node(k, depth+1))
		}
		b.WriteString("}")
	case flow.String:
		return x.value(n.Value, false)
	case flow.Number:
		text, same := n.Value.Constant()
		if i, err := strconv.ParseInt(text, 10, 64); same && err == nil && strconv.FormatInt(i, 10) == text {
			return text
		}
		x.imports["encoding/json"] = true
		return "json.Number(" + x.value(n.Value, false) + ")"
	default:
		text, _ := n.Value.Constant()
		return text
	}
	return b.String()
}

// keeps writes what keeps values of an answer, or of a message.
func (x *scribe) keeps(from string, vars []*flow.Var) string {
	var b strings.Builder
	for i, v := range vars {
		fmt.Fprintf(&b, "// %s.\n", oneLine(v.Why))
		find, plain := x.find(from, v)
		switch last := i == len(vars)-1; {
		case plain:
			fmt.Fprintf(&b, "if v.%s = %s; v.%s == \"\" {\nreturn errors.New(%q)\n}\n", v.Name, find, v.Name, "there is no "+what(v.From))
			x.imports["errors"] = true
			if last {
				b.WriteString("return nil\n")
			}
		case last:
			fmt.Fprintf(&b, "v.%s, err = %s\nreturn err\n", v.Name, find)
		default:
			fmt.Fprintf(&b, "if v.%s, err = %s; err != nil {\nreturn err\n}\n", v.Name, find)
		}
	}
	return b.String()
}

func what(s *flow.Source) string {
	if s.Kind == flow.FromQuery {
		return s.A + " in the address"
	}
	return "field " + s.A
}

// find is the expression that finds a value in an answer r, a message m or an event e. A plain one gives "" where there is none, any other an error.
func (x *scribe) find(from string, v *flow.Var) (expr string, plain bool) {
	s := v.From
	switch s.Kind {
	case flow.FromForm:
		return "r.Form(" + quoted(s.A) + ")", false
	case flow.FromPath:
		return from + ".Path(" + quoted(s.A) + ")", false
	case flow.FromFind:
		return "r.Find(" + quoted(s.A) + ", " + quoted(s.B) + ")", false
	case flow.FromHeader:
		return "r.Header(" + quoted(s.A) + ")", true
	case flow.FromQuery:
		x.needs["inQuery"] = true
		return "inQuery(" + place(s) + ", " + quoted(s.A) + ")", true
	case flow.FromURL:
		x.needs["inAddress"] = true
		return "inAddress(" + place(s) + ", " + x.expression(v) + ")", false
	}
	return from + ".Match(" + x.expression(v) + ")", false
}

// place is where an address stands in an answer.
func place(s *flow.Source) string {
	if s.B != "" {
		return "r.Header(" + quoted(s.B) + ")"
	}
	return "r.URL()"
}

// expression is the name of a regular expression.
func (x *scribe) expression(v *flow.Var) string {
	x.imports["regexp"] = true
	for n := 1; ; n++ {
		name := v.Name + "Text"
		if n > 1 {
			name += strconv.Itoa(n)
		}
		taken := false
		for _, e := range x.res {
			if taken = taken || e.name == name; e.text == v.From.A && e.name == name {
				return name
			}
		}
		if !taken {
			x.res = append(x.res, expression{name, v.From.A})
			return name
		}
	}
}
