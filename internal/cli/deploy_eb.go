package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/deploy/eb"
	"github.com/stampede-load/stampede/internal/format"
)

// ebFlags are those of the commands about Elastic Beanstalk.
type ebFlags struct {
	eb.Options
	binary     string
	controller string
	nats       string
	yes        bool
	discard    bool
	account    string
	instances  bool
	ledger     ledgerOptions // where runs are brought home to
}

// ebCommand has the commands about Elastic Beanstalk.
func (a *app) ebCommand() *cobra.Command {
	c := a.commands("eb", "Workers and their controller on AWS Elastic Beanstalk")
	c.AddCommand(a.ebUpCommand(), a.ebStatusCommand(), a.ebDownCommand(), a.ebPrintCommand(), a.ebPolicyCommand(), a.ebIdleCommand())
	return c
}

func (a *app) ebFindFlags(c *cobra.Command, f *ebFlags) {
	flags := c.Flags()
	a.findFlags(c, &f.Name, &f.Prefix, &f.Region)
	flags.StringVar(&f.Bucket, "bucket", "", "the `BUCKET` for bundles; without it Elastic Beanstalk's own of the region")
	flags.Float64Var(&f.Price, "price", 0, "what an instance costs, in `USD` an hour; without it AWS's price list is asked")
}

// ebShapeFlags are those that say what is to be.
func (a *app) ebShapeFlags(c *cobra.Command, f *ebFlags) {
	flags := c.Flags()
	a.ebFindFlags(c, f)
	flags.IntVar(&f.Workers, "workers", 1, "how many instances run users: `N`")
	flags.StringVar(&f.InstanceType, "instance-type", "c7g.large", "the `TYPE` of workers' instances")
	flags.StringVar(&f.ControllerType, "controller-type", "", "the `TYPE` of the controller's instance; without it t4g.medium or t3.medium")
	flags.Float64Var(&f.MaxHours, "max-hours", 2, "AWS itself ends all instances after so many `HOURS`")
	flags.DurationVar(&f.Idle, "idle-exit", 30*time.Minute, "end the workers after so long in which nothing was done with them: `TIME`; 0 means never. The controller stays, for its runs")
	flags.Float64Var(&f.MaxCost, "max-cost", 0, "the most that it may come to, in `USD`; above it nothing is made. 0 means no cap")
	flags.Float64Var(&f.ConfirmAbove, "confirm-above", 5, "ask before starting what may come to more than so much `USD`")
	flags.StringVar(&f.controller, "controller", "there", "where the controller is: `there|here`. there makes one on an instance of its own; here is one that you have started, named by --join")
	flags.StringVar(&f.Join, "join", "", "the join URL of the controller that workers are to dial, or @FILE with it: `URL`; goes with --controller here")
	flags.StringVar(&f.nats, "nats", "", "the NATS of your own that workers are to meet their controller at: `URL`")
	flags.StringSliceVar(&f.From, "from", nil, "from where the page may be opened: `CIDR`; without it your own public address. May be repeated")
	flags.StringVar(&f.binary, "binary", "", "the test's program for Linux and the instances' processor: `FILE`; without it the test is built")
	flags.StringVar(&f.VPC, "vpc", "", "the network to be in: `VPC`; without it the default one")
	flags.StringSliceVar(&f.Subnets, "subnets", nil, "the `SUBNETS` of --vpc: public ones, unless --private is given")
	flags.BoolVar(&f.Private, "private", false, "give instances no public address: --subnets have a way out of their own, and you reach the page from inside")
	flags.StringVar(&f.InstanceProfile, "instance-profile", "", "the instances' `PROFILE`; without it aws-elasticbeanstalk-ec2-role")
	flags.StringVar(&f.ServiceRole, "service-role", "", "Elastic Beanstalk's `ROLE`; without it aws-elasticbeanstalk-service-role")
	flags.StringVar(&f.OperationsRole, "operations-role", "", "the `ARN` of a role by which Elastic Beanstalk acts; without it it acts with your rights")
}

