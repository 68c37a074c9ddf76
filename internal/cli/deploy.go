package cli

import (
	"errors"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/docker"
	"github.com/stampede-load/stampede/internal/deploy/k8s"
)

// deployCommand has the commands about machines that go away by themselves.
func (a *app) deployCommand() *cobra.Command {
	c := a.commands("deploy", "Workers on machines that go away by themselves")
	dockers := a.commands("docker", "Files for Docker")
	dockers.AddCommand(a.dockerPrintCommand())
	kubernetes := a.commands("k8s", "Files for Kubernetes")
	kubernetes.AddCommand(a.k8sPrintCommand())
	byOthers(dockers, "deploy docker speaks to no engine: it prints the files (--out DIR writes them), and in their folder it is ", map[string]string{
		"up": "docker compose up --build --detach", "status": "docker compose ps", "down": "docker compose down",
	})
	byOthers(kubernetes, "deploy k8s speaks to no cluster: it prints the files (--out DIR writes them), and with your own kubectl it is ", map[string]string{
		"up": "kubectl apply -k DIR", "status": "kubectl get pods -l app.kubernetes.io/instance=" + a.deploymentName(), "down": "kubectl delete -k DIR",
	})
	c.AddCommand(a.ebCommand(), a.ecsCommand(), dockers, kubernetes)
	return c
}

// byOthers answers words that other places of a deployment have, where another program does what they mean.
func byOthers(c *cobra.Command, why string, lines map[string]string) {
	for verb, line := range lines {
		c.AddCommand(&cobra.Command{
			Use: verb, Hidden: true, DisableFlagParsing: true, Args: cobra.ArbitraryArgs,
			RunE: func(*cobra.Command, []string) error { return errors.New(why + line) },
		})
	}
}

// commands is a command that only holds others.
func (a *app) commands(name, short string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return a.unknownCommand(c, args[0])
			}
			return c.Help()
		},
	}
}

// placed is what all places have in common.
type placed struct {
	name    string
	workers int
	idle    time.Duration
	join    string
	out     string
}

func (a *app) placedFlags(c *cobra.Command, p *placed) {
	flags := c.Flags()
	flags.StringVar(&p.name, "name", a.deploymentName(), "what it is called there: `NAME`")
	flags.IntVar(&p.workers, "workers", 1, "how many: `N`")
	flags.DurationVar(&p.idle, "idle-exit", 30*time.Minute, "a worker leaves after so long without a run: `TIME`; 0 means never")
	flags.StringVar(&p.join, "join", "", "the join URL that the controller printed, or @FILE with it: `URL`. It is a secret: it is written into a file of its own, and printed nowhere")
	flags.StringVar(&p.out, "out", "", "write the files into a `DIR`, and do not print them")
}

// findFlags are those by which a deployment on AWS is found again.
func (a *app) findFlags(c *cobra.Command, name, prefix, region *string) {
	c.Flags().StringVar(prefix, "prefix", deploy.Prefix, "what the names of all that is made begin with, for accounts with rules for them: `PREFIX`")
	c.Flags().StringVar(name, "name", a.deploymentName(), "what the deployment is called: `NAME`")
	c.Flags().StringVar(region, "region", "", "the `REGION`, such as us-east-1; without it that of AWS's own settings")
}

// foundBy are the flags by which a deployment is found again.
func foundBy(name, prefix, region string) string {
	text := " --name " + name + " --region " + region
	if prefix != deploy.Prefix {
		text += " --prefix " + prefix
	}
	return text
}

// deploymentName is what a deployment is called when nobody says it.
func (a *app) deploymentName() string {
	if a.Test != nil && a.Test.Name != "" {
		return deploy.Name(a.Test.Name)
	}
	if at, err := filepath.Abs(a.path(".")); err == nil {
		return deploy.Name(at)
	}
	return deploy.Name("")
}

