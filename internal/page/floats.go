package page

// floats are the boxes that lines of a block formatting context make room for; they are seen from the corner of its content.
type floats struct{ boxes []floatBox }

type floatBox struct {
	rect
	side side
}

// edges are how far the floats at a height reach into left..right, and where the first of them ends.
func (f *floats) edges(y, left, right float64) (l, r, end float64) {
	l, r, end = left, right, -1
	for i := range f.boxes {
		b := &f.boxes[i]
		if y < b.y || y >= b.y+b.h {
			continue
		}
		if b.side == leftSide {
			l = max(l, b.x+b.w)
		} else {
			r = min(r, b.x)
		}
		if end < 0 || b.y+b.h < end {
			end = b.y + b.h
		}
	}
	return l, r, end
}

// fit is the first height from y on at which so much room is between left and right.
func (f *floats) fit(y, w, left, right float64) (l, r, at float64) {
	for range len(f.boxes) + 1 {
		l, r, end := f.edges(y, left, right)
		if r-l >= w-0.01 || end < 0 {
			return l, r, y
		}
		y = end
	}
	return left, right, y
}

// below is the height from which on no floats of the sides stand.
func (f *floats) below(y float64, clear [2]bool) float64 {
	for i := range f.boxes {
		if b := &f.boxes[i]; clear[b.side-leftSide] {
			y = max(y, b.y+b.h)
		}
	}
	return y
}

// float takes a box to a side.
func (f *flower) float(c int32, k *look) {
	w := f.width(c, f.cw, true)
	h := f.lay(c, w, f.cw, f.tall, -1, nil, 0, 0)
	ml, mr, mt, mb := k.margin[3].of(f.cw), k.margin[1].of(f.cw), k.margin[0].of(f.cw), k.margin[2].of(f.cw)
	y := f.fy + f.y + f.margin
	if f.line.open && f.line.x+ml+w+mr > f.line.right && f.line.x > f.line.left {
		y += max(f.line.above+f.line.beneath, f.line.tall)
	}
	for i := range f.fs.boxes { // none stands above one that came before
		y = max(y, f.fs.boxes[i].y)
	}
	y = f.fs.below(y, k.clear)
	left, right, y := f.fs.fit(y, ml+w+mr, f.fx, f.fx+f.cw)
	x := left
	if k.float == rightSide {
		x = right - (ml + w + mr)
	}
	f.fs.boxes = append(f.fs.boxes, floatBox{rect{x, y, ml + w + mr, mt + h + mb}, k.float})
	f.put(c, f.n, x-f.fx+ml, y-f.fy+mt)
	if f.line.open {
		l, r, _ := f.fs.edges(f.fy+f.y, f.fx, f.fx+f.cw)
		f.line.x += l - f.fx - f.line.left
		f.line.left, f.line.right = l-f.fx, r-f.fx
	}
}
