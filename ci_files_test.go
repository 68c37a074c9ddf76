package stampede_test

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// gitlab is what docs/ci/gitlab-ci.yml uses of GitLab's format.
type gitlab struct {
	Stages    []string
	Variables map[string]string
	Load      struct {
		Stage         string
		Image         string
		Timeout       string
		ResourceGroup string `yaml:"resource_group"`
		Services      []struct{ Name, Alias string }
		Cache         []struct {
			Key       any
			Paths     []string
			Policy    string
			Unprotect bool
		}
		Rules []struct {
			If        string
			Variables map[string]string
		}
		Variables   map[string]string
		Script      []string
		AfterScript []string `yaml:"after_script"`
		Artifacts   struct {
			When     string
			ExpireIn string `yaml:"expire_in"`
			ExposeAs string `yaml:"expose_as"`
			Paths    []string
			Reports  struct{ JUnit, Metrics string }
		}
	}
}

// github is what docs/ci/github-actions.yml uses of GitHub's format. Lint holds it against all of that.
type github struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Concurrency struct {
		Group  string
		Cancel bool `yaml:"cancel-in-progress"`
	}
	Jobs map[string]struct {
		RunsOn  string `yaml:"runs-on"`
		Timeout int    `yaml:"timeout-minutes"`
		Steps   []struct {
			Name, Uses, Run, If string
			Dir                 string `yaml:"working-directory"`
			With, Env           map[string]string
		}
	}
}

func strictly(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// The files that people copy into their pipelines are of the format that they say, and nothing in them swallows a status.
func TestPipelines(t *testing.T) {
	var gl gitlab
	strictly(t, "docs/ci/gitlab-ci.yml", &gl)
	if gl.Load.Image != "golang:1.26" || gl.Load.Artifacts.When != "always" || len(gl.Load.Cache) != 2 || gl.Load.Cache[1].Policy != "$LEDGER_POLICY" {
		t.Errorf("it is %+v", gl.Load)
	}
	var gh github
	strictly(t, "docs/ci/github-actions.yml", &gh)
	var shell []string
	for _, s := range gh.Jobs["load"].Steps {
		if s.Run != "" {
			shell = append(shell, s.Run)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("step %s pastes into a script what others write", s.Name)
		}
	}
	if gh.Permissions["pull-requests"] != "write" || gh.On["schedule"] == nil || len(shell) < 5 {
		t.Errorf("it is %+v", gh)
	}
	loads := 0
	for _, line := range slices.Concat(shell, gl.Load.Script, gl.Load.AfterScript) {
		for _, bad := range []string{"|| true", "||true", "set +e", "; true"} {
			if strings.Contains(line, bad) {
				t.Errorf("a status is lost in %q", line)
			}
		}
		if strings.Contains(line, "./load run ") && strings.Contains(line, "--md out/run.md") {
			loads++
		}
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(line)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("bash cannot read %q: %s", line, out)
		}
	}
	if loads != 2 {
		t.Errorf("%d lines run a load", loads)
	}
}
