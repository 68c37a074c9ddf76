package eb_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/eb"
)

func options() *eb.Options {
	o := &eb.Options{
		Name: "tour", Region: "us-east-1", Workers: 3, MaxHours: 2, From: []string{"203.0.113.7/32"}, ConfirmAbove: 1000, Binary: []byte("\x7fELF not a program"), Program: "tour",
	}
	o.Fill()
	return o
}

// hooks do what a person's machine does; joined is how many workers the controller tells of.
func hooks(joined *int) eb.Hooks {
	return eb.Hooks{
		Secrets: func() (web, fleet, key string, err error) { return "web-secret", "fleet-secret", "key-secret", nil },
		JoinURL: func(address, fleet, key string) (string, error) {
			return "stampede://" + fleet + "@" + address + "?" + key, nil
		},
		Joined: func(_ context.Context, p eb.Page) (int, error) {
			if p.Token != "web-secret" || p.Address != "198.51.100.5" {
				return 0, fmt.Errorf("the page is asked at %s with %q", p.Address, p.Token)
			}
			return *joined, nil
		},
	}
}

// plain are the signs that Elastic Beanstalk takes in variables.
var plain = regexp.MustCompile(`^[A-Za-z0-9 _.:/=+\\@-]*$`)

func TestUpAndDown(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c := deploytest.New(known)
		o := options()
		joined := 3
		var said []string
		h := hooks(&joined)
		h.Say = func(text string) { said = append(said, text) }
		d := eb.New(deploytest.Client(c), o, h)
		for range 2 { // again: it goes on, and gives the hours anew
			made, err := d.Up(t.Context())
			if err != nil {
				t.Fatal(err, said)
			}
			if made.Workers != 3 || made.Page.Address != "198.51.100.5" || !made.Ends.After(time.Now().Add(115*time.Minute)) || made.Cost.Most() < 0.5 {
				t.Errorf("it made %+v, %s", made, made.Cost)
			}
			time.Sleep(20 * time.Minute)
		}
		w := c.Settings("stampede-tour-workers")
		for key, want := range map[string]string{
			"aws:autoscaling:asg MinSize": "3", "aws:autoscaling:launchconfiguration SecurityGroups": "sg-0members", "aws:ec2:instances SupportedArchitectures": "arm64",
			"stampede-end aws:autoscaling:scheduledaction MaxSize": "0", "aws:autoscaling:launchconfiguration DisableDefaultEC2SecurityGroup": "true",
			"aws:elasticbeanstalk:application:environment STAMPEDE_COST":        "",
			"aws:elasticbeanstalk:application:environmentsecrets STAMPEDE_JOIN": "arn:aws:ssm:us-east-1:123456789012:parameter/stampede/tour/join",
		} {
			if w[key] != want {
				t.Errorf("%s is %q, want %q", key, w[key], want)
			}
		}
		cost := c.Settings("stampede-tour-controller")["aws:elasticbeanstalk:application:environment STAMPEDE_COST"]
		if cost != "0.2900 3 x c7g.large at 0.0725 USD + t4g.medium at 0.0725 USD by the price list of AWS - deployment tour" || !plain.MatchString(cost) {
			t.Errorf("the controller is told the cost as %q", cost)
		}
		if got := c.Secret("/stampede/tour/join"); got != "stampede://fleet-secret@10.0.0.5:7422?key-secret" {
			t.Errorf("workers join %s", got)
		}
		s, err := d.Status(t.Context())
		if err != nil || len(s.Environments) != 2 || s.Instances != 4 || s.Joined != 3 || s.SoFar.USD < 0.18 || s.SoFar.USD > 0.25 || s.Environments[1].What != "workers 3 c7g.large at 0.0725 USD an hour (price list of AWS)" {
			t.Errorf("%v: the status is %+v", err, s)
		}
		for _, line := range said {
			if strings.Contains(line, "secret") {
				t.Errorf("a secret is said: %s", line)
			}
		}
		spent := 0.0
		d.Spent = func(_ context.Context, s *eb.Spent) error {
			spent = s.USD
			if ago := time.Since(s.Since); ago < 20*time.Minute || ago > 2*time.Hour || len(s.Parts) != 2 {
				t.Errorf("it was spent since %s ago: %s", ago, s)
			}
			return nil
		}
		if err := d.Down(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(said, func(line string) bool { return strings.HasPrefix(line, "its instances came to about 0.") }) || spent < 0.18 || spent > 0.3 {
			t.Errorf("what it has cost, %v USD, is not among %q", spent, said)
		}
		deploytest.Clean(t, c)
		if err := d.Down(t.Context()); err != nil {
			t.Errorf("down of nothing: %v", err)
		}
		if s, err := d.Status(t.Context()); err != nil || len(s.Stands) > 0 {
			t.Errorf("the status of nothing: %v %+v", err, s)
		}
		text, err := eb.Policy(o, "123456789012")
		if err != nil {
			t.Fatal(err)
		}
		implied := []string{"elasticbeanstalk:AddTags", "s3:GetObject", "iam:PassRole"}
		deploytest.Rights(t, known, text, c, implied, func(action, resource string, _ bool) bool {
			_, name, _ := strings.Cut(action, ":")
			reads := strings.HasPrefix(name, "Describe") || strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
			return reads || strings.Contains(resource, "stampede") || strings.Contains(resource, "role/aws-elasticbeanstalk")
		})
	})
}

