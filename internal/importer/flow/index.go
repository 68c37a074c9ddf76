package flow

import "strings"

// mostPlaces is how many answers with a value are remembered.
const mostPlaces = 2000

// index knows which answers may hold which values. Every answer is read once, whatever the number of values: a value is looked up by its longest
// run of letters and digits.
type index struct {
	keys map[string][]int32 // run to the answers that have it
}

// indexOf looks for the values of all slots in all answers.
func indexOf(asks []*ask) *index {
	x := &index{keys: map[string][]int32{}}
	for _, a := range asks {
		if a.twin != nil {
			x.want(a.address())
		}
		for _, s := range a.slots {
			x.want(s.text)
			for _, p := range pieces(s.text) {
				x.want(p)
			}
		}
	}
	for i, a := range asks {
		x.scan(a.answer.res.Body.Bytes(), int32(i))
		for _, r := range a.answer.hops {
			for _, h := range r.Header {
				x.scan([]byte(h.Value), int32(i))
			}
		}
		x.scan([]byte(a.answer.url), int32(i))
		for _, m := range a.answer.heard {
			x.scan(m.Data, int32(i))
		}
	}
	return x
}

func (x *index) want(value string) {
	if key := longestRun(value); key != "" {
		if _, ok := x.keys[key]; !ok {
			x.keys[key] = nil
		}
	}
}

// scan notes which wanted runs a text has.
func (x *index) scan(b []byte, at int32) {
	for i := 0; i < len(b); {
		if !isAlnum(b[i]) {
			i++
			continue
		}
		k := i + 1
		for k < len(b) && isAlnum(b[k]) {
			k++
		}
		x.note(b[i:k], at)
		if i > 1 && b[i-2] == '%' && isHex(b[i-1]) && k-i > 1 { // behind an escape such as %2F
			x.note(b[i+1:k], at)
		}
		i = k
	}
}

func (x *index) note(run []byte, at int32) {
	if places, ok := x.keys[string(run)]; ok && len(places) < mostPlaces && (len(places) == 0 || places[len(places)-1] != at) {
		x.keys[string(run)] = append(places, at)
	}
}

// before are the answers before request i that may hold a value, the last one first.
func (x *index) before(value string, i int) []int32 {
	places := x.keys[longestRun(value)]
	n := 0
	for n < len(places) && int(places[n]) < i {
		n++
	}
	out := make([]int32, n)
	for k := range n {
		out[k] = places[n-1-k]
	}
	return out
}

// longestRun is the longest run of letters and digits in a text, the first of several.
func longestRun(s string) string {
	best := ""
	for i := 0; i < len(s); {
		if !isAlnum(s[i]) {
			i++
			continue
		}
		k := i + 1
		for k < len(s) && isAlnum(s[k]) {
			k++
		}
		if k-i > len(best) {
			best = s[i:k]
		}
		i = k
	}
	return best
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// pieces are the parts of a value that is put together of several, as an address or a list is; nil when it is not.
func pieces(s string) []string {
	const between = "/?&=:;,|<> "
	if !strings.ContainsAny(s, between) || len(s) > 4000 {
		return nil
	}
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(between, r) })
}
