package screen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/format"
	"github.com/stampede-load/stampede/internal/verdict"
)

// judgement is the verdict with its first reasons, and the thresholds, broken ones first.
func (d *Dashboard) judgement(p palette, inner int) part {
	rules := slices.Clone(d.Live.Thresholds)
	slices.SortStableFunc(rules, func(a, b verdict.Result) int { return cmp.Compare(rank(&a), rank(&b)) })
	reasons := d.Live.Verdict.Reasons
	advice := d.advice(p, inner)
	total := 1 + len(advice) + len(rules) + max(len(reasons)-1, 0)
	return part{
		least: 1 + len(advice), wish: min(total, 3+len(advice)), most: total,
		draw: func(lines int) []string {
			drawn := append([]string{d.verdictLine(p, inner, len(rules) > lines-1-len(advice))}, advice...)
			drawn = append(drawn, thresholds(rules[:min(len(rules), max(lines-len(drawn), 0))], p, inner)...)
			for i := 1; i < len(reasons) && len(drawn) < lines; i++ {
				drawn = append(drawn, p.faint(fit("  "+clean(reasons[i]), inner)))
			}
			return drawn
		},
	}
}

// advice is what to do about the first reason of the verdict, on a line of its own where the line of the verdict has no room for it: what is
// cut off there must not be what helps.
func (d *Dashboard) advice(p palette, inner int) []string {
	if len(d.Live.Verdict.Reasons) == 0 {
		return nil
	}
	reason := clean(d.Live.Verdict.Reasons[0])
	what, advice, ok := strings.Cut(reason, "; ")
	counted := "  12 of 12 thresholds hold  "
	if !ok || what == "" || width(d.Live.Verdict.Level.String())+len(counted)+width(reason) <= inner {
		return nil
	}
	return []string{p.faint(fit("  "+advice, inner))}
}

// rank orders thresholds: broken, holding, not judged yet.
func rank(r *verdict.Result) int {
	switch {
	case r.Judged && !r.Passed:
		return 0
	case r.Judged:
		return 1
	default:
		return 2
	}
}

// verdictLine is the verdict with its first reason; counted adds how many thresholds hold, where they are not all listed below.
func (d *Dashboard) verdictLine(p palette, inner int, counted bool) string {
	line := level(d.Live.Verdict.Level, p)
	if n := len(d.Live.Thresholds); n > 0 && counted {
		hold := 0
		for i := range d.Live.Thresholds {
			if rank(&d.Live.Thresholds[i]) == 1 {
				hold++
			}
		}
		line += "  " + format.Count(int64(hold)) + " of " + format.Plural(int64(n), "threshold holds", "thresholds hold")
	}
	if reasons := d.Live.Verdict.Reasons; len(reasons) > 0 {
		text := clean(reasons[0])
		if len(d.advice(p, inner)) > 0 {
			text, _, _ = strings.Cut(text, "; ")
		}
		line += "  " + p.faint(text)
	} else {
		line += p.faint("  these numbers can be trusted")
	}
	return fit(line, inner)
}

// level is a verdict in its colour.
func level(l verdict.Level, p palette) string {
	switch l {
	case verdict.Valid:
		return p.good(l.String())
	case verdict.Suspect:
		return p.warning(l.String())
	default:
		return p.wrong(l.String())
	}
}

// thresholds lists rules with the value seen and how far it is from the limit.
func thresholds(rules []verdict.Result, p palette, limit int) []string {
	if len(rules) == 0 {
		return nil
	}
	g := &grid{least: 20, columns: []column{{left: true}, {}, {left: true, drop: 1}}}
	for i := range rules {
		r := &rules[i]
		mark, colour, margin := "✓ ", p.good, ""
		switch {
		case !r.Judged && r.Reason == "":
			mark, colour = "· ", p.faint
		case !r.Passed:
			mark, colour = "✗ ", p.wrong
		}
		if r.Judged {
			margin = marginText(r)
		}
		g.rows = append(g.rows, []cell{{text: mark + clean(r.Expr), paint: colour}, {text: clean(r.ValueText)}, {text: margin, paint: p.faint}})
	}
	return g.lay(limit, p)[1:] // no heading
}

// marginText is how far inside or over its limit a value is.
func marginText(r *verdict.Result) string {
	switch {
	case r.Margin > 0:
		return format.Percent(r.Margin) + " inside"
	case r.Margin <= -1: // "4,963 % over" says less
		return format.Number(1-r.Margin) + " times the limit"
	case r.Margin < 0:
		return format.Percent(-r.Margin) + " over"
	default:
		return ""
	}
}
