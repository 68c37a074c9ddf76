package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/stats"
)

// What is read at most: several times what the longest run with the most names writes.
const (
	maxJSON  = 512 << 20 // bytes
	maxItems = 1 << 20   // of one list
)

// ReadJSON reads a result that [WriteJSON] wrote, by this version or another one of the same schema. Fields it does not know are passed
// over. A file from anywhere is safe: what does not fit together is refused, and memory is taken in proportion to the file.
//
// Totals are added up from the requests. Without histograms in the file (taken out to save room) every time is unknown, without a series
// there is no course of the run; exports leave those out and a notice in the report says so.
//
// A comparison with a baseline is not part of the report: see [ReadResult].
func ReadJSON(r io.Reader) (*stampede.Report, error) {
	f, err := readFile(r)
	if err != nil {
		return nil, err
	}
	return &f.report, nil
}

func readFile(r io.Reader) (*jsonFile, error) {
	limited := &io.LimitedReader{R: r, N: maxJSON}
	f := &jsonFile{d: json.NewDecoder(limited)}
	err := f.read()
	if limited.N <= 0 {
		err = fmt.Errorf("it is larger than %d bytes", maxJSON)
	}
	if err != nil {
		return nil, fmt.Errorf("report: read JSON result: %w", err)
	}
	return f, nil
}

// jsonFile is a file while it is read.
type jsonFile struct {
	d      *json.Decoder
	report stampede.Report

	schema        int
	judged, whole jsonTotals
	hasWhole      bool
	series        *stats.Series
	found         *compare.Result // against a baseline; nil for none
	seriesEnd     int
}

var errNotResult = errors.New(`it is not a stampede result: it has no "schema" (expected the file of --json)`)

func (f *jsonFile) read() error {
	if err := f.object(f.field); err != nil {
		return err
	}
	if _, err := f.d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the end of the result")
	}
	if f.schema == 0 {
		return errNotResult
	}
	return f.finish()
}

// object reads an object and gives each name to field, which reads the value.
func (f *jsonFile) object(field func(name string) error) error {
	if err := f.delim('{'); err != nil {
		return err
	}
	for f.d.More() {
		token, err := f.d.Token()
		if err != nil {
			return f.damaged(err)
		}
		name, _ := token.(string)
		if err := field(name); err != nil {
			return fmt.Errorf("%q: %w", name, f.damaged(err))
		}
	}
	return f.delim('}')
}

// array reads a list of objects, one at a time; null is an empty list.
func array[T any](f *jsonFile, each func(*T) error) error {
	return f.items(func() error {
		var item T
		if err := f.d.Decode(&item); err != nil {
			return err
		}
		return each(&item)
	})
}

// items reads a list and calls item to read each of its values.
func (f *jsonFile) items(item func() error) error {
	token, err := f.d.Token()
	if err != nil {
		return err
	}
	if token == nil {
		return nil
	}
	if token != json.Delim('[') {
		return fmt.Errorf("expected a list, found %v", token)
	}
	for n := 0; f.d.More(); n++ {
		if n == maxItems {
			return fmt.Errorf("a list of more than %d items", maxItems)
		}
		if err := item(); err != nil {
			return err
		}
	}
	return f.delim(']')
}

func (f *jsonFile) delim(want json.Delim) error {
	token, err := f.d.Token()
	if err != nil {
		return f.damaged(err)
	}
	if token != want {
		return fmt.Errorf("expected %q at byte %d, found %v", want.String(), f.d.InputOffset(), token)
	}
	return nil
}

// damaged says in other words what the decoder says of a file that ends early.
func (f *jsonFile) damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it ends early, after %d bytes (was it copied while it was written?)", f.d.InputOffset())
	}
	return err
}

