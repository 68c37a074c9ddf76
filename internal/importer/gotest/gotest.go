// Package gotest writes a test, as package flow found it, in Go: as a person would have, with a method for each page.
package gotest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"go/format"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer/flow"
)

// Files are the files of the test: main.go, the rows of its data, bodies, README.md. name is that of the module. They are the same for the same
// test, to the byte.
func Files(t *flow.Test, name string) (map[string][]byte, error) {
	w := &writer{test: t, imports: map[string]bool{"context": true, module: true, module + "/launch": true}, needs: map[string]bool{}}
	w.feeders()
	var steps bytes.Buffer
	w.out = &steps
	w.visitor()
	w.main()
	w.need()
	source, err := format.Source(w.file(name, steps.String()))
	if err != nil {
		return nil, fmt.Errorf("the test that was written is no Go: %w", err)
	}
	files := map[string][]byte{"main.go": source, "README.md": w.readme(name)}
	var ignored []string
	for _, f := range w.fed {
		var b bytes.Buffer
		c := csv.NewWriter(&b)
		_ = c.Write(f.columns)      // to memory
		_ = c.WriteAll(f.task.Rows) // to memory
		files[f.file] = b.Bytes()
		ignored = append(ignored, f.file)
	}
	if len(ignored) > 0 {
		files[".gitignore"] = []byte("# They hold what was recorded: names and passwords.\n" + strings.Join(ignored, "\n") + "\n")
	}
	for _, f := range t.Files {
		files["bodies/"+f.Name] = f.Data
	}
	return files, nil
}

const module = "github.com/stampede-load/stampede"

// feed is the data of one task.
type feed struct {
	task                  *flow.Task
	typ, variable, member string // in Go: the type of a row, the feeder, the visitor's field
	file                  string
	columns               []string
}

type writer struct {
	test    *flow.Test
	out     *bytes.Buffer
	imports map[string]bool
	needs   map[string]bool // functions at the end of the file
	fed     []*feed
	res     []expression
}

// expression is a regular expression of the test.
type expression struct{ name, text string }

// feeders names what each task draws from. Tasks that share their columns share the feeder.
func (w *writer) feeders() {
	single := 0
	for _, t := range w.test.Tasks {
		if len(t.Columns) > 0 && w.feedOf(t) == nil {
			single++
			f := &feed{task: t, typ: "Account", variable: "accounts", member: "account", file: "accounts.csv"}
			if single > 1 {
				n := strconv.Itoa(single)
				f.typ, f.variable, f.member, f.file = "Account"+n, "accounts"+n, "account"+n, "accounts"+n+".csv"
			}
			for _, c := range t.Columns {
				f.columns = append(f.columns, c.Name)
			}
			w.fed = append(w.fed, f)
		}
	}
}

// feedOf is what a task draws from; nil when it needs no data.
func (w *writer) feedOf(t *flow.Task) *feed {
	for _, f := range w.fed {
		if len(t.Columns) > 0 && &t.Columns[0] == &f.task.Columns[0] {
			return f
		}
	}
	return nil
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(w.out, format, args...) }

