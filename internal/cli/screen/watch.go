package screen

import (
	"context"
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
)

// Controls is what a dashboard can see and do of a run. A *stampede.Running has it all.
type Controls interface {
	Live() stampede.Live
	Done() <-chan struct{}
	SetUsers(n int, spawnRate float64) error
	SetRate(perSecond float64) error
	Pause()
	Resume()
	Stop(reason string)
}

// Terminal is where a dashboard is drawn and where its keys come from.
type Terminal struct {
	In          io.Reader
	Out         io.Writer
	Environ     []string
	Colour      bool
	Interrupted func() // called for each q and each Ctrl-C: in raw mode the terminal sends no signals
}

// Watch draws the dashboard until the run is done. It takes the whole screen and gives it back as it was.
func Watch(ctx context.Context, run Controls, t Terminal) error {
	w := &watcher{run: run, terminal: t}
	w.dashboard.Colour = t.Colour
	w.dashboard.Live = run.Live()
	program := tea.NewProgram(w,
		tea.WithContext(ctx), tea.WithInput(t.In), tea.WithOutput(t.Out), tea.WithEnvironment(t.Environ),
		tea.WithoutSignalHandler(), tea.WithFPS(30))
	_, err := program.Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil // the run is over, or somebody gave up on it: not the dashboard's failure
	}
	return err
}

// watcher is the dashboard as bubbletea sees it.
type watcher struct {
	run       Controls
	terminal  Terminal
	dashboard Dashboard

	quits    int       // how often q or Ctrl-C was pressed
	wanted   float64   // the users or arrivals a second asked for last
	askedAt  time.Time // when; a series of key presses adds up
	noticeAt time.Time
}

// refresh is how often the dashboard looks at the run. Looking costs time that the load could use: at 200 names about 8 ms each.
const refresh = 500 * time.Millisecond

// looked asks for a new look at the run.
type looked time.Time

// ended says that the run is done.
type ended struct{}

// Init starts looking, and waits for the end.
func (w *watcher) Init() tea.Cmd {
	return tea.Batch(look(), func() tea.Msg {
		<-w.run.Done()
		return ended{}
	})
}

func look() tea.Cmd { return tea.Tick(refresh, func(t time.Time) tea.Msg { return looked(t) }) }

// Update takes a key, a new size or a tick.
func (w *watcher) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		w.dashboard.Width, w.dashboard.Height = msg.Width, msg.Height
	case looked:
		w.dashboard.Live = w.run.Live()
		if w.quits == 0 && time.Time(msg).Sub(w.noticeAt) > 3*time.Second {
			w.dashboard.Notice = ""
		}
		return w, look()
	case ended:
		return w, tea.Quit
	case tea.KeyPressMsg:
		if w.dashboard.Typing {
			w.typed(msg.String(), msg.Text)
		} else {
			w.key(msg.String())
		}
	}
	return w, nil
}

// View is the field as it is drawn.
func (w *watcher) View() tea.View {
	text := ""
	if w.dashboard.Width > 0 {
		text = w.dashboard.String()
	}
	v := tea.NewView(text)
	v.AltScreen = true
	v.WindowTitle = "stampede: " + clean(w.dashboard.Live.Run.Name)
	return v
}

// key does what a key stands for.
func (w *watcher) key(name string) {
	switch name {
	case "+", "=":
		w.change(1)
	case "-", "_":
		w.change(-1)
	case ">", ".":
		w.change(10)
	case "<", ",":
		w.change(-10)
	case "]":
		w.change(100)
	case "[":
		w.change(-100)
	case "p", "space":
		if w.dashboard.Live.State == "paused" {
			w.run.Resume()
		} else {
			w.run.Pause()
		}
		w.dashboard.Live = w.run.Live()
	case "s":
		w.run.Stop("stopped by hand")
		w.notice("stopping: tasks that have begun may end; q twice ends them now")
	case "q", "ctrl+c":
		w.quits++
		w.dashboard.Notice = "stopping: tasks that have begun may end; press q again to end them now"
		if w.quits > 1 {
			w.dashboard.Notice = "ending now"
		}
		w.terminal.Interrupted()
	case "o":
		w.dashboard.Sort, w.dashboard.Scroll = (w.dashboard.Sort+1)%orders, 0
		w.notice("names are sorted: " + w.dashboard.Sort.String())
	case "/":
		w.dashboard.Typing, w.dashboard.Scroll = true, 0
	case "esc":
		w.dashboard.Filter = ""
	default:
		w.scroll(name)
	}
}

// scroll moves through the names.
func (w *watcher) scroll(name string) {
	d := &w.dashboard
	most := max(len(d.Live.Rows), len(d.Live.Recent))
	page := max(d.Height-16, 4)
	by, known := map[string]int{"up": -1, "k": -1, "down": 1, "j": 1, "pgup": -page, "pgdown": page, "home": -most, "end": most}[name]
	if known {
		d.Scroll = min(max(d.Scroll+by, 0), most)
	}
}

// typed takes a key of the filter.
func (w *watcher) typed(name, text string) {
	d := &w.dashboard
	switch name {
	case "enter":
		d.Typing = false
	case "esc", "ctrl+c":
		d.Typing, d.Filter = false, ""
	case "backspace":
		if r := []rune(d.Filter); len(r) > 0 {
			d.Filter = string(r[:len(r)-1])
		}
	default:
		const longest = 60
		if len(d.Filter) < longest {
			d.Filter += text
		}
	}
}

// change asks for more or fewer users, or arrivals a second in an open model. Presses in quick succession add up, whatever the run has
// reached of them.
func (w *watcher) change(by float64) {
	l := &w.dashboard.Live
	open := l.Run.RateText != ""
	now := time.Now()
	if w.askedAt.IsZero() || (!open && now.Sub(w.askedAt) > 2*time.Second) {
		w.wanted = float64(l.Target)
		if open {
			w.wanted = arrivals(l)
		}
	}
	w.wanted, w.askedAt = max(w.wanted+by, 0), now
	var err error
	if open {
		w.wanted = max(float64(int64(w.wanted+0.5)), 1) // a rate of nothing is a pause: there is a key for that
		err = w.run.SetRate(w.wanted)
	} else {
		err = w.run.SetUsers(int(w.wanted), 0)
	}
	switch {
	case err != nil:
		w.notice(err.Error())
	case open:
		w.notice("arrivals set to " + format.Rate(w.wanted))
	default:
		w.notice("users set to " + format.Count(int64(w.wanted)))
	}
}

// arrivals is how many each second the plan wants at this moment.
func arrivals(l *stampede.Live) float64 {
	shape, err := stampede.ParseShape(l.Run.RateText)
	if err != nil { // a function of the test has no text that can be read: what the run saw so far is near enough
		return float64(l.PlannedCount) / max(l.Elapsed.Seconds(), 1)
	}
	return shape.Level(l.Elapsed - l.Stood)
}

// notice shows a message in place of the keys for a while.
func (w *watcher) notice(text string) {
	w.dashboard.Notice, w.noticeAt = clean(text), time.Now()
}
