package setting

import (
	"fmt"
	"slices"

	"github.com/stampede-load/stampede/internal/suggest"
)

// Like gives s the flags that another set of the same settings was given on the command line, so that they can be read once more.
func (s *Set) Like(o *Set) {
	s.order = slices.Clone(o.order)
	for _, r := range s.rows {
		if other := o.byName[r.Name]; other != nil {
			r.flags = slices.Clone(other.flags)
		}
	}
}

// Change puts texts in the place of a setting's flag, as if they had been given on the command line, and takes away flags that contradict
// them. It returns how the change may be printed. It must be called before Resolve.
func (s *Set) Change(name string, texts ...string) (shown string, err error) {
	r := s.byName[name]
	if r == nil {
		var known []string
		for _, one := range s.rows {
			known = append(known, one.Name)
		}
		if near := suggest.Nearest(name, known); near != "" {
			return "", fmt.Errorf("there is no setting %s; did you mean %s?", name, near)
		}
		return "", fmt.Errorf("there is no setting %s", name)
	}
	if !r.List && len(texts) > 1 {
		return "", fmt.Errorf("%s is given %d times; give it once", name, len(texts))
	}
	r.flags = slices.Clone(texts)
	for _, other := range s.rows {
		if slices.Contains(r.Against, other.Name) || slices.Contains(other.Against, name) {
			other.flags = nil
		}
	}
	for _, t := range texts {
		if shown != "" {
			shown += ", "
		}
		shown += name + "=" + r.show(t)
	}
	return shown, nil
}

// Group is the heading of a setting; "" when there is none of that name.
func (s *Set) Group(name string) string {
	if r := s.byName[name]; r != nil {
		return r.Setting.Group
	}
	return ""
}

// Give gives a setting texts as if they had come from the command line. It must be called before Resolve.
func (s *Set) Give(name string, texts ...string) error {
	r := s.byName[name]
	if r == nil {
		return fmt.Errorf("there is no setting %s", name)
	}
	if !r.List && len(texts) > 1 {
		return fmt.Errorf("%s: one value is wanted here, not a list of %d", name, len(texts))
	}
	r.flags = append(r.flags, texts...)
	return nil
}
