package stampede

import (
	"errors"
	"net/url"
	"slices"

	"github.com/stampede-load/stampede/internal/wire"
)

// Validate looks for every mistake in a plan that can be found without starting anything, and returns them together, one a line.
func (plan Plan) Validate() error {
	_, err := prepare(plan)
	return errors.Join(err, plan.checkBaseline())
}

// CheckHosts looks whether the plan names a host that is never to be asked: see HTTP.Never.
func (plan Plan) CheckHosts() error {
	p := prepared{plan: plan}
	if p.plan.Host == "" {
		p.plan.Host = plan.Test.Host
	}
	return p.checkFence()
}

// Model says how the load of a plan comes, by its own users or rate and by those that user types bring. A plan with mistakes is Closed.
func (plan Plan) Model() Model {
	p, err := prepare(plan)
	if err != nil {
		return Closed
	}
	return p.model
}

// MostUsers is how many users the plan wants at once, at most: in an open run so many as it may have. It is 0 for a plan with mistakes.
func (plan Plan) MostUsers() int {
	p, err := prepare(plan)
	if err != nil {
		return 0
	}
	return p.mostUsers()
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

// Homeless are the user types of the plan that ask sites and have no host to ask: neither the plan nor the test nor the type itself names one.
// What they ask for by absolute URLs needs HTTP.AllowHosts; with any of those, nobody is homeless.
func (plan Plan) Homeless() []string {
	if plan.Host != "" || plan.Test.Host != "" || len(plan.HTTP.AllowHosts) > 0 {
		return nil
	}
	var names []string
	for _, t := range plan.Test.Users {
		if t.t != nil && t.t.http && t.t.host == "" && (len(plan.UserTypes) == 0 || slices.Contains(plan.UserTypes, t.t.name)) {
			names = append(names, t.t.name)
		}
	}
	return names
}

// Hosts are the base URLs that the users of a plan ask, or what stands for them: the plan's own, or else the test's, and those of its user types. What is not a
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
	fence, err := wire.NewFence(nil, plan.HTTP.Swap)
	if err != nil {
		fence = new(wire.Fence) // Validate complains of it
	}
	var hosts []string
	for _, raw := range candidates {
		if u, err := url.Parse(raw); err == nil && u.Host != "" {
			hosts = append(hosts, fence.Instead(raw))
		}
	}
	return hosts
}
