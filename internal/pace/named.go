package pace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// form is how a named shape is written.
type form struct {
	name   string
	levels int      // levels without a name that it takes; -1 is one or more
	needs  []string // named values it must have
	takes  []string // and those it may have
	usage  string
}

// forms are the named shapes, in the order people are told of them.
func forms() []form {
	return []form{
		{"ramp", 2, []string{"over"}, nil, "ramp(0, 500, over=30s)"},
		{"steps", 2, []string{"by", "every"}, nil, "steps(100, 500, by=100, every=30s)"},
		{"spike", 2, []string{"at", "for"}, []string{"rise", "after"}, "spike(100, 2000, at=1m, for=10s, rise=2s)"},
		{"sine", 2, []string{"period"}, nil, "sine(100, 500, period=1m)"},
		{"rates", -1, []string{"every"}, nil, "rates(8, 5.5, 12, every=1s)"},
		{"playback", 0, nil, []string{"speed"}, "playback(file.csv)"},
	}
}

// shapeUsage is what to write for a name.
func shapeUsage(name string) string {
	for _, f := range forms() {
		if f.name == name {
			return "write " + f.usage
		}
	}
	return "write a number such as 500"
}

// nearest is the name of the shape that was probably meant, or "".
func nearest(word string) string {
	best, name := min(3, len(word)-1), ""
	for _, f := range forms() {
		if d := distance(strings.ToLower(word), f.name); d < best && d < len(f.name)-1 {
			best, name = d, f.name
		}
	}
	return name
}

// distance is the number of letters to change, add or leave out to make b of a.
func distance(a, b string) int {
	if len(a) > 32 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// arguments are the values of a named shape.
type arguments struct {
	levels []float64
	file   string
	named  map[string]token
}

// named reads a shape of the form name(level, level, key=value).
func (r *reader) named() (Shape, error) {
	t := r.take()
	r.take() // the parenthesis
	name := strings.ToLower(t.text)
	all := forms()
	i := slices.IndexFunc(all, func(f form) bool { return f.name == name })
	if i < 0 {
		if near := nearest(name); near != "" {
			return nil, r.fail(t, "there is no shape %q; did you mean %s? %s", t.text, near, "For example "+all[slices.IndexFunc(all, func(f form) bool { return f.name == near })].usage)
		}
		names := make([]string, len(all))
		for i, f := range all {
			names[i] = f.name
		}
		return nil, r.fail(t, "there is no shape %q; there are %s", t.text, strings.Join(names, ", "))
	}
	f := all[i]
	args, err := r.arguments(f)
	if err != nil {
		return nil, err
	}
	if f.levels >= 0 && len(args.levels) != f.levels || f.levels < 0 && len(args.levels) == 0 || f.name == "playback" && args.file == "" {
		return nil, r.fail(t, "%s has %s: write %s", f.name, counted(len(args.levels), f), f.usage)
	}
	for _, key := range f.needs {
		if _, ok := args.named[key]; !ok {
			return nil, r.fail(t, "%s lacks %s=: write %s", f.name, key, f.usage)
		}
	}
	s, err := r.build(f.name, args)
	return r.at(t, s, err)
}

func counted(have int, f form) string {
	switch {
	case f.name == "playback":
		return "no file"
	case have == 1:
		return "one level"
	default:
		return fmt.Sprintf("%d levels", have)
	}
}

// arguments reads up to the closing parenthesis.
func (r *reader) arguments(f form) (arguments, error) {
	args := arguments{named: map[string]token{}}
	if r.sign(')') {
		return args, nil
	}
	for {
		t := r.take()
		var err error
		switch {
		case t.kind == 'w' && r.peek().kind == '=':
			err = r.argument(f, t, args.named)
		case f.name == "playback" && args.file == "" && (t.kind == 'w' || t.kind == '"') && t.text != "":
			args.file = t.text
		case f.name == "playback":
			err = r.fail(t, "%v is not expected here: %s", t, shapeUsage(f.name))
		default:
			var level float64
			level, err = r.level(t)
			args.levels = append(args.levels, level)
		}
		switch {
		case err != nil:
			return args, err
		case r.sign(')'):
			return args, nil
		case len(args.levels) > maxSteps:
			return args, r.fail(t, "more than %d levels: use a playback with longer steps", maxSteps)
		case !r.sign(','):
			return args, r.fail(r.peek(), "a comma or a closing parenthesis is missing before %v: %s", r.peek(), shapeUsage(f.name))
		}
	}
}

// argument reads the value of key.
func (r *reader) argument(f form, key token, named map[string]token) error {
	r.take() // the =
	name := strings.ToLower(key.text)
	if !slices.Contains(f.needs, name) && !slices.Contains(f.takes, name) {
		return r.fail(key, "%s has no %s=: write %s", f.name, key.text, f.usage)
	}
	if _, twice := named[name]; twice {
		return r.fail(key, "%s= is given twice: leave one out", name)
	}
	value := r.take()
	if value.kind != 'w' {
		return r.fail(value, "%s= has no value: write %s", name, f.usage)
	}
	named[name] = value
	return nil
}

// build makes the shape.
func (r *reader) build(name string, args arguments) (Shape, error) {
	var failed error
	timeOf := func(key string, missing time.Duration) time.Duration {
		t, ok := args.named[key]
		if !ok {
			return missing
		}
		d, err := parseTime(t.text)
		if err != nil && failed == nil {
			failed = r.fail(t, "%s=: %v", key, err)
		}
		return d
	}
	numberOf := func(key string, missing float64) float64 {
		t, ok := args.named[key]
		if !ok {
			return missing
		}
		x, err := parseLevel(t.text)
		if err != nil && failed == nil {
			failed = r.fail(t, "%s=: %v", key, err)
		}
		return x
	}
	var make func() (Shape, error)
	switch name {
	case "ramp":
		over := timeOf("over", 0)
		make = func() (Shape, error) { return Ramp(args.levels[0], args.levels[1], over) }
	case "steps":
		by, every := numberOf("by", 0), timeOf("every", 0)
		make = func() (Shape, error) { return Steps(args.levels[0], args.levels[1], by, every) }
	case "spike":
		s := Spike{From: args.levels[0], To: args.levels[1], At: timeOf("at", 0), For: timeOf("for", 0), Rise: timeOf("rise", 0)}
		s.After = timeOf("after", s.At)
		make = s.Shape
	case "sine":
		period := timeOf("period", 0)
		make = func() (Shape, error) { return Sine(args.levels[0], args.levels[1], period) }
	case "rates":
		every := timeOf("every", 0)
		make = func() (Shape, error) { return Rates(every, args.levels...) }
	default:
		speed := numberOf("speed", 1)
		make = func() (Shape, error) { return r.playback(args.file, speed) }
	}
	if failed != nil {
		return nil, failed
	}
	return make()
}

// playback opens and reads a recording.
func (r *reader) playback(name string, speed float64) (s Shape, err error) {
	if r.Open == nil {
		return nil, errors.New("playback(" + quoted(name) + ") reads a file, which is not possible here: write the rates as rates(8, 5.5, 12, every=1s)")
	}
	f, err := r.Open(name)
	if err != nil {
		return nil, fmt.Errorf("playback %s: %w (check the name; it counts from the working directory)", name, err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil && closeErr != nil {
			s, err = nil, fmt.Errorf("playback %s: %w", name, closeErr)
		}
	}()
	return Playback(name, f, speed)
}
