package flow

import (
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/importer"
)

// correlator finds out what each value of a recording is: extracted from an answer, data that somebody typed, made by the client, or the same for
// everybody. With a second recording of the same flow every finding must hold in both.
type correlator struct {
	asks     []*ask
	answers  *index
	compared bool
	task     *Task
	origins  []string // the hosts of the test, the site's first
	vars     []*Var
	facts    map[*Var]*fact
	bySource map[foundAt]*Var
	columns  map[[2]string]*Column
	typed    map[string]bool // names of fields of forms that people write into
	secrets  map[string]bool // of them those that hide what is written
	times    map[string]int  // how often a value was sent
	cookies  []cookie
	noted    []string
}

// fact is what is known of a variable beside what is written down.
type fact struct {
	base       string // the name that it would like to have
	made, last int    // the request that gives it, the last one that uses it
}

type foundAt struct {
	answer int
	source Source
}

type cookie struct{ name, value string }

func (c *correlator) run() {
	c.facts, c.bySource, c.columns = map[*Var]*fact{}, map[foundAt]*Var{}, map[[2]string]*Column{}
	c.typed, c.secrets, c.times = map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, a := range c.asks {
		for _, s := range a.slots {
			c.times[s.text]++
		}
	}
	c.answers = indexOf(c.asks)
	for i, a := range c.asks {
		a.index = i
		linked := c.link(a)
		for _, s := range a.slots {
			if a.landing && (s.place == inPath || s.place == inQuery) || linked && s.place == inPath {
				continue // the site says where
			}
			again, compared := a.again(s)
			*s.value = c.decide(&question{ask: a, slot: s, name: s.name, text: s.text, again: again, compared: compared})
		}
		c.learn(a)
	}
	c.name()
}

// again is what the slot held in the second recording.
func (a *ask) again(s *slot) (string, bool) {
	if a.twin == nil {
		return "", false
	}
	for _, t := range a.twin.slots {
		if t.where == s.where {
			return t.text, true
		}
	}
	return "", false
}

// learn notes what an answer brings along.
func (c *correlator) learn(a *ask) {
	for _, f := range a.answer.fields() {
		switch f.Type {
		case "hidden", "submit", "button", "image", "reset":
		default:
			c.typed[f.Name] = true
			if f.Type == "password" {
				c.secrets[f.Name] = true
			}
		}
	}
	for _, k := range a.answer.cookies() {
		c.cookies = append(c.cookies, cookie{k.Name, k.Value})
	}
}

// question is a value, or a piece of one, that is to be decided on.
type question struct {
	*ask
	slot     *slot
	name     string
	text     string // in the recording
	again    string // in the second one
	compared bool   // there is a second one
	piece    bool   // of a longer value
}

func (q *question) differs() bool { return q.compared && q.text != q.again }

func constant(text string) Value { return Value{{Text: text}} }

// decide says what a value is made of.
func (c *correlator) decide(q *question) Value {
	if q.text == "" || len(q.text) > 1<<20 {
		return constant(q.text)
	}
	if strings.Contains(q.text, "://") {
		if v := c.known(q); v != nil {
			return Value{{Var: v}}
		}
	}
	for i, o := range c.origins {
		rest, ok := strings.CutPrefix(q.text, o)
		if !ok || rest != "" && rest[0] != '/' && rest[0] != '?' && rest[0] != '#' {
			continue
		}
		inner := *q
		inner.text, inner.piece = rest, true
		inner.again, _ = strings.CutPrefix(q.again, o)
		return append(Value{{Origin: i + 1}}, c.decide(&inner)...)
	}
	if v := c.known(q); v != nil {
		return Value{{Var: v}}
	}
	if k := c.columns[[2]string{q.text, q.again}]; k != nil && len(q.text) >= 3 {
		return Value{{Column: k}}
	}
	if v, ok := c.secret(q); ok {
		return v
	}
	if q.compared {
		return c.compare(q)
	}
	return c.guess(q)
}

