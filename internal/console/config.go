package console

import (
	"context"
	"io"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/stats"
)

// Config is what a console shows and does. The zero value shows the current run and nothing else.
type Config struct {
	Test   Test    // what can be run here
	Ledger Ledger  // the runs that were; nil when none is kept
	Start  Starter // starts runs; nil when this console only watches
	Pages  Pages   // writes runs for the page and as files; nil leaves those routes out
	Fleet  Fleet   // the workers; nil when there is one process alone
	// Schedules are runs that come by themselves; nil when none can.
	Schedules Schedules
	Access    Access
	// Base is the path that a reverse proxy puts before ours: "/load". Empty means none.
	Base string
	// Log is told, in one line, of what went wrong here and is no fault of whoever asked. nil is told nothing.
	Log func(string)
}

// Access says who may do what. The zero value lets everybody on this machine do everything.
type Access struct {
	Token string // who has it may do everything; empty asks nobody, and lets only this machine in
	Read  string // who has it may look; empty means that there is no such link
}

// Test is what can be started here.
type Test struct {
	Name     string
	Hash     string // tells tests apart: the same sources give the same
	Types    []stampede.Outline
	Host     string
	Settings []Setting
	Version  string
}

// Setting is one thing that a run can be told: a key of stampede.yaml.
type Setting struct {
	Key     string `json:"key" doc:"as in stampede.yaml"`
	Group   string `json:"group" doc:"the heading it stands under"`
	Arg     string `json:"arg" doc:"what a value looks like; empty for a switch"`
	Default string `json:"default" doc:"what holds when nothing is said"`
	Help    string `json:"help"`
	List    bool   `json:"list" doc:"takes several values"`
	Value   string `json:"value" doc:"what stampede.yaml or the environment say here; lists have a value a line"`
}

// Starter starts runs.
type Starter interface {
	// Begin starts a run as settings say (keys of stampede.yaml, values as they would stand there) and gives its id when it goes on. who
	// asked may be empty. Mistakes come back as [Mistakes].
	Begin(ctx context.Context, settings map[string]any, who string) (id string, err error)
	// Plan is the load that settings mean, or what is wrong with them, without starting anything.
	Plan(ctx context.Context, settings map[string]any) (stampede.Load, Mistakes)
}

// Mistake is something wrong with a setting.
type Mistake struct {
	Key  string // empty when it is about several
	Text string // as on the command line
}

// Mistakes is all that is wrong with the settings of a run.
type Mistakes []Mistake

// Error is one mistake a line.
func (m Mistakes) Error() string {
	text := ""
	for i, one := range m {
		if i > 0 {
			text += "\n"
		}
		text += one.Text
	}
	return text
}

// Run is a run in progress or one that has just ended.
type Run interface {
	Progress() stampede.Progress
	SoFar() *stampede.Report
	Series() *stats.Series
	Done() <-chan struct{}
	SetUsers(who string, n int, spawnRate float64) error
	SetRate(who string, perSecond float64) error
	Pause(who string)
	Resume(who string)
	Stop(who string)
	Annotate(who, text string)
	Servers() []stampede.ServerFigures // what was read of them so far; nil when none is watched
}

// Ledger is the runs that were. Runs are named as on the command line: an id, the beginning of one, "last", "last~2", "baseline", the name
// of a test. A run that is not there gives [ErrUnknown].
type Ledger interface {
	Runs(ctx context.Context) ([]Entry, error) // the earliest first
	Find(ctx context.Context, ref string) (Entry, error)
	// Report is a run without its course, or with the course of all requests together.
	Report(ctx context.Context, ref string, course bool) (*stampede.Report, error)
	// Whole is a run with the course of every name: it may take seconds.
	Whole(ctx context.Context, ref string) (*stampede.Report, error)
	Course(ctx context.Context, ref string, key stats.Key, from, to int) ([]stats.Point, error)
	Write(ctx context.Context, ref string, c Change) (Entry, error)
	Delete(ctx context.Context, ref string) error
	SetBaseline(ctx context.Context, ref string) (Entry, error)
	Import(ctx context.Context, name string, r io.Reader) (Imported, error)
	Export(ctx context.Context, w io.Writer, format string) error // xlsx, csv, json
	Trend(ctx context.Context, w io.Writer, q TrendQuery) error   // as JSON
	Carry(ctx context.Context, w io.Writer, ref string) error     // a run with all that is kept of it, for another ledger
	// Compare holds one run or several of each side against each other; of one each it can also give both for the page.
	Compare(ctx context.Context, w io.Writer, before, now []string, page bool) error
}

