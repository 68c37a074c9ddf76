package page

// Visitor is one visitor's browser: what it keeps between pages. It is used by one page load at a time.
type Visitor struct {
	mem     *Memory
	cache   cache
	icons   []uint64 // addresses of icons that were had
	sites   []string // of pages, for the partition of connections
	current string   // the address of the page that is shown
	policy  string   // and its referrer policy
}

// NewVisitor makes a visitor with an empty cache.
func NewVisitor(m *Memory) *Visitor { return &Visitor{mem: m} }

// Clear forgets everything that was kept.
func (v *Visitor) Clear() {
	v.cache.entries, v.icons = nil, nil
}

// Leave forgets which page is shown, as an empty tab.
func (v *Visitor) Leave() { v.current = "" }

// Current is the address of the page that is shown; "" before the first.
func (v *Visitor) Current() string { return v.current }

// Kept is how many answers the visitor keeps.
func (v *Visitor) Kept() int { return len(v.cache.entries) }

// CopyCache gives the visitor what another one keeps.
func (v *Visitor) CopyCache(from *Visitor) {
	v.cache.entries = append(v.cache.entries[:0], from.cache.entries...)
	v.icons = append(v.icons[:0], from.icons...)
}

// Limits bound one page.
type Limits struct {
	Parts       int // requests; zero means 1000
	Connections int // for each host and pool; zero means 6
}

// maxFrames bounds the frames of a page, as Chromium does.
const maxFrames = 1000

// Counts is what became of a page's parts.
type Counts struct {
	Requests    int // sent, the document and its redirects among them
	Cached      int // not sent, because the visitor had them
	Revalidated int // sent, and answered with 304
	Foreign     int // not sent, because their host is not the run's
	Skipped     int // not sent, because a pattern says so
	Beyond      int // not sent, because the page has more parts than allowed
}

// Load is one page being loaded. It decides; its owner sends what Next gives and hands the answers to Done. It is not safe for concurrent
// use.
type Load struct {
	v       *Visitor
	mem     *Memory
	set     Settings
	limits  Limits
	Now     func() int64             // seconds since 1970
	Allowed func(origin string) bool // may the host be asked? nil allows all
	Skip    func(url string) bool    // nil skips none
	Cookies func(url string) string  // what Cookie would hold, for Vary
	Counts  Counts
	Hosts   map[string]int // foreign hosts and how many parts each would have had

	top        *frame
	frames     []*frame
	queued     int                 // requests that wait for a connection
	ready      []*Request          // answered without a request, to be looked at
	locked     map[uint64]*Request // by cache key: who is on the way; others wait behind it
	pools      []pool
	seq        int
	flying     int
	topSite    string
	site       uint16 // number of the page's site among the visitor's
	free       []*Request
	iconsLeft  []iconLink
	iconsDone  bool
	reload     bool
	came       stored // the answer that is being looked at
	dropped    bool   // the page's time is over: nothing more is asked for
	stay       bool   // the document's redirect is the page
	entered    entrance
	first      frame   // room for top
	room       context // for what top is before its document came
	entry      Item    // for the document's
	kept       bool    // the document was in the cache
	keptStatus int
	hops       int // redirects of the document
}

// pool is the connections to one host of one kind.
type pool struct {
	origin string
	kind   uint16
	flying int
	many   bool       // one connection takes all requests
	queue  []*Request // a heap
}

// Request is one request of a page.
type Request struct {
	item  *Item
	frame *frame // whose document asked, or, for the page itself, that it is for
	into  *frame // for documents: the frame that it is for
	slot  int32  // for sheets: the frame's slot + 1

	url    address
	fields []Field
	after  []Field
	room   [2]Field
	site   string
	origin string // of who asks; changes to opaque when redirects lead away
	key    uint64
	entry  *stored // what is being validated
	pool   uint16
	hops   int
	seq    int
	state  int8
	next   *Request // waiting for the same address
	last   *Request
	reload bool
	answer *stored // from the cache
}

