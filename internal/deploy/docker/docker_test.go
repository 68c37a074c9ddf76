package docker_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/stampede-load/stampede/internal/deploy/docker"
)

// composeFile is what is used of the compose file's format.
type composeFile struct {
	Name     string
	Services map[string]struct {
		Build       string
		Image       string
		Command     []string
		EnvFile     []string `yaml:"env_file"`
		Restart     string
		StopGrace   string `yaml:"stop_grace_period"`
		ReadOnly    bool   `yaml:"read_only"`
		Tmpfs       []string
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		Ulimits     map[string]struct{ Soft, Hard int }
		Sysctls     map[string]string
		Deploy      struct {
			Replicas  int
			Resources struct{ Limits struct{ Cpus, Memory string } }
		}
	}
}

func TestCompose(t *testing.T) {
	files, err := docker.Files(docker.Options{Name: "tour", Workers: 4, CPUs: 1.5, Memory: 1024, IdleExit: 60e9, Join: "stampede://secret@h:1"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range files {
		f := &files[i]
		names = append(names, f.Name)
		if f.Name != "join.env" && strings.Contains(string(f.Data), "secret@") {
			t.Errorf("%s holds the join URL", f.Name)
		}
		if f.Name == "join.env" && (string(f.Data) != "STAMPEDE_JOIN=stampede://secret@h:1\n" || f.Perm() != 0o600) {
			t.Errorf("the secret is %q, with %o", f.Data, f.Perm())
		}
		if f.Name != "compose.yaml" {
			continue
		}
		var c composeFile
		decoder := yaml.NewDecoder(bytes.NewReader(f.Data))
		decoder.KnownFields(true)
		if err := decoder.Decode(&c); err != nil {
			t.Fatal(err)
		}
		w := c.Services["worker"]
		if w.Deploy.Replicas != 4 || w.Deploy.Resources.Limits.Cpus != "1.5" || w.Deploy.Resources.Limits.Memory != "1024M" || !w.ReadOnly || w.CapDrop[0] != "ALL" ||
			strings.Join(w.Command, " ") != "worker --idle-exit 1m0s" || !slices.Equal(w.EnvFile, []string{"join.env"}) || w.Ulimits["nofile"].Hard != 65536 {
			t.Errorf("it is %+v", c)
		}
	}
	if !slices.Equal(names, []string{"Dockerfile", ".dockerignore", "compose.yaml", "join.env"}) {
		t.Errorf("the files are %q", names)
	}
	if _, err := docker.Files(docker.Options{Name: "a_b", Workers: 2000}); err == nil || strings.Count(err.Error(), "\n") != 1 {
		t.Errorf("two mistakes are %v", err)
	}
}

// The Dockerfile's instructions are those that there are, its last stage is empty, and nobody has rights in it.
func TestDockerfile(t *testing.T) {
	text := string(docker.Build("./cmd/tour")[0].Data)
	instruction := regexp.MustCompile(`^(#.*|FROM|ARG|WORKDIR|COPY|RUN|ENV|USER|ENTRYPOINT|CMD)\b`)
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") && !instruction.MatchString(line) {
			t.Errorf("no instruction: %s", line)
		}
	}
	_, last, found := strings.Cut(text, "\nFROM scratch\n")
	if !found || strings.Contains(last, "RUN ") || !strings.Contains(last, "USER 65532:65532\n") || !strings.Contains(text, "-o /load ./cmd/tour\n") {
		t.Error(text)
	}
}
