package ledger

import (
	"math"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/limit"
	"github.com/stampede-load/stampede/internal/suspect"
	"github.com/stampede-load/stampede/internal/verdict"
)

// metaVersion goes up when an older program would misunderstand a result. New fields need no new version.
const metaVersion = 1

// meta is a result as it is kept, but for rows, errors, course and what the row of the run says. Durations are in ns.
type meta struct {
	Version int    `json:"version"`
	IO      string `json:"io"`

	Level      string          `json:"verdict"`
	Reasons    []string        `json:"reasons"`
	Shifts     []metaShift     `json:"shifts,omitempty"`
	Unbounded  bool            `json:"unbounded,omitempty"`
	Thresholds []metaThreshold `json:"thresholds"`

	Planned      int64         `json:"planned"`
	Sent         int64         `json:"sent"`
	Dropped      int64         `json:"dropped"`
	NotStarted   int64         `json:"not_started"`
	Lost         int64         `json:"lost_arrivals,omitempty"`
	InFlight     int64         `json:"in_flight"`
	Oldest       time.Duration `json:"oldest"`
	UsersStarted int64         `json:"users_started"`
	StartFailed  int64         `json:"start_failed"`
	Died         int64         `json:"died"`
	PeakUsers    int           `json:"peak_users"`

	Load          time.Duration `json:"load"`
	JudgedSeconds float64       `json:"judged_s"`
	WholeSeconds  float64       `json:"whole_s"`

	Phases      []metaPhase   `json:"phases"`
	Workers     []metaWorker  `json:"workers"`
	Environment []metaSetting `json:"environment"`
	Warnings    []string      `json:"warnings"`
	Notices     []string      `json:"notices"`
	Tasks       []metaTask    `json:"tasks,omitempty"`

	Servers  []byte           `json:"servers,omitempty"` // package monitor's compact form, zstd
	Suspects *suspect.Finding `json:"suspects,omitempty"`
	Limit    *limit.Answer    `json:"limit,omitempty"`
}

type metaShift struct {
	Name  string        `json:"name"`
	Shown time.Duration `json:"shown"`
	Least time.Duration `json:"least"`
}

type metaThreshold struct {
	Expr        string        `json:"expr"`
	Passed      bool          `json:"passed"`
	Judged      bool          `json:"judged"`
	Value       float64       `json:"value"`
	Limit       float64       `json:"limit"`
	Beyond      bool          `json:"beyond"`
	ValueText   string        `json:"value_text"`
	LimitText   string        `json:"limit_text"`
	Margin      float64       `json:"margin"`
	Reason      string        `json:"reason"`
	FirstBroken time.Duration `json:"first_broken"`
	Stop        bool          `json:"stop"`
}

type metaPhase struct {
	Name string        `json:"name"`
	From time.Duration `json:"from"`
	To   time.Duration `json:"to"`
}

type metaWorker struct {
	Number     int     `json:"number"`
	Name       string  `json:"name"`
	Users      int     `json:"users"`
	CPU        float64 `json:"cpu"`
	Sent       int64   `json:"sent"`
	Lost       bool    `json:"lost"`
	LastSecond int     `json:"last_second"`

	Host        string        `json:"host,omitempty"`
	Weight      float64       `json:"weight,omitempty"`
	Planned     int64         `json:"planned,omitempty"`
	Dropped     int64         `json:"dropped,omitempty"`
	Unsent      int64         `json:"unsent,omitempty"`
	Verdict     string        `json:"verdict,omitempty"`
	Reasons     []string      `json:"reasons,omitempty"`
	ClockOffset time.Duration `json:"clock_offset,omitempty"`
	ClockError  time.Duration `json:"clock_error,omitempty"`
	RTT         time.Duration `json:"rtt,omitempty"`
	Joined      time.Duration `json:"joined,omitempty"`
	Left        time.Duration `json:"left,omitempty"`
	Reason      string        `json:"reason,omitempty"`
}

func metaWorkerOf(w *stampede.Worker) metaWorker {
	return metaWorker{
		Number: w.Number, Name: clean(w.Name), Users: w.Users, CPU: finite(w.CPU), Sent: w.Sent, Lost: w.Gone, LastSecond: w.LastSecond,
		Host: clean(w.Host), Weight: finite(w.Weight), Planned: w.Planned, Dropped: w.Dropped, Unsent: w.Lost, Verdict: w.Verdict, Reasons: cleanAll(w.Reasons),
		ClockOffset: w.ClockOffset, ClockError: w.ClockError, RTT: w.RTT, Joined: w.Joined, Left: w.Left, Reason: clean(w.Reason),
	}
}

