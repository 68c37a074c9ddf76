package reporttest

import (
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// What is made must fit together as the result of a real run does: totals are the sum of the rows, and of the series.
func TestMadeReportsFitTogether(t *testing.T) {
	for name, make := range map[string]func() *stampede.Report{
		"Sample": Sample, "Empty": Empty, "One": One, "AllFailed": AllFailed, "Open": Open, "Hostile": Hostile,
		"Many": func() *stampede.Report { return Many(100) },
		"Make": func() *stampede.Report {
			return Make(Options{Names: 3, Seconds: 5000, Rate: 10, Stretch: RolledUp(5000)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := make()
			var rows, course stats.Row
			for i := range r.Judged.Rows {
				if r.Judged.Rows[i].Type != stats.StepType {
					rows.Add(&r.Judged.Rows[i])
				}
			}
			end := 0
			for sec := range r.Series.Seconds() {
				if sec.Index != end {
					t.Fatalf("a gap in the series from second %d to %d", end, sec.Index)
				}
				end = sec.Index + sec.Width
				course.Add(&sec.Total)
			}
			total := &r.Judged.Total
			if rows.Count != total.Count || !rows.Response.Equal(&total.Response) {
				t.Errorf("rows add up to %d requests, the total is %d", rows.Count, total.Count)
			}
			if course.Count != total.Count || !course.Response.Equal(&total.Response) || course.Failures != total.Failures {
				t.Errorf("the series adds up to %d requests, the total is %d", course.Count, total.Count)
			}
			if end != int(r.Judged.Seconds) {
				t.Errorf("the series ends at second %d of %v", end, r.Judged.Seconds)
			}
			if again := make(); !again.Judged.Total.Response.Equal(&total.Response) || again.Judged.Total.BytesIn != total.BytesIn {
				t.Error("the second time it is another run")
			}
		})
	}
}
