package cli

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/table"
)

// readList reads a list of what to ask for: one URL a line, or vegeta's form, where "METHOD URL" begins a target and lines with its header
// fields and @FILE with its body follow. Empty lines and lines that begin with # are left out. "-" is standard input.
func (a *app) readList(name string) ([]target, []error) {
	var b []byte
	var err error
	if name == "-" {
		b, err = a.typed()
	} else {
		b, err = os.ReadFile(a.path(name))
	}
	if err != nil {
		cause := err
		if inner := errors.Unwrap(err); inner != nil {
			cause = inner
		}
		return nil, []error{fmt.Errorf("--urls %s: the file cannot be read: %w; correct the name", name, cause)}
	}
	l := list{app: a}
	n := 0
	text, err := table.Text(b)
	if err != nil {
		return nil, []error{fmt.Errorf("--urls %s: %w", name, err)}
	}
	for line := range strings.Lines(text) {
		n++
		if err := l.line(strings.TrimSpace(line)); err != nil {
			l.wrong = append(l.wrong, fmt.Errorf("--urls %s, line %d: %w", name, n, err))
			if len(l.wrong) == mostMistakes {
				break
			}
		}
	}
	if len(l.targets) == 0 && len(l.wrong) == 0 {
		l.wrong = append(l.wrong, fmt.Errorf("--urls %s: the file holds no URL; write one a line", name))
	}
	return l.targets, l.wrong
}

// mostMistakes is how many mistakes of one file are told at once.
const mostMistakes = 10

// list is a list of URLs while it is read.
type list struct {
	*app
	targets []target
	wrong   []error
	long    bool // the last target is in vegeta's form: header fields and a body may follow
}

// methodFirst is the first line of a target in vegeta's form.
var methodFirst = regexp.MustCompile(`^([A-Z]+)\s+(\S.*)$`)

func (l *list) line(line string) error {
	switch {
	case line == "":
		l.long = false
		return nil
	case strings.HasPrefix(line, "#"):
		return nil
	case strings.HasPrefix(line, "{"):
		return errors.New("this is vegeta's JSON, which is not read; write URLs, or vegeta's other form: GET URL, header fields below it, @FILE for the body")
	}
	if m := methodFirst.FindStringSubmatch(line); m != nil {
		t, err := parseTarget(m[2])
		t.method = m[1]
		l.targets, l.long = append(l.targets, t), true
		return err
	}
	if scheme, _, ok := strings.Cut(line, "://"); !l.long || ok && !strings.Contains(scheme, ":") {
		t, err := parseTarget(line)
		l.targets, l.long = append(l.targets, t), false
		return err
	}
	t := &l.targets[len(l.targets)-1]
	if name, isBody := strings.CutPrefix(line, "@"); isBody {
		b, err := os.ReadFile(l.path(name))
		if err != nil {
			return fmt.Errorf("the body %s cannot be read: %w", line, errors.Unwrap(err))
		}
		t.body, t.hasBody = b, true
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return fmt.Errorf("%q is no URL, no header field (NAME: VALUE) and no body (@FILE)", line)
	}
	t.header = append(t.header, stampede.Header{Name: name, Value: strings.TrimSpace(value)})
	return nil
}
