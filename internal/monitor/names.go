package monitor

import "strconv"

// Names gives series names that stay: what is the same thing keeps its name, and no two things have the same one, though [CleanName] makes one of
// "a/b" and "a:b", or of two words in letters that it does not know. The zero value is ready; it is for one goroutine.
type Names struct {
	byThing map[string]string
	taken   map[string]bool
}

// mostNames bounds what is remembered of servers that call their things something else all the time.
const mostNames = 20 * MaxSeries

// Of is the name of a thing: the wanted one, or the first of NAME_2, NAME_3 ... that nothing else has.
func (n *Names) Of(thing, wanted string) string {
	if name, known := n.byThing[thing]; known {
		return name
	}
	if len(n.byThing) >= mostNames {
		return wanted
	}
	if n.byThing == nil {
		n.byThing, n.taken = map[string]string{}, map[string]bool{}
	}
	name := wanted
	for i := 2; n.taken[name]; i++ {
		name = wanted + "_" + strconv.Itoa(i)
	}
	n.byThing[thing], n.taken[name] = name, true
	return name
}
