// Package command reads the figures that a program of the user's prints: lines of a name and a number, with a unit where there is one.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/monitor"
)

type source struct{ line []string }

// New runs the program with its arguments, separated by spaces, without a shell. Its lines are `NAME VALUE [UNIT] [LIMIT]`; a # begins a comment.
func New(line string) (monitor.Source, error) {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return nil, errors.New("command: no program; write command:./figures.sh db1")
	}
	path, err := exec.LookPath(fields[0])
	if err != nil {
		return nil, fmt.Errorf("command %s: there is no such program that may be run", fields[0])
	}
	fields[0] = path
	return &source{fields}, nil
}

func (s *source) Grain() time.Duration { return 0 }
func (s *source) Close() error         { return nil }

// mostOutput is how much of what a program prints is taken.
const mostOutput = 1 << 20

// Read runs the program once. It is ended when it takes longer than the reading may, with all that it started; so is what it leaves behind, or a script with
// an & in it would fill the machine within an hour. Daemons, which have a session of their own, stay.
func (s *source) Read(ctx context.Context) (monitor.Reading, error) {
	c := exec.CommandContext(ctx, s.line[0], s.line[1:]...)
	c.WaitDelay = time.Second
	own(c)
	var complaint, out bytes.Buffer
	told := &limited{left: mostOutput, into: &out}
	c.Stdout, c.Stderr = told, &limited{left: 300, into: &complaint}
	err := c.Run()
	end(c)
	left := errors.Is(err, exec.ErrWaitDelay) // it ended well, and something that it started still holds its output
	switch text := strings.TrimSpace(complaint.String()); {
	case err == nil, left:
	case ctx.Err() != nil:
		return monitor.Reading{}, fmt.Errorf("run %s: it did not end in time and was ended: let it print its figures and end, within a second", s.line[0])
	default:
		if strings.ContainsAny(strings.Join(s.line[1:], ""), `"'`) {
			err = fmt.Errorf("%w; quotes are not read here: put what needs a shell into a script of its own", err)
		}
		if text != "" {
			return monitor.Reading{}, fmt.Errorf("run %s: %w: %s", s.line[0], err, firstLine(text))
		}
		return monitor.Reading{}, fmt.Errorf("run %s: %w", s.line[0], err)
	}
	if told.over {
		return monitor.Reading{}, fmt.Errorf("run %s: it printed more than %d MB: print lines of a name and a number", s.line[0], mostOutput>>20)
	}
	r, err := parse(s.line[0], out.Bytes())
	if err == nil && left {
		r.Notes = append(r.Notes, fmt.Sprintf("%s left something running that holds its output, which costs a second each time: let that write to /dev/null", s.line[0]))
	}
	return r, err
}

func parse(program string, text []byte) (monitor.Reading, error) {
	var r monitor.Reading
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
			continue
		}
		if len(fields) < 2 {
			return r, fmt.Errorf("run %s: line %d is %.40q; print a name and a number", program, number, strings.TrimSpace(line))
		}
		v, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return r, fmt.Errorf("run %s: line %d: %.20q is no number", program, number, fields[1])
		}
		one := monitor.Value{Name: monitor.CleanName(fields[0]), Value: v}
		for _, more := range fields[2:] {
			if limit, err := strconv.ParseFloat(more, 64); err == nil {
				one.Limit, one.Ceiling = limit, true
			} else {
				one.Unit = more
			}
		}
		r.Values = append(r.Values, one)
	}
	if len(r.Values) == 0 {
		return r, fmt.Errorf("run %s: it printed nothing; print lines of a name and a number", program)
	}
	return r, nil
}

// limited takes so many bytes and passes over the rest.
type limited struct {
	left int
	over bool // there was more
	into *bytes.Buffer
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.into.Write(b[:n])
	l.left -= n
	l.over = l.over || n < len(b)
	return len(b), nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
