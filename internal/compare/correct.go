package compare

import (
	"math"

	"github.com/stampede-load/stampede/internal/verdict"
)

// correct fills in P: the chances of all figures, adjusted for how many there are. See Compare.
func correct(rows []Row) {
	if len(rows) <= 2 { // a single name is all requests together once more
		adjust(rows, 1)
		return
	}
	adjust(rows[:1], 2)
	adjust(rows[1:], 2)
}

// adjust adjusts one family of figures, which has so small a part of the level.
func adjust(rows []Row, part float64) {
	var chances []float64
	var figures []*Figure
	for i := range rows {
		for k := range rows[i].Figures {
			if f := &rows[i].Figures[k]; f.Known() && !math.IsNaN(f.Chance) {
				chances = append(chances, f.Chance)
				figures = append(figures, f)
			}
		}
	}
	for i, p := range verdict.Holm(chances) {
		figures[i].P = min(1, p*part)
	}
}
