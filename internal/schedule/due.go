package schedule

import "time"

// Late is how long after its time a run may still begin when nothing else is said.
const Late = time.Hour

// Due is what a schedule has to do.
type Due struct {
	Run     time.Time // this one is to be carried out now; zero for none
	Missed  int       // so many before it are over
	From    time.Time // the first of those that are over
	To      time.Time // and the last
	Next    time.Time // when there is something to do again, if nothing is now
	Overdue bool      // Run was due longer than a minute ago
}

// DueAt says what is to be done at a moment, when all up to done is taken care of. Of several times that have passed only the last is carried out, and that
// only if it is no longer ago than late; zero means [Late]. The others are missed.
func (c *Cron) DueAt(done, now time.Time, late time.Duration) Due {
	if late <= 0 {
		late = Late
	}
	var d Due
	const most = 100_000 // a schedule of every minute that nobody looked after for two months
	at := c.Next(done)
	for n := 0; !at.IsZero() && !at.After(now) && n < most; n++ {
		if !d.Run.IsZero() {
			d.miss(d.Run)
		}
		d.Run, at = at, c.Next(at)
	}
	if d.Next = at; !d.Run.IsZero() && now.Sub(d.Run) > late {
		d.miss(d.Run)
		d.Run = time.Time{}
	}
	d.Overdue = !d.Run.IsZero() && now.Sub(d.Run) > time.Minute
	return d
}

func (d *Due) miss(at time.Time) {
	if d.Missed == 0 {
		d.From = at
	}
	d.Missed, d.To = d.Missed+1, at
}

// Count is how many times have come.
func (d *Due) Count() int {
	if d.Run.IsZero() {
		return d.Missed
	}
	return d.Missed + 1
}

// GiveUp counts the time that could be carried out among those that were missed.
func (d *Due) GiveUp() {
	if !d.Run.IsZero() {
		d.miss(d.Run)
		d.Run = time.Time{}
	}
}
