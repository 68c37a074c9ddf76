package flow

import (
	"bytes"
	"strings"
)

// Hear is a message of the site's that values are taken from.
type Hear struct {
	Name  string // in tables
	Field string // the message has a text in a field; "" for any
	Is    Value
	Type  string // of an event
	Path  string // there is something there; "" when that does not matter
	Match *Var   // its expression matches; nil when there is none
	Last  bool   // of those that have come it is the last one
	Own   bool   // the site sends it at a time of its own
	Gets  []*Var

	at int // its place in the turn
}

// kind is what a message says it is: a text in a field of its JSON, or the type of an event.
type kind struct{ field, is string }

// kinds are those of what was heard.
func (n *answer) kinds() []kind {
	if n.told == nil && len(n.heard) > 0 {
		n.told = make([]kind, len(n.heard))
		for i, m := range n.heard {
			if n.stream {
				n.told[i] = kind{is: m.Event}
				continue
			}
			got := object(m)
			for _, f := range told {
				if s, ok := got[f].(string); ok && s != "" {
					n.told[i] = kind{f, s}
					break
				}
			}
		}
	}
	return n.told
}

// inMessages are the ways to a value in what came over a socket.
func (n *answer) inMessages(value string) []Source {
	var all []Source
	for i, m := range n.heard {
		if !bytes.Contains(m.Data, []byte(value)) {
			continue
		}
		var ways []Source
		k := n.kinds()[i]
		if path, ok := pathTo(m.Data, value); ok && !m.Binary {
			s := Source{Kind: FromPath, A: path, Heard: true, Field: k.field, Is: k.is}
			for _, last := range []bool{false, true} {
				for _, has := range []bool{s.Is == "", true} {
					s.Has, s.Last = has, last
					ways = append(ways, s)
				}
			}
		}
		if re, ok := pattern(m.Data, value, n.hosts()); ok {
			s := Source{Kind: FromMatch, A: re, Heard: true, Has: true}
			if n.stream {
				s.Is = k.is
			}
			ways = append(ways, s)
			s.Last = true
			ways = append(ways, s)
		}
		var found [2]bool
		for _, s := range ways {
			text := 0
			if s.Kind == FromMatch {
				text = 1
			}
			if got, at := n.listen(s); at >= 0 && got == value && !found[text] {
				found[text] = true
				all = append(all, s)
			}
		}
		if len(all) > 0 {
			break
		}
	}
	return all
}

// listen is what a source gives in what came over a socket, and in which message; -1 for none.
func (n *answer) listen(s Source) (value string, at int) {
	at = -1
	for i, k := range n.kinds() {
		if s.Is != "" && (k.field != s.Field || k.is != s.Is) {
			continue
		}
		got, ok := "", false
		if s.Kind == FromPath {
			got, ok = atPath(n.heard[i].Data, s.A)
		} else {
			got, ok = matched(s.A, n.heard[i].Data)
		}
		if s.Has && (!ok || got == "") {
			continue
		}
		if value, at = got, i; !ok {
			value = ""
		}
		if !s.Last {
			break
		}
	}
	return value, at
}

// listens says what of a turn is waited for: the messages from which something is taken.
func (a *ask) listens() {
	c, heard := a.call, a.heard()
	if said := c.Said; said != nil && said.Answered {
		said.Name = a.shownPath() + " " + said.Name
		if said.id != "" && said.JSON != nil {
			// What the id was found to be made of; one that is made where it is sent cannot be told again.
			if is := said.JSON.member(said.id); !is.made() {
				said.Field, said.Is = said.id, is
			}
		}
	}
	for _, v := range c.Gets {
		s := v.From
		if !s.Heard {
			continue
		}
		_, at := a.answerOnce().listen(*s)
		var h *Hear
		for _, o := range c.Hears {
			if o.at == at && o.Last == s.Last {
				h = o
			}
		}
		if h == nil {
			h = &Hear{at: at, Last: s.Last, Name: a.shownPath()}
			if at >= 0 {
				h.Name = strings.TrimSpace(h.Name + " " + kindOf(heard[at]))
			}
			c.Hears = append(c.Hears, h)
		}
		h.means(v)
		h.Gets = append(h.Gets, v)
	}
	sortHears(c.Hears)
	said := c.Said
	for _, h := range c.Hears {
		if h.Own = said == nil || !said.Answered || h.at != said.at; !h.Own && !h.Last {
			said.Gets = h
			if said.id != "" && said.Field == said.id {
				h.Field, h.Is, h.Path, h.Match = "", nil, "", nil
			}
		}
		if first := c.Socket != nil && h.at == 0; h.Own && !h.Last && !first {
			a.talk.socket.Keeps = append(a.talk.socket.Keeps, h)
		}
	}
	if said != nil && said.Gets != nil {
		c.Hears = without(c.Hears, said.Gets)
	}
	if len(c.Hears) > 0 && c.Socket != nil {
		c.Socket.Greeting = false
	}
}

// means adds what a variable wants of the message.
func (h *Hear) means(v *Var) {
	s := v.From
	switch {
	case s.Field != "":
		h.Field, h.Is = s.Field, constant(s.Is)
	case s.Is != "":
		h.Type = s.Is
	}
	switch {
	case s.Kind == FromPath && s.Has:
		h.Path = s.A
	case s.Kind == FromMatch && h.Match == nil:
		h.Match = v
	}
}

func (v Value) made() bool {
	for _, p := range v {
		if p.Made != NotMade {
			return true
		}
	}
	return false
}

func sortHears(all []*Hear) {
	for i := 1; i < len(all); i++ {
		for k := i; k > 0 && all[k].at < all[k-1].at; k-- {
			all[k], all[k-1] = all[k-1], all[k]
		}
	}
}

func without(all []*Hear, one *Hear) (left []*Hear) {
	for _, h := range all {
		if h != one {
			left = append(left, h)
		}
	}
	return left
}

// live finds a value that the site says anew again and again over a socket, as a price, and that is sent back under the same name.
func (c *correlator) live(q *question) *Var {
	if len(q.text) < 2 || q.name == "" {
		return nil
	}
	for _, at := range c.answers.before(q.text, q.index) {
		from := c.asks[at]
		if from.talk == nil {
			continue
		}
		for _, s := range from.answer.sources(q.text) {
			name := s.A[strings.LastIndexByte(s.A, '.')+1:]
			if s.Heard && s.Kind == FromPath && strings.EqualFold(name, lastWord(q.name)) && from.talk.changes(s) {
				s.Has, s.Last = true, true // the newest one is what a visitor has before his eyes
				return c.extract(q, int(at), s)
			}
		}
	}
	return nil
}

// changes reports whether what stands somewhere in messages of a kind is not always the same.
func (t *talk) changes(s Source) bool {
	seen := ""
	for _, a := range t.turns {
		n := a.answerOnce()
		for i, k := range n.kinds() {
			if s.Is != "" && (k.field != s.Field || k.is != s.Is) {
				continue
			}
			got, ok := atPath(n.heard[i].Data, s.A)
			if ok && seen != "" && got != seen {
				return true
			}
			if ok {
				seen = got
			}
		}
	}
	return false
}
