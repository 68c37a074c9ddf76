package main

import (
	"image"
	"image/color"
	"math"
)

// size is the width and height of a picture in pixels; grid is how many points across each pixel are looked at, to smooth the edges.
const (
	size = 320
	grid = 3
)

// picture is a colour for each point of the unit square, x to the right and y down.
type picture struct {
	name string
	at   func(x, y float64) color.RGBA
}

// draw turns the picture into pixels.
func (p picture) draw() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			img.SetRGBA(px, py, p.pixel(px, py))
		}
	}
	return img
}

// pixel is the mean colour of the points inside one pixel.
func (p picture) pixel(px, py int) color.RGBA {
	var r, g, b int
	for sy := range grid {
		for sx := range grid {
			c := p.at((float64(px)+(float64(sx)+.5)/grid)/size, (float64(py)+(float64(sy)+.5)/grid)/size)
			r, g, b = r+int(c.R), g+int(c.G), b+int(c.B)
		}
	}
	const n = grid * grid
	return color.RGBA{R: uint8(r / n), G: uint8(g / n), B: uint8(b / n), A: 255}
}

// The colours of the tour.
func night() color.RGBA { return color.RGBA{0x12, 0x13, 0x1f, 255} }
func dusk() color.RGBA  { return color.RGBA{0x2a, 0x2c, 0x4a, 255} }
func glow() color.RGBA  { return color.RGBA{0xff, 0x9a, 0x5a, 255} }
func ember() color.RGBA { return color.RGBA{0xff, 0x5d, 0x5d, 255} }
func cream() color.RGBA { return color.RGBA{0xff, 0xf1, 0xdc, 255} }
func paper() color.RGBA { return color.RGBA{0xe9, 0xdc, 0xc6, 255} }

func pictures() []picture {
	return []picture{{"vinyl", vinyl}, {"tee", tee}, {"poster", poster}, {"pin", pin}}
}

// vinyl is a black record with an orange label, half out of the dark.
func vinyl(x, y float64) color.RGBA {
	r := math.Hypot(x-.5, y-.5)
	switch {
	case r < .015:
		return night()
	case r < .15:
		return mix(glow(), ember(), (y-.35)/.3)
	case r < .42:
		groove := .5 + .5*math.Cos(r*420)
		shine := math.Pow(math.Abs(math.Cos(math.Atan2(y-.5, x-.5)*2-.8)), 12)
		return mix(night(), dusk(), .25*groove+.6*shine)
	}
	return mix(glow(), ember(), (x+y)/2)
}

// tee is a night-blue shirt with the comet on its chest.
func tee(x, y float64) color.RGBA {
	body := x > .28 && x < .72 && y > .22 && y < .88
	sleeve := math.Abs(x-.5) < .42 && y > .22+.75*math.Max(0, math.Abs(x-.5)-.22) && y < .46+.25*(math.Abs(x-.5)-.22) && y > .22
	neck := math.Hypot(x-.5, (y-.2)*1.3) < .1
	if (!body && !sleeve) || neck {
		return paper()
	}
	if c, ok := comet((x-.36)/.28, (y-.34)/.28); ok {
		return c
	}
	return mix(dusk(), night(), (y-.22)/.8)
}

// poster is a sunset over the sea with the comet above.
func poster(x, y float64) color.RGBA {
	if x < .16 || x > .84 || y < .05 || y > .95 {
		return dusk()
	}
	if x < .18 || x > .82 || y < .07 || y > .93 {
		return paper()
	}
	if c, ok := comet((x-.3)/.42, (y-.14)/.42); ok {
		return c
	}
	if horizon := .72 + .012*math.Sin(x*40); y > horizon {
		stripe := .5 + .5*math.Sin(y*120+2*math.Sin(x*9))
		return mix(night(), ember(), .35*stripe*math.Max(0, 1-3*math.Abs(x-.5)))
	}
	if math.Hypot(x-.5, y-.72) < .16 {
		return mix(cream(), glow(), (y-.56)/.16)
	}
	return mix(mix(night(), ember(), y/.8), glow(), math.Max(0, y-.5)*2)
}

// pin is the comet on a round enamel badge.
func pin(x, y float64) color.RGBA {
	r := math.Hypot(x-.5, y-.5)
	switch {
	case r < .33:
		if c, ok := comet((x-.28)/.44, (y-.28)/.44); ok {
			return c
		}
		return mix(dusk(), night(), y)
	case r < .36:
		return mix(cream(), paper(), (x+y)/2)
	}
	return mix(ember(), glow(), x)
}

// comet is the mark of the band, flying to the upper right of the unit square. It reports false for points outside it.
func comet(x, y float64) (color.RGBA, bool) {
	const headX, headY, headR = .76, .24, .17
	if math.Hypot(x-headX, y-headY) < headR {
		return cream(), true
	}
	// Along the tail from the head (0) to its tip (1), and across it.
	along := ((headX - x) + (y - headY)) / math.Sqrt2
	across := math.Abs((headX-x)-(y-headY)) / math.Sqrt2
	if along > 0 && along < .95 && across < headR*(1-along/.95) {
		return mix(cream(), ember(), along/.8), true
	}
	return color.RGBA{}, false
}

// mix goes from a to b as t goes from 0 to 1, and stays there.
func mix(a, b color.RGBA, t float64) color.RGBA {
	t = math.Min(1, math.Max(0, t))
	between := func(from, to uint8) uint8 { return uint8(math.Round(float64(from) + t*(float64(to)-float64(from)))) }
	return color.RGBA{between(a.R, b.R), between(a.G, b.G), between(a.B, b.B), 255}
}
