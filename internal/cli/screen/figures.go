package screen

import (
	"strings"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/stats"
)

// doubtful is the mark of a quantile with few samples beyond it, as package format prints it.
const doubtful = " *"

// enough is how many samples must lie beyond a quantile for it to be printed plainly.
const enough = 10

// quantile is a cell of the headline's quantile q.
func quantile(row *stats.Row, paced bool, q float64) cell {
	h := row.Headline(paced)
	if h.IsEmpty() {
		return cell{text: format.None}
	}
	if q == 1 { // the slowest that was measured, whatever was dropped
		return cell{text: format.Duration(time.Duration(h.Max()))}
	}
	ns, beyond := row.Quantile(paced, q)
	text := format.Quantile(time.Duration(ns), h.Beyond(q) < enough, beyond)
	if plain, marked := strings.CutSuffix(text, doubtful); marked {
		return cell{text: plain, mark: doubtful}
	}
	return cell{text: text}
}

// narrow writes a cell without spaces.
func narrow(c cell) cell {
	c.text, c.mark = compact(c.text), strings.TrimSpace(c.mark)
	return c
}

// failures is a cell of the share that failed, coloured when there is any.
func failures(row *stats.Row, p palette) cell {
	if row.Count == 0 {
		return cell{text: format.None, paint: p.faint}
	}
	c := cell{text: format.Percent(row.FailureShare())}
	if row.Failures > 0 {
		c.paint = p.wrong
	}
	return c
}

// headline is what the times of a run are called.
func headline(run *stampede.RunInfo) string {
	if run.Paced {
		return "response time"
	}
	return "service time"
}

// isStep tells a row that times several requests as one.
func isStep(row *stats.Row) bool { return row.Apart() }

// load is what a run asks of the site, in words: "500 users, 20 more each second", "500/s".
func load(run *stampede.RunInfo) string {
	if run.RateText != "" {
		text, _ := format.Arrivals(clean(run.RateText))
		text = "arrivals " + text
		if run.UsersText != "" { // of user types with a load of their own
			text += ", users " + clean(run.UsersText)
		}
		return text
	}
	text := clean(run.UsersText)
	if text == "" || strings.Trim(text, "0123456789") == "" {
		text = format.Users(run.Users, text)
		if run.SpawnRate > 0 {
			text += ", " + format.Decimal(run.SpawnRate, 2) + " more each second"
		}
		return text
	}
	return "users " + text
}

// model says in a few words how load comes and what the times mean.
func model(run *stampede.RunInfo) string {
	switch {
	case run.Model == stampede.Closed && run.Paced:
		return "closed loop, paced: response time"
	case run.Model == stampede.Closed || run.Model == "":
		return "closed loop: service time"
	default:
		return string(run.Model) + " model: response time"
	}
}
