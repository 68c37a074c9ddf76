package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/ledger"
)

// mostCompleted is how many runs are offered, the latest first.
const mostCompleted = 30

// completeRuns offers the runs of the ledger where a command takes some: their ids with what they were, and the words that stand for one.
func (a *app) completeRuns(l *line, o *ledgerOptions) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if !strings.Contains(c.Use, "RUN") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		ctx := context.WithoutCancel(c.Context())
		if wrong, _ := a.resolve(l); len(wrong) > 0 || a.present(o) != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		b, err := a.open(ctx, o)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer func() { ignore(b.Close()) }()
		runs, err := b.Runs(ctx, ledger.Filter{Limit: mostCompleted})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var all []cobra.Completion
		for i := len(runs) - 1; i >= 0; i-- {
			if r := &runs[i]; strings.HasPrefix(r.ID, typed) {
				all = append(all, cobra.CompletionWithDesc(r.ID, strings.TrimSpace(r.Name+", "+r.Outcome())))
			}
		}
		for word, what := range map[string]string{"last": "the latest run", "baseline": "the one that was marked"} {
			if strings.HasPrefix(word, typed) {
				all = append(all, cobra.CompletionWithDesc(word, what))
			}
		}
		return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// completeValues offers the words that a setting takes, where these are few: its argument says them, as "even|poisson", or its help.
func completeValues(c *cobra.Command, set *setting.Set) {
	known := map[string][]string{
		"arrivals": {"even", "poisson"}, "http": {"auto", "1.1", "2", "h2c"}, "fresh": {"never", "task", "request"},
		"io": {"auto", "net", "raw", "epoll"}, "log-level": {"debug", "info", "warn", "error"}, "request": {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"},
		"seed": {}, "users": {}, "rate": {}, "run-time": {}, "spawn-rate": {}, "timeout": {},
	}
	set.Each(func(s *setting.Setting) {
		if words, ok := known[s.Name]; ok {
			// The only error is that of a flag that is not there or was registered before.
			ignore(c.RegisterFlagCompletionFunc(s.Name, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
		}
	})
}
