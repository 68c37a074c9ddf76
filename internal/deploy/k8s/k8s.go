// Package k8s writes a kustomize base whose Job is a fleet of workers. People apply it with their own kubectl: stampede speaks to no cluster.
package k8s

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/stampede-load/stampede/internal/deploy"
)

// Options say what is written.
type Options struct {
	Name      string        // of the deployment
	Namespace string        // empty leaves it to kubectl
	Image     string        // that holds the test; docker's Dockerfile makes one
	Workers   int           // pods
	MaxHours  float64       // the cluster ends the Job then
	IdleExit  time.Duration // a worker leaves after so long without a run; zero means never
	CPU       string        // that each pod asks for, as Kubernetes writes it; empty means "2"
	Memory    string        // that each pod gets; empty means "2Gi"
	Join      string        // join URL; empty leaves join.url to be written by hand
}

// Files are the base: kustomization.yaml, job.yaml, networkpolicy.yaml, and the join URL when it is known.
func Files(o Options) ([]deploy.File, error) {
	wrong := []error{deploy.CheckName(o.Name)}
	if o.Image == "" || strings.ContainsAny(o.Image, " \t\n\"") {
		wrong = append(wrong, errors.New("--image: name the image that holds the test, such as registry.example/load:1; the Dockerfile of deploy docker print makes one"))
	}
	if o.Workers < 1 || o.Workers > 10000 {
		wrong = append(wrong, fmt.Errorf("%d workers: write a number from 1 to 10000", o.Workers))
	}
	if !(o.MaxHours*3600 >= 60 && o.MaxHours <= 24*7) {
		wrong = append(wrong, fmt.Errorf("%g hours: write a number of a minute (0.017) or more, up to 168, a week", o.MaxHours))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if o.CPU == "" {
		o.CPU = "2"
	}
	if o.Memory == "" {
		o.Memory = "2Gi"
	}
	files := []deploy.File{
		deploy.Text("kustomization.yaml", kustomization(&o)), deploy.Text("job.yaml", job(&o)), deploy.Text("networkpolicy.yaml", policy(&o)),
	}
	if o.Join != "" {
		files = append(files, deploy.File{Name: "join.url", Data: []byte(o.Join), Secret: true})
	}
	return files, nil
}

func kustomization(o *Options) string {
	namespace := ""
	if o.Namespace != "" {
		namespace = "namespace: " + o.Namespace + "\n"
	}
	return `# Write the join URL that the controller printed into join.url, without a line break at its end:
#   printf %s 'stampede://...' > join.url
# then, with your own kubectl, in the folder of this file:
#   kubectl apply -k .
#   kubectl wait --for=condition=complete --timeout=` + strconv.Itoa(int(o.MaxHours*3600)) + `s job/` + o.Name + `
#   kubectl delete -k .
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
` + namespace + `labels:
  - pairs:
      app.kubernetes.io/name: stampede
      app.kubernetes.io/instance: ` + o.Name + `
    includeTemplates: true
resources:
  - job.yaml
  - networkpolicy.yaml
secretGenerator:
  - name: ` + o.Name + `-join
    files:
      - join=join.url
`
}

func job(o *Options) string {
	return `apiVersion: batch/v1
kind: Job
metadata:
  name: ` + o.Name + `
  labels: {app.kubernetes.io/component: worker}
spec:
  completionMode: Indexed
  completions: ` + strconv.Itoa(o.Workers) + `
  parallelism: ` + strconv.Itoa(o.Workers) + `
  backoffLimitPerIndex: 3
  activeDeadlineSeconds: ` + strconv.Itoa(int(o.MaxHours*3600)) + ` # whatever happens to who started it
  ttlSecondsAfterFinished: 3600
  template:
    metadata:
      labels: {app.kubernetes.io/component: worker}
    spec:
` + pod(o)
}

// pod is what the Job makes its pods of.
func pod(o *Options) string {
	args := `["worker", "--join", "@/join/join"`
	if o.IdleExit > 0 {
		args += `, "--idle-exit", "` + o.IdleExit.String() + `"`
	}
	return `      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30 # users end their tasks, others take over
      securityContext:
        runAsNonRoot: true
        runAsUser: 65532
        runAsGroup: 65532
        fsGroup: 65532
        seccompProfile: {type: RuntimeDefault}
        sysctls: # ports for many connections to one site; one of those that every cluster allows
          - {name: net.ipv4.ip_local_port_range, value: "1024 65535"}
      topologySpreadConstraints: # two workers on one node measure each other
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {app.kubernetes.io/component: worker, app.kubernetes.io/instance: ` + o.Name + `}
      containers:
        - name: worker
          image: ` + strconv.Quote(o.Image) + `
          args: ` + args + `]
          env:
            - name: XDG_CACHE_HOME
              value: /cache
` + memoryLimit(o.Memory) + `          resources:
            requests: {cpu: ` + strconv.Quote(o.CPU) + `, memory: ` + strconv.Quote(o.Memory) + `, ephemeral-storage: 256Mi}
            limits: {memory: ` + strconv.Quote(o.Memory) + `, ephemeral-storage: 1Gi} # no limit of CPU: throttling would be measured as the site's
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
          volumeMounts:
            - {name: cache, mountPath: /cache}
            - {name: join, mountPath: /join, readOnly: true}
      volumes:
        - name: cache
          emptyDir: {sizeLimit: 512Mi}
        - name: join
          secret:
            secretName: ` + o.Name + `-join
            defaultMode: 0440
`
}

var quantity = regexp.MustCompile(`^([0-9]+)(Ki|Mi|Gi|Ti|k|M|G|T)$`)

// memoryLimit has Go's collector work harder before the kernel ends the pod: at nine tenths of what it gets, for the rest is not Go's. An amount that is
// written in another way has none.
func memoryLimit(memory string) string {
	m := quantity.FindStringSubmatch(memory)
	if m == nil {
		return ""
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return ""
	}
	unit := map[string]float64{"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}[m[2]]
	return fmt.Sprintf("            - {name: GOMEMLIMIT, value: %.0fMiB} # of %s\n", n*unit*0.9/(1<<20), memory)
}

func policy(o *Options) string {
	return `# Workers dial out: nothing may dial in. They reach no credentials of the node. Pods are named apart from addresses, for networks in which an address
# never means a pod; names are looked up where a cluster keeps its resolver on the node, too.
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ` + o.Name + `
spec:
  podSelector:
    matchLabels: {app.kubernetes.io/component: worker, app.kubernetes.io/instance: ` + o.Name + `}
  policyTypes: [Ingress, Egress]
  ingress: []
  egress:
    - to:
        - namespaceSelector: {}
        - ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}
        - ipBlock: {cidr: "::/0", except: ["fe80::/10", "fd00:ec2::/32"]}
    - to:
        - ipBlock: {cidr: 169.254.0.0/16}
      ports:
        - {protocol: UDP, port: 53}
        - {protocol: TCP, port: 53}
`
}
