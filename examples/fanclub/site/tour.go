package site

// show is one evening of the tour.
type show struct {
	Day, Month  string
	City, Venue string
	Left        string // how many tickets are left, in words
}

// shows is the tour. The places are real, the dates are nobody's.
func shows() []show {
	return []show{
		{"06", "Mar", "Lisbon", "Old Ropeworks", "Few left"},
		{"09", "Mar", "Bilbao", "Sala Faro", "On sale"},
		{"13", "Mar", "Lyon", "Halle 7", "On sale"},
		{"16", "Mar", "Basel", "Kaskadenhof", "Last 50"},
		{"20", "Mar", "Leipzig", "Werk Zwei", "On sale"},
		{"23", "Mar", "Gdańsk", "Shipyard Hall", "On sale"},
		{"27", "Mar", "Malmö", "Frihamnen 12", "Few left"},
		{"30", "Mar", "Glasgow", "The Lantern Rooms", "Sold out"},
	}
}

// good is something the store sells.
type good struct {
	Name, Text, Image, Price string
}

// goods is what the store sells.
func goods() []good {
	return []good{
		{"Afterglow LP", "180 g, sunset orange, with lyric sheet", "vinyl.png", "27.00"},
		{"Comet tee", "Organic cotton, night blue", "tee.png", "24.00"},
		{"Tour poster", "Screen print, 50 x 70 cm, numbered", "poster.png", "18.00"},
		{"Enamel pin", "Tin, of course", "pin.png", "7.50"},
	}
}
