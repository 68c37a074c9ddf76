package page

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

// The cases in testdata are small sites with every request that Chromium made for them: testdata/README.md says how they were recorded.

type siteCase struct {
	Name, Group, About, Browser, Scripts, Start string

	LatencyMS int `json:"latency_ms"`
	SettleMS  int `json:"settle_ms"`
	Files     map[string]caseFiles
	Visits    []caseVisit
}

type caseFiles []caseFile

func (f *caseFiles) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		return strict(b, (*[]caseFile)(f))
	}
	*f = make(caseFiles, 1)
	return strict(b, &(*f)[0])
}

type caseFile struct {
	Status  int
	Headers map[string]string
	Body    string
	Base64  []byte
	DelayMS int `json:"delay_ms"`
	Early   []string
}

type caseVisit struct {
	Kind, Path, Origin string
	SettleMS           int `json:"settle_ms"`
	Connections        int
	Requests           []caseRequest
	WithScripts        struct{ More, Less []string } `json:"with_scripts"`
}

type caseRequest struct {
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

func readCases(t testing.TB) []*siteCase {
	t.Helper()
	names, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	var all []*siteCase
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := new(siteCase)
		if err := strict(b, c); err != nil {
			t.Fatal(name, err)
		}
		all = append(all, c)
	}
	return all
}

// row is one request as it is compared.
type row struct{ origin, path, dest, from string }

func (r row) String() string { return r.origin + " " + r.path + " " + r.dest + " " + r.from }

// wavesDiffer are the cases whose recorded waves are not those of six connections to the millisecond, with the reason.
var wavesDiffer = map[string]string{
	"conn-sandbox":     "the frame's answer and the next image on its connection fell into one moment of the recording",
	"conn-two-origins": "the last images of the other origin came in the moment in which its first ones ended",
}

// TestCases loads the recorded sites in virtual time, with scripts off as they were recorded, and holds every request against Chromium's.
func TestCases(t *testing.T) {
	rows, wrong := 0, 0
	for _, c := range readCases(t) {
		if c.Group == "quirk" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			b := newBrowser(c, Settings{NoScript: true, Icons: true})
			for i, v := range c.Visits {
				got := b.visit(&v)
				n, bad := compareVisit(t, fmt.Sprintf("visit %d %s %s", i, v.Kind, v.Path), c, &v, got)
				rows += n
				wrong += bad
			}
		})
	}
	t.Logf("%d of %d rows differ", wrong, rows)
}

func compareVisit(t *testing.T, at string, c *siteCase, v *caseVisit, got []seenRequest) (rows, wrong int) {
	t.Helper()
	rest := slices.Clone(got)
	var missing []caseRequest
	for _, w := range v.Requests {
		if w.From == "cache" {
			continue
		}
		rows++
		i := slices.IndexFunc(rest, func(g seenRequest) bool {
			return g.row() == (row{w.Origin, w.Path, w.Dest, w.From}) && g.diff(&w) == ""
		})
		if i < 0 {
			i = slices.IndexFunc(rest, func(g seenRequest) bool { return g.row() == (row{w.Origin, w.Path, w.Dest, w.From}) })
		}
		if i < 0 {
			if !w.Unstable {
				missing = append(missing, w)
			}
			continue
		}
		if d := rest[i].diff(&w); d != "" {
			t.Errorf("%s: %s %s: %s", at, w.Origin, w.Path, d)
			wrong++
		}
		rest = slices.Delete(rest, i, i+1)
	}
	for _, w := range missing {
		t.Errorf("%s: missing %v", at, row{w.Origin, w.Path, w.Dest, w.From})
		wrong++
	}
	for _, g := range rest {
		t.Errorf("%s: unexpected %v", at, g.row())
		wrong++
	}
	if strings.HasPrefix(c.Name, "order-") || strings.HasPrefix(c.Name, "conn-") || strings.HasPrefix(c.Name, "iframe-same-") {
		want, have := groups(v.Requests), seenGroups(got)
		if why := wavesDiffer[c.Name]; want == have && why != "" {
			t.Errorf("%s: the waves are as recorded; take it from the list", at)
		} else if want != have && why == "" {
			t.Errorf("%s: groups %s, want %s", at, have, want)
		}
	}
	return rows, wrong
}

// groups is how many requests each origin got in each wave.
func groups(list []caseRequest) string {
	n := map[string]int{}
	for _, r := range list {
		if r.From != "cache" {
			n[fmt.Sprintf("%d:%s", r.OrderGroup, r.Origin)]++
		}
	}
	return fmt.Sprint(n)
}

func seenGroups(list []seenRequest) string {
	n := map[string]int{}
	for _, r := range list {
		n[fmt.Sprintf("%d:%s", r.group, r.origin)]++
	}
	return fmt.Sprint(n)
}

// diff names the first header field that is not as recorded.
func (g *seenRequest) diff(w *caseRequest) string {
	check := func(name, want string) string {
		if have := g.header(name); have != want {
			return fmt.Sprintf("%s is %q, want %q", name, have, want)
		}
		return ""
	}
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
		modified = g.lastModified // dates are of the day
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
	if a, b := cookieSet(g.cookie), cookieSet(w.Cookie); a != b {
		return fmt.Sprintf("Cookie is %q, want %q", a, b)
	}
	if g.status != w.Status {
		return fmt.Sprintf("status %d, want %d", g.status, w.Status)
	}
	return ""
}

func cookieSet(s string) string {
	list := strings.Split(s, "; ")
	slices.Sort(list)
	return strings.Join(list, "; ")
}