// toUp stands in what is printed for what up is given.
const toUp = "(given to up)"

// aimed settles where the controller is. read reads a join URL and says whether it leads to it.
func (f *ebFlags) aimed(read func(given string, own bool) (string, error)) error {
	var wrong mistakes
	given := f.Join
	if f.nats != "" {
		if given != "" {
			wrong.add(errors.New("--nats and --join: give one of them"))
		}
		given = f.nats
	}
	switch {
	case f.controller != "there" && f.controller != "here":
		wrong.add(fmt.Errorf("--controller %s: write there or here", format.Text(f.controller, 40)))
	case f.controller == "here" && given == "":
		wrong.add(errors.New(`--controller here: start it ("serve --fleet 0.0.0.0:7422 --fleet-host NAME"), and give the join URL that it prints with --join`))
	}
	if given == "" {
		return wrong.err()
	}
	var err error
	f.Join, err = read(given, f.VPC != "")
	wrong.add(err)
	return wrong.err()
}

// ebUpCommand makes a deployment.
func (a *app) ebUpCommand() *cobra.Command {
	f := &ebFlags{}
	c := &cobra.Command{
		Use: "up [PACKAGE]", Short: "Make a deployment, and wait until its workers have joined", Args: words(cobra.MaximumNArgs(1)),
		Long: "Make a deployment on AWS Elastic Beanstalk: build the test for the instances, bundle it, and start an environment of workers and one with their " +
			"controller, which a run is started on with \"run --on\". AWS itself ends all instances after --max-hours. Given again it goes on where it was, and gives the hours " +
			"anew. What fails half way is taken away again.",
		Example: "  " + a.name() + " deploy eb up --workers 10 --instance-type c7g.large --region us-east-1 --max-hours 2",
	}
	a.ebShapeFlags(c, f)
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	find := a.findLedger(c, &f.ledger)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := find(); err != nil {
			return err
		}
		pkg := "."
		if len(args) == 1 {
			pkg = args[0]
		}
		return a.ebUp(c.Context(), f, pkg)
	}
	return c
}

func (a *app) ebUp(ctx context.Context, f *ebFlags, pkg string) error {
	f.Fill()
	var wrong mistakes
	wrong.add(f.aimed(a.dialled), f.fenced(a))
	sketch := f.Options // with what is found out later
	if sketch.Region == "" {
		sketch.Region = "us-east-1"
	}
	if len(sketch.From) == 0 {
		sketch.From = []string{"192.0.2.1/32"}
	}
	if wrong.add(sketch.Check()); len(wrong) > 0 {
		return wrong.err()
	}
	client, err := aws.Open(ctx, f.Region)
	if err != nil {
		return err
	}
	f.Region = client.Region
	if len(f.From) == 0 && f.Join == "" {
		own, err := ownAddress(ctx)
		if err != nil {
			return err
		}
		f.From = []string{own}
	}
	if err := f.Check(); err != nil {
		return err
	}
	if f.Binary, err = a.programFor(ctx, eb.Arch(f.InstanceType), f.binary, pkg); err != nil {
		return err
	}
	h := a.ebHooks(f)
	ctx, h.Quit = a.asksOnce(ctx)
	made, err := eb.New(client, &f.Options, h).Up(ctx)
	if err != nil {
		return a.upFailed(ctx, err)
	}
	put(a.Out, a.ebMade(f, made))
	return nil
}

// upFailed says why an up failed; one that a person ended has the status of that.
func (a *app) upFailed(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	put(a.Err, fmt.Sprintf("%s: %s\n", a.name(), err))
	a.status = statusInterrupted
	return nil
}

// fenced gives the controller the targets of this folder, and what is never to be asked.
func (f *ebFlags) fenced(a *app) (err error) {
	f.Settings, err = a.hostsFile()
	return err
}

// errEnded says why something that was being made is not there.
var errEnded = errors.New("it was ended before it was done, as you asked")

