package page

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// The cases in testdata are small sites with every request that Chromium made for them: testdata/README.md says how they were recorded.
const caseDir = "testdata/cases"

// wavesDiffer are the cases whose recorded waves are not those of six connections to the millisecond, with the reason.
var wavesDiffer = map[string]string{
	"conn-sandbox":     "the frame's answer and the next image on its connection fell into one moment of the recording",
	"conn-two-origins": "the last images of the other origin came in the moment in which its first ones ended",
}

// TestCases loads the recorded sites in virtual time, with scripts off unless they were recorded with scripts on, and holds every request against Chromium's.
func TestCases(t *testing.T) {
	rows, wrong := 0, 0
	for _, c := range pagetest.Read(t, caseDir) {
		if c.Group == "quirk" || c.Group == "quirk-off" {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			b := newBrowser(c, Settings{NoScript: c.Scripts != "enabled", Icons: true})
			for i, v := range c.Visits {
				at := fmt.Sprintf("visit %d %s %s", i, v.Kind, v.Path)
				got := b.visit(&v)
				n, bad := pagetest.Compare(t, at, &v, got)
				rows += n
				wrong += bad
				if strings.HasPrefix(c.Name, "order-") || strings.HasPrefix(c.Name, "conn-") || strings.HasPrefix(c.Name, "iframe-same-") {
					compareWaves(t, at, c.Name, &v, got)
				}
			}
		})
	}
	t.Logf("%d of %d rows differ", wrong, rows)
}

func compareWaves(t *testing.T, at, name string, v *pagetest.Visit, got []pagetest.Seen) {
	t.Helper()
	want, have := groups(v.Requests), seenGroups(got)
	if why := wavesDiffer[name]; want == have && why != "" {
		t.Errorf("%s: the waves are as recorded; take it from the list", at)
	} else if want != have && why == "" {
		t.Errorf("%s: groups %s, want %s", at, have, want)
	}
}

// groups is how many requests each origin got in each wave.
func groups(list []pagetest.Request) string {
	n := map[string]int{}
	for _, r := range list {
		if r.From != "cache" {
			n[fmt.Sprintf("%d:%s", r.OrderGroup, r.Origin)]++
		}
	}
	return fmt.Sprint(n)
}

func seenGroups(list []pagetest.Seen) string {
	n := map[string]int{}
	for _, r := range list {
		n[fmt.Sprintf("%d:%s", r.Group, r.Origin)]++
	}
	return fmt.Sprint(n)
}
