package eb

import (
	"fmt"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Print says all that up would make, without asking anybody: the files of the bundles, the calls that change something, in their order, the policies that they need, and
// when AWS ends it. What only AWS can say stands in angle brackets.
func Print(o *Options, now time.Time) (string, error) {
	ends := now.Add(time.Duration(o.MaxHours * float64(time.Hour))).Truncate(time.Second)
	p := &place{account: "<account>", stack: "<the newest: 64bit Amazon Linux 2023 v... running Go 1>", members: "<id of " + o.members() + ">"}
	p.bucket = o.bucketOf(p.account)
	if o.Price > 0 {
		p.cost = &Cost{Worker: o.Price, Workers: o.Workers, Hours: o.MaxHours, Source: aws.PriceGiven}
		if !o.elsewhere() {
			p.cost.Controller = o.Price
		}
	}
	var b strings.Builder
	calls := []aws.Call{o.createApplication(p.bucket)}
	if o.elsewhere() {
		calls = append(calls, o.putParameter(secretJoin, "(the join URL that was given)", true))
	} else {
		for _, name := range []string{secretWeb, secretFleet, secretKey} {
			calls = append(calls, o.putParameter(name, "(a secret that up makes)", true))
		}
	}
	for _, role := range o.roles() {
		bundle, err := MakeBundle(o, role)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "# the bundle of %s: %s, %.1f MB\n%s---\n", role, bundle.Key, float64(len(bundle.Zip))/1e6, deploy.Print(bundle.Files))
		calls = append(calls, o.putBundle(p.bucket, bundle), o.createVersion(p.bucket, bundle))
		if role == roleWorkers && !o.elsewhere() {
			calls = append(calls, o.putParameter(secretJoin, "(the join URL, with the controller's address)", true))
		}
		calls = append(calls, o.createEnvironment(bundle, p, 0, now, ends))
	}
	text, err := aws.Print(calls)
	if err != nil {
		return "", err
	}
	b.WriteString(text)
	rights, err := o.rights()
	if err != nil {
		return "", err
	}
	b.WriteString(rights)
	fmt.Fprintf(&b, "---\n# the end\nAWS scales both groups to zero %g hours after up: of one started now at %s.\n", o.MaxHours, ends.UTC().Format(time.RFC3339))
	if o.Idle > 0 && !o.elsewhere() {
		fmt.Fprintf(&b, "The controller has AWS scale the group of workers to zero after %s in which nothing was done with them.\n", o.Idle)
	}
	if p.cost != nil {
		fmt.Fprintf(&b, "%s\n", p.cost)
		return b.String(), o.overshoot(p.cost)
	}
	b.WriteString("What it costs: up asks AWS's price list; with --price, in USD an hour, it is said here.\n")
	return b.String(), nil
}

// roles are the environments, in the order in which they are made.
func (o *Options) roles() []string {
	if o.elsewhere() {
		return []string{roleWorkers}
	}
	return []string{roleController, roleWorkers}
}

// rights are the policies that it takes.
func (o *Options) rights() (string, error) {
	commands, err := Policy(o, "*")
	if err != nil {
		return "", err
	}
	instances, err := InstancePolicy(o, "*")
	return "---\n# the policy that the commands need (deploy eb policy)\n" + commands +
		"---\n# the policy that the role " + o.InstanceProfile + " needs besides AWSElasticBeanstalkWorkerTier (deploy eb policy --instances)\n" + instances, err
}
