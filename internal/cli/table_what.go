package cli

import (
	"errors"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
)

// whatSettings say against what, and which part of the test.
func (a *app) whatSettings(o *options) []setting.Setting {
	p, targeting := &o.plan, a.targetSettings(o)
	return []setting.Setting{
		{
			Name: "host", Short: "H", Arg: "URL", Default: "the test's own", Group: groupWhat, Read: text(&p.Host), Mask: setting.MaskURL,
			Help: "where requests go: https://example.org",
		},
		{
			Name: "allow-host", Arg: "HOST", Group: groupWhat, List: true, Read: texts(&p.HTTP.AllowHosts),
			Help: `another host that may be asked: "cdn.example.org", "*.example.org"; others are refused`,
		},
		targeting[0], targeting[1],
		{
			Name: "tags", Short: "T", Arg: "TAG", Group: groupWhat, List: true, Read: texts(&p.Tags),
			Help: "run only tasks with one of these tags",
		},
		{
			Name: "exclude-tags", Short: "E", Arg: "TAG", Group: groupWhat, List: true, Read: texts(&p.ExcludeTags),
			Help: "leave out tasks with one of these tags",
		},
		{
			Name: "parts-by", Arg: "kind|url|page", Default: "kind", Group: groupWhat,
			Help: `how the parts of pages are named: "css /assets/...", "css /assets/site.css", or "Home > css"`,
			Read: func(t string) error {
				for _, by := range []stampede.PartsBy{stampede.ByKind, stampede.ByURL, stampede.ByPage} {
					if t == by.String() {
						p.PartsBy = by
						return nil
					}
				}
				return errors.New("use kind, url or page")
			},
		},
	}
}

// judgeSettings decide whether a run passed.
func (a *app) judgeSettings(o *options) []setting.Setting {
	return []setting.Setting{
		{
			Name: "threshold", Key: "thresholds", Arg: "EXPR", Group: groupJudge, List: true, Adds: true, Whole: true,
			Help: `a rule that must hold, such as "p95 < 500ms" or "failures < 1%"; may be repeated, and adds to those of the test`,
			Read: func(t string) error {
				o.plan.Thresholds = append(o.plan.Thresholds, stampede.ParseThreshold(t))
				return nil
			},
		},
		{
			Name: "baseline", Arg: "RUN", Group: groupJudge, Read: text(&o.baseline),
			Help: "compare with an earlier run, fail when something is worse, and let thresholds say \"p95 <= baseline * 1.1\": " +
				"an id, last, a name, or baseline for the one marked with runs baseline set (baseline? where there is one)",
		},
		{
			Name: "baseline-limit", Arg: "SHARE", Group: groupJudge, Default: "5%", Needs: "baseline or interleave",
			Help: "a change from the baseline, or from A to B, of so much matters, smaller ones are the same",
			Read: func(t string) (err error) {
				o.baselineLimit, err = shareOf(t)
				return err
			},
		},
		{
			Name: "allow-invalid", Group: groupJudge, Default: "false", Read: onOff(&o.allowInvalid),
			Help: "do not fail a run because its numbers cannot be trusted",
		},
	}
}

// noteSettings are kept with the run.
func (a *app) noteSettings(o *options) []setting.Setting {
	p := &o.plan
	return []setting.Setting{
		{Name: "changes", Arg: "TEXT", Group: groupNotes, Read: text(&p.Changes), Help: "what is different since the last run"},
		{Name: "focus", Arg: "TEXT", Group: groupNotes, Read: text(&p.Focus), Help: "what this run is to find out"},
		{Name: "notes", Arg: "TEXT", Group: groupNotes, Read: text(&p.Notes), Help: "anything else worth knowing"},
		{Name: "link", Arg: "URL", Group: groupNotes, List: true, Whole: true, Read: texts(&p.Links), Help: "a page that belongs to the run; may be repeated"},
		{Name: "tag", Arg: "WORD", Group: groupNotes, List: true, Read: texts(&p.RunTags), Help: "a word to find the run by; may be repeated"},
	}
}

// otherSettings are about the terminal.
func (a *app) otherSettings(o *options) []setting.Setting {
	return []setting.Setting{
		{
			Name: "plain", Group: groupOther, Default: "false", Read: onOff(&o.plain),
			Help: "one line every two seconds, and no dashboard",
		},
	}
}
