package eb

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Options say what is to be.
type Options struct {
	Name           string
	Prefix         string // of the names of all that is made; empty means stampede
	Region         string
	Workers        int
	InstanceType   string        // of workers; empty means c7g.large
	ControllerType string        // empty means t4g.medium or t3.medium, as the workers' processor
	MaxHours       float64       // AWS ends all instances then
	Idle           time.Duration // workers end after so long in which nothing was done with them; zero: never
	From           []string
	Join           string // join URL of a controller elsewhere; empty makes one

	Bucket          string // empty means Elastic Beanstalk's own of the region
	VPC             string
	Subnets         []string // of VPC
	Private         bool     // instances have no public addresses: their way out is the network's
	InstanceProfile string   // empty means aws-elasticbeanstalk-ec2-role
	ServiceRole     string   // empty means aws-elasticbeanstalk-service-role
	OperationsRole  string   // ARN; empty has Elastic Beanstalk act with the rights of who calls

	Price        float64 // USD an hour of a worker's instance; zero asks the Pricing API
	MaxCost      float64 // USD; zero means no cap
	ConfirmAbove float64 // USD; below it nobody is asked
	Binary       []byte  // the test's program, for the instances' system and processor
	Program      string  // what it is called
	Settings     string  // stampede.yaml beside the controller; empty: none
}

// Fill puts what is usual in the place of what was not given.
func (o *Options) Fill() {
	set := func(at *string, usual string) {
		if *at == "" {
			*at = usual
		}
	}
	set(&o.Prefix, deploy.Prefix)
	set(&o.InstanceType, "c7g.large")
	set(&o.ControllerType, map[string]string{"arm64": "t4g.medium", "amd64": "t3.medium"}[Arch(o.InstanceType)])
	set(&o.InstanceProfile, "aws-elasticbeanstalk-ec2-role")
	set(&o.ServiceRole, "aws-elasticbeanstalk-service-role")
	set(&o.Program, "load")
}

var instanceType = regexp.MustCompile(`^[a-z][a-z0-9-]*\.[a-z0-9-]+$`)

// Find says what is wrong with how a deployment is found.
func (o *Options) Find() error {
	wrong := []error{deploy.CheckName(o.Name), deploy.CheckPrefix(o.Prefix, o.Name), aws.CheckRegion(o.Region)}
	if o.Price < 0 {
		wrong = append(wrong, errBelowZero)
	}
	return errors.Join(wrong...)
}

var errBelowZero = errors.New("a price below zero: write dollars")

// Check says everything that is wrong.
func (o *Options) Check() error {
	wrong := []error{o.Find()}
	add := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf(format, args...))
		}
	}
	add(o.Workers < 1 || o.Workers > 1000, "%d workers: write a number from 1 to 1000", o.Workers)
	add(!instanceType.MatchString(o.InstanceType), "instance type %q: write one such as c7g.large", o.InstanceType)
	add(!instanceType.MatchString(o.ControllerType), "instance type %q of the controller: write one such as t4g.medium", o.ControllerType)
	add(Arch(o.InstanceType) != Arch(o.ControllerType), "%s and %s have different processors, and there is one program: choose both of one kind", o.InstanceType, o.ControllerType)
	add(!(o.MaxHours > 0 && o.MaxHours <= 24*7), "%g hours: write a number above zero and up to 168, a week", o.MaxHours)
	add(o.Idle != 0 && o.Idle < time.Minute, "--idle-exit %s: write a minute or more, or 0 for never", o.Idle)
	add(o.MaxCost < 0 || o.ConfirmAbove < 0, "%w", errBelowZero)
	add((o.VPC == "") != (len(o.Subnets) == 0), "--vpc and --subnets go together: name both or neither")
	add(o.Private && o.VPC == "", "--private: name the network with --vpc and --subnets: AWS's default one has no way out without public addresses")
	if o.Join == "" {
		add(len(o.From) == 0, "--from: say from where the page may be opened, such as 203.0.113.7/32")
		for _, from := range o.From {
			wrong = append(wrong, checkFrom(from))
		}
	}
	return errors.Join(wrong...)
}

// checkFrom refuses what is no network, and the whole world.
func checkFrom(text string) error {
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return fmt.Errorf("--from %q: write an address and its length, such as 203.0.113.7/32", text)
	case p.Bits() < 8 || p.Addr().Is6() && p.Bits() < 32:
		return fmt.Errorf("--from %s: that opens the page to the world: name the network that you are in", text)
	case p.Masked() != p:
		return fmt.Errorf("--from %s: write %s", text, p.Masked())
	}
	return nil
}

var graviton = regexp.MustCompile(`^(a1|[a-z]+\d+g[a-z]*|hpc\d+g|x2gd|im4gn|is4gen)\.`)

// Arch is the processor of an instance type, as Go calls it.
func Arch(instanceType string) string {
	if graviton.MatchString(instanceType) {
		return "arm64"
	}
	return "amd64"
}

// processor is that of an instance type, as AWS calls it.
func processor(instanceType string) string {
	return map[string]string{"arm64": "arm64", "amd64": "x86_64"}[Arch(instanceType)]
}

// Names of what is made. All begin with PREFIX-NAME, which is what the policy binds writes to.
func (o *Options) application() string { return o.Prefix + "-" + o.Name }
func (o *Options) controller() string  { return o.application() + "-controller" }
func (o *Options) workers() string     { return o.application() + "-workers" }
func (o *Options) members() string     { return o.application() + "-members" }
func (o *Options) prefix() string      { return o.Prefix + "/" + o.Name + "/" }
func (o *Options) parameter(name string) string {
	return "/" + o.Prefix + "/" + o.Name + "/" + name
}

// TokenParameter is the parameter that holds the token of the page.
func (o *Options) TokenParameter() string { return o.parameter(secretWeb) }

func (o *Options) tags() []any { return []any{Params{"Key": aws.Tag, "Value": o.Name}} }

// elsewhere reports whether the controller is somebody else's.
func (o *Options) elsewhere() bool { return o.Join != "" }

// typeOf is the type of the instances of a role.
func (o *Options) typeOf(role string) string {
	if role == roleController {
		return o.ControllerType
	}
	return o.InstanceType
}