// oneLine is a text that cannot end a comment: names in recordings are whatever somebody has sent.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// comment writes lines of a comment.
func (w *writer) comment(indent, text string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+len(word) > 130 {
			w.printf("%s// %s\n", indent, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	w.printf("%s// %s\n", indent, line)
}

// file puts the head before the steps, once it is known what they need.
func (w *writer) file(name, steps string) []byte {
	var b bytes.Buffer
	w.out = &b
	w.comment("", fmt.Sprintf("Command %s is a load test of %s, made from what was recorded: see README.md for what is in it and what is not.", name, w.test.Site))
	w.printf("//\n//\tgo run . check                    each step once, with every request and answer\n//\tgo run . run -u 50 -r 5 -t 1m     50 visitors, 5 more each second, for a minute\npackage main\n\n")
	if len(w.fed)+len(w.test.Files) > 0 {
		w.imports["embed"] = true
	}
	w.printf("import (\n")
	for _, std := range []bool{true, false} {
		for _, i := range []string{"context", "crypto/sha256", "embed", "encoding/base64", "encoding/json", "errors", "fmt", "math/rand/v2", "net/url", "regexp", "strconv", "strings", "time", module, module + "/launch", module + "/websocket"} {
			if w.imports[i] && std != strings.Contains(i, ".") {
				w.printf("\t%q\n", i)
			}
		}
		w.printf("\n")
	}
	w.printf(")\n\n")
	w.hosts()
	if len(w.fed)+len(w.test.Files) > 0 {
		w.printf("//go:embed")
		for _, f := range w.fed {
			w.printf(" %s", f.file)
		}
		if len(w.test.Files) > 0 {
			w.printf(" bodies")
		}
		w.printf("\nvar files embed.FS\n\n")
	}
	for _, f := range w.fed {
		w.row(f)
	}
	if len(w.res) > 0 {
		w.printf("// What is looked for in answers.\nvar (\n")
		for _, e := range w.res {
			w.printf("\t%s = regexp.MustCompile(%s)\n", e.name, quoted(e.text))
		}
		w.printf(")\n\n")
	}
	b.WriteString(steps)
	w.functions()
	return b.Bytes()
}

// hosts writes the hosts, in one place.
func (w *writer) hosts() {
	if len(w.test.Others) == 0 {
		w.printf("// site is where the visitors go; --host overrides it.\nconst site = %q\n\n", w.test.Site)
		return
	}
	w.printf("// The hosts of the site. --host takes the place of the first one.\nconst (\n\tsite = %q\n", w.test.Site)
	for i, o := range w.test.Others {
		w.printf("\t%s = %q\n", otherHost(i), o)
	}
	w.printf(")\n\n")
}

func otherHost(i int) string {
	if i == 0 {
		return "otherSite"
	}
	return fmt.Sprintf("otherSite%d", i+1)
}

// row writes the type of the rows of a feeder, and the feeder.
func (w *writer) row(f *feed) {
	w.printf("// %s is a row of %s: what differs from visitor to visitor, and secrets. Add rows of your own; the recorded ones come first.\ntype %s struct {\n", f.typ, f.file, f.typ)
	for _, c := range f.task.Columns {
		w.printf("\t%s string // %s\n", c.Name, oneLine(c.Why))
	}
	w.printf("}\n\nvar %s = stampede.Must(stampede.CSV[%s](files, %q))\n\n", f.variable, f.typ, f.file)
}

// visitor writes the type and its methods.
func (w *writer) visitor() {
	w.printf("// Visitor is one of them, with cookies and connections of its own.\ntype Visitor struct {\n\tstampede.HTTPUser\n")
	for _, f := range w.fed {
		w.printf("\t%s %s\n", f.member, f.typ)
	}
	seen := map[string]bool{}
	for _, t := range w.test.Tasks {
		for _, s := range t.Steps {
			for _, c := range s.Calls {
				w.member(c)
				for _, v := range append(c.Gets[:len(c.Gets):len(c.Gets)], c.Makes...) {
					if !seen[v.Name] {
						seen[v.Name] = true
						w.printf("\t%s string\n", v.Name)
					}
				}
			}
		}
	}
	w.printf("}\n\n")
	for i, t := range w.test.Tasks {
		if !t.Alone {
			w.begin(t, i)
		}
		for _, s := range t.Steps {
			w.step(t, s)
		}
	}
}

func (w *writer) beginName(i int) string {
	if i == 0 {
		return "Begin"
	}
	return fmt.Sprintf("Begin%d", i+1)
}

// begin writes what makes somebody else of a visitor.
func (w *writer) begin(t *flow.Task, i int) {
	name := w.beginName(i)
	w.printf("// %s lets the visitor start over as somebody else", name)
	f := w.feedOf(t)
	if f != nil {
		w.printf(", with another row of %s. To give each visitor a row that nobody else has, use Take", f.file)
	}
	w.printf(".\nfunc (v *Visitor) %s(context.Context) error {\n\tv.ClearCookies()\n\tv.ClearCache()\n", name)
	if f != nil {
		w.printf("\tv.%s = %s.Pick(v.Rand())\n", f.member, f.variable)
	}
	for _, s := range t.Steps {
		for _, c := range s.Calls {
			if c.Socket != nil && c.Socket.Member != "" {
				w.printf("\tif v.%[1]s != nil {\n\t\tv.%[1]s.Close() // of a flow that was left\n\t\tv.%[1]s = nil\n\t}\n", c.Socket.Member)
			}
		}
	}
	w.printf("\treturn nil\n}\n\n")
}

// member is the visitor's field for a socket that several steps need.
func (w *writer) member(c *flow.Call) {
	if c.Socket == nil || c.Socket.Member == "" {
		return
	}
	typ := "*websocket.Conn"
	if c.Socket.Stream {
		typ = "*stampede.EventStream"
	}
	w.printf("\t%s %s // open from one step to another\n", c.Socket.Member, typ)
}

// main writes the test itself.
func (w *writer) main() {
	w.printf("func main() {\n\tlaunch.Main(stampede.Test{\n\t\tName: %q,\n\t\tHost: site,\n", w.test.Name)
	w.printf("\t\tUsers: []stampede.UserType{\n\t\t\tstampede.Users(stampede.Spec[Visitor]{\n")
	low, high := time.Second, 5*time.Second
	if len(w.test.Tasks) > 0 {
		low, high = w.test.Tasks[0].Low, w.test.Tasks[0].High
	}
	w.printf("\t\t\t\tWait: %s,\n\t\t\t\tTasks: []stampede.Task[Visitor]{\n", w.between(low, high))
	for i, t := range w.test.Tasks {
		if t.Alone {
			w.printf("\t\t\t\t\t{Weight: %s, Do: (*Visitor).%s},\n", number(t.Weight), t.Steps[0].Method)
			continue
		}
		w.printf("\t\t\t\t\t{Name: %q, Weight: %s, Set: &stampede.Set[Visitor]{ // %s\n", t.Name, number(t.Weight), oneLine(t.Doc))
		w.printf("\t\t\t\t\t\tOrder: stampede.Once,\n")
		if t.Low != low || t.High != high {
			w.needs["wait"] = true
			w.printf("\t\t\t\t\t\tWait: wait(%s, %s),\n", w.duration(t.Low), w.duration(t.High))
		}
		w.printf("\t\t\t\t\t\tOnStart: (*Visitor).%s,\n\t\t\t\t\t\tTasks: []stampede.Task[Visitor]{\n", w.beginName(i))
		for _, s := range t.Steps {
			w.printf("\t\t\t\t\t\t\t{Do: (*Visitor).%s},\n", s.Method)
		}
		w.printf("\t\t\t\t\t\t},\n\t\t\t\t\t}},\n")
	}
	w.printf("\t\t\t\t},\n\t\t\t}),\n\t\t},\n")
	if len(w.test.Others) > 0 {
		w.printf("\t\tBefore: func(_ context.Context, plan *stampede.Plan) error {\n\t\t\tplan.HTTP.AllowHosts = append(plan.HTTP.AllowHosts")
		for _, o := range w.test.Others {
			if u, err := url.Parse(o); err == nil {
				w.printf(", %q", u.Host)
			}
		}
		w.printf(")\n\t\t\treturn nil\n\t\t},\n")
	}
	w.printf("\t})\n}\n")
}

func (w *writer) between(low, high time.Duration) string {
	return fmt.Sprintf("stampede.Between(%s, %s)", w.duration(low), w.duration(high))
}

// duration is a time as Go writes it.
func (w *writer) duration(d time.Duration) string {
	w.imports["time"] = true
	switch {
	case d%time.Second == 0:
		return fmt.Sprintf("%d*time.Second", d/time.Second)
	case d%time.Millisecond == 0:
		return fmt.Sprintf("%d*time.Millisecond", d/time.Millisecond)
	}
	return fmt.Sprintf("%d*time.Nanosecond", d)
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// quoted is a text in quotes of Go: raw ones where that reads better.
func quoted(s string) string {
	if strings.ContainsAny(s, "\"\\") && !strings.ContainsAny(s, "`\r") && strconv.CanBackquote(strings.ReplaceAll(strings.ReplaceAll(s, "\n", ""), "\t", "")) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}
