package flow

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// mostAnswers is how many answers with a value are looked into for a lasting way to it, the last ones.
const mostAnswers = 12

// locate finds the answer before a request that a value came from; nil when there is none, or when what is found does not hold in the second
// recording. Without keep it only looks.
func (c *correlator) locate(q *question, keep bool) *Var {
	if len(q.text) < 2 && !(q.differs() && digits(q.text) && digits(q.again)) {
		return nil
	}
	places := c.answers.before(q.text, q.index)
	places = places[:min(len(places), mostAnswers)]
	for _, byText := range []bool{false, true} {
		if byText && (len(q.text) < 2 || c.isTyped(q)) {
			break // by chance, or because a page shows what somebody types
		}
		for _, at := range places {
			from := c.asks[at]
			for _, s := range from.answer.sources(q.text) {
				if (s.Kind == FromMatch || s.Kind == FromURL) != byText || !c.holds(q, from, s) {
					continue
				}
				if !keep {
					return &Var{}
				}
				return c.extract(q, int(at), s)
			}
		}
	}
	return nil
}

// link finds the whole address of a request in the JSON of an earlier answer, where it is not the same in both recordings. It lasts longer than a piece
// of it does: what else is in it, as the day of a post, may be another one tomorrow.
func (c *correlator) link(a *ask) bool {
	if a.twin == nil || a.landing {
		return false
	}
	var differs []*slot
	for _, s := range a.slots {
		if again, compared := a.again(s); s.place == inPath && compared && again != s.text {
			differs = append(differs, s)
		}
	}
	if len(differs) == 0 {
		return false
	}
	q := &question{ask: a, slot: differs[0], name: "link", text: a.address(), again: a.twin.address(), compared: true}
	places := c.answers.before(q.text, q.index)
	for _, at := range places[:min(len(places), mostAnswers)] {
		from := c.asks[at]
		for _, s := range from.answer.sources(q.text) {
			if s.Kind != FromPath || !c.holds(q, from, s) {
				continue
			}
			v := c.extract(q, int(at), s)
			c.facts[v].base = unexported(s.A[strings.LastIndexByte(s.A, '.')+1:])
			for _, d := range differs {
				*d.value = Value{{Var: v}}
			}
			a.call.Link = v
			return true
		}
	}
	return false
}

// address is where a request went, without its query.
func (a *ask) address() string { return a.site() + a.url.Path }

// holds reports whether a way to a value is to be believed.
func (c *correlator) holds(q *question, from *ask, s Source) bool {
	if q.compared {
		if from.twin == nil {
			return false
		}
		got, ok := from.twin.answerOnce().value(s)
		return ok && got == q.again
	}
	if !digits(q.text) || len(q.text) >= 6 {
		return s.Kind != FromMatch || len(q.text) >= 6
	}
	// A short number is in many answers by chance.
	switch s.Kind {
	case FromPath:
		last := s.A[strings.LastIndexByte(s.A, '.')+1:]
		return (from.Method != "GET" || s.Heard) && idName(last)
	case FromQuery, FromURL:
		return from.landing || from.Method != "GET"
	case FromForm:
		return tokenName.MatchString(q.name)
	}
	return false
}

// answerOnce makes the answer at its first use.
func (a *ask) answerOnce() *answer {
	if a.answer == nil {
		a.answer = answerOf(a)
	}
	return a.answer
}

// extract is the variable that keeps what stands there.
func (c *correlator) extract(q *question, at int, s Source) *Var {
	if from := c.asks[at]; from.landing && len(from.hops) == 0 && (s.Kind == FromQuery || s.Kind == FromURL) {
		s.B = "Location" // of the answer before, which led there
		at--
	}
	key := foundAt{at, s}
	if v := c.bySource[key]; v != nil && v.taken == q.text {
		c.facts[v].last = q.index
		return v
	}
	why := "it looks like a token"
	switch {
	case q.differs():
		why = "it differs between the recordings"
	case q.compared:
		why = "it is the same in both recordings, but its name says that it is a token"
	case tokenName.MatchString(q.name):
		why = "its name says that it is a token"
	case c.idLike(q):
		why = "an id that this answer gave"
	case s.Heard && s.Last:
		why = "the site says another one each time"
	}
	v := &Var{Why: q.sends() + "; " + why, From: &s, taken: q.text, again: q.again}
	c.add(v, q, at)
	c.bySource[key] = v
	call := c.asks[at].call
	call.Gets = append(call.Gets, v)
	return v
}