const (
	stateNew int8 = iota
	stateQueued
	stateFlying
	stateLocked
)

// URL is where the request goes.
func (r *Request) URL() string { return r.url.url }

// Origin is scheme, host and port of it.
func (r *Request) Origin() string { return r.url.origin }

// Kind is what it is for.
func (r *Request) Kind() Kind { return r.item.Kind }

// Priority is its rank among those that wait.
func (r *Request) Priority() Priority { return r.item.Priority }

// Fields are its header fields in order, without cookies and validators. They are shared: nobody may change them.
func (r *Request) Fields() []Field { return r.fields }

// After are the fields behind the cookies. They are valid until Done.
func (r *Request) After() []Field { return r.after }

// Pool tells connections apart that are not shared: those for requests without credentials, and those for frames of other sites.
func (r *Request) Pool() uint16 { return r.pool }

// Hops is how many redirects led here.
func (r *Request) Hops() int { return r.hops }

// Urgency is the value of the priority field (RFC 9218) that the request has over HTTP/2 and HTTP/3; "" for none.
func (r *Request) Urgency() string { return urgencies[r.item.Priority][r.item.Kind.whole()] }

// urgencies are Chromium's values, for what is of use while it comes and for what is not.
var urgencies = [...][2]string{
	VeryLow: {"u=4, i", "u=4"}, Low: {"i", ""}, Medium: {"u=2, i", "u=2"}, High: {"u=1, i", "u=1"}, VeryHigh: {"u=0, i", "u=0"},
}

// Conditional reports whether the request asks whether what the visitor keeps is still good.
func (r *Request) Conditional() bool { return r.entry != nil }

// NeedsBody reports whether the answer's body is looked at.
func (r *Request) NeedsBody() bool {
	switch r.item.Kind {
	case Style, Font, Icon, Prefetch:
		return true
	case Script:
		return r.item.module != noModule
	}
	return r.item.Kind.Page()
}

// Cookies says which cookies a request carries.
type Cookies uint8

// The sets of cookies.
const (
	AllCookies   Cookies = iota
	LaxCookies           // of a navigation from another site: not the strict ones
	ThirdCookies         // only those that may be sent across sites
	NoCookies
)

// CookieSet is which cookies it carries and may set.
func (r *Request) CookieSet() Cookies {
	if r.item.anonymousTo(r.url.origin, r.origin) {
		return NoCookies
	}
	if r.into != nil && r.into.parent == nil {
		if r.site == "cross-site" {
			return LaxCookies
		}
		return AllCookies
	}
	if r.third() {
		return ThirdCookies
	}
	return AllCookies
}

func (r *Request) third() bool {
	c := r.frame.ctx
	if c.foreign || c.url.origin == r.url.origin { // the usual case: its own origin, which is of the page's site unless the frame is not
		return c.foreign
	}
	return c.topSite != siteOf(r.url.origin)
}

// FrameURL is the address of the document that asked, "" for the page itself; Frame its depth.
func (r *Request) FrameURL() string {
	if r.frame == nil || r.frame.parent == nil {
		return ""
	}
	return r.frame.ctx.url.url
}

// Begin starts to load a page. from is the address of the page with the link that was followed; "" for an address that was entered.
func (v *Visitor) Begin(l *Load, url string, set Settings, limits Limits, nav Navigation) bool {
	e := l.enter(url, set, nav)
	if !e.address.web() {
		return false
	}
	l.reset(v, set, limits)
	l.reload = nav.Reload
	l.topSite = e.site
	l.site = v.siteNumber(l.topSite)
	l.first = frame{}
	f := &l.first
	l.frames = append(l.frames, f)
	l.top = f
	l.room = context{set: set, url: e.address, topSite: l.topSite, view: set.window()}
	f.ctx = &l.room
	l.entry = Item{Kind: Document, Priority: VeryHigh, url: e.address, mode: navigate, referrer: nav.From, policy: nav.Policy}
	r := l.request(&l.entry, f)
	r.into = f
	r.reload = nav.Reload
	r.url, r.origin, r.site, r.fields, r.key = e.address, e.from, e.relation, e.fields, e.key
	l.lookup(r)
	l.settle()
	return true
}