// joined is the join URL as it was given, read and checked; empty when there is none.
func (a *app) joined(given string) (string, error) {
	if given == "" {
		return "", nil
	}
	u, err := a.joinURL(given)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// written prints files, or writes them.
func (a *app) written(files []deploy.File, out string) error {
	if out == "" {
		put(a.Out, deploy.Print(files))
		return nil
	}
	if err := deploy.Write(a.path(out), files); err != nil {
		return err
	}
	for i := range files {
		put(a.Out, filepath.Join(out, files[i].Name)+"\n")
	}
	return nil
}

// dockerPrintCommand writes a Dockerfile and a compose file.
func (a *app) dockerPrintCommand() *cobra.Command {
	var p placed
	var o docker.Options
	c := &cobra.Command{
		Use: "print [PACKAGE]", Short: "A Dockerfile for the test, and a compose file of workers", Args: words(cobra.MaximumNArgs(1)),
		Long: "Print a Dockerfile that puts the test's program, certificates and time zones into an image with nothing else in it, and a compose file of workers " +
			"that join a controller elsewhere. They belong into the folder of the test's go.mod; PACKAGE is the test below it.",
		Example: "  " + a.name() + " deploy docker print --workers 4 --out .",
	}
	a.placedFlags(c, &p)
	c.Flags().StringVar(&o.Image, "image", "", "what the image is called: `IMAGE`; without it as --name")
	c.Flags().Float64Var(&o.CPUs, "cpus", 0, "the most `CPUS` of each worker; 0 means no limit")
	c.Flags().IntVar(&o.Memory, "memory", 0, "the most memory of each worker in `MIB`; 0 means no limit")
	c.RunE = func(_ *cobra.Command, args []string) error {
		var wrong mistakes
		o.Name, o.Workers, o.IdleExit = p.name, p.workers, p.idle
		if len(args) == 1 {
			o.Package = args[0]
		}
		var err error
		o.Join, err = a.joined(p.join)
		wrong.add(err)
		files, err := docker.Files(o)
		wrong.add(err)
		if len(wrong) > 0 {
			return wrong.err()
		}
		return a.written(files, p.out)
	}
	return c
}

// k8sPrintCommand writes a kustomize base.
func (a *app) k8sPrintCommand() *cobra.Command {
	var p placed
	var o k8s.Options
	c := &cobra.Command{
		Use: "print --image IMAGE", Short: "A kustomize base whose Job is a fleet of workers", Args: words(cobra.NoArgs),
		Long: "Print a kustomize base: an Indexed Job of workers that run without rights on a read-only file system and dial out to a controller elsewhere, a " +
			"NetworkPolicy, and a Secret for the join URL. Apply it with your own kubectl; the Job ends after --max-hours whatever happens here.",
		Example: "  " + a.name() + " deploy k8s print --image registry.example/load:1 --workers 10 --max-hours 2 --out deploy",
	}
	a.placedFlags(c, &p)
	flags := c.Flags()
	flags.StringVar(&o.Image, "image", "", "the `IMAGE` that holds the test; \"deploy docker print\" writes a Dockerfile for one")
	flags.StringVar(&o.Namespace, "namespace", "", "the `NAMESPACE` to be in; without it that of kubectl")
	flags.Float64Var(&o.MaxHours, "max-hours", 2, "the cluster ends all of it after so many `HOURS`")
	flags.StringVar(&o.CPU, "cpu", "2", "what each worker asks for, as Kubernetes writes it: `CPU`")
	flags.StringVar(&o.Memory, "memory", "2Gi", "what each worker gets, as Kubernetes writes it: `MEMORY`")
	c.RunE = func(*cobra.Command, []string) error {
		var wrong mistakes
		o.Name, o.Workers, o.IdleExit = p.name, p.workers, p.idle
		var err error
		o.Join, err = a.joined(p.join)
		wrong.add(err)
		files, err := k8s.Files(o)
		wrong.add(err)
		if len(wrong) > 0 {
			return wrong.err()
		}
		return a.written(files, p.out)
	}
	return c
}

// findLedger gives a command the flag that says which ledger; the function reads it.
func (a *app) findLedger(c *cobra.Command, o *ledgerOptions) func() error {
	l := a.settings(c, pick(a.ledgerSettings(o), "ledger"), false)
	l.optional, l.only = true, []string{"ledger"}
	return func() error {
		wrong, _ := a.resolve(l)
		return wrong.err()
	}
}
