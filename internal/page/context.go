package page

// Settings are how a visitor loads pages. The zero value is that of a visitor with scripts on, in a window of 1280x720.
type Settings struct {
	Parts    Parts
	Lazy     Lazy
	NoScript bool // scripts are off: what <noscript> holds counts, script files are not fetched
	Icons    bool // ask for icon and manifest too
	Width    int  // of the window, in CSS pixels; zero means 1280
	Height   int  // zero means 720
	Ratio    float64
	Agent    string // User-Agent
	Language string // Accept-Language; "" means en-US,en;q=0.9
}

// Parts says which parts of a page are loaded.
type Parts uint8

// Which parts.
const (
	AllParts Parts = iota
	DocumentsOnly
	NoParts
)

// Lazy says which images and frames with loading=lazy are loaded.
type Lazy uint8

// Which lazy ones. LazyAuto is LazyAll when scripts are off, as in browsers, and LazyFirstScreen otherwise.
const (
	LazyAuto Lazy = iota
	LazyFirstScreen
	LazyAll
	LazyNone
)

func (s *Settings) lazy() Lazy {
	switch {
	case s.Lazy != LazyAuto:
		return s.Lazy
	case s.NoScript:
		return LazyAll
	}
	return LazyFirstScreen
}

func (s *Settings) window() viewport {
	v := viewport{noScript: s.NoScript, width: float64(s.Width), height: float64(s.Height), ratio: s.Ratio}
	if v.width <= 0 {
		v.width = 1280
	}
	if v.height <= 0 {
		v.height = 720
	}
	if v.ratio <= 0 {
		v.ratio = 1
	}
	return v
}

// context is all that decides, beside its bytes, what a document asks for. It is compared with ==.
type context struct {
	set      Settings
	url      address // of the document; of the parent for a srcdoc
	base     address // before any <base>
	origin   string  // "" is opaque
	topSite  string  // the site of the page
	foreign  bool    // some frame on the way is of another site than the page: cookies are those of a third party
	apart    bool    // the document itself is of another site than the page: cache and connections are apart from the page's
	view     viewport
	unseen   bool   // the frame is not shown, nothing in it is painted
	policy   string // the referrer policy from its header, or inherited
	csp      string
	link     string  // Link fields
	refresh  string  // a Refresh field
	charset  string  // "" is UTF-8
	opaque   bool    // no address to refer to: sandboxed, or a data URL
	purpose  bool    // loaded by a prerender
	self     string  // origin for 'self' in policies
	embedded bool    // in a frame
	scanned  bool    // its sandbox lets no script run, but the look-ahead scanner of a browser with scripts fetches them
	above    float64 // how much of the page stands above the frame, for lazy images
}

// Field is a header field.
type Field = struct{ Name, Value string }

// Item is one request that a document makes.
type Item struct {
	Kind      Kind
	Priority  Priority
	url       address
	mode      mode
	creds     credentials
	site      string // Sec-Fetch-Site
	referrer  string // the address that the request comes from
	policy    string
	fields    []Field
	node      int32
	sheet     int32 // for sheets: index of plan.slots + 1
	blocking  bool  // nothing is painted before it is there
	lazy      bool
	frame     *frameSpec
	next      []string // what to try when it fails: further sources
	nextBase  address
	integrity string
	nonce     string
	fallback  bool // an object: when it is no image it is asked for as a page
	module    moduleKind
	alone     bool // a module that is asked for ahead, without what it imports
	key       uint64
}

// frameSpec is what a frame element says of the document in it.
type frameSpec struct {
	sandbox bool
	origin  bool // of its own, opaque
	scripts bool // may run
	srcdoc  string
	hasDoc  bool
	width   float64
	height  float64
	mayCSP  bool // it demands a policy
}

// anonymousTo reports whether the request carries no cookies where it goes.
func (i *Item) anonymousTo(to, from string) bool {
	switch i.creds {
	case omit:
		return true
	case sameOriginOnly:
		return from == "" || to != from
	}
	return false
}

// finish computes what the request looks like on the wire.
func (c *context) finish(i *Item) {
	i.site = relation(c.origin, i.url.origin)
	if c.opaqueInitiator() {
		i.site = "cross-site"
	}
	i.fields = c.fields(i, i.site, i.url, c.origin)
	i.key = hashString(i.url.url, 0)
}

func (c *context) opaqueInitiator() bool { return c.origin == "" }

// third reports whether a request to an origin is one that only cookies for third parties go with.
func (c *context) third(origin string, k Kind) bool {
	return c.foreign || siteOf(origin) != c.topSite
}

// fields makes the header fields of a request, in the order in which Chromium writes them, but for cookies and validators.
func (c *context) fields(i *Item, site string, to address, origin string) []Field {
	t := &kindTraits[i.Kind]
	f := make([]Field, 0, 12)
	add := func(name, value string) { f = append(f, Field{name, value}) }
	crossMode := i.mode == cors && i.Kind != Manifest && !((i.Kind == Video || i.Kind == Audio) && to.origin == origin)
	if crossMode {
		if origin == "" {
			add("Origin", "null")
		} else {
			add("Origin", origin)
		}
	}
	if i.mode == navigate {
		add("Upgrade-Insecure-Requests", "1")
	}
	if c.set.Agent != "" {
		add("User-Agent", c.set.Agent)
	}
	if i.Kind == Prefetch || i.Kind == Prerender || c.purpose {
		add("Sec-Purpose", "prefetch")
	}
	if c.purpose {
		add("Accept", acceptPage)
	} else {
		add("Accept", t.accept)
	}
	if trustworthy(to.origin) {
		add("Sec-Fetch-Site", site)
		add("Sec-Fetch-Mode", modeWords[i.mode])
		add("Sec-Fetch-Dest", t.dest)
		if i.creds == include && c.third(to.origin, i.Kind) {
			add("Sec-Fetch-Storage-Access", "active")
		}
	}
	if !c.opaque || i.referrer != c.url.url {
		if r := referer(i.referrer, &to, i.policy); r != "" {
			add("Referer", r)
		}
	}
	switch {
	case i.Kind == Video || i.Kind == Audio:
		add("Accept-Encoding", "identity")
	case trustworthy(to.origin):
		add("Accept-Encoding", "gzip, deflate, br, zstd")
	default:
		add("Accept-Encoding", "gzip, deflate")
	}
	add("Accept-Language", c.set.language())
	if i.Kind == Video || i.Kind == Audio {
		add("Range", "bytes=0-")
	}
	return f
}

func (s *Settings) language() string {
	if s.Language == "" {
		return "en-US,en;q=0.9"
	}
	return s.Language
}
