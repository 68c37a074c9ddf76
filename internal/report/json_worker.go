package report

import (
	"encoding/json"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// arrivalsLost is how many arrivals a lost worker never sent. Older results said only whether a worker was lost.
type arrivalsLost int64

// UnmarshalJSON reads a number, and true or false as none.
func (l *arrivalsLost) UnmarshalJSON(b []byte) error {
	if s := string(b); s == "true" || s == "false" {
		*l = 0
		return nil
	}
	return json.Unmarshal(b, (*int64)(l))
}

func jsonWorkerOf(w *stampede.Worker) jsonWorker {
	return jsonWorker{
		Number: w.Number, Name: w.Name, Users: w.Users, CPU: round(finite(w.CPU), 4), Sent: w.Sent, Lost: arrivalsLost(w.Lost), LastSecond: w.LastSecond,
		Host: w.Host, Weight: finite(w.Weight), Planned: w.Planned, Dropped: w.Dropped, UsersPeak: w.Users, Verdict: w.Verdict, Reasons: w.Reasons,
		ClockOffset: inMillis(w.ClockOffset), ClockError: inMillis(w.ClockError), RTT: inMillis(w.RTT),
		Joined: format.Seconds(w.Joined), Left: format.Seconds(w.Left), Reason: w.Reason, Gone: w.Gone,
	}
}

// inMillis is a time in milliseconds, to the microsecond.
func inMillis(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }

// fromMillis is the way back.
func fromMillis(ms float64) time.Duration { return time.Duration(finite(ms) * 1e6) }

func (j *jsonWorker) restore(r *stampede.Report) error {
	w := stampede.Worker{
		Number: j.Number, Name: j.Name, Users: j.Users, CPU: j.CPU, Sent: j.Sent, Lost: int64(j.Lost), LastSecond: j.LastSecond,
		Host: j.Host, Weight: j.Weight, Planned: j.Planned, Dropped: j.Dropped, Verdict: j.Verdict, Reasons: j.Reasons,
		ClockOffset: fromMillis(j.ClockOffset), ClockError: fromMillis(j.ClockError), RTT: fromMillis(j.RTT), Reason: j.Reason, Gone: j.Gone,
	}
	for _, t := range []struct {
		into *time.Duration
		from float64
	}{{&w.Joined, j.Joined}, {&w.Left, j.Left}} {
		if err := restoreTime(t.into, t.from, 1e9); err != nil {
			return err
		}
	}
	r.Workers = append(r.Workers, w)
	return notNegative(int64(j.Number), int64(j.Users), j.Sent, int64(j.Lost), j.Planned, j.Dropped)
}
