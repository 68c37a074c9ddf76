package stampede_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
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

// loadStub is a program that ends with a status, and writes what a run writes.
const loadStub = `#!/bin/sh
case "$1" in
run) mkdir -p out && echo "$*" > out/run.md; exit "$STATUS";;
esac
`

// The jobs end with the status of the run, as GitHub's and GitLab's runners carry them out, and what they comment is there.
func TestPipelinesKeepTheStatus(t *testing.T) {
	var gl gitlab
	strictly(t, "docs/ci/gitlab-ci.yml", &gl)
	var gh github
	strictly(t, "docs/ci/github-actions.yml", &gh)
	hub := ""
	for _, s := range gh.Jobs["load"].Steps {
		if s.Name == "Load test" {
			hub = "cd " + s.Dir + "\n" + s.Run
		}
	}
	if hub == "" {
		t.Fatal("there is no such step")
	}
	for name, job := range map[string]struct{ script, runner string }{
		"GitHub": {hub, `set -eo pipefail; eval "$SCRIPT"`}, "GitLab": {strings.Join(gl.Load.Script, "\n"), `set -eo pipefail; set +o noclobber; : | eval "$SCRIPT"; exit 0`},
	} {
		for _, status := range []string{"0", "2", "3", "4", "6"} {
			dir := t.TempDir()
			for file, text := range map[string]string{"bin/go": "#!/bin/sh\ncp ../load.sh load\n", "load.sh": loadStub, "loadtest/go.mod": "module x\n"} {
				at := filepath.Join(dir, file)
				if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o755), os.WriteFile(at, []byte(text), 0o755)); err != nil {
					t.Fatal(err)
				}
			}
			c := exec.Command("bash", "--noprofile", "--norc", "-c", job.runner)
			c.Dir, c.Env = dir, []string{"PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "SCRIPT=" + job.script, "STATUS=" + status, "CI_PIPELINE_SOURCE=merge_request_event"}
			out, err := c.CombinedOutput()
			if got := fmt.Sprint(c.ProcessState.ExitCode()); got != status {
				t.Errorf("%s: a run that ends with %s makes it %s: %v: %s", name, status, got, err, out)
			}
			if text, err := os.ReadFile(filepath.Join(dir, "loadtest", "out", "run.md")); err != nil || !strings.Contains(string(text), "--baseline baseline? --ledger ledger.db") {
				t.Errorf("%s: %v: the run was %s", name, err, text)
			}
		}
	}
}
