package k8s_test

import (
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	networking "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"github.com/stampede-load/stampede/internal/deploy"
	"github.com/stampede-load/stampede/internal/deploy/k8s"
)

func base(t *testing.T, o k8s.Options) map[string]deploy.File {
	t.Helper()
	files, err := k8s.Files(o)
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]deploy.File{}
	for _, f := range files {
		byName[f.Name] = f
	}
	return byName
}

// The manifests are what Kubernetes' own types say, with no field that they do not know, and what was promised is in them.
func TestManifestsAreKubernetesOwn(t *testing.T) {
	files := base(t, k8s.Options{Name: "tour", Namespace: "load", Image: "registry.example/load:1", Workers: 10, MaxHours: 1.5, IdleExit: 900e9})
	var job batch.Job
	if err := yaml.UnmarshalStrict(files["job.yaml"].Data, &job); err != nil {
		t.Fatalf("job.yaml: %v", err)
	}
	spec := &job.Spec
	if *spec.Completions != 10 || *spec.Parallelism != 10 || *spec.CompletionMode != batch.IndexedCompletion || *spec.ActiveDeadlineSeconds != 5400 {
		t.Errorf("the Job is %+v", spec)
	}
	pod := &spec.Template.Spec
	one := &pod.Containers[0]
	if !*pod.SecurityContext.RunAsNonRoot || *pod.AutomountServiceAccountToken || !*one.SecurityContext.ReadOnlyRootFilesystem ||
		*one.SecurityContext.AllowPrivilegeEscalation || one.SecurityContext.Capabilities.Drop[0] != "ALL" || pod.SecurityContext.SeccompProfile.Type != "RuntimeDefault" {
		t.Errorf("a pod has rights: %+v %+v", pod.SecurityContext, one.SecurityContext)
	}
	if got := strings.Join(one.Args, " "); one.Image != "registry.example/load:1" || got != "worker --join @/join/join --idle-exit 15m0s" {
		t.Errorf("it runs %s %s", one.Image, got)
	}
	if one.Resources.Limits.Memory().String() != "2Gi" || one.Resources.Requests.Cpu().String() != "2" || !one.Resources.Limits.Cpu().IsZero() {
		t.Errorf("its resources are %+v", one.Resources)
	}
	var policy networking.NetworkPolicy
	if err := yaml.UnmarshalStrict(files["networkpolicy.yaml"].Data, &policy); err != nil {
		t.Fatalf("networkpolicy.yaml: %v", err)
	}
	if len(policy.Spec.Ingress) != 0 || len(policy.Spec.PolicyTypes) != 2 || len(policy.Spec.Egress) != 2 {
		t.Fatalf("the NetworkPolicy is %+v", policy.Spec)
	}
	everywhere, names := policy.Spec.Egress[0], policy.Spec.Egress[1]
	if everywhere.To[0].NamespaceSelector == nil || len(everywhere.Ports) != 0 || everywhere.To[1].IPBlock.CIDR != "0.0.0.0/0" || everywhere.To[1].IPBlock.Except[0] != "169.254.0.0/16" {
		t.Errorf("pods reach %+v", everywhere)
	}
	if len(names.Ports) != 2 || names.Ports[0].Port.IntValue() != 53 || names.Ports[1].Port.IntValue() != 53 || names.To[0].IPBlock.CIDR != "169.254.0.0/16" {
		t.Errorf("names are looked up by %+v", names)
	}
	if s := pod.SecurityContext.Sysctls; len(s) != 1 || s[0].Name != "net.ipv4.ip_local_port_range" {
		t.Errorf("its settings of the kernel are %+v", s)
	}
	if e := one.Env[1]; e.Name != "GOMEMLIMIT" || e.Value != "1843MiB" {
		t.Errorf("Go's memory is %+v", e)
	}
	for key, value := range policy.Spec.PodSelector.MatchLabels {
		if key == "app.kubernetes.io/instance" && value == "tour" {
			continue // kustomize sets it
		}
		if spec.Template.Labels[key] != value {
			t.Errorf("the policy is for %s=%s, and the pods have %v", key, value, spec.Template.Labels)
		}
	}
	if volume := pod.Volumes[1].Secret; volume.SecretName != "tour-join" || volume.DefaultMode == nil || *volume.DefaultMode != 0o440 {
		t.Errorf("the secret is mounted as %+v", volume)
	}
	if job.Name != "tour" || policy.Name != "tour" {
		t.Errorf("they are called %s and %s", job.Name, policy.Name)
	}
}

// kustomization is what is used of kustomize's own file, whose types are in no module that is small.
type kustomization struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Labels     []struct {
		Pairs            map[string]string `json:"pairs"`
		IncludeTemplates bool              `json:"includeTemplates"`
	} `json:"labels"`
	Resources       []string `json:"resources"`
	SecretGenerator []struct {
		Name  string   `json:"name"`
		Files []string `json:"files"`
	} `json:"secretGenerator"`
}

func TestKustomization(t *testing.T) {
	files := base(t, k8s.Options{Name: "tour", Namespace: "load", Image: "load", Workers: 1, MaxHours: 2, Join: "stampede://secret@h:1?pin=sha256:00"})
	var k kustomization
	if err := yaml.UnmarshalStrict(files["kustomization.yaml"].Data, &k); err != nil {
		t.Fatal(err)
	}
	for _, name := range k.Resources {
		if _, there := files[name]; !there {
			t.Errorf("%s is named, and not written", name)
		}
	}
	if k.SecretGenerator[0].Name != "tour-join" || k.SecretGenerator[0].Files[0] != "join=join.url" || k.Namespace != "load" || k.Kind != "Kustomization" ||
		k.Labels[0].Pairs["app.kubernetes.io/instance"] != "tour" || !k.Labels[0].IncludeTemplates {
		t.Errorf("it is %+v", k)
	}
	secret := files["join.url"]
	if !secret.Secret || secret.Perm() != 0o600 || strings.HasSuffix(string(secret.Data), "\n") {
		t.Errorf("the join URL is in %+v", secret)
	}
	for name, f := range files {
		if name != "join.url" && strings.Contains(string(f.Data), "secret@") {
			t.Errorf("the join URL is in %s", name)
		}
	}
}

func TestMistakes(t *testing.T) {
	for want, o := range map[string]k8s.Options{
		"name \"Tour!\"":   {Name: "Tour!", Image: "a"},
		"--image":          {Name: "tour"},
		"20000 workers":    {Name: "tour", Image: "a", Workers: 20000},
		"0 workers":        {Name: "tour", Image: "a", MaxHours: 1},
		"0.001 hours":      {Name: "tour", Image: "a", Workers: 1, MaxHours: 0.001},
		"0 hours":          {Name: "tour", Image: "a", Workers: 1},
		"1000 hours":       {Name: "tour", Image: "a", MaxHours: 1000},
		"--image: name th": {Name: "tour", Image: "a b"},
	} {
		if _, err := k8s.Files(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
