package stampede

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stampede-load/stampede/internal/verdict"
)

// checkBaseline complains of thresholds that compare with an earlier run where none is given. Thresholds with other mistakes are left to
// prepare.
func (plan Plan) checkBaseline() error {
	if plan.Baseline != nil {
		return nil
	}
	var errs []error
	for _, t := range slices.Concat(plan.Test.Thresholds, plan.Thresholds) {
		rules, err := compileThresholds([]Threshold{t})
		if err == nil && rules[0].UsesBaseline() {
			errs = append(errs, fmt.Errorf("threshold %q compares with an earlier run, and none is given: pass --baseline RUN (in Go: set Plan.Baseline)", t))
		}
	}
	return errors.Join(errs...)
}

// replay is what rules compare with: the figures of an earlier run; nil when there is none, or no rule asks.
func replay(rules []*verdict.Rule, earlier *Report) (verdict.Baseline, error) {
	if earlier == nil || earlier.Series == nil || !slices.ContainsFunc(rules, (*verdict.Rule).UsesBaseline) {
		return nil, nil
	}
	b, err := verdict.Replay(rules, verdict.JudgeOptions{Phases: earlier.Phases, Paced: earlier.Run.Paced, Warmup: earlier.warmup()}, earlier.Series.Seconds())
	if err != nil {
		return nil, fmt.Errorf("the baseline, run %s: %w", earlier.Run.ID, err)
	}
	return b, nil
}

// warmup is how much of the beginning of the run its judged figures leave out.
func (r *Report) warmup() time.Duration {
	for _, p := range r.Phases {
		if p.Name == verdict.PhaseWarmup && p.From == 0 {
			return p.To
		}
	}
	return 0
}
