package pace

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// Playback is a recorded series: rows of time,rate as comma-separated values. Each rate (50, 50/s, 300/m) holds from its time until
// that of the next row; the last holds as long as the one before it. Times are durations or seconds, or dates as in
// 2006-01-02T15:04:05Z; they count from the first row and must rise. A first row that is no data is a heading; further columns and
// lines that start with # are ignored. speed 2 plays it in half the time, with the rates as they are.
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

// byteOrderMark may begin a file in UTF-8.
const byteOrderMark = "\uFEFF"

// readRows reads the rows of a recording, times from the first on.
func readRows(r io.Reader) ([]Point, error) {
	text := bufio.NewReader(r)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(mark)) // spreadsheets write it
	}
	in := csv.NewReader(text)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	in.Comment = '#'
	in.ReuseRecord = true
	var rows []Point
	var start time.Duration
	for first := true; ; first = false {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := in.FieldPos(0)
		if len(record) < 2 {
			return nil, fmt.Errorf("line %d: %q is one column: write time,rate", line, record[0])
		}
		at, errTime := parseWhen(strings.TrimSpace(record[0]))
		level, errLevel := parseLevel(strings.TrimSpace(record[1]))
		if err := errors.Join(errTime, errLevel); err != nil {
			if first && errTime != nil && errLevel != nil {
				continue // a heading
			}
			return nil, fmt.Errorf("line %d: %w", line, errors.Join(errTime, errLevel))
		}
		if len(rows) == 0 {
			start = at
		}
		if len(rows) >= maxSteps {
			return nil, fmt.Errorf("line %d: more than %d rows: use longer steps", line, maxSteps)
		}
		if n := len(rows); n > 0 && at-start <= rows[n-1].At {
			return nil, fmt.Errorf("line %d: time %s does not come after the row before: rows are in order of time", line, record[0])
		}
		rows = append(rows, Point{at - start, level})
	}
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
