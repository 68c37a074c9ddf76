package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
)

//go:embed web
var web embed.FS

// How long a client may keep what it got. Pages for members stay with the one who asked and are checked each time, which the entity tag
// makes cheap; assets need no question for an hour.
const (
	cachePublic  = "public, max-age=60"
	cachePrivate = "private, no-cache"
	cacheAsset   = "public, max-age=3600"
	cacheNever   = "no-store"
)

// pages is all that the site can show, by path.
type pages struct {
	public  map[string]*document
	members map[string]*document
	assets  map[string]*document
	full    *document
	missing *document
}

// view says how one template becomes one page.
type view struct {
	Path   string // where it is served; also marks the place in the navigation
	Title  string
	Member bool // for fans who have logged in
	file   string
	frame  bool // shown inside an iframe, so without the navigation
	cache  string
}

// views lists all pages. It is a function since the package keeps no state.
func views() []view {
	return []view{
		{Path: "/", Title: "Afterglow Tour", file: "home.html", cache: cachePublic},
		{Path: "/tour", Title: "Tour dates", file: "tour.html", cache: cachePublic},
		{Path: "/news", Title: "News", file: "news.html", cache: cachePublic},
		{Path: "/login", Title: "Log in", file: "login.html", cache: cachePublic},
		{Path: "/demo/fanclub", Title: "Fan club", Member: true, file: "fanclub.html", cache: cachePrivate},
		{Path: "/demo/events", Title: "Presale", Member: true, file: "events.html", cache: cachePrivate},
		{Path: "/demo/store", Title: "Store", Member: true, file: "store.html", cache: cachePrivate},
		{Path: "/demo/iframe/demo", Title: "Countdown", Member: true, file: "iframe.html", frame: true, cache: cachePrivate},
		{Path: "/demo/iframe/demo/store", Title: "Your bag", Member: true, file: "bag.html", frame: true, cache: cachePrivate},
	}
}

// loadPages renders every page and reads every asset, about 60 KB in all.
func loadPages() (*pages, error) {
	printer, err := newPrinter()
	if err != nil {
		return nil, err
	}
	p := &pages{public: map[string]*document{}, members: map[string]*document{}, assets: map[string]*document{}}
	for _, v := range views() {
		page, err := v.render(printer)
		if err != nil {
			return nil, err
		}
		if v.Member {
			p.members[v.Path] = page
		} else {
			p.public[v.Path] = page
		}
	}
	if p.full, err = (view{Title: "We are full", file: "full.html", cache: cacheNever}).render(printer); err != nil {
		return nil, err
	}
	if p.missing, err = (view{Title: "No such page", file: "missing.html", cache: cacheNever}).render(printer); err != nil {
		return nil, err
	}
	return p, p.loadAssets(printer)
}

// render executes the page's template inside the layout, or alone if it is for an iframe.
func (v view) render(printer *printer) (*document, error) {
	layout := "layout.html"
	if v.frame {
		layout = "frame.html"
	}
	t, err := template.ParseFS(web, "web/"+layout, "web/pages/"+v.file)
	if err != nil {
		return nil, fmt.Errorf("site: parse page %s: %w", v.file, err)
	}
	var buf bytes.Buffer
	content := struct {
		view
		Shows []show
		Goods []good
	}{v, shows(), goods()}
	if err := t.ExecuteTemplate(&buf, layout, content); err != nil {
		return nil, fmt.Errorf("site: render page %s: %w", v.file, err)
	}
	return printer.print("text/html; charset=utf-8", v.cache, buf.Bytes())
}

// contentTypes by file name. The mime package would ask the machine, and answer differently on each.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	}
	return "application/octet-stream"
}

func (p *pages) loadAssets(printer *printer) error {
	files, err := fs.ReadDir(web, "web/assets")
	if err != nil {
		return fmt.Errorf("site: list assets: %w", err)
	}
	for _, file := range files {
		body, err := web.ReadFile("web/assets/" + file.Name())
		if err != nil {
			return fmt.Errorf("site: read asset: %w", err)
		}
		asset, err := printer.print(contentType(file.Name()), cacheAsset, body)
		if err != nil {
			return err
		}
		p.assets["/assets/"+file.Name()] = asset
	}
	return nil
}
