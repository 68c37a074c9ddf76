package console

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/stampede-load/stampede/internal/format"
)

// How much is kept of what a test's users log: --log writes all of it.
const (
	mostLogLines = 1000
	mostLogText  = 2000 // characters of a line
)

// LogLine is a line that a user of the test wrote with its Log.
type LogLine struct {
	Number int     `json:"number" doc:"from 0, in order; the latest 1,000 are kept"`
	At     float64 `json:"at_s" doc:"seconds since the run began"`
	Level  string  `json:"level" doc:"DEBUG, INFO, WARN or ERROR"`
	Text   string  `json:"text" doc:"msg=... and its attributes, as slog writes them"`
}

// journal is what the users of the current run wrote last.
type journal struct {
	mu    sync.Mutex
	begun time.Time
	next  int
	lines []LogLine
}

// Write takes a line of a slog.TextHandler.
func (j *journal) Write(line []byte) (int, error) {
	level, text, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.begun.IsZero() {
		j.begun = time.Now()
	}
	j.lines = append(j.lines, LogLine{j.next, format.Seconds(time.Since(j.begun)), strings.TrimPrefix(level, "level="), format.Text(text, mostLogText)})
	j.next++
	if len(j.lines) > mostLogLines+mostLogLines/4 {
		j.lines = slices.Clone(j.lines[len(j.lines)-mostLogLines:])
	}
	return len(line), nil
}

// after is the lines with that number or a later one.
func (j *journal) after(number int) ([]LogLine, int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	at := len(j.lines)
	for at > 0 && j.lines[at-1].Number >= number {
		at--
	}
	return append([]LogLine{}, j.lines[at:]...), j.next
}

// Log is a handler that shows on the page what the users of the run log, from level info on.
func (w *Watched) Log() slog.Handler {
	return slog.NewTextHandler(&w.live.journal, &slog.HandlerOptions{Level: slog.LevelInfo, ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
}

type logIn struct {
	RunPath
	After int `query:"after" minimum:"0" doc:"lines from this number on: next of an earlier answer"`
}

type logBody struct {
	Lines []LogLine `json:"lines"`
	Next  int       `json:"next" doc:"ask again with it for what came since"`
}

func (c *Console) logRoutes(api huma.API) {
	register(c, api, huma.Operation{
		OperationID: "log", Method: http.MethodGet, Path: "/api/v1/runs/{run}/log", Errors: []int{http.StatusNotFound},
		Summary: "What the users of the current run, or of the last one, logged",
	}, func(_ context.Context, in *logIn) (*body[logBody], error) {
		l := c.find(in.Run)
		if current := c.now(); l == nil && in.Run == "last" {
			l = current
		}
		if l == nil {
			return nil, trouble(http.StatusNotFound, "the log of run "+clip(in.Run)+" is not kept here: run --log FILE writes it to a file")
		}
		lines, next := l.journal.after(in.After)
		return reply(logBody{lines, next})
	})
}
