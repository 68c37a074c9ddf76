package ecs

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Cost is what a deployment comes to at most.
type Cost struct {
	Task    float64 // USD an hour of one
	Workers int
	Hours   float64
	Source  string // whose price that is
}

// Hour is what an hour costs, in USD.
func (c *Cost) Hour() float64 { return float64(c.Workers) * c.Task }

// Most is all of it until the tasks end, in USD.
func (c *Cost) Most() float64 { return c.Hour() * c.Hours }

// String is the calculation.
func (c *Cost) String() string {
	return fmt.Sprintf("%d x %.4f USD = %.2f USD an hour by the %s, at most %.2f USD in %g hours (tasks alone: traffic and addresses come on top)",
		c.Workers, c.Task, c.Hour(), c.Source, c.Most(), c.Hours)
}

// costText is what each task tells its controller of itself (worker --cost), so that each run is kept with what it came to, whichever controller it is.
func (o *Options) costText(c *Cost) string {
	if c == nil {
		return "<its price>"
	}
	return fmt.Sprintf("%.6g task of Fargate at %.6g USD by the %s - %s", c.Task, c.Task, c.Source, deploy.Mark(o.Name))
}

// overshoot says that a cap does not hold.
func (o *Options) overshoot(c *Cost) error {
	if o.MaxCost > 0 && c.Most() > o.MaxCost {
		return fmt.Errorf("%s: that is above --max-cost %.2f: fewer or smaller tasks, or fewer --max-hours", c, o.MaxCost)
	}
	return nil
}

// priceTag is on the task definition and on tasks: what one costs an hour, and whose price that is.
const priceTag = "stampede:price"

func (c *Cost) tag() string {
	if c == nil {
		return "its price"
	}
	return strconv.FormatFloat(c.Task, 'f', -1, 64) + " USD - " + c.Source
}

// priceOf reads the tag; 0 when it says nothing.
func priceOf(tag string) (usd float64, source string) {
	number, source, _ := strings.Cut(tag, " USD - ")
	usd, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, ""
	}
	return usd, source
}

// cost asks for a price that was not given.
func (d *Deployment) cost(ctx context.Context) (*Cost, error) {
	o := d.o
	c := &Cost{Task: o.Price, Workers: o.Workers, Hours: o.MaxHours, Source: aws.PriceGiven}
	if c.Task > 0 {
		return c, nil
	}
	core, gib, err := d.prices(ctx)
	if err != nil {
		return nil, err
	}
	c.Task, c.Source = core*float64(o.CPU)/1024+gib*float64(o.Memory)/1024, aws.PriceListed
	return c, nil
}

// usage are the usage types of Fargate: those of Linux on each processor, without the prefix of a region. Windows, Spot and storage have others.
var usage = map[string][2]*regexp.Regexp{
	"amd64": {regexp.MustCompile(`^([A-Z0-9]+-)?Fargate-vCPU-Hours:perCPU$`), regexp.MustCompile(`^([A-Z0-9]+-)?Fargate-GB-Hours$`)},
	"arm64": {regexp.MustCompile(`^([A-Z0-9]+-)?Fargate-ARM-vCPU-Hours:perCPU$`), regexp.MustCompile(`^([A-Z0-9]+-)?Fargate-ARM-GB-Hours$`)},
}

// prices are those of a core and of a GiB for an hour, in USD.
func (d *Deployment) prices(ctx context.Context) (core, gib float64, err error) {
	hint := "give --price, in USD an hour of one task"
	in := Params{
		"ServiceCode": "AmazonECS", "FormatVersion": "aws_v1", "MaxResults": 100,
		"Filters": []any{Params{"Type": "TERM_MATCH", "Field": "regionCode", "Value": d.o.Region}, Params{"Type": "TERM_MATCH", "Field": "productFamily", "Value": "Compute"}},
	}
	for range 50 {
		var out struct {
			PriceList []string
			NextToken string
		}
		if err := d.Do(ctx, call("pricing", "GetProducts", in), &out); err != nil {
			return 0, 0, fmt.Errorf("%w: %s", err, hint)
		}
		for _, text := range out.PriceList {
			for _, p := range aws.Prices(text) {
				if usage[d.o.Arch][0].MatchString(p.Usage) {
					core = p.USD
				}
				if usage[d.o.Arch][1].MatchString(p.Usage) {
					gib = p.USD
				}
			}
		}
		if core > 0 && gib > 0 {
			return core, gib, nil
		}
		if out.NextToken == "" {
			break
		}
		in["NextToken"] = out.NextToken
	}
	return 0, 0, errors.New("the Pricing API says no price of Fargate in " + d.o.Region + ": " + hint)
}

// cores is the quota of Fargate's on-demand cores.
const cores = "L-3032A538"

// fits holds what is planned against the account's quota, before anything is made.
func (d *Deployment) fits(ctx context.Context) error {
	most, err := d.Quota(ctx, "fargate", cores)
	if err != nil {
		return err
	}
	planned := float64(d.o.Workers*d.o.CPU) / 1024
	if most > 0 && planned > most {
		return fmt.Errorf("it takes %g cores, and the account may have %g of Fargate in %s at a time: fewer or smaller tasks, or ask AWS for more (quota %s of fargate)", planned, most, d.o.Region, cores)
	}
	return nil
}
