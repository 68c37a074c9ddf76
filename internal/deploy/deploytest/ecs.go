package deploytest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// containers is what there is of ECS.
type containers struct {
	clusters    map[string]bool
	definitions []definition
	tasks       []*task
	calls       map[string]started // of RunTask, by cluster and token
	number      int
}

type definition struct {
	arn  string
	tags []any
	in   map[string]any
}

// task is one of Fargate. ECS lists it, and tells of it, only after some time.
type task struct {
	arn, definition  string
	created, stopped float64   // s since 1970
	listed, told     time.Time // from then on it is
	looks            int       // until it runs, and until it has stopped
	status           string
	desired          string
	tags             []any
}

type started struct {
	in   string
	arns []string
	full []map[string]string
}

// Tasks is how many run, or will.
func (c *Cloud) Tasks() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.ecs.running())
}

func (e *containers) running() (out []*task) {
	for _, t := range e.tasks {
		if t.desired == "RUNNING" {
			out = append(out, t)
		}
	}
	return out
}

// container is ECS.
func (c *Cloud) container(a *asked) (any, *refusal) {
	e := &c.ecs
	cluster := a.text("cluster")
	switch a.action {
	case "DescribeClusters":
		found := []map[string]string{}
		names, _ := a.in["clusters"].([]any)
		for _, n := range names {
			if e.clusters[fmt.Sprint(n)] {
				found = append(found, map[string]string{"clusterName": fmt.Sprint(n), "status": "ACTIVE"})
			}
		}
		return map[string]any{"clusters": found}, nil
	case "CreateCluster":
		if e.clusters == nil {
			e.clusters = map[string]bool{}
		}
		e.clusters[a.text("clusterName")] = true
		return map[string]any{}, nil
	case "RegisterTaskDefinition", "ListTaskDefinitions", "DescribeTaskDefinition", "DeregisterTaskDefinition":
		return e.define(a)
	}
	if !e.clusters[cluster] {
		return no("ClusterNotFoundException", "Cluster not found.")
	}
	switch a.action {
	case "RunTask":
		return c.runTasks(a)
	case "ListTasks":
		return map[string]any{"taskArns": e.list(a.text("desiredStatus"), c.Now())}, nil
	case "DescribeTasks":
		return c.describeTasks(a), nil
	case "StopTask":
		for _, t := range e.running() {
			if t.arn == a.text("task") {
				t.desired, t.looks = "STOPPED", 1
				return map[string]any{}, nil
			}
		}
		return no("InvalidParameterException", "The referenced task was not found.")
	case "DeleteCluster":
		for _, t := range e.tasks {
			c.step(t)
		}
		if slices.ContainsFunc(e.tasks, func(t *task) bool { return t.status != "STOPPED" }) {
			return no("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
		}
		delete(e.clusters, cluster)
		return map[string]any{}, nil
	}
	return no("InvalidAction", "the stand-in does not know %s", a.action)
}

// define is what concerns task definitions.
func (e *containers) define(a *asked) (any, *refusal) {
	switch a.action {
	case "RegisterTaskDefinition":
		e.number++
		tags, _ := a.in["tags"].([]any)
		one := definition{fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:task-definition/%s:%d", a.text("family"), e.number), tags, a.in}
		e.definitions = append(e.definitions, one)
		return map[string]any{"taskDefinition": map[string]string{"taskDefinitionArn": one.arn}}, nil
	case "ListTaskDefinitions":
		arns := []string{}
		for i := range e.definitions {
			arns = append(arns, e.definitions[i].arn)
		}
		return map[string]any{"taskDefinitionArns": arns}, nil
	}
	at := slices.IndexFunc(e.definitions, func(d definition) bool { return d.arn == a.text("taskDefinition") })
	if at < 0 {
		return no("ClientException", "Unable to describe task definition.")
	}
	if a.action == "DescribeTaskDefinition" {
		return map[string]any{"taskDefinition": map[string]string{"taskDefinitionArn": e.definitions[at].arn}, "tags": e.definitions[at].tags}, nil
	}
	e.definitions = slices.Delete(e.definitions, at, at+1)
	return map[string]any{}, nil
}

// list are the tasks that are to run, or have been stopped, as far as they are listed yet.
func (e *containers) list(desired string, now time.Time) []string {
	arns := []string{}
	for _, t := range e.tasks {
		if t.desired != desired && (desired == "RUNNING" || t.status != desired) {
			continue
		}
		if !now.Before(t.listed) {
			arns = append(arns, t.arn)
		}
	}
	return arns
}

// describeTasks tells of tasks, and moves them on.
func (c *Cloud) describeTasks(a *asked) any {
	names, _ := a.in["tasks"].([]any)
	told, missing := []any{}, []any{}
	for _, n := range names {
		at := slices.IndexFunc(c.ecs.tasks, func(t *task) bool { return t.arn == n })
		if at >= 0 {
			t := c.ecs.tasks[at]
			if !c.Now().Before(t.told) {
				c.step(t)
				told = append(told, t.describe(c.Dies))
				continue
			}
		}
		missing = append(missing, map[string]any{"arn": n, "reason": "MISSING"})
	}
	return map[string]any{"tasks": told, "failures": missing}
}

// step moves a task on.
func (c *Cloud) step(t *task) {
	if t.looks--; t.looks >= 0 || t.status == t.desired {
		return
	}
	if c.Dies != "" {
		t.desired = "STOPPED"
	}
	if t.status = t.desired; t.status == "STOPPED" {
		t.stopped = float64(c.Now().UnixMilli()) / 1000
	}
}

func (t *task) describe(why string) map[string]any {
	out := map[string]any{"taskArn": t.arn, "lastStatus": t.status, "desiredStatus": t.desired, "createdAt": t.created, "pullStartedAt": t.created, "tags": t.tags}
	if t.stopped > 0 {
		out["stoppedAt"], out["stoppedReason"] = t.stopped, why
	}
	return out
}

func (c *Cloud) runTasks(a *asked) (any, *refusal) {
	e := &c.ecs
	n, _ := a.in["count"].(float64)
	if n > 10 {
		return no("InvalidParameterException", "count must be less than or equal to 10")
	}
	at := slices.IndexFunc(e.definitions, func(d definition) bool { return d.arn == a.text("taskDefinition") })
	if at < 0 {
		return no("ClientException", "TaskDefinition not found.")
	}
	text, err := json.Marshal(a.in)
	if err != nil {
		return no("ClientException", "%s", err)
	}
	token := a.text("cluster") + " " + a.text("clientToken")
	before, again := e.calls[token]
	switch {
	case a.text("clientToken") == "":
		return no("InvalidParameterException", "the stand-in wants a token")
	case again && before.in != string(text):
		return no("ConflictException", "The RunTask request could not be processed due to conflicts.")
	case !again:
		before = started{in: string(text), full: []map[string]string{}}
		for range int(n) {
			c.runTask(a, e.definitions[at], &before)
		}
		if e.calls == nil {
			e.calls = map[string]started{}
		}
		e.calls[token] = before
	}
	tasks := []map[string]string{}
	for _, arn := range before.arns {
		tasks = append(tasks, map[string]string{"taskArn": arn})
	}
	return map[string]any{"tasks": tasks, "failures": before.full}, nil
}

func (c *Cloud) runTask(a *asked, d definition, into *started) {
	if c.Room > 0 {
		if c.Room--; c.Room == 0 {
			into.full = append(into.full, map[string]string{"reason": "Capacity is unavailable at this time"})
			return
		}
	}
	c.ecs.number++
	now := c.Now()
	t := &task{
		arn:        fmt.Sprintf("arn:aws:ecs:us-east-1:123456789012:task/%s/%032d", a.text("cluster"), c.ecs.number),
		definition: d.arn, tags: d.tags, created: float64(now.UnixMilli()) / 1000,
		listed: now.Add(time.Duration(c.Slow) * 3 * time.Second), told: now.Add(time.Duration(c.Slow) * time.Second / 2), looks: c.Slow, status: "PROVISIONING", desired: "RUNNING",
	}
	c.ecs.tasks = append(c.ecs.tasks, t)
	into.arns = append(into.arns, t.arn)
	if c.Task != nil {
		c.Task(d.in)
	}
}

// left is what of ECS stands.
func (e *containers) left() (out []string) {
	for name := range e.clusters {
		out = append(out, "cluster "+name)
	}
	for i := range e.definitions {
		out = append(out, e.definitions[i].arn[strings.LastIndex(e.definitions[i].arn, ":task")+1:])
	}
	for _, t := range e.running() {
		out = append(out, t.arn[strings.LastIndex(t.arn, ":task")+1:])
	}
	return out
}
