package stampede

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// chooseTypes picks the user types that run, with their tags applied.
func (p *prepared) chooseTypes() error {
	all := p.plan.Test.Users
	if len(all) == 0 {
		return errors.New("the test has no user types: give Test.Users at least one")
	}
	var errs []error
	names := map[string]bool{}
	for i, ut := range all {
		if ut.t == nil {
			errs = append(errs, fmt.Errorf("user type %d is empty: make it with stampede.Users", i+1))
			continue
		}
		if names[ut.t.name] {
			errs = append(errs, fmt.Errorf("two user types are called %q: give one of them a Name", ut.t.name))
		}
		names[ut.t.name] = true
	}
	for _, want := range p.plan.UserTypes {
		if !names[want] {
			errs = append(errs, fmt.Errorf("there is no user type %q; there are %s", want, quotedList(sortedKeys(names))))
		}
	}
	errs = append(errs, p.checkTags())
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, ut := range all {
		if len(p.plan.UserTypes) > 0 && !slices.Contains(p.plan.UserTypes, ut.t.name) {
			continue
		}
		t, err := p.prepareType(ut.t)
		if err != nil {
			errs = append(errs, err)
		} else if len(t.root.tasks) > 0 {
			p.types = append(p.types, t)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(p.types) == 0 {
		return errors.New("no task is left to run: the tags and user types chosen leave all of them out")
	}
	return nil
}

func (p *prepared) prepareType(t *userType) (*userType, error) {
	c := *t
	var errs []error
	where := "user type " + c.name
	if c.weight < 0 || math.IsNaN(c.weight) || math.IsInf(c.weight, 0) {
		errs = append(errs, fmt.Errorf("%s: weight %v: use a positive number", where, c.weight))
	}
	if c.fixed < 0 {
		errs = append(errs, fmt.Errorf("%s: a fixed count of %d: use a positive number", where, c.fixed))
	}
	if c.users != nil && c.rate != nil {
		errs = append(errs, fmt.Errorf("%s: it has both users and a rate of its own; give one of them", where))
	}
	if len(c.root.tasks) == 0 {
		errs = append(errs, fmt.Errorf("%s: it has no tasks", where))
	}
	var err error
	if c.host, err = cleanHost(where+": host", c.host); err != nil {
		errs = append(errs, err)
	}
	root, err := c.root.prepare(where, p.keep, c.tags)
	if err != nil {
		errs = append(errs, err)
	}
	if err := c.checkPages(); err != nil {
		errs = append(errs, err)
	}
	c.root, c.learning = root, new(learning)
	if root != nil {
		root.countPicks()
		errs = append(errs, c.settleAsks())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.lean = c.light()
	return &c, nil
}

// keep reports whether a task with these tags runs. Exclusion wins.
func (p *prepared) keep(tags []string) bool {
	has := func(want []string) bool {
		return slices.ContainsFunc(want, func(w string) bool { return slices.Contains(tags, w) })
	}
	if has(p.plan.ExcludeTags) {
		return false
	}
	return len(p.plan.Tags) == 0 || has(p.plan.Tags)
}

func (p *prepared) checkTags() error {
	known := map[string]bool{}
	var walk func(*taskSet)
	walk = func(s *taskSet) {
		for _, t := range s.tasks {
			for _, tag := range t.tags {
				known[tag] = true
			}
			if t.set != nil {
				walk(t.set)
			}
		}
	}
	for _, ut := range p.plan.Test.Users {
		if ut.t != nil {
			for _, tag := range ut.t.tags {
				known[tag] = true
			}
			walk(ut.t.root)
		}
	}
	var errs []error
	for _, tag := range slices.Concat(p.plan.Tags, p.plan.ExcludeTags) {
		if !known[tag] {
			has := "the test has no tags"
			if len(known) > 0 {
				has = "there are " + quotedList(sortedKeys(known))
			}
			errs = append(errs, fmt.Errorf("there is no tag %q; %s", tag, has))
		}
	}
	return errors.Join(errs...)
}

func sortedKeys(m map[string]bool) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func quotedList(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(q, ", ")
}