func (c *correlator) add(v *Var, q *question, made int) {
	c.vars = append(c.vars, v)
	name := q.variableName()
	if s := v.From; s != nil && len(name) < 3 && (s.Kind == FromForm || s.Kind == FromPath) {
		if better := unexported(s.A[strings.LastIndexByte(s.A, '.')+1:]); len(better) > len(name) {
			name = better
		}
	}
	c.facts[v] = &fact{base: name, made: made, last: q.index}
}

// sends says what is sent where.
func (q *question) sends() string {
	path := importer.Brief(q.commonPath())
	switch {
	case q.turn > 0:
		m, _ := q.sent()
		return "The message " + kindOf(m) + " to " + path + " sends it as " + q.name
	case q.slot.place == inPath:
		return q.Method + " " + path + " has it in its path"
	case q.slot.place == inHeader && q.slot.where == "header authorization 0":
		return q.Method + " " + path + " logs in with it"
	}
	return q.Method + " " + path + " sends it as " + q.name
}

// commonPath is the path without what is not the same for everybody, as far as that is known, and without the value in question.
func (q *question) commonPath() string {
	of := q.ask
	if q.turn > 0 {
		of = q.talk.turns[0]
	}
	segments := strings.Split(of.url.Path, "/")
	for i := range segments {
		for _, s := range of.slots {
			if s.place != inPath || s.where != "path "+strconv.Itoa(i) {
				continue
			}
			again, compared := of.again(s)
			if _, same := s.value.Constant(); !same || s == q.slot || compared && again != s.text {
				segments[i] = "..."
			}
		}
	}
	return strings.Join(segments, "/")
}

func (q *question) variableName() string {
	name := lastWord(q.name)
	if q.slot.place == inPath || name == "" {
		name = idOf(q.ask, q.slot)
	}
	if name = unexported(name); name == "" {
		return "value"
	}
	return name
}

// idOf names an id by what stands before it in the path: the order of /orders/17.
func idOf(a *ask, s *slot) string {
	before := ""
	for _, o := range a.slots {
		if o == s {
			break
		}
		if o.place == inPath && o.text != "" && !hasDigit(o.text) {
			before = o.text
		}
	}
	if before == "" {
		return "id"
	}
	return singular(before) + "_id"
}

// cookieHeader is the cookie that a header field repeats by its well-known name, where the recording has no cookies.
func (c *correlator) cookieHeader(q *question) Value {
	if q.slot.place != inHeader || importer.Get(q.Header, "Cookie") != "" {
		return nil
	}
	var name string
	switch strings.ToLower(q.name) {
	case "x-xsrf-token":
		name = "XSRF-TOKEN"
	case "x-csrftoken":
		name = "csrftoken"
	default:
		return nil
	}
	return Value{{Cookie: name}}
}

// cookie is the cookie that a value repeats.
func (c *correlator) cookie(q *question) Value {
	if len(q.text) < 8 {
		return nil
	}
	for pair := range strings.SplitSeq(importer.Get(q.Header, "Cookie"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if same(value, q.text) {
			return Value{{Cookie: name}}
		}
	}
	for i := len(c.cookies) - 1; i >= 0; i-- {
		if k := c.cookies[i]; same(k.value, q.text) {
			return Value{{Cookie: k.name}}
		}
	}
	return nil
}

// same reports whether a cookie's value is a text, escaped or not.
func same(cookie, text string) bool {
	if cookie == text {
		return true
	}
	u, err := url.QueryUnescape(cookie)
	return err == nil && u == text
}

// make is a value that the client makes: where it is used, or before when it is used again.
func (c *correlator) make(q *question, made Made, n int) Value {
	if c.times[q.text] < 2 {
		return Value{{Made: made, Length: n}}
	}
	v := &Var{Why: "the browser made it, and sent it more than once", Made: made, Length: n, taken: q.text, again: q.again}
	c.add(v, q, q.index)
	q.call.Makes = append(q.call.Makes, v)
	return Value{{Var: v}}
}

// challenge is the S256 challenge of a verifier that is sent later (PKCE).
func (c *correlator) challenge(q *question) Value {
	if len(q.text) != 43 || !strings.Contains(q.name, "challenge") {
		return nil
	}
	for _, a := range c.asks[q.index:] {
		for _, s := range a.slots {
			if len(s.text) < 43 || challengeOf(s.text) != q.text {
				continue
			}
			again, _ := a.again(s)
			v := &Var{Why: "the browser made it: PKCE's verifier", Made: RandomText, Length: len(s.text), taken: s.text, again: again}
			c.vars = append(c.vars, v)
			c.facts[v] = &fact{base: "verifier", made: q.index, last: q.index}
			q.call.Makes = append(q.call.Makes, v)
			return Value{{Made: Challenge, Var: v}}
		}
	}
	return nil
}
