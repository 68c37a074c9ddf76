package verdict

// seconds counts the seconds in which the conditions inside seconds(...) hold. A second in which none of them has a figure counts
// neither way. It keeps its own totals and windows, as a selection does.
type seconds struct {
	tree   *tree
	leaves []*leaf
	need   needs // nothing: good and bad seconds are all there is
	total  total
	ring   ring
}

// take judges the second just closed. Seconds that are not under load from start to end are left out.
func (s *seconds) take(at stretch) {
	var now tally
	if at.loaded {
		switch s.tree.eval(func(i int) truth { return s.leaves[i].second(at) }) {
		case holding:
			now.good = at.to - at.from
		case broken:
			now.bad = at.to - at.from
		}
	}
	if at.in(s.total.spans) {
		s.total.began = true
		s.total.sum.add(&now, &s.need)
	}
	if len(s.ring.windows) == 0 {
		return
	}
	if at.gap {
		s.ring.forget()
	}
	if at.whole {
		s.ring.push(&now)
	}
}
