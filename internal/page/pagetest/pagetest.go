// Package pagetest reads the recorded sites of package page and holds what a loader asks for against them.
package pagetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Case is one small site and what was asked of it.
type Case struct {
	Name, Group, About, Browser, Scripts, Start string

	LatencyMS int `json:"latency_ms"`
	SettleMS  int `json:"settle_ms"`
	Files     map[string]Files
	Visits    []Visit
}

// Files are what an address answers, one after another; the last one repeats.
type Files []File

// UnmarshalJSON takes one file or a list.
func (f *Files) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return strict(b, (*[]File)(f))
	}
	*f = make(Files, 1)
	return strict(b, &(*f)[0])
}

// File is one answer.
type File struct {
	Status  int
	Headers map[string]string
	Body    string
	Base64  []byte
	DelayMS int `json:"delay_ms"`
	Early   []string
}

// Visit is one thing that the visitor did.
type Visit struct {
	Kind, Path, Origin string
	SettleMS           int `json:"settle_ms"`
	Connections        int
	Requests           []Request
	WithScripts        struct{ More, Less []string } `json:"with_scripts"`
}

// Request is one request as it was recorded.
type Request struct {
	Origin, Path, Dest, Mode, Site, From, Kind, Priority, Accept, Referer, Cookie, Range, User, Upgrade string

	Status          int
	OrderGroup      int    `json:"order_group"`
	OriginHeader    string `json:"origin_header"`
	IfNoneMatch     string `json:"if_none_match"`
	IfModifiedSince string `json:"if_modified_since"`
	CacheControl    string `json:"cache_control"`
	SecPurpose      string `json:"sec_purpose"`
	StorageAccess   string `json:"storage_access"`
	Unstable        bool
}

func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// Read reads the cases below a folder.
func Read(t testing.TB, dir string) []*Case {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	var all []*Case
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := new(Case)
		if err := strict(b, c); err != nil {
			t.Fatal(name, err)
		}
		all = append(all, c)
	}
	return all
}

// Row is one request as it is compared.
type Row struct{ Origin, Path, Dest, From string }

func (r Row) String() string { return r.Origin + " " + r.Path + " " + r.Dest + " " + r.From }

// Seen is a request that a loader made.
type Seen struct {
	Row
	Header       func(name string) string // with {{A}} for the origins
	Cookie       string
	Status       int
	Group        int
	LastModified string // of what was asked for
	AnyCookie    bool   // cookies are not compared: which came first is a matter of luck
}

// Compare holds what was seen in a visit against what was recorded, and reports each difference.
func Compare(t testing.TB, at string, v *Visit, got []Seen) (rows, wrong int) {
	t.Helper()
	rest := slices.Clone(got)
	for _, w := range v.Requests {
		if w.From == "cache" {
			continue
		}
		rows++
		row := Row{w.Origin, w.Path, w.Dest, w.From}
		i := slices.IndexFunc(rest, func(g Seen) bool { return g.Row == row && g.Diff(&w) == "" })
		if i < 0 {
			i = slices.IndexFunc(rest, func(g Seen) bool { return g.Row == row })
		}
		switch {
		case i < 0 && w.Unstable:
			continue
		case i < 0:
			t.Errorf("%s: missing %v", at, row)
			wrong++
			continue
		}
		if d := rest[i].Diff(&w); d != "" {
			t.Errorf("%s: %s %s: %s", at, w.Origin, w.Path, d)
			wrong++
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, g := range rest {
		t.Errorf("%s: unexpected %v", at, g.Row)
		wrong++
	}
	return rows, wrong
}

// Diff names the first header field that is not as recorded.
func (g *Seen) Diff(w *Request) string {
	check := func(name, want string) string {
		if have := g.Header(name); have != want {
			return fmt.Sprintf("%s is %q, want %q", name, have, want)
		}
		return ""
	}
	const (
		acceptPage = "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8," +
			"application/signed-exchange;v=b3;q=0.7"
		acceptImage = "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
		acceptStyle = "text/css,*/*;q=0.1"
		acceptAny   = "*/*"
	)
	accept := w.Accept
	if accept == "" {
		switch {
		case w.Mode == "navigate":
			accept = acceptPage
		case w.Dest == "image":
			accept = acceptImage
		case w.Dest == "style":
			accept = acceptStyle
		default:
			accept = acceptAny
		}
	}
	modified := w.IfModifiedSince
	if modified != "" {
		modified = g.LastModified // dates are of the day
	}
	for _, p := range [][2]string{
		{"Sec-Fetch-Mode", w.Mode},
		{"Sec-Fetch-Site", w.Site},
		{"Referer", w.Referer},
		{"Origin", w.OriginHeader},
		{"Range", w.Range},
		{"If-None-Match", w.IfNoneMatch},
		{"If-Modified-Since", modified},
		{"Cache-Control", w.CacheControl},
		{"Sec-Purpose", w.SecPurpose},
		{"Sec-Fetch-User", w.User},
		{"Upgrade-Insecure-Requests", w.Upgrade},
		{"Sec-Fetch-Storage-Access", w.StorageAccess},
		{"Accept", accept},
	} {
		if d := check(p[0], p[1]); d != "" {
			return d
		}
	}
	if a, b := cookieSet(g.Cookie), cookieSet(w.Cookie); a != b && !g.AnyCookie {
		return fmt.Sprintf("Cookie is %q, want %q", a, b)
	}
	if g.Status != w.Status {
		return fmt.Sprintf("status %d, want %d", g.Status, w.Status)
	}
	return ""
}

func cookieSet(s string) string {
	list := strings.Split(s, "; ")
	slices.Sort(list)
	return strings.Join(list, "; ")
}