func TestRefusals(t *testing.T) {
	known := deploytest.Known(t)
	for name, one := range map[string]struct {
		change func(*deploytest.Cloud, *eb.Options)
		joined int
		want   string
	}{
		"a cap":             {func(_ *deploytest.Cloud, o *eb.Options) { o.MaxCost = 0.1 }, 3, "above --max-cost"},
		"a quota":           {func(c *deploytest.Cloud, _ *eb.Options) { c.Quota = 4 }, 3, "8 vCPUs"},
		"no such type":      {func(_ *deploytest.Cloud, o *eb.Options) { o.InstanceType = "a1.large" }, 3, "--instance-type"},
		"no bucket":         {func(_ *deploytest.Cloud, o *eb.Options) { o.Bucket = "other" }, 3, "create-storage-location"},
		"broken workers":    {func(c *deploytest.Cloud, _ *eb.Options) { c.Broken = "-workers" }, 3, "Failed to launch environment"},
		"workers who fail":  {func(*deploytest.Cloud, *eb.Options) {}, 2, "2 of 3 workers have joined"},
		"one who says no":   {func(_ *deploytest.Cloud, o *eb.Options) { o.ConfirmAbove = 0 }, 3, "no, thank you"},
		"broken controller": {func(c *deploytest.Cloud, _ *eb.Options) { c.Broken = "-controller" }, 3, "Failed to launch environment"},
	} {
		t.Run(name, func(t *testing.T) {
			deploytest.Bubble(t, func(t *testing.T) {
				c, o, joined := deploytest.New(known), options(), one.joined
				one.change(c, o)
				h := hooks(&joined)
				h.Agree = func(context.Context, string) error { return errors.New("no, thank you") }
				_, err := eb.New(deploytest.Client(c), o, h).Up(t.Context())
				if err == nil || !strings.Contains(err.Error(), one.want) {
					t.Errorf("%v", err)
				}
				deploytest.Clean(t, c)
			})
		})
	}
}

// An up that is ended, or fails, takes the controller away that it has just made, though that does not answer yet: nobody's runs are on it.
func TestEndedWhileItComesUp(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		for _, n := range []int{9, 14, 20, 26} { // calls
			c, joined := deploytest.New(known), 3
			ctx, end := context.WithCancelCause(t.Context())
			c.Fail = func(i int, _ string) deploytest.Fault {
				if i == n {
					end(errors.New("as was asked"))
				}
				return deploytest.None
			}
			h := hooks(&joined)
			h.Save = func(context.Context, eb.Page) error { return errors.New("it does not answer") }
			if _, err := eb.New(deploytest.Client(c), options(), h).Up(ctx); err == nil || err.Error() != "as was asked (what was made is taken away again)" {
				t.Errorf("ended at call %d: %v", n, err)
			}
			deploytest.Clean(t, c)
		}
		c, joined := deploytest.New(known), 3 // one that was there before is another matter
		h := hooks(&joined)
		if _, err := eb.New(deploytest.Client(c), options(), h).Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Save = func(context.Context, eb.Page) error { return errors.New("it does not answer") }
		o := options()
		o.Workers++
		c.Broken = "-workers"
		if _, err := eb.New(deploytest.Client(c), o, h).Up(t.Context()); err == nil || c.Settings("stampede-tour-controller") == nil {
			t.Errorf("a controller with runs is taken away: %v", err)
		}
	})
}