// known is a variable that has the value already.
func (c *correlator) known(q *question) *Var {
	short := len(q.text) < 4 && q.slot.place != inPath && !idName(q.name)
	for i := len(c.vars) - 1; i >= 0; i-- {
		v := c.vars[i]
		if short && !akin(c.facts[v].base, q.name) {
			continue
		}
		if v.taken == q.text && (!q.compared || v.again == q.again || v.again == "") {
			if q.compared && !q.differs() && !tokenName.MatchString(q.name) {
				return nil
			}
			c.facts[v].last = q.index
			return v
		}
	}
	return nil
}

// akin reports whether a field may hold what a variable is of: the "cart" of a cartID.
func akin(variable, field string) bool {
	f := strings.ToLower(lastWord(field))
	return len(f) >= 3 && strings.HasPrefix(strings.ToLower(variable), f)
}

// secret takes what logs in out of the program.
func (c *correlator) secret(q *question) (Value, bool) {
	if q.piece {
		return nil, false
	}
	name := lastWord(q.name)
	switch {
	case q.slot.place == inBasic && q.name == "password", (passwordName.MatchString(name) || c.secrets[q.slot.name] && q.slot.place == inForm) && q.slot.place != inHeader && !tokenName.MatchString(name) && !c.admits(q):
		return c.column(q, "Password", "a secret"), true
	case q.slot.place == inHeader && strings.EqualFold(q.name, "cookie"):
		return c.column(q, "Cookie", "the cookies of the copied request"), true
	case q.slot.place == inBasic, loginName.MatchString(name) && q.withPassword():
		as := "Username"
		if mailName.MatchString(name) || strings.Contains(q.text, "@") && mailName.MatchString(q.name) {
			as = "Email"
		}
		return c.column(q, as, "who logs in"), true
	case cardName.MatchString(name) && q.slot.place != inPath, slices.Contains(q.Secrets, q.slot.name) && q.slot.place != inPath:
		return c.column(q, exported(name), "a secret"), true
	case keyName.MatchString(q.name) && !q.differs() && (q.slot.place == inHeader || len(q.text) >= 12) && c.locate(q, false) == nil:
		return c.column(q, exported(name), "a secret"), true
	}
	return nil, false
}

// admits reports whether what is called like a password is what the site gave somebody to be let in by: the pass of a waiting room.
func (c *correlator) admits(q *question) bool {
	return (q.slot.place == inQuery || q.slot.place == inPath || q.talk != nil) && random(q.text) && c.locate(q, false) != nil
}

// withPassword reports whether the request holds a password too.
func (q *question) withPassword() bool {
	for _, s := range q.slots {
		if passwordName.MatchString(lastWord(s.name)) && s.text != "" {
			return true
		}
	}
	return false
}

// column is the field of the visitors' rows for a value.
func (c *correlator) column(q *question, name, why string) Value {
	key := [2]string{q.text, q.again}
	if k := c.columns[key]; k != nil {
		return Value{{Column: k}}
	}
	if name == "" {
		name = "Value"
	}
	taken := func(n string) bool {
		for _, k := range c.task.Columns {
			if k.Name == n {
				return true
			}
		}
		return false
	}
	for n, base := 2, name; taken(name); n++ {
		name = numbered(base, n)
	}
	k := &Column{Name: name, Why: why, task: c.task}
	c.columns[key] = k
	c.task.Columns = append(c.task.Columns, k)
	if len(c.task.Rows) == 0 {
		c.task.Rows = [][]string{nil}
		if c.compared {
			c.task.Rows = append(c.task.Rows, nil)
		}
	}
	c.task.Rows[0] = append(c.task.Rows[0], q.text)
	if c.compared {
		again := q.again
		if !q.compared {
			again = q.text
		}
		c.task.Rows[1] = append(c.task.Rows[1], again)
	}
	return Value{{Column: k}}
}

// isTyped reports whether a value is that of a field into which people write.
func (c *correlator) isTyped(q *question) bool {
	return q.slot.place == inForm && c.typed[q.slot.name] && !tokenName.MatchString(q.slot.name)
}

// plainWord reports whether a value is a word that somebody chose when he wrote the site, and no token, whatever its field is called.
func plainWord(s string) bool {
	return len(s) < 12 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz") == ""
}

