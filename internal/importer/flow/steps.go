package flow

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
)

// steps groups the requests of a recording by pages, and by what was clicked on them.
func (m *maker) steps(t *Task, all []*ask) {
	var step *Step
	var pauses []time.Duration
	for i := 0; i < len(all); i++ {
		a := all[i]
		if a.talk != nil {
			n := i + 1
			for n < len(all) && all[n].talk == a.talk {
				n++
			}
			m.talk(t, all[i:n])
			i = n - 1
			continue
		}
		if a.begins {
			if a.gap > 0 {
				pauses = append(pauses, a.gap)
			}
			step = &Step{}
			m.called(step, a)
			t.Steps = append(t.Steps, step)
		}
		a.call.name(a, step)
		step.Calls = append(step.Calls, a.call)
	}
	m.lastly(t)
	t.Low, t.High = thinking(pauses)
	if t.High == 0 {
		t.Low, t.High = time.Second, 5*time.Second
		if len(t.Steps) > 1 {
			m.test.Notes = append(m.test.Notes, "the recording has no pauses as people make them: visitors wait 1 to 5 s between steps.")
		}
	}
}

// alone makes a task of each request.
func (m *maker) alone(t *Task, all []*ask) {
	for _, a := range all {
		one := &Task{Weight: 1, Alone: true, Doc: t.Doc, Columns: t.Columns, Rows: t.Rows, Low: time.Second, High: 5 * time.Second}
		step := &Step{}
		m.called(step, a)
		a.call.name(a, step)
		step.Calls = []*Call{a.call}
		one.Name, one.Steps = step.Name, []*Step{step}
		m.test.Tasks = append(m.test.Tasks, one)
	}
}

// thinking is the range of the pauses, without the tenth at each end.
func thinking(pauses []time.Duration) (low, high time.Duration) {
	if len(pauses) == 0 {
		return 0, 0
	}
	slices.Sort(pauses)
	low, high = pauses[len(pauses)/10], pauses[len(pauses)-1-len(pauses)/10]
	if high < 200*time.Millisecond {
		return 0, 0
	}
	if low*10 > high*9 { // one pause, or all the same
		low, high = low/2, high*3/2
	}
	return rounded(low), max(rounded(high), rounded(low)+100*time.Millisecond)
}

func rounded(d time.Duration) time.Duration {
	switch {
	case d > 10*time.Second:
		return d.Round(time.Second)
	case d > 2*time.Second:
		return d.Round(500 * time.Millisecond)
	}
	return max(d.Round(100*time.Millisecond), 100*time.Millisecond)
}

// taken are the methods that every visitor has.
var taken = []string{
	"Begin", "Cleanup", "ClearCache", "ClearCookies", "Cookies", "Delete", "Dial", "DialTLS", "Do", "Follow", "Get", "Head", "Host", "HTTPUser", "Log", "Measure", "Number", "Options", "Page", "Patch", "Pause", "Post", "Put", "Rand",
	"Record", "Sample", "SetCookies", "SetHeader", "Share", "Step", "StopRun", "TLS", "Together", "Upgrade", "User", "Events",
}

// called names a step after its first request.
func (m *maker) called(s *Step, a *ask) {
	name := a.Name
	if name == "" && a.Kind != importer.Document && !a.call.Page {
		name = a.Clicked // a page is better called after what it shows
	}
	if name == "" || exported(name) == "" {
		name = spoken(a.words())
	} else {
		name = spoken(words(name))
	}
	method := exported(name)
	if method == "" {
		name, method = "Visit", "Visit"
	}
	if slices.Contains(taken, method) {
		name, method = name+" Page", method+"Page"
	}
	for base, title := method, name; m.names[method]; {
		n := max(2, m.numbers[base])
		name, method = fmt.Sprintf("%s %d", title, n), numbered(base, n)
		m.numbers[base] = n + 1
	}
	m.names[method] = true
	s.Name, s.Method = name, method
	s.Doc = strings.TrimSpace(verb(a) + " " + a.shownPath())
}

// shownPath is the path with names in the place of what is not the same for everybody.
func (a *ask) shownPath() string {
	if a.turn > 0 {
		return a.talk.turns[0].shownPath()
	}
	if _, same := a.call.Path.Constant(); same || a.landing {
		return a.url.Path
	}
	return a.call.Path.placeholders()
}

// placeholders is a value with names in the place of what is not constant.
func (v Value) placeholders() string {
	var b strings.Builder
	for _, p := range v {
		switch {
		case p.Var != nil:
			b.WriteString("{" + p.Var.Name + "}")
		case p.Column != nil:
			b.WriteString("{" + unexported(p.Column.Name) + "}")
		case p.Text != "":
			b.WriteString(p.Text)
		default:
			b.WriteString("{...}")
		}
	}
	return b.String()
}

