package eb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Cost is what a deployment comes to at most.
type Cost struct {
	Worker     float64 // USD an hour of one
	Controller float64
	Workers    int
	Hours      float64
	Source     string // whose prices they are
}

// Most is all of it until AWS ends it, in USD.
func (c *Cost) Most() float64 { return c.Hour() * c.Hours }

// Hour is what an hour costs, in USD.
func (c *Cost) Hour() float64 { return float64(c.Workers)*c.Worker + c.Controller }

// String is the calculation.
func (c *Cost) String() string {
	text := fmt.Sprintf("%d x %.4f USD", c.Workers, c.Worker)
	if c.Controller > 0 {
		text += fmt.Sprintf(" + %.4f USD for the controller", c.Controller)
	}
	return fmt.Sprintf("%s = %.2f USD an hour by the %s, at most %.2f USD in %g hours (instances alone: traffic, disks and addresses come on top)",
		text, c.Hour(), c.Source, c.Most(), c.Hours)
}

// costText is what a controller is told of it (serve --cost), so that each run is kept with what it came to.
func (o *Options) costText(c *Cost) string {
	text := fmt.Sprintf("%.4f %d x %s at %g USD", c.Hour(), c.Workers, o.InstanceType, c.Worker)
	if c.Controller > 0 {
		text += fmt.Sprintf(" + %s at %g USD", o.ControllerType, c.Controller)
	}
	return text + " by the " + c.Source + " - " + deploy.Mark(o.Name)
}

// workerCost is what each worker tells a controller elsewhere of itself (worker --cost).
func (o *Options) workerCost(c *Cost) string {
	return fmt.Sprintf("%.6g %s at %.6g USD by the %s - %s", c.Worker, o.InstanceType, c.Worker, c.Source, deploy.Mark(o.Name))
}

// overshoot says that a cap does not hold.
func (o *Options) overshoot(c *Cost) error {
	if o.MaxCost > 0 && c.Most() > o.MaxCost {
		return fmt.Errorf("%s: that is above --max-cost %.2f: fewer workers, smaller instances, or fewer --max-hours", c, o.MaxCost)
	}
	return nil
}

// cost asks for prices that were not given.
func (l *looker) cost(ctx context.Context) (*Cost, error) {
	o := l.o
	c := &Cost{Worker: o.Price, Workers: o.Workers, Hours: o.MaxHours, Source: aws.PriceGiven}
	if c.Worker == 0 {
		var err error
		c.Source = aws.PriceListed
		if c.Worker, err = l.price(ctx, o.InstanceType); err != nil {
			return nil, err
		}
	}
	if o.elsewhere() {
		return c, nil
	}
	if o.Price > 0 {
		c.Controller = o.Price // not more than that, as it is the smaller one
		return c, nil
	}
	var err error
	c.Controller, err = l.price(ctx, o.ControllerType)
	return c, err
}

var gigabits = regexp.MustCompile(`([0-9.]+) Gigabit`)

// speed is the most that an instance sends, in Gbit/s; 0 when AWS says it in words.
func (m *machine) speed() float64 {
	found := gigabits.FindStringSubmatch(m.Network)
	if found == nil {
		return 0
	}
	v, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		return 0
	}
	return v
}

// fits holds what is planned against the account and the types, before anything is made. notes are for people.
func (l *looker) fits(ctx context.Context) (notes []string, err error) {
	o := l.o
	types := []string{o.InstanceType}
	if !o.elsewhere() {
		types = append(types, o.ControllerType)
	}
	known, err := l.machines(ctx, types...)
	if err != nil {
		return nil, err
	}
	var wrong []error
	cores := 0
	arch := processor(o.InstanceType)
	for i, t := range types {
		m, there := known[t]
		switch {
		case !there:
			wrong = append(wrong, fmt.Errorf("%s is not offered in %s: choose another type", t, o.Region))
			continue
		case !strings.Contains(strings.Join(m.Arch, " "), arch):
			wrong = append(wrong, fmt.Errorf("%s has processors of %s, and the program is for %s", t, strings.Join(m.Arch, ", "), arch))
		}
		if i == 0 {
			cores += o.Workers * m.Cores
		} else {
			cores += m.Cores
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	if strings.ContainsAny(o.InstanceType[:1], "acdhimrtz") {
		most, err := l.Quota(ctx, "ec2", standard)
		if err != nil {
			return nil, err
		}
		if most > 0 && float64(cores) > most {
			return nil, fmt.Errorf("it takes %d vCPUs, and the account may have %g of this kind in %s at a time: fewer or smaller instances, or ask AWS for more (quota %s of ec2)", cores, most, o.Region, standard)
		}
	}
	one := known[o.InstanceType]
	if all := one.speed() * float64(o.Workers); all > 0 {
		notes = append(notes, fmt.Sprintf("the network of %d workers: up to %s Gbit/s together", o.Workers, strconv.FormatFloat(math.Round(all*10)/10, 'f', -1, 64)))
		if all > aws.StressGbits {
			notes = append(notes, aws.NetworkRule)
		}
	}
	return notes, nil
}
