package eb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Made is what stands at the end of up.
type Made struct {
	Page    Page
	Workers int // that have joined
	Ends    time.Time
	Cost    *Cost
}

// Up makes what is missing, and waits until the workers have joined. Called again it goes on, and gives a deployment its hours anew. When it fails after
// something was made it takes that away again; what it could not take away is in the error.
func (d *Deployment) Up(ctx context.Context) (*Made, error) {
	p, err := d.look(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { d.fresh = false }() // somebody may run something on it from now on
	made, err := d.make(ctx, p)
	if err == nil {
		made.Cost = p.cost
		return made, nil
	}
	if ctx.Err() != nil { // whatever was asked for just then
		err = context.Cause(ctx)
	}
	d.say("it failed: " + err.Error())
	d.say("taking away what was made")
	return nil, deploy.Undo(ctx, err, d.Down, 2*mostReady, d.Quit)
}

// look asks everything that can be asked before something is made.
func (d *Deployment) look(ctx context.Context) (*place, error) {
	o := d.o
	var err error
	p := &place{}
	if p.account, err = d.Account(ctx); err != nil {
		return nil, err
	}
	p.bucket = o.bucketOf(p.account)
	notes, err := d.fits(ctx)
	if err != nil {
		return nil, err
	}
	if p.cost, err = d.cost(ctx); err == nil {
		err = o.overshoot(p.cost)
	}
	if err != nil {
		return nil, err
	}
	if p.stack, err = d.stack(ctx); err != nil {
		return nil, err
	}
	if _, err := d.objects(ctx, p.bucket); err != nil {
		return nil, err
	}
	d.say(p.cost.String())
	for _, n := range notes {
		d.say(n)
	}
	if most := p.cost.Most(); most > o.ConfirmAbove && d.Agree != nil {
		err = d.Agree(ctx, fmt.Sprintf("Start %d x %s in %s for at most %g hours, %.2f USD?", o.Workers, o.InstanceType, o.Region, o.MaxHours, most))
	}
	return p, err
}

// make makes what is missing.
func (d *Deployment) make(ctx context.Context, p *place) (*Made, error) {
	o := d.o
	ends := d.now().Add(time.Duration(o.MaxHours * float64(time.Hour))).Truncate(time.Second)
	app, err := d.application(ctx)
	if err != nil {
		return nil, err
	}
	if app == nil {
		d.say("application " + o.application())
		if err := d.create(ctx, o.createApplication(p.bucket)); err != nil {
			return nil, err
		}
		app = &application{}
	}
	page, err := d.secrets(ctx)
	if err != nil {
		return nil, err
	}
	if !o.elsewhere() {
		if err := d.controllerUp(ctx, app, p, page, ends); err != nil {
			return nil, err
		}
	}
	b, err := d.bundle(ctx, app, p, roleWorkers)
	if err != nil {
		return nil, err
	}
	if err := d.stand(ctx, b, p, ends); err != nil {
		return nil, err
	}
	if err := d.stops(ctx, ends); err != nil {
		return nil, err
	}
	made := &Made{Page: *page, Ends: ends}
	made.Workers, err = d.joined(ctx, page)
	return made, err
}

// create makes something; that it is there already is what was wanted: the answer of an earlier try was lost.
func (d *Deployment) create(ctx context.Context, c aws.Call) error {
	err := d.Do(ctx, c, nil)
	e, refused := errors.AsType[*aws.Error](err)
	if refused && (strings.Contains(e.Message, "already exists") || e.Code == "ParameterAlreadyExists") {
		return nil
	}
	return err
}

// secrets makes those that are not there yet.
func (d *Deployment) secrets(ctx context.Context) (*Page, error) {
	o := d.o
	known, err := d.parameters(ctx)
	if err != nil {
		return nil, err
	}
	if o.elsewhere() {
		if known[secretJoin] == o.Join {
			return &Page{}, nil
		}
		d.say("parameter " + o.parameter(secretJoin))
		return &Page{}, d.Do(ctx, o.putParameter(secretJoin, o.Join, true), nil)
	}
	if known[secretWeb] == "" || known[secretFleet] == "" || known[secretKey] == "" { // all anew: a half set is of no use
		web, fleet, key, err := d.Secrets()
		if err != nil {
			return nil, err
		}
		for _, one := range [][2]string{{secretWeb, web}, {secretFleet, fleet}, {secretKey, key}} {
			d.say("parameter " + o.parameter(one[0]))
			if err := d.Do(ctx, o.putParameter(one[0], one[1], true), nil); err != nil {
				return nil, err
			}
			known[one[0]] = one[1]
		}
	}
	return &Page{Token: known[secretWeb], Key: known[secretKey]}, nil
}

// controllerUp makes the controller, and the join URL of what it has become.
func (d *Deployment) controllerUp(ctx context.Context, app *application, p *place, page *Page, ends time.Time) error {
	o := d.o
	b, err := d.bundle(ctx, app, p, roleController)
	if err != nil {
		return err
	}
	if err := d.stand(ctx, b, p, ends); err != nil {
		return err
	}
	all, err := d.instances(ctx)
	if err != nil {
		return err
	}
	mine := of(all, o.controller())
	if len(mine) != 1 || mine[0].Private == "" {
		return fmt.Errorf("environment %s is ready, and has %d instances where one with an address is wanted", o.controller(), len(mine))
	}
	page.Address = mine[0].Public
	if page.Address == "" {
		page.Address = mine[0].Private // in a network of one's own, reached from inside
	}
	for _, g := range mine[0].Groups {
		if g.Name == o.members() {
			p.members = g.ID
		}
	}
	if p.members == "" {
		return fmt.Errorf("the controller's instance %s is not in the security group %s", mine[0].ID, o.members())
	}
	known, err := d.parameters(ctx)
	if err != nil {
		return err
	}
	join, err := d.JoinURL(fmt.Sprintf("%s:%d", mine[0].Private, FleetPort), known[secretFleet], known[secretKey])
	if err != nil || known[secretJoin] == join {
		return err
	}
	d.say("parameter " + o.parameter(secretJoin))
	return d.Do(ctx, o.putParameter(secretJoin, join, true), nil)
}

// bundle packs one, and puts it where Elastic Beanstalk finds it.
func (d *Deployment) bundle(ctx context.Context, app *application, p *place, role string) (*Bundle, error) {
	b, err := MakeBundle(d.o, role)
	if err != nil {
		return nil, err
	}
	there, err := d.objects(ctx, p.bucket)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(there, b.Key) {
		d.say(fmt.Sprintf("bundle s3://%s/%s, %.1f MB", p.bucket, b.Key, float64(len(b.Zip))/1e6))
		if err := d.Do(ctx, d.o.putBundle(p.bucket, b), nil); err != nil {
			return nil, err
		}
	}
	if slices.Contains(app.Versions, b.Label) {
		return b, nil
	}
	d.say("version " + b.Label)
	return b, d.create(ctx, d.o.createVersion(p.bucket, b))
}

// stand makes an environment, or changes it to what it should be, and waits until it is ready.
func (d *Deployment) stand(ctx context.Context, b *Bundle, p *place, ends time.Time) error {
	name := d.o.controller()
	if b.Role == roleWorkers {
		name = d.o.workers()
	}
	was, before, err := d.alive(ctx, name)
	if err != nil {
		return err
	}
	begun := d.now()
	now := begun.Truncate(time.Second)
	create := d.o.createEnvironment(b, p, before, now, ends)
	want, _ := create.In["Description"].(string)
	switch {
	case was == nil:
		d.say("environment " + name + ": AWS takes some minutes for it")
		d.fresh = d.fresh || b.Role == roleController
		err = d.create(ctx, create)
	case was.Version != b.Label || was.Description != want:
		d.say("environment " + name + " is changed")
		err = d.Do(ctx, d.o.updateEnvironment(b, p, was.charge(), now, ends), nil)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return d.ready(ctx, name, begun)
}

// alive is an environment that can be gone on with; nil when there is none. One whose instances AWS has ended, because its hours were over or nothing was done with it, is
// taken away: Elastic Beanstalk sees no change in a group that should be as large as it was, and starts none of them again. before is what that had come to at most, in USD.
func (d *Deployment) alive(ctx context.Context, name string) (was *environment, before float64, err error) {
	if err := d.settled(ctx, name); err != nil {
		return nil, 0, err
	}
	all, err := d.environments(ctx)
	if err != nil {
		return nil, 0, err
	}
	if was = named(all, name); was == nil {
		return nil, d.before[name], nil
	}
	machines, err := d.instances(ctx)
	if err != nil || len(of(machines, name)) > 0 {
		return was, 0, err
	}
	d.say("the instances of environment " + name + " have ended: it is made anew")
	gone := []string{name}
	if name == d.o.controller() { // whose security group workers are in
		gone = []string{d.o.workers(), name}
	}
	for _, one := range gone {
		last, err := d.end(ctx, one)
		if err != nil {
			return nil, 0, err
		}
		if last != nil {
			d.before[one] = last.at(d.now())
		}
	}
	return nil, d.before[name], nil
}

// settled waits until an environment that changes, or goes, is done with that.
func (d *Deployment) settled(ctx context.Context, name string) error {
	pause := d.Pauses(lookEvery)
	for end := d.now().Add(mostReady); ; {
		all, err := d.environments(ctx)
		if err != nil {
			return err
		}
		e := named(all, name)
		if e == nil || e.Status == "Ready" {
			return nil
		}
		if d.now().After(end) {
			return fmt.Errorf("environment %s is still %s after %s", name, e.Status, mostReady)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// ready waits until an environment is, and tells what Elastic Beanstalk says meanwhile.
func (d *Deployment) ready(ctx context.Context, name string, since time.Time) error {
	var last, wrong string
	pause := d.Pauses(lookEvery)
	for end := d.now().Add(mostReady); ; {
		all, err := d.environments(ctx)
		if err != nil {
			return err
		}
		said, err := d.events(ctx, name, since) // after it, so that nothing that was said before it was ready is missed
		if err != nil {
			return err
		}
		for _, e := range said {
			if line := e.At.UTC().Format(time.RFC3339) + e.Message; line > last {
				last = line
				d.say("  " + e.Message)
			}
			if e.Severity == "ERROR" || e.Severity == "FATAL" {
				wrong = e.Message
			}
		}
		e := named(all, name)
		switch {
		case e == nil:
			return fmt.Errorf("environment %s has gone: %s", name, wrong)
		case e.Status == "Ready" && wrong != "":
			return fmt.Errorf("environment %s is not as it should be: %s", name, wrong)
		case e.Status == "Ready":
			return nil
		case d.now().After(end):
			return fmt.Errorf("environment %s is still %s after %s: %s", name, e.Status, mostReady, wrong)
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

// stops looks whether AWS itself will end all instances: without that nothing may stand.
func (d *Deployment) stops(ctx context.Context, ends time.Time) error {
	all, err := d.instances(ctx)
	if err != nil {
		return err
	}
	scheduled, err := d.ends(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		group := all[i].tag("aws:autoscaling:groupName")
		at, there := scheduled[group]
		switch {
		case group == "" || !there:
			return fmt.Errorf("instance %s has no scheduled end at AWS (group %q)", all[i].ID, group)
		case at.After(ends.Add(time.Minute)):
			return fmt.Errorf("instance %s ends at %s at AWS, and should at %s", all[i].ID, at.UTC().Format(time.RFC3339), ends.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// joined waits until all workers are there.
func (d *Deployment) joined(ctx context.Context, page *Page) (int, error) {
	if d.o.elsewhere() || d.Joined == nil {
		return 0, nil
	}
	d.say(fmt.Sprintf("waiting for %d workers at the controller", d.o.Workers))
	n := 0
	pause := d.Pauses(lookEvery)
	for end := d.now().Add(mostJoin); ; {
		var err error
		if n, err = d.Joined(ctx, *page); err == nil && n >= d.o.Workers {
			return n, nil
		}
		if d.now().After(end) {
			return n, errors.Join(fmt.Errorf("%d of %d workers have joined within %s", n, d.o.Workers, mostJoin), err)
		}
		if err := pause(ctx); err != nil {
			return n, err
		}
	}
}