// differing is the words for the last part of the path that is not the same for everybody; nil for none.
func (a *ask) differing() (all []string) {
	for _, s := range a.slots {
		if s.place != inPath {
			continue
		}
		if again, compared := a.again(s); compared && again != s.text {
			all = []string{"chosen"}
		}
		for _, p := range *s.value {
			if p.Var != nil {
				all = words(p.Var.Name)
			}
		}
	}
	return all
}

func verb(a *ask) string {
	switch {
	case a.call.Page:
		return "opens"
	case a.Stream:
		return "listens to the events of"
	case a.turn > 0:
		return "goes on to talk over the WebSocket to"
	case a.Kind == importer.Socket:
		return "talks over a WebSocket to"
	case a.Method == "GET":
		return "asks for"
	case a.Kind == importer.Document:
		return "sends the form of"
	}
	return "sends a " + a.Method + " to"
}

// words are those for what a request does.
func (a *ask) words() []string {
	sent := map[string]int{}
	for _, s := range a.slots {
		if s.place != inHeader && s.place != inPath && passwordName.MatchString(lastWord(s.name)) && !tokenName.MatchString(s.name) {
			sent["password"]++
		}
	}
	about := strings.ToLower(a.url.Path + " " + a.url.Query)
	has := func(list ...string) bool {
		return slices.ContainsFunc(list, func(w string) bool { return strings.Contains(about, w) })
	}
	form := a.Method == "POST" && sent["password"] > 0
	switch {
	case has("logout", "signout", "log-out", "sign-out", "log_out", "logoff"):
		return []string{"log", "out"}
	case form && has("register", "signup", "sign-up", "sign_up", "join"):
		return []string{"sign", "up"}
	case form:
		return []string{"log", "in"}
	}
	name := a.pathWords()
	if op := a.operation(); op != "" {
		return words(op)
	}
	switch {
	case a.call.Page:
		if slices.ContainsFunc(a.answer.fields(), func(f pageField) bool { return f.Type == "password" }) && has("login", "signin", "sign_in", "sign-in", "log-in", "session", "auth") {
			return []string{"log", "in", "page"}
		}
		return name
	case a.Stream:
		return append([]string{"listen", "to"}, name...)
	case a.Kind == importer.Socket:
		return append([]string{"talk", "to"}, name...)
	case a.Kind == importer.Document:
		if slices.ContainsFunc(name, isVerb) {
			return name
		}
		return append([]string{"submit"}, name...)
	}
	return append([]string{strings.ToLower(a.Method)}, name...)
}

// operation is what a GraphQL request, or one of WordPress' scripts, calls itself.
func (a *ask) operation() string {
	for _, s := range a.slots {
		if s.name == "operationName" && (s.where == "json.operationName" || s.place == inQuery) || s.name == "action" && strings.HasSuffix(a.url.Path, "admin-ajax.php") {
			return s.text
		}
	}
	return ""
}

func isVerb(w string) bool {
	return slices.Contains([]string{"post", "create", "add", "save", "submit", "update", "delete", "edit", "new", "remove", "search", "buy", "order", "checkout", "confirm", "token"}, w)
}

// pathWords are those of the last part of a path that is no id.
func (a *ask) pathWords() []string {
	segments := strings.Split(strings.Trim(a.url.Path, "/"), "/")
	for _, s := range a.slots {
		if _, same := s.value.Constant(); s.place == inPath {
			if again, compared := a.again(s); !same || compared && again != s.text { // what differs names nothing
				for i := range segments {
					if segments[i] == s.text {
						segments[i] = ""
					}
				}
			}
		}
	}
	for i := len(segments) - 1; i >= 0; i-- {
		s := segments[i]
		if ext := path.Ext(s); len(ext) > 1 && len(ext) <= 5 {
			s = strings.TrimSuffix(s, ext)
		}
		if s == "" || s == "index" || s == "default" || digits(s) || random(s) || uuidText.MatchString(s) {
			continue
		}
		if w := words(s); exported(s) != "" {
			if i < len(segments)-1 && segments[len(segments)-1] != "" && !strings.HasPrefix(segments[len(segments)-1], "index") {
				w[len(w)-1] = singular(w[len(w)-1])
			}
			return w
		}
	}
	if d := a.differing(); d != nil {
		return append(d, "page")
	}
	return []string{"home"}
}

// name is what the request is called in tables. The first page of a step is called as the step is.
func (c *Call) name(a *ask, s *Step) {
	switch {
	case c.Landing:
		c.Name = spoken(a.pathWords())
		if c.Name == s.Name {
			c.Name += " Page"
		}
	case a.Name != "" && len(s.Calls) > 0 && exported(a.Name) != "":
		c.Name = spoken(words(a.Name))
	case c.Page || a.Kind == importer.Document || a.Name != "":
		c.Name = s.Name
	default:
		if op := a.operation(); op != "" {
			c.Name = op
			return
		}
		if _, same := c.Path.Constant(); same {
			return
		}
		c.Name = c.Path.placeholders()
	}
}
