package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/deploy/ecs"
	"github.com/stampede-load/stampede/internal/format"
)

// ecsFlags are those of the commands about Fargate.
type ecsFlags struct {
	ecs.Options
	yes     bool
	account string
	ledger  ledgerOptions // where what it came to is written
}

// ecsCommand has the commands about Fargate.
func (a *app) ecsCommand() *cobra.Command {
	c := a.commands("ecs", "Workers on AWS Fargate, for a controller elsewhere")
	c.AddCommand(a.ecsUpCommand(), a.ecsStatusCommand(), a.ecsDownCommand(), a.ecsPrintCommand(), a.ecsPolicyCommand())
	return c
}

func (a *app) ecsShapeFlags(c *cobra.Command, f *ecsFlags) {
	a.findFlags(c, &f.Name, &f.Prefix, &f.Region)
	flags := c.Flags()
	flags.StringVar(&f.Image, "image", "", "the `IMAGE` that holds the test; \"deploy docker print\" writes a Dockerfile for one")
	flags.IntVar(&f.Workers, "workers", 1, "how many tasks run users: `N`")
	flags.StringVar(&f.Join, "join", "", "the join URL of the controller that tasks dial, or @FILE with it: `URL`. It is a secret")
	flags.StringVar(&f.Arch, "arch", "arm64", "the processor: `arm64|amd64`")
	flags.IntVar(&f.CPU, "cpu", 2048, "of each task, in 1024ths of a core: `N`")
	flags.IntVar(&f.Memory, "memory", 0, "of each task, in `MIB`; 0 means 2 GiB for each core")
	flags.Float64Var(&f.MaxHours, "max-hours", 2, "each task ends by itself after so many `HOURS`")
	flags.DurationVar(&f.Idle, "idle-exit", 30*time.Minute, "a task ends after so long without a run: `TIME`; 0 means never")
	flags.StringSliceVar(&f.Subnets, "subnets", nil, "the `SUBNETS` that tasks are in")
	flags.BoolVar(&f.Private, "private", false, "give tasks no public address: --subnets have a way out of their own")
	flags.StringSliceVar(&f.SecurityGroups, "security-groups", nil, "the security `GROUPS` of tasks; without it the network's default one. They need no open port")
	flags.StringVar(&f.ExecutionRole, "execution-role", "", "the `ROLE` by which ECS pulls the image and reads the secret; without it ecsTaskExecutionRole")
	flags.Float64Var(&f.Price, "price", 0, "what a task costs, in `USD` an hour; without it AWS's price list is asked")
	flags.Float64Var(&f.MaxCost, "max-cost", 0, "the most that it may come to, in `USD`; above it nothing is made. 0 means no cap")
	flags.Float64Var(&f.ConfirmAbove, "confirm-above", 5, "ask before starting what may come to more than so much `USD`")
}

// ecsOpen finds credentials and region.
func (a *app) ecsOpen(ctx context.Context, f *ecsFlags) (*ecs.Deployment, error) {
	client, err := aws.Open(ctx, f.Region)
	if err != nil {
		return nil, err
	}
	f.Region = client.Region
	return ecs.New(client, &f.Options, ecs.Hooks{
		Say: a.progress, Agree: a.agreed(f.yes),
		Spent: func(ctx context.Context, usd float64, since time.Time) error {
			return a.keepSpent(ctx, &f.ledger, f.Name, usd, since)
		},
	}), nil
}

func (a *app) ecsUpCommand() *cobra.Command {
	f := &ecsFlags{}
	c := &cobra.Command{
		Use: "up --image IMAGE --join URL --subnets SUBNETS", Short: "Start tasks that join a controller", Args: words(cobra.NoArgs),
		Long: "Start tasks of AWS Fargate that join a controller elsewhere. Each ends by itself: after --max-hours, and after --idle-exit without a run. Given again it " +
			"starts those that are missing. What fails half way is taken away again.",
		Example: "  " + a.name() + " deploy ecs up --image 123456789012.dkr.ecr.us-east-1.amazonaws.com/load:1 --workers 20 --join @join.url --subnets subnet-0a1b2c3d",
	}
	a.ecsShapeFlags(c, f)
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	find := a.findLedger(c, &f.ledger)
	c.RunE = func(c *cobra.Command, _ []string) error {
		var wrong mistakes
		wrong.add(find())
		f.Fill()
		if f.Join != "" {
			var err error
			f.Join, err = a.dialled(f.Join, true)
			wrong.add(err)
		}
		sketch := f.Options // with what is found out later
		if sketch.Region == "" {
			sketch.Region = "us-east-1"
		}
		if wrong.add(sketch.Check()); len(wrong) > 0 {
			return wrong.err()
		}
		d, err := a.ecsOpen(c.Context(), f)
		if err != nil {
			return err
		}
		ctx, quit := a.asksOnce(c.Context())
		d.Quit = quit
		made, err := d.Up(ctx)
		if err != nil {
			return a.upFailed(ctx, err)
		}
		put(a.Out, a.ecsMade(f, made))
		return nil
	}
	return c
}

