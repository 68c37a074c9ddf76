package stampede

import (
	"errors"
	"net/url"
)

// Validate looks for every mistake in a plan that can be found without starting anything, and returns them together, one a line.
func (plan Plan) Validate() error {
	_, err := prepare(plan)
	return errors.Join(err, plan.checkBaseline())
}

// Model says how the load of a plan comes, by its own users or rate and by those that user types bring. A plan with mistakes is Closed.
func (plan Plan) Model() Model {
	p, err := prepare(plan)
	if err != nil {
		return Closed
	}
	return p.model
}

// Hash tells plans apart: it is the PlanHash of the plan's runs, as long as Test.Before does not change the plan. It is "" for a plan with
// mistakes.
func (plan Plan) Hash() string {
	p, err := prepare(plan)
	if err != nil {
		return ""
	}
	return p.info.PlanHash
}

// Hosts are the base URLs that the users of a plan ask: the plan's own, or else the test's, and those of its user types. What is not a
// URL is left out; Validate complains of it.
func (plan Plan) Hosts() []string {
	candidates := []string{plan.Host}
	if plan.Host == "" {
		candidates[0] = plan.Test.Host
	}
	for _, t := range plan.Test.Users {
		if t.t != nil {
			candidates = append(candidates, t.t.host)
		}
	}
	var hosts []string
	for _, raw := range candidates {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			hosts = append(hosts, raw)
		}
	}
	return hosts
}