// compare decides on a value by two recordings.
func (c *correlator) compare(q *question) Value {
	if !q.differs() {
		if tokenName.MatchString(q.name) && len(q.text) >= 4 && !plainWord(q.text) {
			if v := c.locate(q, true); v != nil {
				return Value{{Var: v}}
			}
		}
		return constant(q.text)
	}
	if v := c.locate(q, true); v != nil {
		return Value{{Var: v}}
	}
	if v := c.cookie(q); v != nil {
		return v
	}
	typed := c.isTyped(q)
	if made, n := clientMade(q.text, q.Start); made != NotMade && !typed {
		return c.make(q, made, n)
	}
	if v := c.split(q); v != nil && !typed {
		return v
	}
	if v := c.challenge(q); v != nil {
		return v
	}
	made, n := randomLike(q.text)
	if other, _ := randomLike(q.again); made != NotMade && other != NotMade && !typed {
		return c.make(q, made, n)
	}
	return c.column(q, exported(lastWord(q.columnName())), "differs between the recordings and was in no answer before: somebody typed it")
}

// columnName is what a value without a name of its own may be called.
func (q *question) columnName() string {
	if q.name != "" {
		return q.name
	}
	return idOf(q.ask, q.slot)
}

// guess decides on a value by one recording.
func (c *correlator) guess(q *question) Value {
	token := tokenName.MatchString(q.name) && len(q.text) >= 4 && !strings.Contains(q.text, " ") && !plainWord(q.text)
	if token || random(q.text) || c.idLike(q) {
		if v := c.cookieHeader(q); v != nil {
			return v
		}
		if v := c.locate(q, true); v != nil {
			return Value{{Var: v}}
		}
		if v := c.cookie(q); v != nil {
			return v
		}
	}
	if v := c.live(q); v != nil {
		return Value{{Var: v}}
	}
	if v := c.challenge(q); v != nil {
		return v
	}
	if made, n := clientMade(q.text, q.Start); made != NotMade && (q.slot.place != inPath || !q.Start.IsZero()) {
		return c.make(q, made, n)
	}
	if made, n := randomLike(q.text); made != NotMade && q.toAuthorize() {
		return c.make(q, made, n)
	}
	if v := c.split(q); v != nil {
		return v
	}
	if q.piece || !token && !(random(q.text) && len(q.text) >= 16 && q.slot.place != inPath) || c.inConstantPlace(q) {
		return constant(q.text)
	}
	c.noted = append(c.noted, q.unfound())
	return c.column(q, exported(lastWord(q.columnName())), "looks like a token, and was in no answer before")
}

// toAuthorize reports whether a value is one that a client makes when it sends somebody to a log-in of OAuth.
func (q *question) toAuthorize() bool {
	if q.name != "state" && q.name != "nonce" || q.slot.place != inQuery {
		return false
	}
	for _, s := range q.slots {
		if s.name == "response_type" {
			return true
		}
	}
	return false
}

// inConstantPlace reports whether a value that looks like a token is the same for everybody all the same: the id of an application, a version.
func (c *correlator) inConstantPlace(q *question) bool {
	n := strings.ToLower(lastWord(q.name))
	return n == "client_id" || n == "clientid" || n == "v" || n == "ver" || n == "version" || n == "code_challenge_method" || n == "response_type" || n == "grant_type" || n == "query" || n == "sha256hash"
}

// unfound says what could not be found.
func (q *question) unfound() string {
	where := q.name
	if where == "" {
		where = "a part of its path"
	}
	if m, ok := q.sent(); ok && q.turn > 0 {
		if q.name == "" {
			where = "something"
		}
		return "the message " + kindOf(m) + " to " + importer.Brief(q.commonPath()) + " sends " + where + ", which looks like a token and was in no answer before"
	}
	return q.Method + " " + importer.Brief(q.commonPath()) + " sends " + where + ", which looks like a token and was in no answer before"
}

// idLike reports whether a value may be an id that an answer gave.
func (c *correlator) idLike(q *question) bool {
	if q.slot.place == inPath || idName(q.name) {
		return digits(q.text) || uuidText.MatchString(q.text) || hasDigit(q.text) && len(q.text) >= 8
	}
	return false
}

func idName(name string) bool {
	n := strings.ToLower(lastWord(name))
	return n == "id" || strings.HasSuffix(n, "_id") || strings.HasSuffix(lastWord(name), "Id") || strings.HasSuffix(n, "uuid") || n == "post" || n == "p" || n == "key"
}
