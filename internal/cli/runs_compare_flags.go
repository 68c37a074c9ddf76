package cli

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/compare"
	"github.com/stampede-load/stampede/internal/stats"
)

// compareFlags are the flags of a comparison, as texts.
type compareFlags struct {
	limit, points string
	names         []string
	anyway, json  bool
	all           bool
}

// options reads the flags.
func (f *compareFlags) options() (compare.Options, error) {
	o := compare.Options{Anyway: f.anyway}
	var wrong mistakes
	var err error
	o.Limit, err = parseShare("limit", f.limit)
	wrong.add(err)
	o.Points, err = parseShare("points", f.points)
	wrong.add(err)
	for _, pattern := range f.names {
		if _, err := path.Match(pattern, ""); err != nil {
			wrong.add(fmt.Errorf("--name %q is no pattern: * stands for anything, ? for one character, \\* for a star", pattern))
		}
	}
	if len(f.names) > 0 {
		o.Names = f.wanted
	}
	return o, wrong.err()
}

// wanted reports whether a name is like one of the patterns. Slashes are characters like all others.
func (f *compareFlags) wanted(k stats.Key) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "/", "\x00") }
	for _, pattern := range f.names {
		for _, name := range []string{k.Name, compare.Label(k)} {
			if ok, err := path.Match(flat(pattern), flat(name)); err == nil && ok {
				return true
			}
		}
	}
	return false
}

// unmatched complains of patterns that no name of any run is like.
func (f *compareFlags) unmatched(runs []compare.Run) error {
	known := map[string]bool{}
	for _, run := range runs {
		for _, k := range run.Names {
			if len(f.names) == 0 || f.wanted(k) {
				return nil
			}
			known[compare.Label(k)] = true
		}
	}
	if len(f.names) == 0 {
		return nil
	}
	const most = 12
	names := slices.Sorted(maps.Keys(known))
	if len(names) > most {
		names = append(names[:most], "and others")
	}
	return fmt.Errorf("no name is like %s: there are %s", strings.Join(f.names, " or "), strings.Join(names, ", "))
}

// parseShare reads the share that a flag names.
func parseShare(flag, text string) (float64, error) {
	v, err := shareOf(text)
	if err != nil {
		err = fmt.Errorf("--%s %q: %w", flag, text, err)
	}
	return v, err
}

// shareOf reads "5%", or "0.05".
func shareOf(text string) (float64, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	if percent {
		v /= 100
	}
	if err != nil || !(v > 0) || v > 10 {
		return 0, errors.New("write a share above zero, such as 5%")
	}
	return v, nil
}
