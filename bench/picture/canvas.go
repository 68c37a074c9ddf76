package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// canvas writes one SVG. Its colours follow the reader's theme; the background is its own, so that it is readable wherever it is shown.
type canvas struct {
	width, height int
	b             strings.Builder
}

// style gives every class its colours, light and dark. Text never depends on colour alone: each line is named where it is.
const style = `
svg{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-size:13px}
.paper{fill:#fff}.ink{fill:#1f2328}.faint{fill:#59636e}.title{font-size:16px;font-weight:600}.head{font-size:14px;font-weight:600}
.grid{stroke:#d1d9e0;stroke-width:1}.axis{stroke:#818b98;stroke-width:1}.ice{fill:#54aeff;fill-opacity:.16}
.open{stroke:#0969da}.openText{fill:#0969da}.closed{stroke:#bc4c00}.closedText{fill:#bc4c00}.truth{stroke:#818b98;stroke-opacity:.38}
.dots{fill:none;stroke-width:3;stroke-linecap:round}.line{fill:none;stroke-width:2.25;stroke-linejoin:round}
.wide{fill:none;stroke-width:11;stroke-linejoin:round;stroke-linecap:round}.mark{stroke-width:2;fill:#fff}
@media (prefers-color-scheme:dark){.paper{fill:#0d1117}.ink{fill:#f0f6fc}.faint{fill:#9198a1}.grid{stroke:#2a3038}.axis{stroke:#656c76}
.ice{fill:#388bfd;fill-opacity:.2}.open{stroke:#58a6ff}.openText{fill:#58a6ff}.closed{stroke:#f0883e}.closedText{fill:#f0883e}
.truth{stroke:#9198a1;stroke-opacity:.36}.mark{fill:#0d1117}}
`

// newCanvas begins a picture. what is read aloud to those who cannot see it.
func newCanvas(width, height int, what string) *canvas {
	c := &canvas{width: width, height: height}
	fmt.Fprintf(&c.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&c.b, "<title>%s</title>\n<style>%s</style>\n", html.EscapeString(what), strings.TrimSpace(style))
	fmt.Fprintf(&c.b, `<rect class="paper" width="%d" height="%d" rx="8"/>`+"\n", width, height)
	return c
}

// String is the finished picture.
func (c *canvas) String() string { return c.b.String() + "</svg>\n" }

// text writes at a place; anchor is start, middle or end.
func (c *canvas) text(x, y float64, class, anchor, text string) {
	fmt.Fprintf(&c.b, `<text x="%s" y="%s" class="%s" text-anchor="%s">%s</text>`+"\n", short(x), short(y), class, anchor, html.EscapeString(text))
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&c.b, `<path class="%s" d="M%s %sL%s %s"/>`+"\n", class, short(x1), short(y1), short(x2), short(y2))
}

func (c *canvas) rect(x, y, width, height float64, class string) {
	fmt.Fprintf(&c.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`+"\n", class, short(x), short(y), short(width), short(height))
}

func (c *canvas) circle(x, y, r float64, class string) {
	fmt.Fprintf(&c.b, `<circle class="%s" cx="%s" cy="%s" r="%s"/>`+"\n", class, short(x), short(y), short(r))
}

// point is a place on the canvas.
type point struct{ x, y float64 }

// path draws a line through points.
func (c *canvas) path(points []point, class string) {
	var d strings.Builder
	for i, p := range points {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		d.WriteString(letter + short(p.x) + " " + short(p.y))
	}
	fmt.Fprintf(&c.b, `<path class="%s" d="%s"/>`+"\n", class, d.String())
}

// dots draws round dots, one for all that would lie on the same spot, so that the picture stays small however many there are.
func (c *canvas) dots(points []point, class string) {
	taken := map[point]bool{}
	var d strings.Builder
	for _, p := range points {
		p = point{math.Round(p.x), math.Round(p.y)}
		if taken[p] {
			continue
		}
		taken[p] = true
		d.WriteString("M" + short(p.x) + " " + short(p.y) + "h0")
	}
	fmt.Fprintf(&c.b, `<path class="dots %s" d="%s"/>`+"\n", class, d.String())
}

// short is a coordinate with at most one digit after the point.
func short(v float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0") }
