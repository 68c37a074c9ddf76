package stats

import (
	"slices"
	"time"
)

// shortest is the least that Fine and Medium shrink to.
const shortest = 10 * time.Second

// rollUp makes longer stretches of what has grown old, and of more when there is still too much: longer ones of the oldest when they
// are most of it, else sooner ones of the others.
func (s *Series) rollUp() {
	last := s.levels[0][len(s.levels[0])-1]
	end := last.from + last.width
	for {
		fine := int(s.opt.Fine / time.Second)
		s.roll(0, 10, end-fine)
		s.roll(1, 60, end-fine-int(s.opt.Medium/time.Second))
		if s.bytes <= s.opt.MaxBytes {
			return
		}
		oldest := 0
		for _, p := range s.levels[2] {
			oldest += p.bytes()
		}
		shrinks := s.opt.Fine > shortest || s.opt.Medium > shortest
		switch {
		case shrinks && oldest <= s.opt.MaxBytes/2:
			s.opt.Fine, s.opt.Medium = max(s.opt.Fine/2, shortest), max(s.opt.Medium/2, shortest)
		case len(s.levels[2]) > 1:
			s.thin()
		default:
			return
		}
	}
}

// roll joins the stretches of a level that end at or before a second, in blocks of a width, and moves them to the next level.
func (s *Series) roll(level, width, before int) {
	points := s.levels[level]
	for len(points) > 0 && (points[0].from/width+1)*width <= before {
		n := blockOf(points, width)
		s.levels[level+1] = append(s.levels[level+1], s.replace(points[:n]))
		points = points[n:]
	}
	if len(points) < len(s.levels[level]) {
		s.levels[level] = slices.Clone(points) // forget those that were joined
	}
}

// thin halves the number of stretches of the last level, or nearly so.
func (s *Series) thin() {
	half := len(s.levels[2]) / 2
	s.widen()
	for len(s.levels[2]) > max(half, 1) {
		s.top *= 2
		s.widen()
	}
}

// widen joins the stretches of the last level in blocks of top.
func (s *Series) widen() {
	var wide []*point
	for points := s.levels[2]; len(points) > 0; {
		n := blockOf(points, s.top)
		wide = append(wide, s.replace(points[:n]))
		points = points[n:]
	}
	s.levels[2] = wide
}

// blockOf is how many of the first stretches begin in the same block of a width.
func blockOf(points []*point, width int) int {
	n := 1
	for n < len(points) && points[n].from/width == points[0].from/width {
		n++
	}
	return n
}

// replace joins neighbouring stretches into one and keeps count of the bytes.
func (s *Series) replace(points []*point) *point {
	p := points[0]
	if len(points) > 1 {
		p = join(points)
	}
	for _, old := range points {
		s.bytes -= old.bytes()
	}
	s.bytes += p.bytes()
	return p
}
