package page

import (
	"strings"
	"sync"
)

// validWords reports whether the words in a value are ones that its property may hold: Chromium drops the whole declaration for one that is
// not, and with it goes what it would have asked for, or taken the place of.
func validWords(name, value string) bool {
	switch name {
	case "background", "background-image", "border-image", "border-image-source", "mask", "mask-image":
	case "cursor":
		list := splitTop(value, ',')
		return cursorWord(lower(trim(list[len(list)-1]))) // what is shown when nothing can be loaded must be said
	default:
		return true
	}
	layers := splitTop(value, ',')
	for i, layer := range layers {
		if trim(layer) == "" || !validLayer(name, layer, i == len(layers)-1) {
			return false
		}
	}
	return true
}

// validLayer is validWords for one of several values. A color stands in the last one alone.
func validLayer(name, value string, last bool) bool {
	images, colors, places, placed := 0, 0, 0, false
	for _, w := range splitTop(strings.ReplaceAll(value, "/", " / "), ' ') {
		w = lower(trim(w))
		switch {
		case w == "":
		case strings.Contains(w, "!"):
			return false
		case strings.IndexByte(w, '(') > 0:
			if word := w[:strings.IndexByte(w, '(')]; word == "url" || strings.HasSuffix(word, "gradient") || strings.HasSuffix(word, "image-set") {
				images++
			} else if name == "background" && colorFunction(word) {
				colors++
			}
			if !strings.HasSuffix(w, ")") { // two things without a space between them
				return true
			}
		case w == "/":
			if !placed && (name == "background" || name == "mask") {
				return false // a size stands behind a place
			}
			places = 0
		case w[0] == '#':
			colors++
		case w[0] >= '0' && w[0] <= '9' || w[0] == '-' || w[0] == '+' || w[0] == '.':
			places, placed = places+1, true
		case w[0] >= 0x80 || w[0] == '"' || w[0] == '\'' || w[0] == '_' || w[0] == '\\':
			return true // nothing that is looked into
		case layerWord(name, w):
			placed = placed || w == "left" || w == "right" || w == "top" || w == "bottom" || w == "center"
		default:
			if _, ok := colorNames()[w]; !ok || name != "background" {
				return false
			}
			colors++
		}
	}
	if (name == "background-image" || name == "mask-image") && places > 0 {
		return false
	}
	return images < 2 && colors < 2 && (colors == 0 || last) && (places < 5 || name == "border-image")
}

func colorFunction(name string) bool {
	switch name {
	case "rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix":
		return true
	}
	return false
}

// layerWord are the words of a property, beside those of colors.
func layerWord(name, w string) bool {
	switch w {
	case "none", "inherit", "initial", "unset", "revert", "revert-layer":
		return true
	}
	if strings.HasPrefix(w, "-webkit-") || strings.HasPrefix(w, "-internal-") {
		return true
	}
	switch name {
	case "background", "mask":
		switch w {
		case "repeat", "repeat-x", "repeat-y", "no-repeat", "space", "round", "scroll", "fixed", "local", "left", "right", "top", "bottom", "center", "auto", "cover",
			"contain", "border-box", "padding-box", "content-box", "text", "border-area":
			return true
		case "alpha", "luminance", "match-source", "add", "subtract", "intersect", "exclude", "no-clip", "fill-box", "stroke-box", "view-box", "border", "padding", "content":
			return name == "mask"
		}
	case "border-image":
		switch w {
		case "fill", "auto", "stretch", "repeat", "round", "space":
			return true
		}
	}
	return false
}

func cursorWord(w string) bool {
	switch w {
	case "auto", "default", "none", "context-menu", "help", "pointer", "progress", "wait", "cell", "crosshair", "text", "vertical-text", "alias", "copy", "move", "no-drop",
		"not-allowed", "grab", "grabbing", "all-scroll", "col-resize", "row-resize", "n-resize", "e-resize", "s-resize", "w-resize", "ne-resize", "nw-resize", "se-resize",
		"sw-resize", "ew-resize", "ns-resize", "nesw-resize", "nwse-resize", "zoom-in", "zoom-out", "hand", "inherit", "initial", "unset", "revert", "revert-layer":
		return true
	}
	return strings.HasPrefix(w, "-webkit-")
}

// colorNames are the names of colors.
var colorNames = sync.OnceValue(func() map[string]struct{} {
	known := map[string]struct{}{}
	for name := range strings.FieldsSeq(colorWords) {
		known[name] = struct{}{}
	}
	return known
})

const colorWords = `
aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood cadetblue chartreuse chocolate coral
cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange
darkorchid darkred darksalmon darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray dimgrey
dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green greenyellow grey honeydew hotpink indianred
indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey
lightpink lightsalmon lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta maroon
mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen mediumturquoise mediumvioletred midnightblue
mintcream mistyrose moccasin navajowhite navy oldlace olive olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred
papayawhip peachpuff peru pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen seashell sienna
silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato turquoise violet wheat white whitesmoke yellow
yellowgreen transparent currentcolor accentcolor accentcolortext activetext buttonborder buttonface buttontext canvas canvastext field fieldtext
graytext highlight highlighttext linktext mark marktext selecteditem selecteditemtext visitedtext activeborder activecaption appworkspace background
buttonhighlight buttonshadow captiontext inactiveborder inactivecaption inactivecaptiontext infobackground infotext menu menutext scrollbar
threeddarkshadow threedface threedhighlight threedlightshadow threedshadow window windowframe windowtext`
