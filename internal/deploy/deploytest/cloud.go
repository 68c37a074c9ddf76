package deploytest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Fault is how a call fails.
type Fault int

// The ways in which calls fail.
const (
	None     Fault = iota
	Refuse         // the service has a fault of its own (503)
	Throttle       // it asks for patience
	Cut            // the connection ends before anything was done
	Lose           // it is done, and the answer is lost
	Deny           // access is denied: trying again does not help
)

// Cloud is an account in one region. Its exported fields are set before it is used.
type Cloud struct {
	Now    func() time.Time
	Bucket string // that is there
	Quota  int    // vCPUs
	Slow   int    // so many looks pass until an environment has become what it should be
	Public string // the address of every instance; empty gives each one of the documentation's
	Room   int    // so many tasks find room; then one does not, once. Zero means all do
	Broken string // environments whose name ends so do not come up
	Dies   string // why tasks of ECS stop as they are started; empty lets them run
	// Launch is called when an environment's instances start, with its name, its bundle and its options, NAMESPACE NAME; and Ended when they have gone. Nil starts nothing.
	Launch func(name string, bundle []byte, settings map[string]string)
	Ended  func(name string)
	// Task is called when a task of ECS starts, with its definition. Nil starts nothing.
	Task func(definition map[string]any)
	// Fail decides about a call, by its number from 1 and its name; nil fails none.
	Fail func(n int, call string) Fault

	mu       sync.Mutex
	models   map[string]*Model
	calls    []string
	wrong    []string
	apps     map[string]*app
	envs     map[string]*env
	objects  map[string][]byte
	secrets  map[string]string
	machines int
	ecs      containers
}

type app struct {
	description string
	versions    []string
	bundles     map[string]string // keys of objects, by version
}

type env struct {
	name, app, version, description, status string
	looks                                   int // until the status changes
	created                                 time.Time
	settings                                map[string]string
	machine                                 []string // ids
	size                                    int      // that its group was made with, whatever has become of that
	ends                                    time.Time
	said                                    []string
}

// Models are AWS's, by service. They are large: load them once.
func Models() (map[string]*Model, error) {
	all := map[string]*Model{}
	for _, name := range []string{"elasticbeanstalk", "s3", "ssm", "ec2", "autoscaling", "pricing", "servicequotas", "sts", "iam", "ecs"} {
		m, err := Load(name)
		if err != nil {
			return nil, err
		}
		all[name] = m
	}
	return all, nil
}

// New is an empty account. Not two of one set of models may be asked at the same time.
func New(models map[string]*Model) *Cloud {
	return &Cloud{
		Now: time.Now, Bucket: "elasticbeanstalk-us-east-1-123456789012", Quota: 256, Slow: 2, models: models, apps: map[string]*app{}, envs: map[string]*env{},
		objects: map[string][]byte{}, secrets: map[string]string{},
	}
}

// Calls are those that were made, as policies name them.
func (c *Cloud) Calls() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.calls)
}

// Wrong is what AWS's models do not allow of what was asked.
func (c *Cloud) Wrong() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.wrong)
}

// Left is everything that stands, and would cost or be in the way.
func (c *Cloud) Left() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for name := range c.apps {
		out = append(out, "application "+name)
	}
	for name, e := range c.envs {
		out = append(out, fmt.Sprintf("environment %s (%s), %d instances", name, e.status, len(e.machine)))
	}
	for key := range c.objects {
		out = append(out, "object "+key)
	}
	for name := range c.secrets {
		out = append(out, "parameter "+name)
	}
	out = append(out, c.ecs.left()...)
	slices.Sort(out)
	return out
}

// Secret is the value of a parameter.
func (c *Cloud) Secret(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.secrets[name]
}

// Settings are the options of an environment, NAMESPACE NAME, and nil when there is none of that name.
func (c *Cloud) Settings(environment string) map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.envs[environment]; e != nil {
		return e.settings
	}
	return nil
}

// RoundTrip implements http.RoundTripper without a network, so that virtual time holds.
func (c *Cloud) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	if err := c.serve(w, r); err != nil {
		return nil, err
	}
	return w.Result(), nil
}