func (w *metaWorker) worker() stampede.Worker {
	return stampede.Worker{
		Number: w.Number, Name: w.Name, Users: w.Users, CPU: w.CPU, Sent: w.Sent, Gone: w.Lost, LastSecond: w.LastSecond,
		Host: w.Host, Weight: w.Weight, Planned: w.Planned, Dropped: w.Dropped, Lost: w.Unsent, Verdict: w.Verdict, Reasons: w.Reasons,
		ClockOffset: w.ClockOffset, ClockError: w.ClockError, RTT: w.RTT, Joined: w.Joined, Left: w.Left, Reason: w.Reason,
	}
}

type metaSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// metaTask is how often a task was picked.
type metaTask struct {
	UserType string  `json:"user_type"`
	Task     string  `json:"task"`
	Count    int64   `json:"count"`
	Wanted   float64 `json:"wanted"`
	Seen     float64 `json:"seen"`
	Odd      bool    `json:"odd,omitempty"`
}

func metaOf(r *stampede.Report) meta {
	m := meta{
		Version: metaVersion, IO: r.Run.IO, Level: r.Verdict.Level.String(), Reasons: cleanAll(r.Verdict.Reasons),
		Planned: r.Planned, Sent: r.Sent, Dropped: r.Dropped, NotStarted: r.NotStarted, Lost: r.Lost, InFlight: r.InFlight, Oldest: r.Oldest,
		UsersStarted: r.UsersStarted, StartFailed: r.StartFailed, Died: r.Died, PeakUsers: r.PeakUsers,
		Load: r.Run.Load, JudgedSeconds: finite(r.Judged.Seconds), WholeSeconds: finite(r.Whole.Seconds),
		Warnings: cleanAll(r.Warnings), Notices: cleanAll(r.Notices),
	}
	m.Unbounded = r.Verdict.Unbounded
	for _, s := range r.Verdict.Shifts {
		m.Shifts = append(m.Shifts, metaShift(s))
	}
	for i := range r.Thresholds {
		t := &r.Thresholds[i]
		m.Thresholds = append(m.Thresholds, metaThreshold{
			clean(t.Expr), t.Passed, t.Judged, finite(t.Value), finite(t.Limit), t.Beyond, t.ValueText, t.LimitText, finite(t.Margin), clean(t.Reason), t.FirstBroken, t.Stop,
		})
	}
	for _, p := range r.Phases {
		m.Phases = append(m.Phases, metaPhase(p))
	}
	for _, w := range r.Workers {
		m.Workers = append(m.Workers, metaWorkerOf(&w))
	}
	for _, s := range r.Environment {
		m.Environment = append(m.Environment, metaSetting{clean(s.Name), clean(s.Value)})
	}
	for _, t := range r.Tasks {
		m.Tasks = append(m.Tasks, metaTask{clean(t.UserType), clean(t.Task), t.Count, finite(t.Wanted), finite(t.Seen), t.Odd})
	}
	return m
}

// report is the way back: everything that m knows.
func (m *meta) report() *stampede.Report {
	r := &stampede.Report{
		Planned: m.Planned, Sent: m.Sent, Dropped: m.Dropped, NotStarted: m.NotStarted, Lost: m.Lost, InFlight: m.InFlight, Oldest: m.Oldest,
		UsersStarted: m.UsersStarted, StartFailed: m.StartFailed, Died: m.Died, PeakUsers: m.PeakUsers,
		Warnings: m.Warnings, Notices: m.Notices,
	}
	r.Verdict = verdict.Health{Level: levelOf(m.Level), Reasons: m.Reasons, Unbounded: m.Unbounded}
	for _, s := range m.Shifts {
		r.Verdict.Shifts = append(r.Verdict.Shifts, verdict.Shift(s))
	}
	for _, t := range m.Thresholds {
		r.Thresholds = append(r.Thresholds, verdict.Result{
			Expr: t.Expr, Passed: t.Passed, Judged: t.Judged, Value: t.Value, Limit: t.Limit, Beyond: t.Beyond, ValueText: t.ValueText,
			LimitText: t.LimitText, Margin: t.Margin, Reason: t.Reason, FirstBroken: t.FirstBroken, Stop: t.Stop,
		})
	}
	for _, p := range m.Phases {
		r.Phases = append(r.Phases, stampede.Phase(p))
	}
	for _, w := range m.Workers {
		r.Workers = append(r.Workers, w.worker())
	}
	for _, s := range m.Environment {
		r.Environment = append(r.Environment, stampede.Setting(s))
	}
	for _, t := range m.Tasks {
		r.Tasks = append(r.Tasks, stampede.TaskShare(t))
	}
	return r
}

// finite is v, or 0 for what JSON cannot hold: one such figure must not cost the whole result.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}

// levelOf is the level that a word names; one of a newer program is doubted.
func levelOf(word string) verdict.Level {
	for _, l := range []verdict.Level{verdict.Valid, verdict.Suspect, verdict.Invalid} {
		if l.String() == word {
			return l
		}
	}
	return verdict.Suspect
}
