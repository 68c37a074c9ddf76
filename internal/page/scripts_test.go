package page

import (
	"slices"
	"testing"

	"github.com/stampede-load/stampede/internal/page/pagetest"
)

// needScripts are requests that only a script that runs can make, or layout to the pixel can leave out.
var needScripts = map[string][]string{
	"scripts": {"A /written.png", "A /spec-prefetch", "A /spec-prerender"},
}

// TestCasesWithScripts loads the sites as a visitor with scripts on: what differs from the recording without scripts is told in the cases.
func TestCasesWithScripts(t *testing.T) {
	for _, c := range pagetest.Read(t, caseDir) {
		if c.Group == "quirk" || c.Scripts == "enabled" { // the latter are compared in whole by TestCases
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			b := newBrowser(c, Settings{Icons: true})
			for i, v := range c.Visits {
				if slices.ContainsFunc(v.Requests, func(r pagetest.Request) bool { return r.Unstable }) {
					continue
				}
				want := map[string]int{}
				for _, r := range v.Requests {
					if r.From != "cache" {
						want[r.Origin+" "+r.Path]++
					}
				}
				for _, m := range v.WithScripts.More {
					if !slices.Contains(needScripts[c.Name], m) {
						want[m]++
					}
				}
				for _, m := range v.WithScripts.Less {
					want[m]--
				}
				for _, g := range b.visit(&v) {
					want[g.Origin+" "+g.Path]--
				}
				for what, n := range want {
					if n > 0 {
						t.Errorf("visit %d: missing %s", i, what)
					} else if n < 0 {
						t.Errorf("visit %d: unexpected %s", i, what)
					}
				}
			}
		})
	}
}
