package page

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// A browser loads the pages of a case in virtual time: the answers come from the case, after as many milliseconds as it says.

var origins = map[string]string{"A": "http://127.0.0.1:1111", "B": "http://localhost:1111", "C": "http://127.0.0.1:2222"}

func fill(s string) string {
	return strings.NewReplacer("{{A}}", origins["A"], "{{B}}", origins["B"], "{{C}}", origins["C"]).Replace(s)
}

func unfill(s string) string {
	return strings.NewReplacer(origins["A"], "{{A}}", origins["B"], "{{B}}", origins["C"], "{{C}}").Replace(s)
}

type browser struct {
	c      *pagetest.Case
	set    Settings
	mem    *Memory
	v      *Visitor
	load   Load
	jar    []*jarCookie
	served map[string]int
	now    int64 // ms
	start  time.Time
	log    []pagetest.Seen
	ends   []end
}

type end struct {
	at    int64
	group int
}

type jarCookie struct {
	name, value, host, path string
	cross, strict           bool
}

func newBrowser(c *pagetest.Case, set Settings) *browser {
	b := &browser{c: c, set: set, mem: NewMemory(), served: map[string]int{}, start: time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)}
	b.v = NewVisitor(b.mem)
	b.load.Now = func() int64 { return b.start.Unix() + b.now/1000 }
	b.load.Cookies = func(url string) string { return b.cookies(url, AllCookies) }
	return b
}

// visit does what a visit says and gives the requests that were made.
func (b *browser) visit(v *pagetest.Visit) []pagetest.Seen {
	b.log, b.ends = nil, nil
	origin := v.Origin
	if origin == "" {
		origin = "A"
	}
	url := origins[origin] + v.Path
	nav := Navigation{}
	switch v.Kind {
	case "link":
		nav = Navigation{From: b.v.current, Policy: b.load.Policy()}
	case "reload":
		nav.Reload = true
	case "back":
		b.v.current = url
		return nil
	}
	settle := int64(v.SettleMS)
	for range 6 {
		begun := b.now
		b.run(url, nav)
		to, seconds, ok := b.load.Refresh()
		if !ok || int64(seconds*1000) > settle {
			b.now += max(0, settle-(b.now-begun))
			break
		}
		b.now += int64(seconds * 1000)
		nav = Navigation{From: b.v.current, Policy: b.load.Policy(), Script: true}
		url = to
	}
	b.now += 1000
	return slices.DeleteFunc(b.log, func(g pagetest.Seen) bool { return g.Origin == "" }) // nothing listens there: it was not recorded
}

type flight struct {
	r    *Request
	due  int64
	file pagetest.File
	i    int
}

func (b *browser) run(url string, nav Navigation) {
	b.v.Begin(&b.load, url, b.set, Limits{}, nav)
	var flights []flight
	for {
		for r := b.load.Next(); r != nil; r = b.load.Next() {
			flights = append(flights, b.send(r))
		}
		if len(flights) == 0 {
			return
		}
		sort.SliceStable(flights, func(i, j int) bool { return flights[i].due < flights[j].due })
		b.now = max(b.now, flights[0].due)
		n := sort.Search(len(flights), func(i int) bool { return flights[i].due > b.now })
		for _, f := range flights[:n] {
			b.ends = append(b.ends, end{b.now, b.log[f.i].Group})
			b.answer(f)
		}
		flights = flights[n:]
	}
}

func (b *browser) send(r *Request) flight {
	fields := append(append([]Field{}, r.Fields()...), r.After()...)
	g := pagetest.Seen{Row: pagetest.Row{Dest: r.Kind().Dest(), From: "network"}, Header: func(name string) string {
		for _, f := range fields {
			if f.Name == name {
				return unfill(f.Value)
			}
		}
		return ""
	}}
	for name, o := range origins {
		if o == r.Origin() {
			g.Origin = name
		}
	}
	g.Path = r.URL()[len(r.Origin()):]
	g.Cookie = b.cookies(r.URL(), r.CookieSet())
	if r.Conditional() {
		g.From = "conditional"
	}
	for _, e := range b.ends {
		g.Group = max(g.Group, e.group+1)
	}
	if len(b.log) == 0 {
		g.Group = 0
	}
	f := b.serve(&g)
	b.log = append(b.log, g)
	delay := b.c.LatencyMS
	if f.DelayMS > 0 {
		delay = f.DelayMS
	}
	if g.Origin == "" {
		delay = 1
	}
	return flight{r, b.now + int64(delay), f, len(b.log) - 1}
}

