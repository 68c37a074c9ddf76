package stampede

import (
	"path"
	"strings"
	"sync/atomic"

	"github.com/stampede-load/stampede/internal/page"
	"github.com/stampede-load/stampede/internal/stats"
)

// partName is where the requests for one part are counted.
type partName struct {
	key stats.Key
	row *stats.Place
}

// partNames remembers the names of parts: making one costs more than finding it. The map is replaced, never changed.
type partNames struct {
	known atomic.Pointer[map[partKey]*partName]
}

type partKey struct {
	url  string
	kind page.Kind
	page string // for names that hold that of the page
}

// maxPartNames bounds what is remembered: a site may have addresses without end.
const maxPartNames = 4096

// partName is the name of a request of a page.
func (r *run) partName(req *page.Request, pageName string) *partName {
	k := partKey{url: req.URL(), kind: req.Kind()}
	if r.plan.PartsBy == ByPage || k.kind.Page() {
		k.page = pageName
	}
	known := r.parts.known.Load()
	if known != nil {
		if n := (*known)[k]; n != nil {
			return n
		}
	}
	key := stats.Key{Type: "GET", Name: r.plan.PartsBy.name(req, pageName, r.plan.Host)}
	n := &partName{key: key, row: r.recorder.Place(key)}
	if known == nil || len(*known) < maxPartNames {
		next := make(map[partKey]*partName, 1)
		if known != nil {
			next = make(map[partKey]*partName, len(*known)+1)
			for k, v := range *known {
				next[k] = v
			}
		}
		next[k] = n
		r.parts.known.CompareAndSwap(known, &next)
	}
	return n
}

// name is the name of a part.
func (b PartsBy) name(req *page.Request, pageName, host string) string {
	kind := req.Kind()
	url := req.URL()
	at := strings.TrimPrefix(url, req.Origin())
	at, _, _ = strings.Cut(at, "?")
	foreign := ""
	if !strings.HasPrefix(host, req.Origin()) && host != "" {
		_, foreign, _ = strings.Cut(req.Origin(), "://")
	}
	switch {
	case kind.Page():
		return pageName + " > " + kind.String() + " " + foreign + foldPath(at)
	case b == ByPage:
		return pageName + " > " + kind.String()
	case b == ByURL:
		return kind.String() + " " + foreign + foldPath(at)
	}
	return kind.String() + " " + foreign + folder(at)
}

// folder is a path as far as its first folder.
func folder(p string) string {
	if i := strings.IndexByte(p[1:], '/'); i >= 0 {
		return foldPath(p[:i+2]) + "..."
	}
	return foldPath(p)
}

// foldPath puts a star in the place of what changes with each build or visitor: hashes, long numbers.
func foldPath(p string) string {
	segments := strings.Split(p, "/")
	for i, s := range segments {
		ext := path.Ext(s)
		if i < len(segments)-1 {
			ext = ""
		}
		words := strings.FieldsFunc(strings.TrimSuffix(s, ext), func(r rune) bool { return r == '.' || r == '-' || r == '_' })
		for _, w := range words {
			if changes(w) {
				s = strings.Replace(s, w, "*", 1)
			}
		}
		segments[i] = s
	}
	return strings.Join(segments, "/")
}

// changes reports whether a word is a hash or a number: at least 8 hexadecimal digits or 16 letters and digits mixed, or 6 digits.
func changes(w string) bool {
	digits, hex, letters := 0, 0, 0
	for i := range len(w) {
		switch c := w[i]; {
		case c >= '0' && c <= '9':
			digits++
			hex++
		case c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F':
			hex++
			letters++
		default:
			letters++
		}
	}
	switch {
	case digits == len(w):
		return digits >= 6
	case hex == len(w):
		return hex >= 8 && digits > 0
	}
	return len(w) >= 8 && digits >= 2 && letters > 0 && mixed(w)
}

// mixed reports whether letters and digits follow each other more than once.
func mixed(w string) bool {
	turns := 0
	for i := 1; i < len(w); i++ {
		if (w[i] <= '9') != (w[i-1] <= '9') {
			turns++
		}
	}
	return turns >= 3
}
