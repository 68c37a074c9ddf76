package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/ledger"
	"github.com/stampede-load/stampede/internal/notify"
	"github.com/stampede-load/stampede/internal/schedule/nights"
)

// notifySetting is by which ways people are told what became of schedules.
func (a *app) notifySetting(into *[]notify.Way) setting.Setting {
	return setting.Setting{
		Name: "notify", Arg: "KIND:ADDRESS", Group: groupWeb, List: true, Verbatim: true, Mask: setting.Mask,
		Help: "tell people when a scheduled run is worse, as it was, or not made: command:./tell.sh, webhook:URL, slack:URL, mail:smtp://USER:PASSWORD@HOST?from=A&to=B; ${NAME} is a variable, KIND:@FILE a file",
		Read: func(text string) error {
			w, err := notify.Parse(text, a.path("."), a.lookup)
			if err == nil {
				*into = append(*into, w)
			}
			return err
		},
	}
}

// longestTelling is how long telling one message may take, over all its tries.
const longestTelling = 70 * time.Second

// tell tells people what has changed with a turn that is over, in the background: who does not answer holds no run up.
func (k *timekeeper) tell(ctx context.Context, t *ledger.Turn, judged []nights.Judgement) {
	if len(k.ways) == 0 {
		return
	}
	turns, err := k.ledger.Turns(ctx, t.Schedule, shownTurns)
	if err != nil {
		k.fault(err)
		return
	}
	if overlapped(t) && overlapsAgain(turns, t) {
		return
	}
	for _, m := range newsOf(before(turns, t), t, judged) {
		for i := range k.ways {
			way := &k.ways[i]
			k.told.Go(func() {
				ctx, stop := context.WithTimeout(k.lines, longestTelling)
				defer stop()
				if err := way.Send(ctx, &m); err != nil {
					put(k.Err, fmt.Sprintf("%s: schedule %s: %s\n", k.name(), m.Schedule, err))
				}
			})
		}
	}
}

// before is the last turn of the night before that of a turn; nil when there is none. Times that passed while that went on are no nights of their own.
func before(turns []ledger.Turn, t *ledger.Turn) *ledger.Turn {
	i := slices.IndexFunc(turns, func(o ledger.Turn) bool { return o.Number == t.Number })
	for i > 0 && turns[i].Again {
		i--
	}
	for i--; i >= 0; i-- {
		if !overlapped(&turns[i]) {
			return &turns[i]
		}
	}
	return nil
}

// overlapped reports whether a turn is one of times that passed while a run of the same schedule went on.
func overlapped(t *ledger.Turn) bool { return t.State == ledger.TurnMissed && t.Words == stillWentOn }

// overlapsAgain reports whether the run before the one that a turn passed in had made times pass too: people know then.
func overlapsAgain(turns []ledger.Turn, t *ledger.Turn) bool {
	i := slices.IndexFunc(turns, func(o ledger.Turn) bool { return o.Number == t.Number }) - 1
	for i > 0 && turns[i].Again {
		i--
	}
	return i > 0 && overlapped(&turns[i-1])
}

// measured reports whether a turn has given figures.
func measured(t *ledger.Turn) bool {
	return t.State == ledger.TurnRan && !strings.HasPrefix(t.Words, "INVALID")
}

// failed reports whether the run of a turn failed by itself, whatever other nights were like.
func failed(t *ledger.Turn) bool { return strings.HasPrefix(t.Words, "FAILED") }

// newsOf is what people have to be told of a turn: what it changed, beside the turn before, which may be nil. What stays as it was is not told again.
func newsOf(was, is *ledger.Turn, judged []nights.Judgement) []notify.Message {
	texts := map[notify.Event][]string{}
	add := func(e notify.Event, text string) { texts[e] = append(texts[e], text) }
	ran := was == nil || measured(was)
	switch {
	case !measured(is) && ran:
		add(notify.Failure, "the run of "+clock(is.Due)+" "+turnWord(is.State)+": "+is.Words)
	case measured(is) && !ran && failed(is):
		add(notify.Regression, "runs are made again: "+is.Words)
	case measured(is) && !ran:
		add(notify.Recovery, "runs are made again: "+is.Words)
	}
	if measured(is) && ran {
		switch hadFailed := was != nil && failed(was); {
		case failed(is) && !hadFailed:
			add(notify.Regression, is.Words)
		case !failed(is) && hadFailed:
			add(notify.Recovery, is.Words)
		}
	}
	if n := len(judged); n > 0 {
		changes(&judged[n-1], judged[:n-1], add)
	}
	var out []notify.Message
	for _, e := range []notify.Event{notify.Failure, notify.Regression, notify.Recovery} {
		if parts := texts[e]; len(parts) > 0 {
			out = append(out, notify.Message{Event: e, Schedule: is.Schedule, Run: is.Run, Due: is.Due, Text: strings.Join(parts, "; ")})
		}
	}
	return out
}

// changes are alarms that are new since the night before, and those that ended.
func changes(j *nights.Judgement, earlier []nights.Judgement, add func(notify.Event, string)) {
	for i := range j.Alarms {
		a := &j.Alarms[i]
		stood := len(earlier) > 0 && slices.ContainsFunc(earlier[len(earlier)-1].Alarms, func(o nights.Alarm) bool { return o.Figure == a.Figure && o.Since.Equal(a.Since) })
		if !stood {
			add(notify.Regression, a.Words())
		}
	}
	for i := range j.Recovered {
		add(notify.Recovery, j.Recovered[i].Figure.String()+" is as it was before "+j.Recovered[i].Since.Format("2006-01-02"))
	}
}
