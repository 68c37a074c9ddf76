package pace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/suggest"
)

// form is how a named shape is written.
type form struct {
	name   string
	levels int      // levels without a name that it takes; -1 is one or more
	needs  []string // named values it must have
	takes  []string // and those it may have
	usage  string
	build  func(r *reader, a *arguments) (Shape, error)
}

// forms are the named shapes, in the order people are told of them.
func forms() []form {
	return []form{
		{"ramp", 2, []string{"over"}, nil, "ramp(0, 500, over=30s)", func(_ *reader, a *arguments) (Shape, error) {
			return Ramp(a.levels[0], a.levels[1], a.time("over", 0))
		}},
		{"steps", 2, []string{"by", "every"}, nil, "steps(100, 500, by=100, every=30s)", func(_ *reader, a *arguments) (Shape, error) {
			return Steps(a.levels[0], a.levels[1], a.number("by", 0), a.time("every", 0))
		}},
		{
			"spike", 2,
			[]string{"at", "for"},
			[]string{"rise", "after"},
			"spike(100, 2000, at=1m, for=10s, rise=2s)",
			func(_ *reader, a *arguments) (Shape, error) {
				s := Spike{From: a.levels[0], To: a.levels[1], At: a.time("at", 0), For: a.time("for", 0), Rise: a.time("rise", 0)}
				s.After = a.time("after", s.At)
				return s.Shape()
			},
		},
		{"sine", 2, []string{"period"}, nil, "sine(100, 500, period=1m)", func(_ *reader, a *arguments) (Shape, error) {
			return Sine(a.levels[0], a.levels[1], a.time("period", 0))
		}},
		{"rates", -1, []string{"every"}, nil, "rates(8, 5.5, 12, every=1s)", func(_ *reader, a *arguments) (Shape, error) {
			return Rates(a.time("every", 0), a.levels...)
		}},
		{"playback", 0, nil, []string{"speed"}, "playback(file.csv)", func(r *reader, a *arguments) (Shape, error) {
			return r.playback(a.file, a.number("speed", 1))
		}},
	}
}

// usageOf is an example of a named shape.
func usageOf(name string) string {
	for _, f := range forms() {
		if f.name == name {
			return f.usage
		}
	}
	return "500"
}

// nearest is the name of the shape that was probably meant, or "".
func nearest(word string) string {
	var names []string
	for _, f := range forms() {
		names = append(names, f.name)
	}
	return suggest.Nearest(word, names)
}

// arguments are the values of a named shape.
type arguments struct {
	levels []float64
	file   string
	named  map[string]token
	wrong  map[string]error // values that could not be read
}

// time is the value of key, or what it is when missing.
func (a *arguments) time(key string, missing time.Duration) time.Duration {
	t, ok := a.named[key]
	if !ok {
		return missing
	}
	d, err := parseTime(t.text)
	if err != nil {
		a.wrong[key] = err
	}
	return d
}

// number is the value of key, or what it is when missing.
func (a *arguments) number(key string, missing float64) float64 {
	t, ok := a.named[key]
	if !ok {
		return missing
	}
	x, err := parseLevel(t.text)
	if err != nil {
		a.wrong[key] = err
	}
	return x
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
			return nil, r.fail(t, "there is no shape %q; did you mean %s? For example %s", t.text, near, usageOf(near))
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
	s, err := f.build(r, args)
	for _, key := range slices.Concat(f.needs, f.takes) {
		if wrong := args.wrong[key]; wrong != nil { // it is why the shape is wrong, if it is
			return nil, r.fail(args.named[key], "%s=: %v", key, wrong)
		}
	}
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
func (r *reader) arguments(f form) (*arguments, error) {
	args := &arguments{named: map[string]token{}, wrong: map[string]error{}}
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
			err = r.fail(t, "%v is not expected here: %s", t, "write "+f.usage)
		default:
			var level float64
			if level, err = r.level(t); err != nil && isTime(t.text) {
				err = r.fail(t, "%q is a time without a name: write %s", t.text, f.usage)
			}
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
			return args, r.fail(r.peek(), "a comma or a closing parenthesis is missing before %v: %s", r.peek(), "write "+f.usage)
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
