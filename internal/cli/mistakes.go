package cli

import (
	"errors"
	"strings"
)

// mistakes is everything that is wrong with a command line, to be shown together.
type mistakes []error

// Error is one mistake a line.
func (m mistakes) Error() string {
	lines := make([]string, len(m))
	for i, err := range m {
		lines[i] = err.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.Is and errors.As each of them.
func (m mistakes) Unwrap() []error { return m }

// add takes errors in; joined ones are taken apart, and what was said before is not said again.
func (m *mistakes) add(errs ...error) {
	for _, err := range errs {
		if err == nil {
			continue
		}
		var joined interface{ Unwrap() []error }
		if errors.As(err, &joined) && err.Error() == lines(joined.Unwrap()) {
			m.add(joined.Unwrap()...)
			continue
		}
		if !m.has(err.Error()) {
			*m = append(*m, err)
		}
	}
}

func (m *mistakes) has(text string) bool {
	for _, known := range *m {
		if known.Error() == text {
			return true
		}
	}
	return false
}

// lines is how errors.Join prints errors.
func lines(errs []error) string { return mistakes(errs).Error() }

// err is nil when there is no mistake.
func (m mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	return m
}