// entrance is the request for a page, as far as it is alike for all visitors who come to it in the same way.
type entrance struct {
	url string
	set Settings
	nav Navigation

	address        address
	site           string
	from, relation string // the origin of the page with the link, and what that is to this one
	fields         []Field
	key            uint64
}

// enter is the entrance of a page; the last one is remembered, as a load mostly serves those who ask for the same.
func (l *Load) enter(url string, set Settings, nav Navigation) *entrance {
	e := &l.entered
	if e.url == url && e.set == set && e.nav == nav && e.fields != nil {
		return e
	}
	*e = entrance{url: url, set: set, nav: nav, address: parseAddress(url), from: "none", relation: "none"}
	if !e.address.web() {
		return e
	}
	e.site = siteOf(e.address.origin)
	if nav.From != "" {
		from := parseAddress(nav.From)
		e.from = from.origin
		e.relation = relation(from.origin, e.address.origin)
	}
	item := Item{Kind: Document, url: e.address, referrer: nav.From, policy: nav.Policy}
	e.fields = navigationFields(&set, e.relation, nav, &item, &e.address)
	e.key = hashString(e.address.url, 0)
	return e
}

// Navigation is how a page is come to.
type Navigation struct {
	From   string // the address of the page with the link; "" for an address that was entered
	Policy string // the referrer policy of that page
	Reload bool
	Script bool // not the visitor's doing: a refresh
}

func navigationFields(set *Settings, site string, nav Navigation, item *Item, to *address) []Field {
	f := make([]Field, 0, 12)
	add := func(name, value string) { f = append(f, Field{name, value}) }
	if nav.Reload {
		add("Cache-Control", "max-age=0")
	}
	add("Upgrade-Insecure-Requests", "1")
	if set.Agent != "" {
		add("User-Agent", set.Agent)
	}
	add("Accept", acceptPage)
	if trustworthy(to.origin) {
		add("Sec-Fetch-Site", site)
		add("Sec-Fetch-Mode", "navigate")
		if !nav.Script {
			add("Sec-Fetch-User", "?1")
		}
		add("Sec-Fetch-Dest", "document")
	}
	if r := referer(nav.From, to, nav.Policy); r != "" {
		add("Referer", r)
	}
	if trustworthy(to.origin) {
		add("Accept-Encoding", "gzip, deflate, br, zstd")
	} else {
		add("Accept-Encoding", "gzip, deflate")
	}
	add("Accept-Language", set.language())
	return f
}

func (v *Visitor) siteNumber(site string) uint16 {
	for i, s := range v.sites {
		if s == site {
			return uint16(i)
		}
	}
	if len(v.sites) < 64 {
		v.sites = append(v.sites, site)
	}
	return uint16(len(v.sites) - 1)
}

func (l *Load) reset(v *Visitor, set Settings, limits Limits) {
	if limits.Parts <= 0 {
		limits.Parts = 1000
	}
	if limits.Connections <= 0 {
		limits.Connections = 6
	}
	l.v, l.mem, l.set, l.limits = v, v.mem, set, limits
	l.Counts, l.Hosts = Counts{}, nil
	l.top, l.frames = nil, l.frames[:0]
	l.ready = l.ready[:0]
	for i := range l.pools {
		clear(l.pools[i].queue)
	}
	clear(l.locked)
	l.pools = l.pools[:0]
	l.dropped, l.stay, l.kept, l.keptStatus, l.hops = false, false, false, 0, 0
	l.seq, l.queued, l.flying, l.iconsDone, l.iconsLeft = 0, 0, 0, false, nil
	if l.locked == nil {
		l.locked = map[uint64]*Request{}
	}
}

// Over reports whether the page is there: nothing is under way and nothing waits.
func (l *Load) Over() bool { return l.flying == 0 && l.queued == 0 }

// Flying is how many requests are under way.
func (l *Load) Flying() int { return l.flying }