// field reads the value of a field of the result.
func (f *jsonFile) field(name string) error {
	r := &f.report
	switch name {
	case "schema":
		return f.readSchema()
	case "run":
		return decode(f, func(j *jsonRun) error { return j.restore(r) })
	case "verdict":
		return decode(f, func(j *jsonVerdict) error { return j.restore(r) })
	case "servers":
		r.Servers = []stampede.ServerFigures{}
		return array(f, func(j *jsonServer) error { return j.restore(r) })
	case "suspects":
		finding(r)
		return array(f, func(j *jsonSuspect) error { return j.restore(r) })
	case "finding":
		return decode(f, func(j *jsonFinding) error { return j.restore(r) })
	case "limit":
		return decode(f, func(j *jsonLimit) error { return j.restore(r) })
	case "thresholds":
		r.Thresholds = nil
		return array(f, func(j *jsonThreshold) error { return j.restore(r) })
	case "planned":
		return f.count(&r.Planned)
	case "sent":
		return f.count(&r.Sent)
	case "dropped":
		return f.count(&r.Dropped)
	case "not_started":
		return f.count(&r.NotStarted)
	case "lost":
		return f.count(&r.Lost)
	case "in_flight":
		return f.count(&r.InFlight)
	case "workers":
		r.Workers = nil
		return array(f, func(j *jsonWorker) error { return j.restore(r) })
	case "series":
		f.series = stats.NewSeries(stats.SeriesOptions{Fine: 365 * 24 * time.Hour})
		f.seriesEnd = 0
		return f.items(f.second)
	case "whole":
		f.hasWhole = true
		return f.object(func(name string) error { return f.totals(&f.whole, name) })
	default:
		return f.extra(name)
	}
}

// extra reads what is not part of the agreed fields.
func (f *jsonFile) extra(name string) error {
	r := &f.report
	switch name {
	case "oldest_in_flight_ms":
		return decode(f, func(ms *float64) error { return restoreTime(&r.Oldest, *ms, 1e6) })
	case "users_started":
		return f.count(&r.UsersStarted)
	case "start_failed":
		return f.count(&r.StartFailed)
	case "died":
		return f.count(&r.Died)
	case "peak_users":
		return f.d.Decode(&r.PeakUsers)
	case "phases":
		r.Phases = nil
		return array(f, func(j *jsonPhase) error { return j.restore(r) })
	case "events":
		r.Events = nil
		return array(f, func(j *jsonEvent) error { return j.restore(r) })
	case "environment":
		r.Environment = nil
		return array(f, func(j *jsonSetting) error {
			r.Environment = append(r.Environment, stampede.Setting{Name: j.Name, Value: j.Value})
			return nil
		})
	case "warnings":
		return f.d.Decode(&r.Warnings)
	case "tasks":
		r.Tasks = nil
		return array(f, func(j *jsonTask) error { return j.restore(r) })
	case "waterfalls":
		r.Pages = nil
		return array(f, func(j *jsonPicture) error { return j.restore(r) })
	case "notices":
		return f.d.Decode(&r.Notices)
	case "comparison":
		return decode(f, func(j *jsonComparison) (err error) {
			f.found, err = j.restore()
			return err
		})
	default:
		return f.totals(&f.judged, name)
	}
}

func (f *jsonFile) readSchema() error {
	if err := f.d.Decode(&f.schema); err != nil {
		return err
	}
	if f.schema != jsonSchema {
		return fmt.Errorf("schema %d, and this program reads schema %d: use a version of stampede that wrote it", f.schema, jsonSchema)
	}
	return nil
}

// second reads a stretch of the series, row by row, and adds it.
func (f *jsonFile) second() error {
	sec := new(stats.Second)
	err := f.object(func(name string) error {
		switch name {
		case "from_s":
			return f.d.Decode(&sec.Index)
		case "width_s":
			return f.d.Decode(&sec.Width)
		case "requests":
			sec.Rows = nil
			return array(f, func(j *jsonPoint) error { return j.restore(sec) })
		case "gauges":
			return decode(f, func(j *jsonGauges) error { sec.Gauges = j.gauges(); return nil })
		default:
			var skipped json.RawMessage
			return f.d.Decode(&skipped)
		}
	})
	if err == nil {
		err = finishSecond(sec)
	}
	if err != nil {
		return fmt.Errorf("second %d: %w", sec.Index, err)
	}
	if sec.Index < f.seriesEnd {
		return fmt.Errorf("second %d comes after second %d", sec.Index, f.seriesEnd-1)
	}
	f.seriesEnd = sec.Index + sec.Width
	f.series.Add(sec)
	return nil
}

// count reads a number that counts something.
func (f *jsonFile) count(into *int64) error {
	if err := f.d.Decode(into); err != nil {
		return err
	}
	return notNegative(*into)
}

func notNegative(ns ...int64) error {
	for _, n := range ns {
		if n < 0 {
			return fmt.Errorf("a count of %d", n)
		}
	}
	return nil
}

// decode reads one value and gives it to use.
func decode[T any](f *jsonFile, use func(*T) error) error {
	var v T
	if err := f.d.Decode(&v); err != nil {
		return err
	}
	return use(&v)
}
