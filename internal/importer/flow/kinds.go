package flow

import (
	"path"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	pagefields "github.com/stampede-load/stampede/internal/page"
)

// soon is within which time after a page a document that it refers to is taken for a frame of it, where the recording does not say.
const soon = 400 * time.Millisecond

// sort says what each request is for, where the recording does not, and leaves out what a page brings along by itself.
func (c *cleaner) sort(all []*ask) []*ask {
	var page *ask
	pages := false
	for _, a := range all {
		if a.Kind == importer.Unknown {
			a.Kind = a.guess(page)
		}
		if a.Kind == importer.Document && a.Method == "GET" {
			page, pages = a, true
		}
	}
	var kept []*ask
	for _, a := range all {
		reason := ""
		switch {
		case a.Kind == importer.Part && strings.Contains(path.Base(a.url.Path), "favicon"):
			reason = leftIcon
		case a.Kind == importer.Part && a.Method == "GET":
			reason = leftParts
		case a.Kind == importer.Frame && pages && a.Method == "GET":
			reason = leftFrames
		}
		if reason == "" {
			kept = append(kept, a)
			continue
		}
		c.left.Add(reason, importer.Brief(a.URL))
	}
	if len(kept) == 0 { // nothing but pictures: then they are meant
		return all
	}
	return kept
}

// guess is what a request was for, by what it says and what it got. page is the page before.
func (a *ask) guess(page *ask) importer.Kind {
	accept := importer.Get(a.Header, "Accept")
	res := &a.last().Response
	media := importer.Media(res.Type)
	script := importer.Get(a.Header, "X-Requested-With") != "" || importer.IsJSON(a.Type)
	switch {
	case script:
		return importer.Data
	case importer.IsHTML(media) && (strings.Contains(accept, "text/html") || accept == "") && res.Status < 400:
		if page != nil && a.Method == "GET" && importer.Get(a.Header, "Referer") == page.URL && a.Start.Before(page.end().Add(soon)) && !page.landing {
			return importer.Frame
		}
		return importer.Document
	case strings.Contains(accept, "text/html"):
		return importer.Document
	case a.Method != "GET", importer.IsJSON(media):
		return importer.Data
	case strings.HasPrefix(media, "image/"), strings.HasPrefix(media, "font/"), strings.HasPrefix(media, "audio/"), strings.HasPrefix(media, "video/"),
		media == "text/css", strings.HasSuffix(media, "javascript"), strings.HasPrefix(media, "application/font"):
		return importer.Part
	}
	switch path.Ext(a.url.Path) {
	case ".css", ".js", ".mjs", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".avif", ".ico", ".woff", ".woff2", ".ttf", ".map", ".mp4", ".webm":
		return importer.Part
	}
	return importer.Data
}

type pageField = pagefields.Control