// ServeHTTP implements http.Handler, for clients in other programs. A call that is cut off ends its connection.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := httptest.NewRecorder()
	if err := c.serve(rec, r); err != nil {
		panic(http.ErrAbortHandler)
	}
	for key, values := range rec.Header() {
		w.Header()[key] = values
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes()) // who asked has gone
}

// asked is a request on its way.
type asked struct {
	service, action string
	in              map[string]any
	body            []byte
}

func (a *asked) text(key string) string { t, _ := a.in[key].(string); return t }

// refusal is what AWS says instead.
type refusal struct {
	code, message string
	status        int
}

func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.read(r, body)
	name := a.service + ":" + a.action
	c.calls = append(c.calls, name)
	fault := None
	if c.Fail != nil {
		fault = c.Fail(len(c.calls), name)
	}
	var no *refusal
	switch fault {
	case Refuse:
		no = &refusal{"ServiceUnavailable", "try again", http.StatusServiceUnavailable}
	case Throttle:
		no = &refusal{"Throttling", "Rate exceeded", http.StatusBadRequest}
	case Deny:
		no = &refusal{"AccessDenied", "not authorized to perform " + name, http.StatusForbidden}
	case Cut:
		return io.ErrUnexpectedEOF
	}
	if no == nil {
		var out any
		out, no = c.act(a)
		if fault == Lose {
			return io.ErrUnexpectedEOF
		}
		if no == nil {
			return c.answer(w, a, out)
		}
	}
	w.WriteHeader(no.status)
	if c.models[a.service].Metadata.Protocol == "json" {
		return json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazonaws#" + no.code, "message": no.message})
	}
	_, err = fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", no.code, no.message)
	return err
}

// read finds out what is asked, and holds it against AWS's model.
func (c *Cloud) read(r *http.Request, body []byte) *asked {
	a := &asked{in: map[string]any{}, body: body}
	auth := r.Header.Get("Authorization")
	scope := strings.Split(auth, "/")
	if !strings.HasPrefix(auth, "AWS4-HMAC-SHA256 Credential=") || len(scope) < 5 {
		c.wrong = append(c.wrong, "a request is not signed: "+r.URL.String())
		return a
	}
	a.service = scope[3]
	m := c.models[a.service]
	if m == nil {
		c.wrong = append(c.wrong, "a request to "+a.service)
		return a
	}
	switch {
	case a.service == "s3":
		c.readObject(a, r)
		return a
	case r.Header.Get("X-Amz-Target") != "":
		prefix, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		a.action = action
		if prefix != m.Metadata.TargetPrefix || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-1.1") {
			c.wrong = append(c.wrong, "target "+prefix+" of "+a.service)
		}
		if err := json.Unmarshal(body, &a.in); err != nil {
			c.wrong = append(c.wrong, err.Error())
		}
	default:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			c.wrong = append(c.wrong, err.Error())
		}
		a.action = form.Get("Action")
		var wrong []string
		a.in, wrong = m.Form(a.action, form)
		c.wrong = append(c.wrong, wrong...)
		if form.Get("Version") != m.Metadata.APIVersion {
			c.wrong = append(c.wrong, "version "+form.Get("Version")+" of "+a.service)
		}
	}
	c.wrong = append(c.wrong, m.Check(a.action, a.in)...)
	return a
}

func (c *Cloud) readObject(a *asked, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if host, _, found := strings.Cut(r.URL.Host, ".s3."); found {
		bucket, key = host, strings.TrimPrefix(r.URL.Path, "/")
	}
	a.in["Bucket"] = bucket
	action := ""
	switch {
	case r.Method == http.MethodPut:
		action, a.action = "PutObject", "PutObject"
	case r.Method == http.MethodDelete:
		action, a.action = "DeleteObject", "DeleteObject"
	default:
		action, a.action = "ListObjectsV2", "ListBucket" // IAM's name of it
		a.in["Prefix"] = r.URL.Query().Get("prefix")
	}
	if key != "" {
		a.in["Key"] = key
	}
	c.wrong = append(c.wrong, c.models["s3"].Check(action, a.in)...)
}