// What a controller has is brought home before it goes; when that fails it stays.
func TestRunsAreSavedFirst(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, joined, saved := deploytest.New(known), 3, errors.New("disk full")
		h := hooks(&joined)
		h.Save = func(_ context.Context, p eb.Page) error {
			if p.Address == "" || p.Token == "" {
				t.Errorf("it is asked at %+v", p)
			}
			return saved
		}
		d := eb.New(deploytest.Client(c), options(), h)
		if _, err := d.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := d.Down(t.Context()); !errors.Is(err, saved) || !slices.ContainsFunc(c.Left(), func(s string) bool { return strings.Contains(s, "tour-controller (Ready)") }) {
			t.Errorf("%v: %q", err, c.Left())
		}
		saved = nil
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
		if _, err := d.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		saved = eb.ErrRunning // which needs its workers
		if err := d.Down(t.Context()); !errors.Is(err, eb.ErrRunning) || len(c.Settings("stampede-tour-workers")) == 0 {
			t.Errorf("%v: %q", err, c.Left())
		}
		saved = nil
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
	})
}

// AWS ends it, whatever became of who started it.
func TestTheEnd(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, joined := deploytest.New(known), 3
		d := eb.New(deploytest.Client(c), options(), hooks(&joined))
		if _, err := d.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		if s, err := d.Status(t.Context()); err != nil || s.Instances != 0 || s.SoFar.USD > 0.7 || s.SoFar.USD < 0.5 {
			t.Errorf("after its hours: %v %+v", err, s)
		}
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
	})
}

func TestControllerElsewhere(t *testing.T) {
	known := deploytest.Known(t)
	deploytest.Bubble(t, func(t *testing.T) {
		c, o := deploytest.New(known), options()
		o.Join = "stampede://token@load.example:7422?pin=sha256:00"
		d := eb.New(deploytest.Client(c), o, eb.Hooks{})
		if made, err := d.Up(t.Context()); err != nil || made.Page.Address != "" {
			t.Fatalf("%v %+v", err, made)
		}
		if c.Settings("stampede-tour-controller") != nil || c.Settings("stampede-tour-workers") == nil || c.Secret("/stampede/tour/join") != o.Join {
			t.Error(c.Left())
		}
		if err := d.Down(t.Context()); err != nil {
			t.Error(err)
		}
		deploytest.Clean(t, c)
	})
}

func TestOptions(t *testing.T) {
	bad := &eb.Options{
		Name: "Tour", Region: "Virginia", Workers: 5000, InstanceType: "big", ControllerType: "t3.medium", MaxHours: 900, From: []string{"0.0.0.0/0", "10.0.0.1", "10.0.0.1/8"},
		VPC: "vpc-1", Price: -1,
	}
	err := bad.Check()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"name \"Tour\"", "Virginia", "5000 workers", "\"big\"", "900 hours", "opens the page to the world", "write an address", "write 10.0.0.0/8", "--subnets", "price"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	for kind, want := range map[string]string{
		"c7g.large": "arm64", "c6gn.xlarge": "arm64", "t4g.medium": "arm64", "a1.large": "arm64", "x2gd.large": "arm64", "c7i.large": "amd64", "t3.medium": "amd64", "m5.large": "amd64",
		"g4dn.xlarge": "amd64", "g5.xlarge": "amd64", "g5g.xlarge": "arm64", "im4gn.large": "arm64", "hpc7g.4xlarge": "arm64", "c8gn.large": "arm64",
	} {
		if got := eb.Arch(kind); got != want {
			t.Errorf("%s is %s", kind, got)
		}
	}
}

