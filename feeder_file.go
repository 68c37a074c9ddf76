package stampede

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/table"
)

// CSV makes a feeder of a CSV file whose first line names the columns. R is a struct whose exported fields are the columns (by a tag
// `csv:"e-mail"`, or by name in any case), or a map[string]string. What separates the cells, the
// encoding and a mark at the beginning are found out; rows and columns without anything in them are left out. fsys is often an embed.FS; nil means the files of the machine. A file
// that is missing or wrong is an error that says which line.
func CSV[R any](fsys fs.FS, name string) (*Feeder[R], error) {
	r, err := openFile(fsys, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rows, err := readCSV[R](r)
	if err != nil {
		return nil, fmt.Errorf("feeder: %s: %w", name, err)
	}
	return Rows(rows), nil
}

// JSONLines makes a feeder of a file with one JSON value a line, or with one array of them. See CSV. Values that are null, and keys of which none is a
// field of R or one differs from a field in its signs alone, are errors.
func JSONLines[R any](fsys fs.FS, name string) (*Feeder[R], error) {
	r, err := openFile(fsys, name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rows, err := readJSON[R](r)
	if err != nil {
		return nil, fmt.Errorf("feeder: %s: %w", name, err)
	}
	return Rows(rows), nil
}

// Must is for what is made before main or within a literal, a feeder or a shape: it ends the program when err is not nil.
func Must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return v
}

func openFile(fsys fs.FS, name string) (io.ReadCloser, error) {
	var r io.ReadCloser
	var err error
	if fsys == nil {
		r, err = os.Open(name)
	} else {
		r, err = fsys.Open(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if fsys == nil {
			if abs, e := filepath.Abs(name); e == nil {
				name = abs
			}
		}
		return nil, fmt.Errorf("feeder: there is no file %s: check the path, or embed the file", name)
	}
	if err != nil {
		return nil, fmt.Errorf("feeder: %w", err)
	}
	return r, nil
}

func readCSV[R any](r io.Reader) ([]R, error) {
	t, err := table.ReadHeaded(r)
	if err != nil {
		return nil, err
	}
	set, err := rowSetter(reflect.TypeFor[R](), t)
	if err != nil {
		return nil, err
	}
	rows := make([]R, len(t.Rows))
	for i, row := range t.Rows {
		if err := set(reflect.ValueOf(&rows[i]).Elem(), row.Cells); err != nil {
			return nil, fmt.Errorf("line %d: %w", row.Line, err)
		}
	}
	return rows, nil
}

// rowSetter is how a record becomes a row of type t.
func rowSetter(t reflect.Type, from *table.Headed) (func(reflect.Value, []string) error, error) {
	columns := from.Columns
	if t == reflect.TypeFor[map[string]string]() {
		return func(v reflect.Value, record []string) error {
			m := make(map[string]string, len(columns))
			for i, c := range columns {
				m[c] = strings.Clone(record[i])
			}
			v.Set(reflect.ValueOf(m))
			return nil
		}, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("rows become a struct or a map[string]string, not %v", t)
	}
	fields := make([]int, len(columns)) // column to field, -1 for none
	var missing []string
	used := map[int]string{}
	for i, c := range columns {
		fields[i] = fieldFor(t, c)
		if first, twice := used[fields[i]]; twice && fields[i] >= 0 {
			return nil, fmt.Errorf("the columns %s and %s are both the field %s: rename one of them", first, c, t.Field(fields[i]).Name)
		}
		used[fields[i]] = c
	}
	for i := range t.NumField() {
		if _, there := used[i]; !there && t.Field(i).IsExported() && t.Field(i).Tag.Get("csv") != "-" {
			missing = append(missing, t.Field(i).Name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("no column for %s; the columns are %s", strings.Join(missing, ", "), strings.Join(columns, ", "))
	}
	return func(v reflect.Value, record []string) error {
		for i, field := range fields {
			if field < 0 {
				continue
			}
			if err := setField(v.Field(field), strings.TrimSpace(record[i]), record[i], from.Decimal); err != nil {
				return fmt.Errorf("column %s: %w", columns[i], err)
			}
		}
		return nil
	}, nil
}

func fieldFor(t reflect.Type, column string) int {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() {
			if tag := f.Tag.Get("csv"); tag == column || tag == "" && strings.EqualFold(f.Name, column) {
				return i
			}
		}
	}
	return -1
}

// setField fills in a cell: trimmed, or as it is for texts; decimal says that numbers have a comma where others have a point.
func setField(v reflect.Value, text, whole string, decimal bool) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.Clone(whole))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is not true or false", text)
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a whole number that fits", text)
		}
		v.SetInt(n)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a whole number that fits", text)
		}
		v.SetUint(n)
	case reflect.Float32, reflect.Float64:
		if decimal && strings.Count(text, ",") == 1 && !strings.Contains(text, ".") {
			text = strings.Replace(text, ",", ".", 1)
		}
		n, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is not a number", text)
		}
		v.SetFloat(n)
	default:
		return fmt.Errorf("a field of type %v cannot be filled from CSV", v.Type())
	}
	return nil
}
