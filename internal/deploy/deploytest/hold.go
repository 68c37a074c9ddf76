package deploytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stampede-load/stampede/internal/deploy/aws"
)

// Known are AWS's models of all services here. Without botocore there is nothing to hold requests against: the test is skipped, and fails in CI.
func Known(t *testing.T) map[string]*Model {
	t.Helper()
	if !Installed() {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3-botocore is not installed; scripts/test.sh should have installed it")
		}
		t.Skip("python3-botocore is not installed: there is nothing to hold requests against")
	}
	all, err := Models()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Client asks an account, without a network.
func Client(c *Cloud) *aws.Client {
	keys := sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
		return sdk.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}, nil
	})
	return &aws.Client{Region: "us-east-1", Credentials: keys, HTTP: &http.Client{Transport: c}}
}

// Clean fails a test that asked what AWS's models do not allow, or left something behind.
func Clean(t *testing.T, c *Cloud) {
	t.Helper()
	for _, w := range c.Wrong() {
		t.Error("AWS's model:", w)
	}
	if left := c.Left(); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// Deployment is what is tested: it is made, and taken away.
type Deployment struct {
	Up, Down func(ctx context.Context) error
}

// Open is a deployment in an account, asked through a client.
type Open func(t *testing.T, c *Cloud, client *aws.Client) Deployment

// Faults fails a call of up, once, twice, and for ever, in each way, a hundred times at random calls. Up either makes a deployment or takes all of it away, and
// what it says stands is what stands. When that failed too, down alone is enough once AWS answers again.
func Faults(t *testing.T, known map[string]*Model, seed uint64, open Open) {
	t.Helper()
	random, calls := rand.New(rand.NewPCG(18, seed)), 0
	Bubble(t, func(t *testing.T) {
		c := New(known)
		if err := open(t, c, Client(c)).Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		calls = len(c.Calls())
	})
	ways := []Fault{Refuse, Throttle, Cut, Lose, Deny}
	succeeded, cleaned, stood := 0, 0, 0
	for i := range 100 {
		way, at, times := ways[i%len(ways)], 1+random.IntN(calls), []int{1, 2, 1 << 30}[i/len(ways)%3]
		t.Run(fmt.Sprintf("%d at %d, %d times", way, at, times), func(t *testing.T) {
			Bubble(t, func(t *testing.T) {
				c, name, left := New(known), "", times
				c.Fail = func(n int, call string) Fault {
					if n >= at && name == "" {
						name = call
					}
					if n < at || call != name || left == 0 {
						return None
					}
					left--
					return way
				}
				d := open(t, c, Client(c))
				err := d.Up(t.Context())
				switch {
				case err == nil:
					succeeded++
				case len(c.Left()) == 0:
					cleaned++
				default:
					stood++
					if !strings.Contains(err.Error(), "not all of it could be taken away") {
						t.Errorf("%q stands, and up says %v", c.Left(), err)
					}
				}
				left = 0
				if err := d.Down(t.Context()); err != nil {
					t.Errorf("down: %v", err)
				}
				Clean(t, c)
			})
		})
	}
	t.Logf("of 100: %d were made all the same, %d taken away again, %d stood until down", succeeded, cleaned, stood)
	if succeeded < 20 || cleaned+stood < 20 {
		t.Error("the faults do not reach what they should")
	}
}

// Killed kills up at each of its calls, before it or before its answer; down alone is enough. Up has at least so many calls.
func Killed(t *testing.T, known map[string]*Model, least int, open Open) {
	t.Helper()
	n := 1
	for killed(t, known, n, Cut, open) && killed(t, known, n, Lose, open) {
		if n++; n > 400 {
			t.Fatal("up never comes to its end")
		}
	}
	if n <= least {
		t.Errorf("up has only %d calls", n-1)
	}
}

// killed kills up at its call number n, and takes away what there is. It is false when up had come to its end before.
func killed(t *testing.T, known map[string]*Model, n int, way Fault, open Open) (was bool) {
	Bubble(t, func(t *testing.T) {
		c, dead := New(known), false
		c.Fail = func(i int, _ string) Fault {
			switch {
			case i < n:
				return None
			case i == n:
				dead = true
				return way
			}
			return Cut
		}
		mortal := Client(c)
		mortal.Tries = 1
		mortal.Sleep = func(_ context.Context, d time.Duration) error {
			if dead {
				return errors.New("killed")
			}
			time.Sleep(d)
			return nil
		}
		if err := open(t, c, mortal).Up(t.Context()); err == nil {
			return
		}
		was = true
		c.Fail = nil
		if err := open(t, c, Client(c)).Down(t.Context()); err != nil {
			t.Errorf("killed at call %d: down: %v", n, err)
		}
		Clean(t, c)
	})
	return was
}

// mostActions is how many a policy that somebody is to read may have.
const mostActions = 25

// noOperations are rights that stand in policies and are no operations of a service's model.
var noOperations = []string{"s3:ListBucket", "iam:PassRole", "elasticbeanstalk:AddTags"}

// Rights holds a policy against what was called: it allows that and no more, but for what a call implies. bound reports whether an action may be done to a
// resource; limited says that the statement has a condition.
func Rights(t *testing.T, known map[string]*Model, policy string, c *Cloud, implied []string, bound func(action, resource string, limited bool) bool) {
	t.Helper()
	var p struct {
		Statement []struct {
			Action, Resource []string
			Condition        any
		}
	}
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		t.Fatal(err)
	}
	called := c.Calls()
	asked, n := []string{"sts:GetCallerIdentity"}, 0 // which takes no right
	for _, s := range p.Statement {
		for _, action := range s.Action {
			n++
			asked = append(asked, action)
			if !slices.Contains(called, action) && !slices.Contains(implied, action) {
				t.Errorf("the policy allows %s, which nothing needs", action)
			}
			service, name, _ := strings.Cut(action, ":")
			if _, there := known[service].Operations[name]; !there && !slices.Contains(noOperations, action) {
				t.Errorf("AWS knows no %s", action)
			}
			for _, r := range s.Resource {
				if !bound(action, r, s.Condition != nil) {
					t.Errorf("%s may be done to %s", action, r)
				}
			}
		}
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(called))) {
		if !slices.Contains(asked, name) {
			t.Errorf("%s is called, and the policy does not allow it", name)
		}
	}
	if n > mostActions {
		t.Errorf("the policy has %d actions", n)
	}
}
