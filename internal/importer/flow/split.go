package flow

import "strings"

// split decides on the pieces of a value that is put together, when one of them is not constant.
func (c *correlator) split(q *question) Value {
	ours := pieces(q.text)
	if len(ours) == 0 || q.slot.place == inBasic || len(ours) == 1 && ours[0] == q.text {
		return nil
	}
	theirs := pieces(q.again)
	if q.differs() && len(ours) != len(theirs) || !q.compared && len(ours) > 12 || !q.compared && !strings.ContainsAny(q.text, "/?&=") {
		return nil
	}
	var out Value
	found, rest := false, q.text
	for i, p := range ours {
		inner := *q
		inner.text, inner.piece = p, true
		if q.differs() {
			inner.again = theirs[i]
		}
		at := strings.Index(rest, p)
		out, rest = append(out, Part{Text: rest[:at]}), rest[at+len(p):]
		var v Value
		if !inner.compared || inner.differs() {
			inner.name = nameBefore(q.text[:len(q.text)-len(rest)-len(p)], q.name)
			v = c.decide(&inner)
		} else {
			v = constant(p)
		}
		if _, same := v.Constant(); !same {
			found = true
		}
		out = append(out, v...)
	}
	if !found {
		return nil
	}
	return squeeze(append(out, Part{Text: rest}))
}

// nameBefore is the name that a piece has in an address: what stands before its equals sign.
func nameBefore(text, name string) string {
	if before, ok := strings.CutSuffix(text, "="); ok {
		if i := strings.LastIndexAny(before, "?&;, "); i >= 0 {
			before = before[i+1:]
		}
		return before
	}
	return name
}

// squeeze joins constant parts that stand side by side.
func squeeze(v Value) Value {
	var out Value
	for _, p := range v {
		if p == (Part{}) {
			continue
		}
		if n := len(out); n > 0 && p == (Part{Text: p.Text}) && out[n-1] == (Part{Text: out[n-1].Text}) {
			out[n-1].Text += p.Text
			continue
		}
		out = append(out, p)
	}
	return out
}
