package flow

import (
	"strings"
)

// mostAligned bounds the table of the comparison: with more requests than that they are compared in order.
const mostAligned = 3000

// align gives the requests of one recording their twins in another one of the same flow, and says how many have one: the longest common
// subsequence of their shapes, and of several such the one whose pairs have most values in common.
func align(a, b []*ask) int {
	if len(a) == 0 || len(b) == 0 || len(a) > mostAligned || len(b) > mostAligned {
		return 0
	}
	ka, kb := shapes(a), shapes(b)
	width := len(b) + 1
	table := make([]uint32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			best := max(table[(i+1)*width+k], table[i*width+k+1])
			if ka[i] == kb[k] {
				best = max(best, table[(i+1)*width+k+1]+pairWorth+a[i].common(b[k]))
			}
			table[i*width+k] = best
		}
	}
	n := 0
	for i, k := 0, 0; i < len(a) && k < len(b); {
		switch at := table[i*width+k]; {
		case ka[i] == kb[k] && at == table[(i+1)*width+k+1]+pairWorth+a[i].common(b[k]):
			a[i].twin = b[k]
			if a[i].turn == 0 {
				n++
			}
			i, k = i+1, k+1
		case at == table[(i+1)*width+k]:
			i++
		default:
			k++
		}
	}
	return n
}

// asked is how many requests there are: what is said over a socket says little about whether two recordings are of one flow.
func asked(all []*ask) (n int) {
	for _, a := range all {
		if a.turn == 0 {
			n++
		}
	}
	return n
}

// pairWorth is what a pair counts beside its values: more than the values of all others together, so that no pair is given up for them.
const pairWorth = 16 * mostAligned

// common is how many of the fields of a query and a form two requests have in common, at most 15.
func (a *ask) common(b *ask) uint32 {
	n := uint32(0)
	for i, s := range a.slots {
		if n < 15 && (s.place == inQuery || s.place == inForm) && i < len(b.slots) && b.slots[i].where == s.where && b.slots[i].text == s.text {
			n++
		}
	}
	return n
}

// shapes are what stays the same of requests whoever makes them: the method, the host, the path without what looks like an id, the names of fields.
func shapes(all []*ask) []string {
	out := make([]string, len(all))
	for i, a := range all {
		var b strings.Builder
		b.WriteString(a.Method + " " + a.url.Host)
		for s := range strings.SplitSeq(a.url.Path, "/") {
			if hasDigit(s) || len(s) > 24 {
				s = "*"
			}
			b.WriteString("/" + s)
		}
		for _, s := range a.slots {
			if s.place == inForm || s.place == inQuery && s.name == "action" {
				b.WriteString(" " + s.name)
			}
			if s.name == "action" || s.name == "operationName" {
				b.WriteString("=" + s.text)
			}
		}
		if a.landing {
			b.WriteString(" landing")
		}
		if a.turn > 0 {
			b.WriteString(" " + a.saidKind())
		}
		out[i] = b.String()
	}
	return out
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }
