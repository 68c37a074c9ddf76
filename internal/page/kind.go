package page

// Kind is what a request is for.
type Kind uint8

// The kinds.
const (
	Document   Kind = iota // the page itself
	IFrame                 // a document in an iframe
	FrameSet               // a document in a frame of a frameset
	ObjectPage             // a document in an object element
	EmbedPage              // a document in an embed element
	Style
	Image
	Font
	Script
	JSON // a module of data
	Video
	Audio
	Track
	Manifest
	Fetch // what a preload fetches for a script
	Object
	Embed
	Prefetch
	Prerender
	Icon
	kinds
)

// traits are what the requests of a kind have in common.
type traits struct {
	word     string // for names
	dest     string // Sec-Fetch-Dest
	mode     mode
	accept   string
	navigate bool
}

const (
	acceptPage  = "text/html,application/xhtml+xml,application/xml;q=0.9,image/jxl,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7"
	acceptImage = "image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
	acceptStyle = "text/css,*/*;q=0.1"
	acceptJSON  = "application/json,*/*;q=0.5"
	acceptAny   = "*/*"
)

// mode is Sec-Fetch-Mode.
type mode uint8

const (
	noCORS mode = iota
	cors
	sameOrigin
	navigate
)

var modeWords = [...]string{noCORS: "no-cors", cors: "cors", sameOrigin: "same-origin", navigate: "navigate"}

var kindTraits = [kinds]traits{
	Document:   {"document", "document", navigate, acceptPage, true},
	IFrame:     {"iframe", "iframe", navigate, acceptPage, true},
	FrameSet:   {"frame", "frame", navigate, acceptPage, true},
	ObjectPage: {"object", "object", navigate, acceptPage, true},
	EmbedPage:  {"embed", "embed", navigate, acceptPage, true},
	Style:      {"css", "style", noCORS, acceptStyle, false},
	Image:      {"img", "image", noCORS, acceptImage, false},
	Font:       {"font", "font", cors, acceptAny, false},
	Script:     {"js", "script", noCORS, acceptAny, false},
	JSON:       {"json", "json", cors, acceptJSON, false},
	Video:      {"media", "video", noCORS, acceptAny, false},
	Audio:      {"media", "audio", noCORS, acceptAny, false},
	Track:      {"track", "track", sameOrigin, acceptAny, false},
	Manifest:   {"manifest", "manifest", cors, acceptAny, false},
	Fetch:      {"fetch", "empty", noCORS, acceptAny, false},
	Object:     {"object", "object", noCORS, acceptAny, false},
	Embed:      {"embed", "embed", noCORS, acceptAny, false},
	Prefetch:   {"prefetch", "empty", noCORS, acceptPage, false},
	Prerender:  {"prefetch", "document", navigate, acceptPage, true},
	Icon:       {"icon", "image", noCORS, acceptImage, false},
}

// String is the word for the kind in names: "css", "img".
func (k Kind) String() string { return kindTraits[k].word }

// Dest is the value of Sec-Fetch-Dest.
func (k Kind) Dest() string { return kindTraits[k].dest }

// Page reports whether what comes is a document, with parts of its own.
func (k Kind) Page() bool { return kindTraits[k].navigate }

// whole is 1 for kinds that are of use only once they are there in whole, else 0.
func (k Kind) whole() int {
	switch k {
	case Style, Script, JSON, Font, Manifest:
		return 1
	}
	return 0
}

// credentials says when a request carries cookies.
type credentials uint8

const (
	include credentials = iota
	sameOriginOnly
	omit
)

// Priority orders the requests that wait for a connection; more goes first.
type Priority uint8

// Chromium's priorities.
const (
	VeryLow Priority = iota
	Low
	Medium
	High
	VeryHigh
)
