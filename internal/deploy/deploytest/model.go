package deploytest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Model is AWS's own model of a service, as botocore ships it.
type Model struct {
	Metadata   struct{ Protocol, APIVersion, TargetPrefix string }
	Operations map[string]struct{ Input struct{ Shape string } }
	Shapes     map[string]shape

	patterns map[string]*regexp.Regexp
}

type shape struct {
	Type     string
	Required []string
	Members  map[string]member
	Member   *member
	Enum     []string
	Pattern  string
	Min, Max *float64
}

type member struct {
	Shape        string
	LocationName string
	QueryName    string
}

// botocore is where Debian's python3-botocore has its models.
const botocore = "/usr/lib/python3/dist-packages/botocore/data"

// Installed reports whether AWS's models are on this machine.
func Installed() bool {
	_, err := os.Stat(botocore)
	return err == nil
}

// Load reads the model of a service.
func Load(service string) (*Model, error) {
	name := map[string]string{"servicequotas": "service-quotas"}[service]
	if name == "" {
		name = service
	}
	files, err := filepath.Glob(filepath.Join(botocore, name, "*", "service-2.json"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("no model of %s in %s", service, botocore)
	}
	slices.Sort(files)
	b, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		return nil, err
	}
	m := &Model{patterns: map[string]*regexp.Regexp{}}
	if err := json.Unmarshal(b, m); err != nil {
		return nil, err
	}
	for shape, members := range since[service] {
		for name, of := range members {
			if _, there := m.Shapes[shape].Members[name]; !there {
				m.Shapes[shape].Members[name] = member{Shape: of}
			}
		}
	}
	return m, nil
}

// since are members that AWS's documentation has and that the models of older systems lack: their shapes, by service and shape.
var since = map[string]map[string]map[string]string{
	"ecs": {"RunTaskRequest": {"clientToken": "String"}}, // Debian 12 has the model of 2022
}

// Check says what of a request AWS's model does not allow: unknown and missing members, wrong types, enums, patterns, lengths.
func (m *Model) Check(action string, in map[string]any) (wrong []string) {
	op, known := m.Operations[action]
	if !known {
		return []string{action + ": there is no such action"}
	}
	if op.Input.Shape == "" {
		return nil
	}
	m.check(action, op.Input.Shape, in, &wrong)
	return wrong
}

func (m *Model) check(where, name string, v any, wrong *[]string) {
	s := m.Shapes[name]
	bad := func(format string, args ...any) {
		*wrong = append(*wrong, where+": "+fmt.Sprintf(format, args...))
	}
	switch s.Type {
	case "structure":
		in, ok := v.(map[string]any)
		if !ok {
			bad("%T where %s is wanted", v, name)
			return
		}
		for _, r := range s.Required {
			if in[r] == nil {
				bad("%s is required", r)
			}
		}
		for key, one := range in {
			if inner, known := s.Members[key]; known {
				m.check(where+"."+key, inner.Shape, one, wrong)
			} else {
				bad("there is no %s", key)
			}
		}
	case "list":
		l, ok := v.([]any)
		if !ok {
			bad("%T is no list", v)
			return
		}
		s.bounds(float64(len(l)), bad)
		for _, one := range l {
			m.check(where+"[]", s.Member.Shape, one, wrong)
		}
	case "string":
		text, ok := v.(string)
		if !ok {
			bad("%T is no text", v)
			return
		}
		m.text(name, &s, text, bad)
	case "integer", "long", "double", "float":
		if n, ok := v.(float64); ok {
			s.bounds(n, bad)
		} else {
			bad("%T is no number", v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			bad("%T is no truth value", v)
		}
	case "timestamp":
		if _, ok := v.(time.Time); !ok {
			bad("%T is no time", v)
		}
	}
}

func (m *Model) text(name string, s *shape, text string, bad func(string, ...any)) {
	s.bounds(float64(len(text)), bad)
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, text) {
		bad("%q is none of %v", text, s.Enum)
	}
	if s.Pattern == "" {
		return
	}
	re, seen := m.patterns[name]
	if !seen {
		re, _ = regexp.Compile("^(?:" + s.Pattern + ")$") // Java's have what Go's have not: those are left out
		m.patterns[name] = re
	}
	if re != nil && !re.MatchString(text) {
		bad("%q does not match %s", text, s.Pattern)
	}
}

func (s *shape) bounds(n float64, bad func(string, ...any)) {
	if s.Min != nil && n < *s.Min || s.Max != nil && n > *s.Max {
		bad("%g is out of bounds", n)
	}
}

// Form reads a form of the query protocol into the members that the model names. What no member takes is wrong.
func (m *Model) Form(action string, form url.Values) (in map[string]any, wrong []string) {
	left := map[string]string{}
	for key := range form {
		if key != "Action" && key != "Version" {
			left[key] = form.Get(key)
		}
	}
	in = map[string]any{}
	if op := m.Operations[action]; op.Input.Shape != "" {
		in, _ = m.form(op.Input.Shape, "", left).(map[string]any)
	}
	for key := range left {
		wrong = append(wrong, action+": nothing takes "+key)
	}
	if in == nil {
		in = map[string]any{}
	}
	return in, wrong
}

func below(left map[string]string, at string) bool {
	for key := range left {
		if strings.HasPrefix(key, at+".") {
			return true
		}
	}
	return false
}

// form reads what stands below a key, and takes it out of what is left; nil when there is nothing.
func (m *Model) form(name, at string, left map[string]string) any {
	s := m.Shapes[name]
	switch s.Type {
	case "structure":
		if at != "" && !below(left, at) {
			return nil
		}
		in := map[string]any{}
		for key, inner := range s.Members {
			wire := key
			if m.Metadata.Protocol == "ec2" {
				wire = inner.wire(key)
			}
			if at != "" {
				wire = at + "." + wire
			}
			if v := m.form(inner.Shape, wire, left); v != nil {
				in[key] = v
			}
		}
		return in
	case "list":
		var l []any
		for i := 1; ; i++ {
			one := at + "." + strconv.Itoa(i)
			if m.Metadata.Protocol == "query" {
				one = at + ".member." + strconv.Itoa(i)
			}
			v := m.form(s.Member.Shape, one, left)
			if v == nil {
				break
			}
			l = append(l, v)
		}
		if l == nil {
			return nil
		}
		return l
	}
	text, there := left[at]
	if !there {
		return nil
	}
	delete(left, at)
	return s.value(text)
}

// wire is how EC2 calls a member in a form: its query name, or its location with a capital.
func (m member) wire(key string) string {
	switch {
	case m.QueryName != "":
		return m.QueryName
	case m.LocationName != "":
		return strings.ToUpper(m.LocationName[:1]) + m.LocationName[1:]
	}
	return key
}

func (s *shape) value(text string) any {
	switch s.Type {
	case "integer", "long", "double", "float":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case "boolean":
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	case "timestamp":
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at
		}
	}
	return text
}
