package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/stampede-load/stampede/internal/schedule/scheduletest"
)

// cron holds ten years of fifty cron expressions in twenty time zones against robfig/cron: equal, or different by a rule that is stated.
func (b *bench) cron() error {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var all scheduletest.Result
	begun := time.Now()
	for _, zone := range scheduletest.Zones() {
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		r := scheduletest.Against([]string{zone}, from, from.AddDate(10, 0, 0))
		all.Equal, all.Moved, all.Repeated, all.Midnight = all.Equal+r.Equal, all.Moved+r.Moved, all.Repeated+r.Repeated, all.Midnight+r.Midnight
		all.Unexplained = append(all.Unexplained, r.Unexplained...)
	}
	fmt.Printf("%d expressions in %d zones over 10 years, in %s:\n", len(scheduletest.Expressions()), len(scheduletest.Zones()), time.Since(begun).Round(time.Second))
	fmt.Printf("  %d times are equal\n  %d only here: the first moment after a gap, for a time that the clocks skip\n  %d only in robfig/cron: the second of a time that they show twice\n"+
		"  %d of either alone, on days whose midnight the clocks skip: robfig/cron takes such a day for the one before it\n  %d unexplained\n",
		all.Equal, all.Moved, all.Repeated, all.Midnight, len(all.Unexplained))
	for i, text := range all.Unexplained {
		if i < 20 {
			fmt.Println("   ", text)
		}
	}
	if len(all.Unexplained) > 0 {
		return errors.New("there are differences that no rule explains")
	}
	return nil
}