// asksOnce has the first Ctrl-C ask, the second end what is being made, and the third end the taking away of that.
func (a *app) asksOnce(ctx context.Context) (_ context.Context, quit <-chan struct{}) {
	ctx, end := context.WithCancelCause(ctx)
	cancel := func() { end(errEnded) }
	over := make(chan struct{})
	a.presses.handle(func(count int) {
		switch {
		case a.presses.isAsked(): // nothing was made: there is nothing to ask about
			cancel()
		case count == 1:
			put(a.Err, a.name()+": it goes on; press Ctrl-C again to have it end, and what was made taken away\n")
		case count == 2:
			cancel()
		case count == 3:
			close(over)
		}
	})
	return ctx, over
}

// ebMade says what there is now.
func (a *app) ebMade(f *ebFlags, m *eb.Made) string {
	var b strings.Builder
	if m.Page.Address != "" {
		on, err := pageURL(&m.Page)
		if err != nil {
			on = "https://" + m.Page.Address
		}
		fmt.Fprintf(&b, "%s have joined\nthe page: https://%s (the browser does not know its certificate; the token is in the parameter %s)\n",
			format.Plural(int64(m.Workers), "worker", "workers"), m.Page.Address, f.TokenParameter())
		fmt.Fprintf(&b, "run it from here:\n  export STAMPEDE_TOKEN=$(aws ssm get-parameters --region %s --with-decryption --names %s --query 'Parameters[0].Value' --output text)\n  %s run --on '%s' -u 1000 -t 10m\n",
			f.Region, f.TokenParameter(), a.workerName(), on)
	} else {
		b.WriteString("the workers dial the controller that --join names\n")
	}
	fmt.Fprintf(&b, "AWS ends it at %s; before that:\n  %s deploy eb down%s\n", m.Ends.Local().Format("2006-01-02 15:04 MST"), a.workerName(), foundBy(f.Name, f.Prefix, f.Region))
	return b.String()
}

// ebStatusCommand says what stands.
func (a *app) ebStatusCommand() *cobra.Command {
	f := &ebFlags{}
	c := &cobra.Command{Use: "status [flags]", Short: "What of a deployment stands, its workers, and what it has cost", Args: words(cobra.NoArgs)}
	a.ebFindFlags(c, f)
	c.RunE = func(c *cobra.Command, _ []string) error {
		d, err := a.ebFound(c.Context(), f)
		if err != nil {
			return err
		}
		s, err := d.Status(c.Context())
		if err != nil {
			return err
		}
		put(a.Out, ebStatus(f.Name, s))
		return nil
	}
	return c
}

