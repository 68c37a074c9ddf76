package page

// look is how an element is laid out. Lengths are in CSS pixels.
type look struct {
	display                                        display
	position                                       position
	float                                          side
	clear                                          [2]bool // left, right
	width, height, minW, maxW, minH, maxH, basis   length
	margin, padding, inset                         edges
	border                                         [4]float64
	ratio                                          float64 // width for each of height; zero for none
	size, line                                     float64 // of the font, and of a line of it
	ratioOfLine                                    float64 // the line height for each of the font's size; zero when the line is given in pixels
	grow, shrink                                   float64
	order                                          int
	gap                                            [2]length // between rows, between columns
	gridColumns, gridRows, gridAreas, gridAutoRows string
	at                                             [4]string // lines of a grid: row start, column start, row end, column end
	columns                                        int
	columnWidth                                    length
	pseudo                                         [2]*look // before and after, if they are boxes of their own
	align, alignSelf                               string
	borderBox, clip, nowrap, sans                  bool
	cuts                                           bool // overflow: clip
	bar                                            bar  // at the bottom
	upright, wrap, reverse, dense, spans           bool // upright is a column of flex
	hang                                           bool // it does not stand on the base of its line
	hasInset                                       [4]bool
}

type (
	display  uint8
	position uint8
	side     uint8
	edges    [4]length // top, right, bottom, left
	bar      uint8
)

const (
	noBar bar = iota
	barIfOver
	barAlways
	barHidden
)

const (
	inlineBox display = iota
	blockBox
	inlineBlock
	flexBox
	inlineFlex
	gridBox
	inlineGrid
	tableBox
	inlineTable
	rowGroup
	tableRow
	tableCell
	noBox
	contentsBox
)

const (
	inFlow position = iota
	relative
	absolutely
	fixed
)

const (
	leftSide side = iota + 1
	rightSide
)

func (k *look) outOfFlow() bool { return k.position >= absolutely }

// inLine reports whether an element stands in a line of text.
func (k *look) inLine() bool {
	return k.display == inlineBox || k.display == inlineBlock || k.display == inlineFlex || k.display == inlineGrid || k.display == inlineTable
}

// alone reports whether floats and margins of what is in an element stay in it.
func (k *look) alone() bool {
	return k.display != blockBox || k.clip || k.float != 0 || k.outOfFlow() || k.columns > 0 || k.columnWidth.kind != autoLength
}

// settleLine is the height of a line once the font is known.
func (k *look) settleLine() {
	if k.ratioOfLine > 0 {
		k.line = k.ratioOfLine * k.size
	}
}

// usualLine is line-height: normal.
const usualLine = 1.15

var displayWords = map[string]display{
	"block": blockBox, "list-item": blockBox, "flow-root": blockBox, "inline": inlineBox, "inline-block": inlineBlock, "flex": flexBox, "-webkit-box": flexBox,
	"-webkit-flex": flexBox, "inline-flex": inlineFlex, "grid": gridBox, "inline-grid": inlineGrid, "table": tableBox, "inline-table": inlineTable,
	"table-row-group": rowGroup, "table-header-group": rowGroup, "table-footer-group": rowGroup, "table-row": tableRow, "table-cell": tableCell,
	"table-caption": blockBox, "none": noBox, "contents": contentsBox,
}