// What is printed holds everything, no secret, and needs nobody.
func TestPrint(t *testing.T) {
	o := options()
	o.Price = 0.0725
	text, err := eb.Print(o, time.Date(2026, 11, 29, 20, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"web: ./start.sh", "exec ./tour worker --health", "exec ./tour serve --web", "ssl_certificate /etc/pki/stampede/page.pem", "CidrIp: \"203.0.113.7/32\"", "SourceSecurityGroupId",
		"elasticbeanstalk:CreateEnvironment {", "s3:PutObject {", "ssm:PutParameter {", "aws:autoscaling:scheduledaction", "2026-11-29T22:00:00Z", "at most 0.58 USD",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	o.MaxCost = 0.1
	if _, err := eb.Print(o, time.Now()); err == nil {
		t.Error("a cap is not held")
	}
}

// Accounts with rules of their own: other names, a bucket, roles, a network without public addresses. The policy is bound to those names.
func TestGovernedAccounts(t *testing.T) {
	o := options()
	o.Prefix, o.Bucket, o.VPC, o.Subnets, o.Private, o.InstanceProfile, o.ServiceRole = "acme-qa", "acme-bundles", "vpc-1", []string{"subnet-1", "subnet-2"}, true, "acme-instances", "acme-beanstalk"
	if err := o.Check(); err != nil {
		t.Fatal(err)
	}
	text, err := eb.Print(o, time.Date(2026, 11, 29, 20, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := eb.Policy(o, "123456789012")
	if err != nil {
		t.Fatal(err)
	}
	all := regexp.MustCompile(`"OptionName": "AssociatePublicIpAddress",\s+"Value": "(\w+)"`).FindAllStringSubmatch(text, -1)
	if len(all) != 2 || all[0][1] != "false" || all[1][1] != "false" {
		t.Errorf("public addresses: %q", all)
	}
	for _, what := range []string{text, policy} {
		if strings.Contains(what, "stampede-tour") || strings.Contains(what, "stampede/tour") || strings.Contains(what, "aws-elasticbeanstalk") || strings.Contains(what, "elasticbeanstalk-us-east-1") {
			t.Errorf("a usual name is in\n%s", what)
		}
	}
	for _, want := range []string{"environment/acme-qa-tour/acme-qa-tour-*", "acme-bundles/acme-qa/tour/*", "parameter/acme-qa/tour/*", "role/acme-instances", "role/acme-beanstalk"} {
		if !strings.Contains(policy, want) {
			t.Errorf("%s is not in\n%s", want, policy)
		}
	}
	o.VPC, o.Subnets, o.Prefix = "", nil, "a-prefix-that-is-too-long"
	if err := o.Check(); err == nil || !strings.Contains(err.Error(), "--private: name the network") || !strings.Contains(err.Error(), `prefix "a-prefix`) {
		t.Error(err)
	}
}

// The stand-in is driven by AWS's own client too: what it says is read by others than us.
func TestOtherClients(t *testing.T) {
	c := deploytest.New(deploytest.Known(t))
	ask := deploytest.OtherClient(t, c)
	ask("elasticbeanstalk", "create-application", "--application-name", "stampede-tour", "--description", "stampede, bundles in "+c.Bucket, "--tags", "Key=stampede:deployment,Value=tour")
	apps, _ := ask("elasticbeanstalk", "describe-applications", "--application-names", "stampede-tour")["Applications"].([]any)
	if len(apps) != 1 {
		t.Errorf("there are %v", apps)
	}
	ask("ssm", "put-parameter", "--name", "/stampede/tour/join", "--type", "SecureString", "--value", "stampede-secret")
	ask("ec2", "describe-instances", "--filters", "Name=tag:stampede:deployment,Values=tour")
	d := eb.New(deploytest.Client(c), options(), eb.Hooks{})
	if st, err := d.Status(t.Context()); err != nil || len(st.Stands) != 2 {
		t.Errorf("%v: what others made is seen as %+v", err, st)
	}
	if err := d.Down(t.Context()); err != nil {
		t.Error(err)
	}
	deploytest.Clean(t, c)
}
