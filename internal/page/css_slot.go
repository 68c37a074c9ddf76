package page

// slot is a property, or several that take each other's place.
type slot uint8

const (
	slotNone slot = iota
	slotDisplay
	slotVisibility // of the content
	slotFamily
	slotWeight
	slotStyle
	slotStretch
	slotTransform
	slotBackground
	slotList
	slotBorder
	slotMask
	slotCursor
	slotFilter
	slotBackdrop
	slotClip
	slotShape
	slotContent
	slotMaskBox
	slotReflect
	slotFill
	slotStroke
	slotMarker
	slotAnimation
	slotWidth
	slotHeight
	slotMinHeight
	slotContainer
	slotContainerName
	slotListType
	slotInitial // of @property
	slotCustom
	slots
)

// slotOf is the slot of a property.
func slotOf(name string) slot {
	switch name {
	case "display":
		return slotDisplay
	case "content-visibility":
		return slotVisibility
	case "background", "background-image":
		return slotBackground
	case "list-style", "list-style-image":
		return slotList
	case "border-image", "border-image-source", "-webkit-border-image", "border":
		return slotBorder
	case "mask", "mask-image", "-webkit-mask", "-webkit-mask-image":
		return slotMask
	case "cursor":
		return slotCursor
	case "filter", "-webkit-filter":
		return slotFilter
	case "backdrop-filter":
		return slotBackdrop
	case "clip-path", "-webkit-clip-path":
		return slotClip
	case "shape-outside", "-webkit-shape-outside":
		return slotShape
	case "content":
		return slotContent
	case "-webkit-mask-box-image", "-webkit-mask-box-image-source":
		return slotMaskBox
	case "-webkit-box-reflect":
		return slotReflect
	case "animation", "animation-name", "-webkit-animation", "-webkit-animation-name":
		return slotAnimation
	case "fill":
		return slotFill
	case "stroke":
		return slotStroke
	case "marker", "marker-start", "marker-mid", "marker-end":
		return slotMarker
	case "width":
		return slotWidth
	case "height":
		return slotHeight
	case "min-height":
		return slotMinHeight
	case "container", "container-type":
		return slotContainer
	case "container-name":
		return slotContainerName
	case "list-style-type":
		return slotListType
	case "initial-value":
		return slotInitial
	}
	return fontSlot(name)
}

// fontSlot is the slot of a property of text.
func fontSlot(name string) slot {
	switch name {
	case "font-family":
		return slotFamily
	case "font-weight":
		return slotWeight
	case "font-style":
		return slotStyle
	case "font-stretch", "font-width":
		return slotStretch
	case "text-transform":
		return slotTransform
	}
	return slotNone
}
