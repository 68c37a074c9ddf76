package eb_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/eb"
)

// tour is the deployment of these tests, whose workers all join.
func tour(_ *testing.T, _ *deploytest.Cloud, client *aws.Client) deploytest.Deployment {
	joined := 3
	d := eb.New(client, options(), hooks(&joined))
	return deploytest.Deployment{Up: func(ctx context.Context) error { _, err := d.Up(ctx); return err }, Down: d.Down}
}

func TestFaults(t *testing.T) { deploytest.Faults(t, deploytest.Known(t), 11, tour) }

func TestKilled(t *testing.T) { deploytest.Killed(t, deploytest.Known(t), 25, tour) }

// Somebody ends up while it works: what was made is taken away, unless they end that too. Then down is enough.
func TestEndedByAPerson(t *testing.T) {
	known := deploytest.Known(t)
	for _, quits := range []bool{false, true} {
		deploytest.Bubble(t, func(t *testing.T) {
			c, joined := deploytest.New(known), 3
			ctx, end := context.WithCancel(t.Context())
			defer end()
			quit := make(chan struct{})
			c.Fail = func(_ int, call string) deploytest.Fault {
				switch {
				case call == "elasticbeanstalk:DescribeEvents":
					end()
				case quits && call == "elasticbeanstalk:TerminateEnvironment":
					quits = false
					close(quit)
				}
				return deploytest.None
			}
			asked := quits
			h := hooks(&joined)
			h.Quit = quit
			_, err := eb.New(deploytest.Client(c), options(), h).Up(ctx)
			if !errors.Is(err, context.Canceled) || (len(c.Left()) > 0) != asked {
				t.Errorf("%v: %q", err, c.Left())
			}
			c.Fail = nil
			if err := eb.New(deploytest.Client(c), options(), h).Down(t.Context()); err != nil {
				t.Error(err)
			}
			deploytest.Clean(t, c)
		})
	}
}
