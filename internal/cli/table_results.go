package cli

import (
	"cmp"
	"errors"
	"strings"

	"github.com/stampede-load/stampede/internal/cli/setting"
)

// resultSettings say where the results go, besides the terminal: a flag for each format, and what refines it.
func (a *app) resultSettings(e *exports) []setting.Setting {
	var all []setting.Setting
	for _, f := range formats() {
		all = append(all, setting.Setting{Name: f.name, Arg: cmp.Or(f.arg, "FILE"), Group: groupResults, Help: f.help, Read: func(t string) error {
			switch {
			case f.name == formatJSON && strings.ContainsAny(t[:min(len(t), 1)], "{["):
				return errors.New("--json names a file for the result; to send JSON write -d with it, and -H 'Content-Type: application/json'")
			case t == "-" && f.name == formatJSON:
				e.set(f.name, t)
				return nil
			case t == "-":
				return errOnlyJSON
			}
			e.set(f.name, a.path(t))
			return nil
		}})
		switch f.name {
		case formatCSV:
			all = append(all, setting.Setting{
				Name: "csv-full-history", Group: groupResults, Default: "false", Needs: f.name, Read: onOff(&e.csvFull),
				Help: "the history has rows for each request name, and not only for all together",
			})
		case formatJSON:
			all = append(all, setting.Setting{
				Name: "json-series", Group: groupResults, Default: "false", Needs: f.name, Read: onOff(&e.jsonSeries),
				Help: "the JSON holds every second too",
			})
		}
	}
	return all
}

var errOnlyJSON = errors.New("only --json can go to standard output; write ./- for a file of this name")
