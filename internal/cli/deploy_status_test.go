package cli

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/deploy/eb"
	"github.com/stampede-load/stampede/internal/fleet"
)

// The command line finds a stand-in for AWS as AWS's own tools do, and says what stands there.
func TestDeployStatus(t *testing.T) {
	cloud := deploytest.New(deploytest.Known(t))
	cloud.Slow, cloud.Public = 0, "127.0.0.1" // where no page is
	asAWS(t, cloud)
	client := deploytest.Client(cloud)
	client.Sleep = func(context.Context, time.Duration) error { return nil }
	key, err := fleet.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	o := &eb.Options{Name: "tour", Region: "us-east-1", Workers: 2, MaxHours: 2, From: []string{"203.0.113.7/32"}, Binary: []byte("x"), Price: 0.1}
	o.Fill()
	a := newTestApp(t)
	f := &ebFlags{Options: *o, discard: true}
	hooks := a.ebHooks(f)
	hooks.Agree = nil
	hooks.Secrets = func() (string, string, string, error) {
		return "web-token-web-token", "fleet-token-fleet-token", key, nil
	}
	hooks.Joined = func(context.Context, eb.Page) (int, error) { return 2, nil }
	d := eb.New(client, o, hooks)
	made, err := d.Up(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text := a.ebMade(f, made); !strings.Contains(text, "run --on 'https://127.0.0.1?pin=sha256:") || strings.Contains(text, "web-token-web") {
		t.Errorf("it says %s", text)
	}
	command := func(args ...string) (int, string) {
		return fans(t, t.TempDir(), nil, append([]string{"deploy", "eb"}, args...)...)
	}
	status, text := command("status", "--name", "tour", "--price", "0.1")
	for _, want := range []string{"stampede-tour-workers", "workers 2 c7g.large at 0.1 USD an hour (price that was given), AWS ends it at", "3 instances\n", "parameter /stampede/tour/join", "bundle s3://"} {
		if status != 0 || !strings.Contains(text, want) {
			t.Errorf("%d: %q is not in\n%s", status, want, text)
		}
	}
	if err := d.Down(t.Context()); err != nil {
		t.Fatal(err)
	}
	if status, text := command("status", "--name", "tour"); status != 0 || !strings.Contains(text, "nothing of it is there") {
		t.Errorf("%d: %s", status, text)
	}
	for _, w := range cloud.Wrong() {
		t.Error("AWS's model:", w)
	}
}
