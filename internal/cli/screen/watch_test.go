package screen

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/stampede-load/stampede"
)

// puppet is a run that only writes down what is asked of it.
type puppet struct {
	live stampede.Live
	done chan struct{}
	said []string
	fail error
}

func (p *puppet) Live() stampede.Live   { return p.live }
func (p *puppet) Done() <-chan struct{} { return p.done }
func (p *puppet) Pause()                { p.said, p.live.State = append(p.said, "pause"), "paused" }
func (p *puppet) Resume()               { p.said, p.live.State = append(p.said, "resume"), "running" }
func (p *puppet) Stop(reason string)    { p.said = append(p.said, "stop "+reason) }

func (p *puppet) SetUsers(n int, rate float64) error {
	p.said = append(p.said, "users "+strconv.Itoa(n))
	return p.fail
}

func (p *puppet) SetRate(perSecond float64) error {
	p.said = append(p.said, "rate "+strconv.Itoa(int(perSecond)))
	return p.fail
}

func watched(p *puppet) (*watcher, *int) {
	pressed := 0
	w := &watcher{run: p, terminal: Terminal{Interrupted: func() { pressed++ }}}
	w.dashboard = Dashboard{Live: p.live, Width: 80, Height: 24}
	return w, &pressed
}

func TestKeys(t *testing.T) {
	p := &puppet{live: fanLive()}
	w, pressed := watched(p)
	for _, key := range []string{"+", "+", ">", "-", "<", "]", "[", "p", "p", "s", "x", "up", "down"} {
		w.key(key)
	}
	want := "users 501,users 502,users 512,users 511,users 501,users 601,users 501,pause,resume,stop stopped by hand"
	if got := strings.Join(p.said, ","); got != want {
		t.Errorf("said %s", got)
	}
	if w.dashboard.Scroll != 1 || *pressed != 0 {
		t.Errorf("scroll %d, interrupts %d", w.dashboard.Scroll, *pressed)
	}
	w.key("q")
	if !strings.Contains(w.View().Content, "press q again") {
		t.Error("the first q does not say what a second would do")
	}
	w.key("ctrl+c")
	if *pressed != 2 {
		t.Errorf("interrupts %d", *pressed)
	}
}

func TestKeysOfAnOpenRun(t *testing.T) {
	p := &puppet{live: fanLive()}
	p.live.Run.RateText = "0:0,24s:555,1h:555"
	w, _ := watched(p)
	w.key("+")
	w.key("[")
	p.fail = errors.New("no more")
	w.key("-")
	if got := strings.Join(p.said, ","); got != "rate 556,rate 456,rate 455" {
		t.Errorf("said %s", got)
	}
	if w.dashboard.Notice != "no more" {
		t.Errorf("notice %q", w.dashboard.Notice)
	}
}

// Where the shape has no text, the run so far says how many arrive; where it has, a pause has not moved it on.
func TestArrivals(t *testing.T) {
	l := fanLive()
	l.Run.RateText, l.Elapsed, l.Stood = "0:0,1m:60", 40*time.Second, 30*time.Second
	if got := arrivals(&l); got != 10 {
		t.Errorf("got %v after 10 s of a ramp", got)
	}
	l = fanLive()
	l.Run.RateText, l.PlannedCount = "func", 2400
	if got := arrivals(&l); got != 100 {
		t.Errorf("got %v", got)
	}
}

// A notice goes away by itself; that of a run that is ending stays.
func TestNotices(t *testing.T) {
	p := &puppet{live: fanLive()}
	w, _ := watched(p)
	w.key("+")
	w.Update(looked(w.noticeAt.Add(time.Second)))
	if w.dashboard.Notice == "" {
		t.Error("the notice went too soon")
	}
	w.Update(looked(w.noticeAt.Add(4 * time.Second)))
	if w.dashboard.Notice != "" {
		t.Error("the notice stayed")
	}
	w.key("q")
	w.Update(looked(w.noticeAt.Add(time.Hour)))
	if w.dashboard.Notice == "" {
		t.Error("the notice of the end went")
	}
}

// The dashboard ends with the run, and gives the screen back.
func TestWatchEndsWithTheRun(t *testing.T) {
	p := &puppet{live: fanLive(), done: make(chan struct{})}
	close(p.done)
	var out bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := Watch(ctx, p, Terminal{In: strings.NewReader(""), Out: &out, Environ: []string{"TERM=xterm-256color"}, Interrupted: func() {}})
	if err != nil || ctx.Err() != nil {
		t.Fatalf("%v, %v", err, ctx.Err())
	}
	if text := out.String(); !strings.Contains(text, "\x1b[?1049h") || !strings.Contains(text, "\x1b[?1049l") {
		t.Errorf("the screen was not taken and given back: %q", text)
	}
}

func TestResize(t *testing.T) {
	p := &puppet{live: fanLive()}
	w, _ := watched(p)
	for _, size := range [][2]int{{80, 24}, {20, 5}, {200, 60}, {1, 1}, {0, 0}, {79, 3}} {
		w.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		for i, line := range strings.Split(w.View().Content, "\n") {
			if width(line) > size[0] || i >= max(size[1], 1) {
				t.Errorf("%v: line %d: %q", size, i, line)
			}
		}
	}
}
