package verdict

import (
	"slices"
	"time"
)

// trial is one rule while it is judged.
type trial struct {
	rule     *Rule
	tree     *tree
	leaves   []*leaf
	windowed int        // conditions with a window
	gauged   bool       // one of them is on a figure of a server
	stood    []standing // of conditions on requests, beside those on servers

	// seen is every combination of truths that the conditions with windows had at the same moment, with the first second of each. The
	// truth of the others, and which conditions never get a figure, is only known at the end; then it is put together.
	seen map[uint64]int

	brokenAt int       // the second after which the rule was known to be broken; 0 while it is not
	held     []reading // when a stop rule broke: the figures then
}

// second judges the moment after a closed second.
func (t *trial) second(at stretch, now gone) {
	for _, l := range t.leaves {
		switch {
		case l.gauge != nil:
			l.gauge.look(l, at)
		case l.length > 0:
			l.look(at)
		}
	}
	if t.gauged && t.windowed > 0 && at.whole {
		t.note(at.to)
	}
	if t.windowed > 0 && len(t.leaves) > 1 && at.whole {
		t.remember(at.to)
	}
	if t.brokenAt > 0 || t.windowed < len(t.leaves) && !t.rule.stop {
		return
	}
	state := t.tree.eval(func(i int) truth {
		if l := t.leaves[i]; l.length == 0 {
			return l.early(now)
		}
		return t.leaves[i].state
	})
	if state != broken {
		return
	}
	t.brokenAt = at.to
	if !t.rule.stop {
		return
	}
	for _, l := range t.leaves {
		r := l.last
		if l.length == 0 {
			r = l.current(now)
		}
		t.held = append(t.held, r)
	}
}

// bitsPerTruth is the room of one condition in a combination: maxConditions of them fit in 64 bits.
const bitsPerTruth = 64 / maxConditions

// remember takes note of a combination. One in which no window was judged says nothing.
func (t *trial) remember(end int) {
	var all uint64
	judged := false
	for i, l := range t.leaves {
		if l.length == 0 {
			continue
		}
		all |= uint64(l.state) << (i * bitsPerTruth)
		judged = judged || l.state == holding || l.state == broken
	}
	if _, known := t.seen[all]; judged && !known {
		t.seen[all] = end
	}
}

// finding is what is known of a rule by now.
type finding struct {
	figures []reading // of each condition without a window; with one, its worst or last
	enough  bool      // the conditions that must have a figure have one
	broken  bool
	at      int // the second after which a window broke it; 0 when none did
}

// find judges the rule by what is known now.
func (t *trial) find(now gone, live bool) finding {
	f := finding{figures: make([]reading, len(t.leaves))}
	for i, l := range t.leaves {
		switch {
		case t.held != nil && !live:
			f.figures[i] = t.held[i]
		case l.length == 0:
			f.figures[i] = l.current(now)
		case live:
			f.figures[i] = l.last
		default:
			f.figures[i] = l.worst
		}
	}
	f.enough = t.tree.enough(func(i int) bool { return f.figures[i].has })
	if t.brokenAt > 0 {
		f.broken, f.at = true, t.brokenAt
		return f
	}
	f.broken, f.at = t.combined(f.figures)
	return f
}

// combined puts the figures together with each combination of windows that was seen, earliest first.
func (t *trial) combined(figures []reading) (isBroken bool, at int) {
	judge := func(windows func(i int) truth) bool {
		return t.tree.eval(func(i int) truth {
			l, r := t.leaves[i], figures[i]
			switch {
			case !r.has:
				return absent // it never had a figure
			case l.length > 0:
				return windows(i)
			case l.holds(r):
				return holding
			}
			return broken
		}) == broken
	}
	if len(t.seen) == 0 {
		return judge(func(i int) truth { return absent }), 0
	}
	if judge(func(int) truth { return holding }) {
		return true, 0 // whatever the windows were
	}
	combinations := make([]uint64, 0, len(t.seen))
	for c := range t.seen {
		combinations = append(combinations, c)
	}
	slices.SortFunc(combinations, func(a, b uint64) int { return t.seen[a] - t.seen[b] })
	for _, c := range combinations {
		if judge(func(i int) truth { return truth(c >> (i * bitsPerTruth) & (1<<bitsPerTruth - 1)) }) {
			return true, t.seen[c]
		}
	}
	return false, 0
}

// result is the rule as it stands now, or as it ends.
func (t *trial) result(j *Judge, live bool) Result {
	f := t.find(j.now(), live)
	r := Result{
		Expr: t.rule.Expr(), Stop: t.rule.stop, Judged: f.enough || f.broken, Passed: f.enough && !f.broken,
		Provisional: live && t.windowed < len(t.leaves), FirstBroken: time.Duration(f.at) * time.Second,
	}
	r.Margin = t.margin(f)
	t.describe(&r, f, j)
	return r
}

// standing is a stretch of whole seconds after each of which the conditions on requests stood alike.
type standing struct {
	from, to int
	states   uint64
}

// note remembers how the conditions with windows on requests stand after a second: a rule that joins them with servers' figures is judged anew
// when those are all there.
func (t *trial) note(to int) {
	var states uint64
	for i, l := range t.leaves {
		if l.length > 0 && l.gauge == nil {
			states |= uint64(l.state) << (i * bitsPerTruth)
		}
	}
	if n := len(t.stood); n > 0 && t.stood[n-1].to == to-1 && t.stood[n-1].states == states {
		t.stood[n-1].to = to
		return
	}
	t.stood = append(t.stood, standing{to, to, states})
}

// again judges a rule on servers' figures anew: points come late, and those of a historian change. What stopped the run stays.
func (t *trial) again(now gone) {
	if !t.gauged {
		return
	}
	for _, l := range t.leaves {
		if l.gauge != nil {
			l.gauge.reload(l)
		}
	}
	if t.held != nil || t.windowed == 0 {
		return
	}
	clear(t.seen)
	t.brokenAt = 0
	for _, m := range t.stood {
		for to := m.from; to <= m.to; to++ {
			t.replay(to, m.states)
		}
	}
}

// replay judges the moment after a second once more.
func (t *trial) replay(to int, states uint64) {
	for i, l := range t.leaves {
		switch {
		case l.length == 0:
		case l.gauge != nil:
			l.state = l.gauge.window(l, to)
		default:
			l.state = truth(states >> (i * bitsPerTruth) & (1<<bitsPerTruth - 1))
		}
	}
	if len(t.leaves) > 1 {
		t.remember(to)
	}
	if t.brokenAt == 0 && t.windowed == len(t.leaves) && t.tree.eval(func(i int) truth { return t.leaves[i].state }) == broken {
		t.brokenAt = to
	}
}

// margin is how far inside its limits the rule is; 0 when it has no figure.
func (t *trial) margin(f finding) float64 {
	m, found := t.tree.margin(func(i int) (float64, bool) { return t.leaves[i].margin(f.figures[i]), f.figures[i].has })
	if !found {
		return 0
	}
	return m
}