// serve finds what the site answers.
func (b *browser) serve(g *pagetest.Seen) pagetest.File {
	files, ok := b.c.Files[g.Path]
	f := pagetest.File{Status: 404, Headers: map[string]string{"Content-Type": "text/plain"}, Body: "not found"}
	if g.Origin == "" {
		f.Status = 0
		return f
	}
	if ok {
		n := b.served[g.Path]
		b.served[g.Path]++
		f = files[min(n, len(files)-1)]
	}
	headers := map[string]string{}
	for k, v := range f.Headers {
		headers[k] = b.dates(fill(v))
	}
	f.Headers = headers
	g.LastModified = headers["Last-Modified"]
	body := f.Body
	if f.Base64 != nil {
		body = string(f.Base64)
	}
	f.Body = fill(body)
	if f.Status == 200 {
		switch etag, since := g.Header("If-None-Match"), g.Header("If-Modified-Since"); {
		case etag != "" && etag == headers["ETag"], etag == "" && since != "" && since == headers["Last-Modified"]:
			f.Status, f.Body = 304, ""
		case g.Header("Range") != "":
			f.Status = 206
		}
	}
	g.Status = f.Status
	return f
}

func (b *browser) dates(s string) string {
	i := strings.Index(s, "{{date:")
	if i < 0 {
		return s
	}
	end := strings.Index(s, "}}")
	n, _ := strconv.Atoi(s[i+7 : end])
	at := b.start // a date that was served once stays
	return s[:i] + at.Add(time.Duration(n)*time.Second).UTC().Format(http.TimeFormat) + s[end+2:]
}

func (b *browser) answer(f flight) {
	if set := f.file.Headers["Set-Cookie"]; set != "" {
		for _, line := range strings.Split(set, "\n") {
			b.setCookie(line, f.r)
		}
	}
	var h Header
	for k, v := range f.file.Headers {
		for _, one := range strings.Split(v, "\n") {
			h.Set(k, one)
		}
	}
	b.load.Done(f.r, &Answer{Status: f.file.Status, Body: []byte(f.file.Body), Header: &h})
}

func (b *browser) setCookie(line string, r *Request) {
	set := r.CookieSet()
	c, err := http.ParseSetCookie(line)
	if err != nil || set == NoCookies {
		return
	}
	if c.SameSite == http.SameSiteNoneMode && !c.Secure || set == ThirdCookies && c.SameSite != http.SameSiteNoneMode {
		return
	}
	k := &jarCookie{name: c.Name, value: c.Value, host: hostOf(r.Origin()), path: c.Path, cross: c.SameSite == http.SameSiteNoneMode}
	if !strings.HasPrefix(k.path, "/") { // RFC 6265, 5.1.4
		path, _, _ := strings.Cut(r.URL()[len(r.Origin()):], "?")
		if k.path = path[:strings.LastIndexByte(path, '/')]; k.path == "" {
			k.path = "/"
		}
	}
	k.strict = c.SameSite == http.SameSiteStrictMode
	for i, old := range b.jar {
		if old.name == k.name && old.host == k.host && old.path == k.path {
			b.jar = append(b.jar[:i:i], b.jar[i+1:]...)
			break
		}
	}
	if c.MaxAge >= 0 && (c.Expires.IsZero() || c.Expires.After(b.start)) {
		b.jar = append(b.jar, k)
	}
}

func (b *browser) cookies(url string, set Cookies) string {
	a := parseAddress(url)
	path, _, _ := strings.Cut(a.url[a.path:], "?")
	var out []string
	for _, k := range b.jar {
		in := path == k.path || strings.HasPrefix(path, strings.TrimSuffix(k.path, "/")+"/")
		if set == NoCookies || set == ThirdCookies && !k.cross || set == LaxCookies && k.strict || k.host != a.host() || !in {
			continue
		}
		out = append(out, fmt.Sprintf("%s=%s", k.name, k.value))
	}
	return strings.Join(out, "; ")
}
