package eb

import (
	"context"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Status is what stands now.
type Status struct {
	Environments []EnvironmentStatus
	Instances    int
	Joined       int // workers at the controller; -1 when it was not reached
	Page         Page
	SoFar        Spent // of what stands now
	Stands       []string
}

// EnvironmentStatus is one environment.
type EnvironmentStatus struct {
	Name, Status, Health, What string
	Since, Ends                time.Time
	Empty                      bool // AWS has ended its instances
}

// Status asks what stands.
func (d *Deployment) Status(ctx context.Context) (*Status, error) {
	s := &Status{Joined: -1}
	var err error
	if s.Stands, err = d.stands(ctx); err != nil || len(s.Stands) == 0 {
		return s, err
	}
	envs, err := d.environments(ctx)
	if err != nil {
		return nil, err
	}
	machines, err := d.instances(ctx)
	if err != nil {
		return nil, err
	}
	s.Instances = len(machines)
	for i := range envs {
		e := &envs[i]
		one := EnvironmentStatus{Name: e.Name, Status: e.Status, Health: e.Health, Since: e.Created, Empty: e.Status == "Ready" && len(of(machines, e.Name)) == 0}
		if c := e.charge(); c != nil {
			if d.o.Price > 0 {
				c.Price, c.Source = d.o.Price, aws.PriceGiven
			}
			one.What, one.Ends = c.what(), c.Ends
			s.SoFar.add(c, d.now(), one.Empty)
		}
		s.Environments = append(s.Environments, one)
	}
	page, err := d.page(ctx)
	if err != nil || page.Address == "" {
		return s, err
	}
	s.Page = *page
	if d.Joined != nil {
		if n, err := d.Joined(ctx, *page); err == nil {
			s.Joined = n
		}
	}
	return s, nil
}
