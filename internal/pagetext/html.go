package pagetext

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// alarming is a part of the class or id of an element that tells of a mistake, harmless one that does not whatever else it says.
var (
	alarming = regexp.MustCompile(`(?i)(^|[-_ ])(errors?|errornote|errorlist|alert|danger|invalid|flash|failure)($|[-_ ])`)
	harmless = regexp.MustCompile(`(?i)cookie|consent|success|info`)
)

// voids have no end.
var voids = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// silent elements hold no text that a visitor reads.
var silent = []string{"script", "style", "noscript", "template", "svg", "select", "textarea", "iframe", "object"}

// inline elements do not end a line.
var inline = []string{"a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small", "span", "strong", "sub", "sup", "tt", "u"}

// page gathers what a page says.
type page struct {
	open    []string // the elements that are open
	mute    int      // how many of them were open when something silent began; 0 for none
	alertAt int      // the same for what tells of a mistake
	line    strings.Builder

	alert, title, heading string
	lines                 []string
}

// fromHTML is, in this order: what tells of a mistake, the title and the first heading together, the first lines that can be seen.
func fromHTML(text string) []string {
	p := page{}
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.end(0)
			return p.found()
		case html.StartTagToken:
			p.start(z.Token())
		case html.SelfClosingTagToken:
			p.gap(z.Token().Data)
		case html.EndTagToken:
			if i := lastIndex(p.open, z.Token().Data); i >= 0 {
				p.end(i)
			}
		case html.TextToken:
			if p.mute == 0 {
				p.line.Write(z.Text()) // entities are read when the line is whole
			}
		}
	}
}

func lastIndex(open []string, name string) int {
	for i := len(open) - 1; i >= 0; i-- {
		if open[i] == name {
			return i
		}
	}
	return -1
}

func (p *page) start(t html.Token) {
	p.gap(t.Data)
	if slices.Contains(voids, t.Data) {
		return
	}
	const deepest = 500
	if len(p.open) == deepest {
		return
	}
	p.open = append(p.open, t.Data)
	class, unseen := "", slices.Contains(silent, t.Data)
	role := ""
	for _, a := range t.Attr {
		switch a.Key {
		case "class", "id":
			class += " " + a.Val
		case "role":
			role = a.Val
		case "hidden":
			unseen = true
		case "aria-hidden":
			unseen = unseen || a.Val == "true"
		case "style":
			unseen = unseen || strings.Contains(strings.ReplaceAll(a.Val, " ", ""), "display:none")
		}
	}
	if unseen && p.mute == 0 {
		p.mute = len(p.open)
	}
	body := t.Data != "html" && t.Data != "body" // their classes are of the whole page
	if p.alertAt == 0 && p.alert == "" && p.mute == 0 && body && !harmless.MatchString(class) && (role == "alert" || alarming.MatchString(class)) {
		p.breakLine()
		p.alertAt = len(p.open)
	}
}

// gap ends the line before an element that is not part of it.
func (p *page) gap(name string) {
	if !slices.Contains(inline, name) {
		p.breakLine()
	}
}

// end closes the element at i and all in it.
func (p *page) end(i int) {
	for len(p.open) > i {
		if p.gap(p.open[len(p.open)-1]); p.alertAt == len(p.open) {
			p.breakLine()
			p.alertAt = 0
		}
		if p.mute == len(p.open) {
			p.mute = 0
		}
		p.open = p.open[:len(p.open)-1]
	}
	if i == 0 {
		p.breakLine()
	}
}

// breakLine puts the line where it belongs.
func (p *page) breakLine() {
	text := strings.Join(strings.Fields(html.UnescapeString(p.line.String())), " ")
	p.line.Reset()
	if text == "" {
		return
	}
	const most = 20
	switch {
	case slices.Contains(p.open, "title"):
		if p.title == "" {
			p.title = text
		}
		return
	case slices.Contains(p.open, "head"):
		return
	case p.alertAt > 0:
		if len(p.alert) < longest {
			p.alert = strings.TrimSpace(p.alert + " " + text)
		}
	case p.heading == "" && (slices.Contains(p.open, "h1") || slices.Contains(p.open, "h2")):
		p.heading = text
	}
	if len(p.lines) < most {
		p.lines = append(p.lines, text)
	}
}

// found is what was gathered, the most telling first.
func (p *page) found() []string {
	name := p.title
	title, heading := strings.ToLower(p.title), strings.ToLower(p.heading)
	switch {
	case p.heading == "" || strings.Contains(title, heading):
	case p.title == "" || strings.Contains(heading, title):
		name = p.heading
	default:
		name += " - " + p.heading
	}
	return append([]string{p.alert, name}, p.lines...)
}

// fromXML is the texts of elements with a telling name, the most telling first.
func fromXML(text string) []string {
	found := map[string]string{}
	name := ""
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(1 << 20)
	for {
		switch z.Next() {
		case html.ErrorToken:
			var out []string
			for _, t := range tellers {
				if found[t] != "" {
					out = append(out, found[t])
				}
			}
			return out
		case html.StartTagToken:
			name = z.Token().Data
			if _, local, ok := strings.Cut(name, ":"); ok {
				name = local
			}
		case html.EndTagToken:
			name = ""
		case html.TextToken:
			if t := strings.TrimSpace(z.Token().Data); t != "" && name != "" && found[name] == "" {
				found[name] = t
			}
		}
	}
}
