package main

import (
	"fmt"
	"time"
)

// The stretch of the run that overTime shows.
const (
	shownFrom  = 9 * time.Second
	shownUntil = 14 * time.Second
	tallest    = 2240 * time.Millisecond
)

// panel is one of the two halves of overTime.
type panel struct {
	left, top, width, height float64
	s                        *seen
	title, below, class      string
	beside                   []string
}

func (p *panel) x(at time.Duration) float64 {
	return p.left + p.width*float64(at-shownFrom)/float64(shownUntil-shownFrom)
}

func (p *panel) y(took time.Duration) float64 {
	return p.top + p.height*(1-float64(took)/float64(tallest))
}

// overTime draws each request at the time it was sent, as high as it took: few dots where users wait for the server, a long slope where
// visitors keep coming.
func overTime(closed, open *seen) string {
	c := newCanvas(860, 394, "How long requests took while the server stood still for two seconds: few were held up under a closed load, "+
		"two thousand under an open one")
	c.text(24, 30, "ink title", "start", "The same two seconds, seen by two load models")
	c.text(24, 50, "faint", "start", "each dot is a request: when it was sent, and how long it took")
	for i, p := range []*panel{
		{
			s: closed, class: "closed", title: fmt.Sprintf("Closed: %d users who wait for their answer", users), beside: []string{"nobody asked", "meanwhile"},
			below: fmt.Sprintf("%s were held up; p99 says %s", requests(closed.held()), words(closed.quantile(0.99))),
		},
		{
			s: open, class: "open", title: fmt.Sprintf("Open: %s visitors arrive each second", thousands(rate)), beside: []string{"each waited for", "the rest of it"},
			below: fmt.Sprintf("%s were held up; p99 says %s", requests(open.held()), words(open.quantile(0.99))),
		},
	} {
		p.left, p.top, p.width, p.height = 58+float64(i)*414, 104, 352, 222
		p.draw(c)
	}
	return c.String()
}

func (p *panel) draw(c *canvas) {
	c.text(p.left, p.top-14, p.class+"Text head", "start", p.title)
	bottom := p.top + p.height
	for s := range 3 {
		y := p.y(time.Duration(s) * time.Second)
		c.line(p.left, y, p.left+p.width, y, "grid")
		c.text(p.left-8, y+4, "faint", "end", fmt.Sprintf("%d s", s))
	}
	from, until := p.x(p.s.from), p.x(p.s.until)
	c.rect(from, p.top, until-from, p.height, "ice")
	c.text((from+until)/2, p.top+13, "faint", "middle", "server stands still")
	for at := shownFrom; at <= shownUntil; at += time.Second {
		x := p.x(at)
		c.line(x, bottom, x, bottom+4, "axis")
		c.text(x, bottom+19, "faint", "middle", fmt.Sprintf("%d s", int(at.Seconds())))
	}
	c.line(p.left, bottom, p.left+p.width, bottom, "axis")
	var points []point
	for _, d := range p.s.dots {
		if d.at >= shownFrom && d.at <= shownUntil {
			points = append(points, point{p.x(d.at), p.y(min(d.took, tallest))})
		}
	}
	c.dots(points, p.class)
	for i, line := range p.beside {
		c.text(p.x(p.s.until)+10, p.y(1250*time.Millisecond)+18*float64(i), "faint", "start", line)
	}
	c.text(p.left, bottom+48, "ink", "start", p.below)
}

func requests(n int) string {
	if n == 1 {
		return "1 request"
	}
	return thousands(n) + " requests"
}

// thousands writes a number below a million with its comma.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// words is a time with about three digits.
func words(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	default:
		return fmt.Sprintf("%.2g ms", float64(d)/1e6)
	}
}
