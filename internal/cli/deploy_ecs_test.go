package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
)

// From up to down through the command line: tasks start once, in calls of ten, what a task would run is a command that is known here, what it says of its cost comes into the
// ledger beside a run, what the tasks came to is written there, and nothing is left.
func TestDeployECSEndToEnd(t *testing.T) {
	cloud := deploytest.New(deploytest.Known(t))
	cloud.Slow = 0
	var started []map[string]any
	cloud.Task = func(definition map[string]any) { started = append(started, definition) } // under the cloud's lock
	asAWS(t, cloud)
	dir := t.TempDir()
	join := "stampede://0123456789abcdef@10.0.0.2:7422?pin=sha256:" + strings.Repeat("ab", 32)
	if err := os.WriteFile(filepath.Join(dir, "join.url"), []byte(join+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{"HOME=" + dir, "STAMPEDE_LEDGER=home.db"}
	command := func(want int, args ...string) string {
		t.Helper()
		status, text := fans(t, dir, environ, args...)
		if status != want {
			t.Fatalf("%q ends with %d: %s", args, status, text)
		}
		if strings.Contains(text, "0123456789abcdef") {
			t.Errorf("%q says the token: %s", args, text)
		}
		return text
	}
	where := []string{"--name", "tour", "--region", "us-east-1"}
	ecs := func(want int, args ...string) string {
		t.Helper()
		return command(want, append(append([]string{"deploy", "ecs"}, args...), where...)...)
	}
	shape := []string{"up", "--image", "registry.example/load:1", "--workers", "12", "--subnets", "subnet-1", "--max-hours", "1", "--join", "@join.url"}
	if text := ecs(statusUsage, append(shape, "--max-cost", "0.5")...); !strings.Contains(text, "above --max-cost 0.50") || len(cloud.Left()) > 0 {
		t.Errorf("a cap: %s; there is %q", text, cloud.Left())
	}
	for range 2 { // again: nothing starts twice
		up := ecs(0, shape...)
		for _, want := range []string{"12 x 0.0790 USD = 0.95 USD an hour by the price list of AWS", "12 tasks run", "deploy ecs down --name tour", "0.9480 USD an hour"} {
			if !strings.Contains(up, want) {
				t.Errorf("up does not say %q: %s", want, up)
			}
		}
		if len(started) != 12 || cloud.Tasks() != 12 {
			t.Fatalf("%d tasks were started, %d run", len(started), cloud.Tasks())
		}
	}
	if got := cloud.Secret("/stampede/tour/join"); got != join {
		t.Errorf("tasks join %q", got)
	}
	status := ecs(0, "status")
	if strings.Count(status, "task arn:") != 12 || !strings.Contains(status, "cluster stampede-tour") || !strings.Contains(status, "parameter /stampede/tour/join") || !strings.Contains(status, "so far by the price list of AWS") {
		t.Errorf("the status is %s", status)
	}
	args, cost := taskOf(t, started[0])
	if text := command(statusUsage, append(args, "--join", "nowhere")...); strings.Contains(text, "unknown") || !strings.Contains(text, "join") {
		t.Errorf("what a task runs, %q, says %s", args, text)
	}
	site := newSite()
	defer site.Close()
	command(0, "run", "-H", site.URL, "-u", "1", "--iterations", "1", "--tags", "quick", "--allow-invalid", "--plain", "--cost", cost)
	down := ecs(0, "down")
	for _, want := range []string{"its tasks came to about ", "stands in the ledger with 1 run", "nothing of it is there any more"} {
		if !strings.Contains(down, want) {
			t.Errorf("down does not say %q: %s", want, down)
		}
	}
	deploytest.Clean(t, cloud)
	if text := ecs(0, "status"); !strings.Contains(text, "nothing of it is there") {
		t.Errorf("the status is %s", text)
	}
	if story := command(0, "runs", "show", "last"); !strings.Contains(story, "task of Fargate at 0.079 USD by the price list of AWS - deployment tour; all of that from ") {
		t.Errorf("the run's story is %s", story)
	}
}

// taskOf is what a task of a definition runs, and the cost that it tells.
func taskOf(t *testing.T, definition map[string]any) (args []string, cost string) {
	t.Helper()
	containers, _ := definition["containerDefinitions"].([]any)
	if len(containers) != 1 {
		t.Fatalf("the definition is %v", definition)
	}
	one, _ := containers[0].(map[string]any)
	command, _ := one["command"].([]any)
	for _, arg := range command {
		text, _ := arg.(string)
		args = append(args, text)
	}
	environment, _ := one["environment"].([]any)
	for _, e := range environment {
		if v, _ := e.(map[string]any); v["name"] == "STAMPEDE_COST" {
			cost, _ = v["value"].(string)
		}
	}
	if !slices.Equal(args, []string{"worker", "--leave-after", "1h0m0s", "--idle-exit", "30m0s"}) || cost == "" {
		t.Errorf("a task runs %q, and costs %q", args, cost)
	}
	return args, cost
}
