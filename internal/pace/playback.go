package pace

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/table"
)

// Playback is a recorded series: rows of time,rate as comma-separated values. Each rate (50, 50/s, 300/m) holds from its time until
// that of the next row; the last holds as long as the one before it. Times are durations or seconds, or dates as in
// 2006-01-02T15:04:05Z; they count from the first row and must rise. A first row that is no data is a heading, which may say
// which column is the rate ("rate", "Requests/s") and is asked to where there are more than two; of a history of a run only the rows of all
// requests together count. Lines that start with # are left out. speed 2 plays it in half the time, with the rates as they are.
//
// name is what String calls it: playback(name).
func Playback(name string, r io.Reader, speed float64) (Shape, error) {
	if !(speed > 0) || math.IsInf(speed, 0) {
		return nil, fmt.Errorf("playback %s: speed %s: a number above 0, such as speed=2", name, number(speed))
	}
	rows, err := readRows(r)
	if err == nil {
		err = checkRows(rows, speed)
	}
	if err != nil {
		return nil, fmt.Errorf("playback %s: %w", name, err)
	}
	points := make([]Point, 0, 2*len(rows))
	for i, q := range rows {
		end := q.At
		if i+1 < len(rows) {
			end = rows[i+1].At
		} else if i > 0 {
			end += q.At - rows[i-1].At
		}
		faster := func(t time.Duration) time.Duration { return time.Duration(math.Round(float64(t) / speed)) }
		points = append(points, Point{faster(q.At), q.Level}, Point{faster(end), q.Level})
	}
	c := curveOf(points, func(inline bool) string {
		switch {
		case inline:
			return playedText(points)
		case speed != 1:
			return "playback(" + quoted(name) + ", speed=" + number(speed) + ")"
		default:
			return "playback(" + quoted(name) + ")"
		}
	})
	c.phases = []Phase{{Name: PhasePlayback, To: c.end}}
	return c, nil
}

// playedText writes pairs of points, each one level: as rates where all are of one length, else as stages.
func playedText(points []Point) string {
	every := points[1].At
	levels := make([]float64, 0, len(points)/2)
	for i := 0; i < len(points); i += 2 {
		if points[i+1].At-points[i].At != every || points[i].At != every*time.Duration(i/2) {
			return stagesText(points)
		}
		levels = append(levels, points[i].Level)
	}
	return ratesText(every, levels)
}

// readRows reads the rows of a recording, times from the first on.
func readRows(r io.Reader) ([]Point, error) {
	t, err := table.Read(r, table.Options{Comment: '#'})
	if err != nil {
		return nil, err
	}
	if len(t.Rows) == 0 {
		return nil, nil
	}
	c := columns{rate: 1, name: -1, decimal: t.Separator == ';'}
	lines := t.Rows
	if _, _, err := c.read(lines[0].Cells); err != nil && isHeading(lines[0].Cells) {
		if err := c.find(lines[0]); err != nil {
			return nil, err
		}
		lines = lines[1:]
	}
	var rows []Point
	var start time.Duration
	for _, line := range lines {
		if c.name >= 0 && (c.name >= len(line.Cells) || line.Cells[c.name] != aggregated) {
			continue
		}
		at, level, err := c.read(line.Cells)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line.Line, err)
		}
		if len(rows) == 0 {
			start = at
		}
		if len(rows) >= maxSteps {
			return nil, fmt.Errorf("line %d: more than %d rows: use longer steps", line.Line, maxSteps)
		}
		if n := len(rows); n > 0 && at-start <= rows[n-1].At {
			return nil, fmt.Errorf("line %d: time %s does not come after the row before: rows are in order of time", line.Line, line.Cells[c.time])
		}
		rows = append(rows, Point{at - start, level})
	}
	return rows, nil
}

// aggregated is what the rows are called that hold all requests, in the history of a run as Locust writes it, and this program too.
const aggregated = "Aggregated"

// columns is where a recording has what.
type columns struct {
	time, rate int
	name       int // of the requests that a row is about; -1 without
	decimal    bool
}

// isHeading reports whether neither of the first two cells is a number or a time.
func isHeading(cells []string) bool {
	for _, cell := range cells[:min(2, len(cells))] {
		cell = strings.TrimSpace(cell)
		if _, err := parseWhen(cell); err == nil {
			return false
		}
		if _, err := parseLevel(cell); err == nil {
			return false
		}
	}
	return true
}

// find looks for the columns by their names. Of two columns the second is the rate, whatever it is called.
func (c *columns) find(heading table.Row) error {
	is := func(cell string, names ...string) bool {
		return slices.Contains(names, strings.ToLower(strings.TrimSpace(cell)))
	}
	rate := -1
	for i, cell := range heading.Cells {
		switch {
		case is(cell, "timestamp", "time", "date", "second", "seconds"):
			c.time = i
		case rate < 0 && is(cell, "rate", "requests/s", "req/s", "rps", "rate/s", "requests per second", "arrivals/s", "per second"):
			rate = i
		case is(cell, "name"):
			c.name = i
		}
	}
	switch {
	case rate >= 0:
		c.rate = rate
	case len(heading.Cells) > 2:
		return fmt.Errorf("line %d: none of the columns %s is a rate: call one \"rate\", or keep two columns, time,rate", heading.Line, strings.Join(heading.Cells, ", "))
	default:
		c.name = -1
	}
	return nil
}

// read understands one row.
func (c *columns) read(cells []string) (at time.Duration, level float64, err error) {
	if len(cells) <= max(c.time, c.rate) {
		if len(cells) == 1 {
			return 0, 0, fmt.Errorf("%q is one column: write time,rate", cells[0])
		}
		return 0, 0, fmt.Errorf("it has %d columns, and the rate is in column %d", len(cells), c.rate+1)
	}
	rate := strings.TrimSpace(cells[c.rate])
	if c.decimal && strings.Count(rate, ",") == 1 {
		rate = strings.Replace(rate, ",", ".", 1)
	}
	at, errTime := parseWhen(strings.TrimSpace(cells[c.time]))
	level, errLevel := parseLevel(rate)
	return at, level, errors.Join(errTime, errLevel)
}

func checkRows(rows []Point, speed float64) error {
	switch len(rows) {
	case 0:
		return errors.New("no rows: write time,rate on each line")
	case 1:
		return errors.New("one row alone has no length: add a second, which may be the rate 0 that ends it")
	}
	last := rows[len(rows)-1].At
	if float64(last)*2/speed > float64(MaxTime) {
		return fmt.Errorf("it lasts %s: at most %v", span(last), MaxTime)
	}
	for i := 1; i < len(rows); i++ {
		if float64(rows[i].At-rows[i-1].At)/speed < 1000 {
			return fmt.Errorf("rows less than a microsecond apart at %s: use longer steps", span(rows[i].At))
		}
	}
	return nil
}

// parseWhen reads a time of a row: a duration, seconds, or a date.
func parseWhen(s string) (time.Duration, error) {
	if x, err := strconv.ParseFloat(s, 64); err == nil && x >= 0 && x < 9e9 { // dates in seconds are numbers too
		return time.Duration(math.Round(x * 1e9)), nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return d, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime} {
		if at, err := time.Parse(layout, s); err == nil {
			return time.Duration(at.UnixNano()), nil
		}
	}
	return 0, fmt.Errorf("%q is no time: write seconds, 1m30s, or 2006-01-02T15:04:05Z", s)
}

// quoted is a file name as the parser takes it.
func quoted(name string) string {
	if name == "" || strings.ContainsAny(name, " \t\r\n():,=+*\"") {
		return strconv.Quote(name)
	}
	return name
}
