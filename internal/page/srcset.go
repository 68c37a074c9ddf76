package page

import (
	"strconv"
	"strings"
)

// candidate is one image of a srcset.
type candidate struct {
	url     string
	density float64 // device pixels of the image for each CSS pixel
}

// pickImage is the image that Chromium takes of src and srcset: the smallest that is at least as dense as the screen, else the densest; of
// two of one density the first. sizes counts for candidates with a width. It is "" when there is none.
func (v *viewport) pickImage(src, srcset, sizes string) string {
	if trim(srcset) == "" {
		return src
	}
	width := -1.0
	best, found := candidate{}, false
	better := func(c candidate) bool {
		if best.density < v.ratio {
			return c.density > best.density
		}
		return c.density >= v.ratio && c.density < best.density
	}
	sawWidth, saw1x := false, false
	eachCandidate(srcset, func(url string, w, x float64) {
		c := candidate{url, x}
		if w > 0 {
			sawWidth = true
			if width < 0 {
				width = v.sizes(sizes)
			}
			if c.density = w / width; width == 0 {
				c.density = w * 1e6
			}
		}
		saw1x = saw1x || c.density == 1
		if !found || better(c) {
			best, found = c, true
		}
	})
	if !found {
		return src
	}
	if trim(src) != "" && !sawWidth && !saw1x {
		if c := (candidate{src, 1}); better(c) {
			best = c
		}
	}
	return best.url
}

// eachCandidate calls f for each valid candidate of a srcset: its URL, and its width, or its density.
func eachCandidate(s string, f func(url string, w, x float64)) {
	for i := 0; i < len(s); {
		for i < len(s) && (isSpace(s[i]) || s[i] == ',') {
			i++
		}
		start := i
		for i < len(s) && !isSpace(s[i]) {
			i++
		}
		if start == i {
			return
		}
		url := s[start:i]
		if strings.HasSuffix(url, ",") {
			f(strings.TrimRight(url, ","), 0, 1)
			continue
		}
		start = i
		for depth := 0; i < len(s); i++ {
			if s[i] == '(' {
				depth++
			} else if s[i] == ')' && depth > 0 {
				depth--
			} else if s[i] == ',' && depth == 0 {
				break
			}
		}
		if w, x, ok := descriptors(s[start:i]); ok {
			f(url, w, x)
		}
	}
}

// descriptors reads "2x", "640w", "640w 480h".
func descriptors(s string) (w, x float64, ok bool) {
	x = 1
	var hasX, hasW, hasH bool
	for d := range words(s) {
		n, unit := descriptor(d)
		switch {
		case unit == "x" && !hasX && !hasW && !hasH && n >= 0:
			x, hasX = n, true
		case unit == "w" && !hasW && !hasX && n > 0:
			w, hasW = n, true
		case unit == "h" && !hasH && !hasX && n > 0:
			hasH = true
		default:
			return 0, 0, false
		}
	}
	return w, x, !hasH || hasW
}

// descriptor reads one descriptor: a number as HTML writes it, without a plus, whole in front of w and h, and its letter in lower case.
func descriptor(d string) (n float64, unit string) {
	last := len(d) - 1
	unit = d[last:]
	if unit != "x" {
		i, err := strconv.ParseInt(d[:last], 10, 32)
		if err != nil || !allDigits(d[:last]) {
			return 0, "?"
		}
		return float64(i), unit
	}
	for i := range last {
		if c := d[i]; (c < '0' || c > '9') && c != '.' && c|0x20 != 'e' && !(c == '-' || c == '+' && i > 0) {
			return 0, "?"
		}
	}
	n, err := strconv.ParseFloat(d[:last], 64)
	if err != nil {
		return 0, "?"
	}
	return n, unit
}

// imageType reports whether Chromium shows images of a MIME type.
func imageType(s string) bool {
	s, _, _ = strings.Cut(lower(s), ";")
	switch trim(s) {
	case "", "image/jxl", "image/avif", "image/webp", "image/apng", "image/png", "image/x-png", "image/jpeg", "image/jpg", "image/pjpeg", "image/gif",
		"image/svg+xml", "image/bmp", "image/x-xbitmap", "image/x-icon", "image/vnd.microsoft.icon", "image/ico", "image/x-ms-bmp", "image/x-windows-bmp":
		return true
	}
	return false
}

// mediaType reports whether Chromium may play media of a MIME type.
func mediaType(s string) bool {
	s, _, _ = strings.Cut(lower(s), ";")
	switch trim(s) {
	case "", "video/mp4", "video/webm", "video/ogg", "video/x-m4v", "video/3gpp", "video/x-matroska", "audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/aac",
		"audio/ogg", "audio/webm", "audio/wav", "audio/x-wav", "audio/wave", "audio/flac", "audio/x-mp3", "application/ogg",
		"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl":
		return true
	}
	return false
}

// scriptType reports whether a script element of that type holds a script, and whether it is a module.
func scriptType(s string) (script, module bool) {
	s = lower(trim(s))
	if s == "module" {
		return true, true
	}
	return s == "" || scriptMIME(s), false
}

// scriptMIME reports whether a type, in lower case and without parameters, is one of JavaScript's.
func scriptMIME(s string) bool {
	switch s {
	case "text/javascript", "application/javascript", "application/ecmascript", "application/x-ecmascript", "application/x-javascript",
		"text/ecmascript", "text/javascript1.0", "text/javascript1.1", "text/javascript1.2", "text/javascript1.3", "text/javascript1.4",
		"text/javascript1.5", "text/jscript", "text/livescript", "text/x-ecmascript", "text/x-javascript":
		return true
	}
	return false
}

// fontType reports whether Chromium reads fonts of a MIME type.
func fontType(s string) bool {
	s, _, _ = strings.Cut(lower(s), ";")
	switch trim(s) {
	case "", "font/woff2", "font/woff", "font/ttf", "font/otf", "font/sfnt", "font/collection", "application/font-woff", "application/font-woff2",
		"application/font-sfnt", "application/x-font-woff", "application/x-font-ttf", "application/x-font-otf", "application/x-font-truetype", "application/x-font-opentype", "application/vnd.ms-opentype":
		return true
	}
	return false
}
