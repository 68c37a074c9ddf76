package stampede

import (
	"fmt"
	"math"
	"strings"

	"github.com/stampede-load/stampede/internal/page"
)

// pageWish is what the options of a page, and of its user type, say about it.
type pageWish struct {
	set      page.Settings
	limits   page.Limits
	skip     []string
	mustLoad bool
	reload   bool
}

// wish reads the options of the type and of the call.
func (u *HTTPUser) wish(opts []Option) pageWish {
	w := pageWish{set: page.Settings{Agent: u.run.agent()}, limits: page.Limits{Connections: u.run.plan.HTTP.MaxConnsPerHost}}
	w.read(u.typ.pages)
	w.read(opts)
	return w
}

func (w *pageWish) read(opts []Option) {
	for i := range opts {
		o := &opts[i]
		switch o.kind() {
		case optParts:
			w.set.Parts = page.Parts(o.number())
		case optLazy:
			w.set.Lazy = page.Lazy(o.number())
		case optNoScript:
			w.set.NoScript = o.number() != 0
		case optIcons:
			w.set.Icons = o.number() != 0
		case optReload:
			w.reload = true
		case optPartsMustLoad:
			w.mustLoad = true
		case optMaxParts:
			w.limits.Parts = int(o.number())
		case optSkipParts:
			w.skip = append(w.skip, o.strings()...)
		case optViewport:
			v := o.value.([3]float64)
			w.set.Width, w.set.Height, w.set.Ratio = int(v[0]), int(v[1]), v[2]
		}
	}
}

// agent is the User-Agent of the run.
func (r *run) agent() string {
	if a := r.plan.HTTP.UserAgent; a != "" {
		return a
	}
	return "stampede/" + Version
}

// returns reports whether the user is one that has been here before. The shares are exact over the numbers of users.
func (u *HTTPUser) returns() bool {
	share := 0.0
	for i := range u.typ.pages {
		if o := &u.typ.pages[i]; o.kind() == optReturning {
			share = o.value.(float64)
		}
	}
	n := float64(u.number)
	return math.Floor((n+1)*share) > math.Floor(n*share)
}

// checkPages says what is wrong with the options of a user type's pages.
func (t *userType) checkPages() error {
	for i := range t.pages {
		o := &t.pages[i]
		switch o.kind() {
		case optReturning:
			if s := o.value.(float64); s < 0 || s > 1 || math.IsNaN(s) {
				return fmt.Errorf("user type %s: Returning(%v): use a share from 0 to 1", t.name, s)
			}
		case optParts, optLazy, optNoScript, optIcons, optViewport, optSkipParts, optPartsMustLoad, optMaxParts, optTimeout, optHeader, optReload:
		default:
			return fmt.Errorf("user type %s: Pages holds an option that is for one request only; give it to the Page call", t.name)
		}
	}
	return nil
}

// matchesPattern reports whether a star pattern covers all of s.
func matchesPattern(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			return strings.HasSuffix(s, p)
		}
		j := strings.Index(s, p)
		if j < 0 {
			return false
		}
		s = s[j+len(p):]
	}
	return s == ""
}