// ecsMade says what there is now.
func (a *app) ecsMade(f *ecsFlags, m *ecs.Made) string {
	return fmt.Sprintf("%s; each ends by itself. Before that:\n  %s deploy ecs down%s\nthe controller keeps with each run what it came to: %s USD an hour\n",
		format.Plural(int64(m.Tasks), "task runs", "tasks run"), a.workerName(), foundBy(f.Name, f.Prefix, f.Region), strconv.FormatFloat(m.Cost.Hour(), 'f', 4, 64))
}

func (a *app) ecsStatusCommand() *cobra.Command {
	f := &ecsFlags{}
	c := &cobra.Command{Use: "status [flags]", Short: "What of a deployment stands", Args: words(cobra.NoArgs)}
	a.findFlags(c, &f.Name, &f.Prefix, &f.Region)
	c.RunE = func(c *cobra.Command, _ []string) error {
		d, err := a.ecsFound(c.Context(), f)
		if err != nil {
			return err
		}
		s, err := d.Status(c.Context())
		if err != nil {
			return err
		}
		if len(s.Stands) == 0 {
			put(a.Out, "deployment "+f.Name+": nothing of it is there\n")
			return nil
		}
		put(a.Out, strings.Join(s.Stands, "\n")+"\n")
		if s.SoFar > 0 {
			put(a.Out, fmt.Sprintf("%s so far by the %s, of the tasks that ECS still tells of\n", format.Dollars(s.SoFar), s.Source))
		}
		return nil
	}
	return c
}

// ecsFound is a deployment that was made before.
func (a *app) ecsFound(ctx context.Context, f *ecsFlags) (*ecs.Deployment, error) {
	d, err := a.ecsOpen(ctx, f)
	if err != nil {
		return nil, err
	}
	f.Fill()
	return d, f.Find()
}

func (a *app) ecsDownCommand() *cobra.Command {
	f := &ecsFlags{}
	c := &cobra.Command{Use: "down [flags]", Short: "Take a deployment away, and prove it by listing", Args: words(cobra.NoArgs)}
	a.findFlags(c, &f.Name, &f.Prefix, &f.Region)
	find := a.findLedger(c, &f.ledger)
	c.RunE = func(c *cobra.Command, _ []string) error {
		if err := find(); err != nil {
			return err
		}
		d, err := a.ecsFound(c.Context(), f)
		if err != nil {
			return err
		}
		return d.Down(c.Context())
	}
	return c
}

func (a *app) ecsPrintCommand() *cobra.Command {
	f := &ecsFlags{}
	c := &cobra.Command{Use: "print --image IMAGE", Short: "All that up would make; without credentials or network", Args: words(cobra.NoArgs)}
	a.ecsShapeFlags(c, f)
	c.RunE = func(*cobra.Command, []string) error {
		f.Fill()
		f.Join = toUp
		if f.Region == "" {
			f.Region = "us-east-1"
		}
		if len(f.Subnets) == 0 {
			f.Subnets = []string{"<subnet>"}
		}
		if err := f.Check(); err != nil {
			return err
		}
		text, err := ecs.Print(&f.Options)
		put(a.Out, text)
		return err
	}
	return c
}

func (a *app) ecsPolicyCommand() *cobra.Command {
	f := &ecsFlags{}
	c := &cobra.Command{Use: "policy [flags]", Short: "The policy of IAM that the commands need", Args: words(cobra.NoArgs)}
	a.findFlags(c, &f.Name, &f.Prefix, &f.Region)
	c.Flags().StringVar(&f.account, "account", "*", "the `ACCOUNT` in the names of resources: twelve digits")
	c.Flags().StringVar(&f.ExecutionRole, "execution-role", "", "the `ROLE` by which ECS pulls the image and reads the secret")
	c.RunE = func(*cobra.Command, []string) error {
		if f.Region == "" {
			f.Region = "us-east-1"
		}
		f.Fill()
		if err := f.Find(); err != nil {
			return err
		}
		text, err := ecs.Policy(&f.Options, f.account)
		put(a.Out, text)
		return err
	}
	return c
}
