package eb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/format"
)

// Down takes everything away that up may have made, whatever became of that, and lists afterwards: what still stands is the error.
func (d *Deployment) Down(ctx context.Context) error {
	var wrong []error
	app, err := d.application(ctx)
	if err != nil {
		return err
	}
	if app != nil { // a run that goes on needs its workers; what else is wrong with the controller must not keep them
		if err := d.save(ctx); errors.Is(err, ErrRunning) {
			return err
		}
	}
	spent := &Spent{}
	machines, err := d.instances(ctx)
	if err != nil {
		return err
	}
	for _, name := range []string{d.o.workers(), d.o.controller()} { // workers are in a security group of the controller's
		if app == nil {
			break
		}
		if name == d.o.controller() {
			if err := d.save(ctx); err != nil && !(d.fresh && !errors.Is(err, ErrRunning)) { // what an up has just made need not even answer yet
				return err
			}
		}
		last, err := d.end(ctx, name)
		if err != nil {
			wrong = append(wrong, err)
		}
		spent.add(last, d.now(), len(of(machines, name)) == 0)
	}
	if len(wrong) > 0 { // what holds the others stands
		return errors.Join(wrong...)
	}
	if err := d.spent(ctx, spent); err != nil {
		d.say("what it has cost is not in the ledger: " + err.Error())
	}
	if err := d.forget(ctx, app); err != nil {
		return err
	}
	return d.prove(ctx)
}

// spent says what the instances came to, and has it kept.
func (d *Deployment) spent(ctx context.Context, s *Spent) error {
	if len(s.Parts) == 0 {
		return nil
	}
	about := s.Bound()
	if about == "" {
		about = "about "
	}
	d.say(fmt.Sprintf("its instances came to %s%s: %s", about, format.Dollars(s.USD), s))
	if d.Spent == nil {
		return nil
	}
	return d.Spent(ctx, s)
}

// save brings home what the controller has, when it can be reached.
func (d *Deployment) save(ctx context.Context) error {
	if d.Save == nil {
		return nil
	}
	page, err := d.page(ctx)
	if err != nil || page.Address == "" {
		return err
	}
	return d.Save(ctx, *page)
}

// page is where the controller is; without an address when there is none.
func (d *Deployment) page(ctx context.Context) (*Page, error) {
	all, err := d.instances(ctx)
	if err != nil {
		return nil, err
	}
	mine := of(all, d.o.controller())
	if len(mine) == 0 || mine[0].State != "running" {
		return &Page{}, nil
	}
	known, err := d.parameters(ctx)
	if err != nil || known[secretWeb] == "" {
		return &Page{}, err
	}
	at := mine[0].Public
	if at == "" {
		at = mine[0].Private
	}
	return &Page{Address: at, Token: known[secretWeb], Key: known[secretKey]}, nil
}

// end terminates an environment and waits until it has gone. last is what it cost; nil when it was not there.
func (d *Deployment) end(ctx context.Context, name string) (last *charge, err error) {
	said := false
	pause := d.Pauses(lookEvery)
	for end := d.now().Add(mostReady); ; {
		all, err := d.environments(ctx)
		if err != nil {
			return last, err
		}
		e := named(all, name)
		if e == nil {
			return last, nil
		}
		last = e.charge()
		if !said {
			said = true
			d.say("environment " + name + " ends: AWS takes some minutes for it")
		}
		if e.Status != "Terminating" {
			err := d.Do(ctx, d.o.terminate(name), nil)
			if err != nil && !busyWith(err) {
				return last, fmt.Errorf("environment %s stands: %w", name, err)
			}
		}
		if d.now().After(end) {
			return last, fmt.Errorf("environment %s is still %s after %s", name, e.Status, mostReady)
		}
		if err := pause(ctx); err != nil {
			return last, fmt.Errorf("environment %s stands: %w", name, err)
		}
	}
}

// busyWith reports whether an environment cannot be ended just now, or has gone meanwhile: look again.
func busyWith(err error) bool {
	e, ok := errors.AsType[*aws.Error](err)
	return ok && (strings.Contains(e.Message, "invalid state") || strings.Contains(e.Message, "No Environment found") || e.Code == "OperationInProgress")
}

// forget removes what costs little: parameters, bundles, and last the application, by which the rest is found.
func (d *Deployment) forget(ctx context.Context, app *application) error {
	known, err := d.parameters(ctx)
	if err != nil {
		return err
	}
	var names []any
	for name := range known {
		names = append(names, d.o.parameter(name))
	}
	if len(names) > 0 {
		slices.SortFunc(names, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		d.say(fmt.Sprintf("%d parameters", len(names)))
		if err := d.Do(ctx, call("ssm", "DeleteParameters", Params{"Names": names}), nil); err != nil {
			return err
		}
	}
	if app == nil {
		return nil
	}
	bucket := strings.TrimPrefix(app.Description, bucketNote)
	keys, err := d.objects(ctx, bucket)
	if err != nil && !aws.Refused(err, "NoSuchBucket") {
		return err
	}
	for _, key := range keys {
		d.say("bundle s3://" + bucket + "/" + key)
		if err := d.Do(ctx, call("s3", "DeleteObject", Params{"Bucket": bucket, "Key": key}), nil); err != nil {
			return err
		}
	}
	d.say("application " + app.Name)
	return d.Do(ctx, call("elasticbeanstalk", "DeleteApplication", Params{"ApplicationName": app.Name, "TerminateEnvByForce": false}), nil)
}

// prove lists all that there could be.
func (d *Deployment) prove(ctx context.Context) error {
	stands, err := d.stands(ctx)
	if err != nil {
		return fmt.Errorf("it could not be seen whether something still stands: %w", err)
	}
	if len(stands) > 0 {
		return fmt.Errorf("still there: %s", strings.Join(stands, ", "))
	}
	d.say("nothing of it is there any more: no environment, application, parameter, bundle or instance")
	return nil
}

// stands is everything of the deployment that there is.
func (d *Deployment) stands(ctx context.Context) ([]string, error) {
	var out []string
	envs, err := d.environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range envs {
		out = append(out, "environment "+e.Name+" ("+e.Status+")")
	}
	app, err := d.application(ctx)
	if err != nil {
		return nil, err
	}
	bucket := d.o.Bucket
	if app != nil {
		out = append(out, "application "+app.Name)
		bucket = strings.TrimPrefix(app.Description, bucketNote)
	}
	if bucket == "" {
		account, err := d.Account(ctx)
		if err != nil {
			return nil, err
		}
		bucket = d.o.bucketOf(account)
	}
	keys, err := d.objects(ctx, bucket)
	if err != nil && !aws.Refused(err, "NoSuchBucket") {
		return nil, err
	}
	for _, key := range keys {
		out = append(out, "bundle s3://"+bucket+"/"+key)
	}
	known, err := d.parameters(ctx)
	if err != nil {
		return nil, err
	}
	for name := range known {
		out = append(out, "parameter "+d.o.parameter(name))
	}
	machines, err := d.instances(ctx)
	for i := range machines {
		out = append(out, "instance "+machines[i].ID+" ("+machines[i].State+")")
	}
	slices.Sort(out)
	return out, err
}