// Entry is a row of the ledger.
type Entry struct {
	stampede.RunInfo
	State      string
	Results    string
	Outcome    string // PASSED, FAILED, REGRESSED, INVALID, INTERRUPTED; empty for one that goes on, was cut off or came from a sheet
	Verdict    string
	Thresholds int
	Passed     int
	Requests   int64
	Failures   int64
	Rate       float64
	P50        time.Duration
	P95        time.Duration
	P99        time.Duration
	Commit     string
	Baseline   bool
}

// Change is what somebody writes into a row of the ledger. A nil field stays as it is.
type Change struct {
	Changes, Focus, Notes, Results *string
	Links, Tags                    *[]string
	WasNotes                       *string // what the notes were when editing began; nil does not ask
}

// Imported is what came of a sheet.
type Imported struct {
	Added  int      `json:"added"`
	Known  int      `json:"known" doc:"rows that were in the ledger already"`
	Doubts []string `json:"doubts" doc:"what a person should look at"`
}

// TrendQuery is which figure of which name over which runs.
type TrendQuery struct {
	Run, Type, Name, Metric string
}

// Pages writes runs for the page, and as files.
type Pages interface {
	// Page writes what the page shows of a run but for its course.
	Page(w io.Writer, r *stampede.Report) error
	// Row is one row as the page has it, as JSON.
	Row(row *stats.Row) ([]byte, error)
	// Servers writes what the servers of a run said, and which of their series gave way first: from a moment on, at most so many points of a
	// series; 0 means all.
	Servers(w io.Writer, r *stampede.Report, from time.Duration, points int) error
	// Formats are the files that can be written.
	Formats() []Format
}

// Format is a kind of file.
type Format struct {
	Name, Type string
	Write      func(w io.Writer, r *stampede.Report) error
}

// Fleet is the workers that runs are carried out by.
type Fleet interface {
	Workers() []Worker
	// Standing reports whether workers join here and stay from run to run: then none runs without them.
	Standing() bool
	// Drain lets a worker end its users' tasks and leave, for who asks; its load goes to the others. A name that none has gives [ErrNoWorker].
	Drain(name, who string) error
}

// Worker is one of them.
type Worker struct {
	Name        string  `json:"name"`
	Host        string  `json:"host"`
	Weight      float64 `json:"weight"`
	State       string  `json:"state" doc:"joining, ready, running, draining, lost"`
	Users       int     `json:"users"`
	Sent        int64   `json:"sent"`
	RTT         float64 `json:"rtt_ms"`
	ClockOffset float64 `json:"clock_offset_ms"`
	ClockError  float64 `json:"clock_error_ms"`
	Joined      string  `json:"joined,omitempty" doc:"RFC 3339"`
	Reason      string  `json:"reason,omitempty" doc:"why it is gone"`
}

// Schedules are runs that come by themselves. A schedule that is not there gives [ErrUnknown].
type Schedules interface {
	All(ctx context.Context) ([]Schedule, error)
	// Add keeps one. Mistakes in its settings come back as [Mistakes].
	Add(ctx context.Context, s Schedule, settings map[string]any) error
	Remove(ctx context.Context, name string) error
	Switch(ctx context.Context, name string, on bool) error
	Ask(ctx context.Context, name string) error // for a run out of turn
	// Accept says that a change is how things are now: the level that began with a run, or, where run is empty, the largest change that stands.
	Accept(ctx context.Context, name, run string) error
}

// Schedule is one of them.
type Schedule struct {
	Name     string              `json:"name"`
	Cron     string              `json:"cron"`
	Zone     string              `json:"tz" doc:"of the time zone database"`
	On       bool                `json:"on"`
	Late     float64             `json:"late_s" doc:"how long after its time a run may still begin"`
	Busy     bool                `json:"busy" doc:"it runs also when its machine is busy with something else"`
	Repeats  int                 `json:"repeat_when_unsure" doc:"how often a run that leaves its night open is made again at once"`
	Settings map[string][]string `json:"settings" doc:"keys of stampede.yaml"`
	Next     *time.Time          `json:"next" doc:"null when it is off"`
	Coming   []time.Time         `json:"coming" doc:"its times in the next five weeks, the first of them when they are many; none when it is off"`
	Turns    []Turn              `json:"turns" doc:"what became of the latest times, the earliest first"`
}

// Turn is what became of a time that was due.
type Turn struct {
	Due    time.Time  `json:"due"`
	Ended  *time.Time `json:"ended"`
	State  string     `json:"state" enum:"running,ran,skipped,missed,failed"`
	Run    string     `json:"run" doc:"its id; empty for none"`
	Missed int        `json:"missed" doc:"how many times it stands for"`
	Again  bool       `json:"again" doc:"it belongs to the turn before, which left its night open"`
	Words  string     `json:"words"`
	// Accepted says that the level which began with this run is how things are now.
	Accepted bool `json:"accepted"`
}