func ebStatus(name string, s *eb.Status) string {
	if len(s.Stands) == 0 {
		return "deployment " + name + ": nothing of it is there\n"
	}
	var b strings.Builder
	for _, e := range s.Environments {
		fmt.Fprintf(&b, "%-32s %-12s %-8s %s", e.Name, e.Status, e.Health, e.What)
		switch {
		case e.Empty:
			b.WriteString(", its instances have ended")
		case !e.Ends.IsZero():
			fmt.Fprintf(&b, ", AWS ends it at %s", e.Ends.Local().Format("2006-01-02 15:04 MST"))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s", format.Plural(int64(s.Instances), "instance", "instances"))
	if s.Joined >= 0 {
		fmt.Fprintf(&b, ", %s at the controller https://%s", format.Plural(int64(s.Joined), "worker", "workers"), s.Page.Address)
	}
	b.WriteByte('\n')
	if len(s.SoFar.Parts) > 0 {
		fmt.Fprintf(&b, "%s%s so far, for instances\n", s.SoFar.Bound(), format.Dollars(s.SoFar.USD))
	}
	for _, what := range s.Stands {
		b.WriteString("  " + what + "\n")
	}
	return b.String()
}

// ebDownCommand takes a deployment away.
func (a *app) ebDownCommand() *cobra.Command {
	f := &ebFlags{}
	c := &cobra.Command{
		Use: "down [flags]", Short: "Take a deployment away, and prove it by listing", Args: words(cobra.NoArgs),
		Long: "Take a deployment away, whatever became of up: its environments with their instances, its secrets, bundles and application. Before the controller goes, " +
			"its runs are fetched into the ledger here, with their results and their whole course; when that fails nothing more is taken away, unless --discard-runs is given. " +
			"What the instances have cost is said, and written beside those runs. At the end it lists what there " +
			"could be, and fails when something still stands.",
	}
	a.ebFindFlags(c, f)
	c.Flags().BoolVar(&f.discard, "discard-runs", false, "do not fetch the controller's runs: they are lost")
	find := a.findLedger(c, &f.ledger)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := find(); err != nil {
			return err
		}
		d, err := a.ebFound(c.Context(), f)
		if err != nil {
			return err
		}
		return d.Down(c.Context())
	}
	return c
}

// ebFound is a deployment that was made before.
func (a *app) ebFound(ctx context.Context, f *ebFlags) (*eb.Deployment, error) {
	client, err := aws.Open(ctx, f.Region)
	if err != nil {
		return nil, err
	}
	f.Region = client.Region
	f.Fill()
	return eb.New(client, &f.Options, a.ebHooks(f)), f.Find()
}

// ebPrintCommand says all that up would make.
func (a *app) ebPrintCommand() *cobra.Command {
	f := &ebFlags{}
	c := &cobra.Command{
		Use: "print [flags]", Short: "All that up would make: files, calls, the end; without credentials or network", Args: words(cobra.NoArgs),
		Long: "Print all that \"deploy eb up\" would make, without credentials or network: the files of the bundles with their contents, the calls that change something, and " +
			"when AWS ends it. The test is not built for it: --binary puts a program in.",
	}
	a.ebShapeFlags(c, f)
	c.RunE = func(c *cobra.Command, _ []string) error {
		f.Fill()
		var wrong mistakes
		if f.controller == "here" && f.Join == "" && f.nats == "" {
			f.Join = toUp
		}
		wrong.add(f.aimed(a.dialledByText), f.fenced(a))
		if f.Region == "" {
			f.Region = "us-east-1"
		}
		if len(f.From) == 0 {
			f.From = []string{"192.0.2.1/32"} // of the documentation: up asks for the caller's own
		}
		wrong.add(f.Check())
		if f.binary != "" {
			var err error
			f.Binary, err = a.programFor(c.Context(), eb.Arch(f.InstanceType), f.binary, "")
			wrong.add(err)
		}
		if len(wrong) > 0 {
			return wrong.err()
		}
		text, err := eb.Print(&f.Options, time.Now())
		put(a.Out, text)
		return err
	}
	return c
}

// ebPolicyCommand prints the rights that are needed.
func (a *app) ebPolicyCommand() *cobra.Command {
	f := &ebFlags{}
	c := &cobra.Command{
		Use: "policy [flags]", Short: "The policy of IAM that the commands need; with --instances that of the instances' role", Args: words(cobra.NoArgs),
	}
	a.ebFindFlags(c, f)
	flags := c.Flags()
	flags.StringVar(&f.account, "account", "*", "the `ACCOUNT` in the names of resources: twelve digits")
	flags.BoolVar(&f.instances, "instances", false, "what the role of the instances needs, besides AWS's own AWSElasticBeanstalkWorkerTier")
	flags.StringVar(&f.InstanceProfile, "instance-profile", "", "the instances' `PROFILE`")
	flags.StringVar(&f.ServiceRole, "service-role", "", "Elastic Beanstalk's `ROLE`")
	flags.StringVar(&f.OperationsRole, "operations-role", "", "the `ARN` of a role by which Elastic Beanstalk acts")
	c.RunE = func(*cobra.Command, []string) error {
		if f.Region == "" {
			f.Region = "us-east-1"
		}
		f.Fill()
		if err := f.Find(); err != nil {
			return err
		}
		policy := eb.Policy
		if f.instances {
			policy = eb.InstancePolicy
		}
		text, err := policy(&f.Options, f.account)
		put(a.Out, text)
		return err
	}
	return c
}
