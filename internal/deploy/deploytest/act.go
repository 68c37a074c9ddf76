package deploytest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// raw is XML that is answered as it is.
type raw string

// answer writes what a call gave, as its protocol has it.
func (c *Cloud) answer(w http.ResponseWriter, a *asked, out any) error {
	if c.models[a.service].Metadata.Protocol == "json" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if out == nil {
			out = struct{}{}
		}
		return json.NewEncoder(w).Encode(out)
	}
	w.Header().Set("Content-Type", "text/xml")
	inner, _ := out.(raw)
	text := string(inner)
	switch c.models[a.service].Metadata.Protocol {
	case "query":
		text = "<" + a.action + "Response><" + a.action + "Result>" + text + "</" + a.action + "Result></" + a.action + "Response>"
	case "ec2":
		text = "<" + a.action + "Response>" + text + "</" + a.action + "Response>"
	}
	_, err := w.Write([]byte(text))
	return err
}

func no(code, format string, args ...any) (any, *refusal) {
	return nil, &refusal{code, fmt.Sprintf(format, args...), http.StatusBadRequest}
}

func esc(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a builder takes everything
	return b.String()
}

// act does what a call says.
func (c *Cloud) act(a *asked) (any, *refusal) {
	switch a.service + ":" + a.action {
	case "sts:GetCallerIdentity":
		return raw("<Account>123456789012</Account>"), nil
	case "servicequotas:GetServiceQuota":
		return map[string]any{"Quota": map[string]any{"Value": float64(c.Quota)}}, nil
	case "pricing:GetProducts":
		return c.prices(a)
	case "ec2:DescribeInstanceTypes":
		return c.types(a)
	case "ec2:DescribeInstances":
		return c.instances(a)
	case "autoscaling:DescribeScheduledActions":
		return c.scheduled()
	case "autoscaling:DescribeAutoScalingGroups":
		return c.groups(a)
	case "autoscaling:UpdateAutoScalingGroup":
		return c.resize(a)
	case "s3:ListBucket", "s3:PutObject", "s3:DeleteObject":
		return c.object(a)
	case "ssm:PutParameter", "ssm:GetParameters", "ssm:DeleteParameters":
		return c.parameter(a)
	}
	if a.service == "ecs" {
		return c.container(a)
	}
	return c.beanstalk(a)
}

func (c *Cloud) sorted() []*env {
	var all []*env
	for _, e := range c.envs {
		all = append(all, e)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	return all
}

func (c *Cloud) instances(*asked) (any, *refusal) {
	var b strings.Builder
	for _, e := range c.sorted() {
		if !e.ends.IsZero() && c.Now().After(e.ends) {
			e.machine = nil // AWS's own schedule
		}
		group := strings.TrimSuffix(e.name, "-controller")
		group = strings.TrimSuffix(group, "-workers") + "-members"
		for i, id := range e.machine {
			public := c.Public
			if public == "" {
				public = fmt.Sprintf("198.51.100.%d", i+5)
			}
			fmt.Fprintf(&b, "<item><instancesSet><item><instanceId>%s</instanceId><instanceState><name>running</name></instanceState><privateIpAddress>10.0.0.%d</privateIpAddress>"+
				"<ipAddress>%s</ipAddress><groupSet><item><groupId>sg-0members</groupId><groupName>%s</groupName></item></groupSet><tagSet>"+
				"<item><key>elasticbeanstalk:environment-name</key><value>%s</value></item><item><key>aws:autoscaling:groupName</key><value>asg-%s</value></item></tagSet></item></instancesSet></item>",
				id, i+5, public, group, e.name, e.name)
		}
	}
	return raw("<reservationSet>" + b.String() + "</reservationSet>"), nil
}

func (c *Cloud) object(a *asked) (any, *refusal) {
	if a.text("Bucket") != c.Bucket {
		return nil, &refusal{"NoSuchBucket", "The specified bucket does not exist", http.StatusNotFound}
	}
	switch a.action {
	case "PutObject":
		c.objects[a.text("Key")] = a.body
	case "DeleteObject":
		delete(c.objects, a.text("Key"))
	default:
		var keys []string
		for key := range c.objects {
			if strings.HasPrefix(key, a.text("Prefix")) {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys)
		text := ""
		for _, key := range keys {
			text += "<Contents><Key>" + esc(key) + "</Key></Contents>"
		}
		return raw("<ListBucketResult>" + text + "</ListBucketResult>"), nil
	}
	return raw(""), nil
}

func (c *Cloud) parameter(a *asked) (any, *refusal) {
	names, _ := a.in["Names"].([]any)
	switch a.action {
	case "PutParameter":
		over, _ := a.in["Overwrite"].(bool)
		if _, there := c.secrets[a.text("Name")]; there && !over {
			return no("ParameterAlreadyExists", "The parameter already exists.")
		}
		c.secrets[a.text("Name")] = a.text("Value")
		return map[string]any{"Version": 1}, nil
	case "GetParameters":
		found := []map[string]string{}
		for _, n := range names {
			if v, there := c.secrets[fmt.Sprint(n)]; there {
				found = append(found, map[string]string{"Name": fmt.Sprint(n), "Value": v})
			}
		}
		return map[string]any{"Parameters": found}, nil
	}
	for _, n := range names {
		delete(c.secrets, fmt.Sprint(n))
	}
	return map[string]any{}, nil
}

// beanstalk is Elastic Beanstalk.
func (c *Cloud) beanstalk(a *asked) (any, *refusal) {
	name := a.text("ApplicationName")
	known := c.apps[name]
	switch a.action {
	case "ListAvailableSolutionStacks":
		return raw("<SolutionStacks><member>64bit Amazon Linux 2023 v4.9.0 running Go 1</member><member>64bit Amazon Linux 2023 v4.10.1 running Go 1</member>" +
			"<member>64bit Amazon Linux 2 v5.0.0 running Go 1</member><member>64bit Amazon Linux 2023 v6.1.0 running Python 3.13</member></SolutionStacks>"), nil
	case "DescribeApplications":
		return c.applications(a)
	case "CreateApplication":
		if known != nil {
			return no("InvalidParameterValue", "Application %s already exists.", name)
		}
		c.apps[name] = &app{description: a.text("Description"), bundles: map[string]string{}}
		return raw(""), nil
	case "DescribeEnvironments":
		return c.environments(name)
	case "DescribeEvents":
		return c.events(a)
	}
	if a.action == "TerminateEnvironment" {
		return c.terminate(a)
	}
	if known == nil {
		if a.action == "DeleteApplication" {
			return raw(""), nil
		}
		return no("InvalidParameterValue", "No Application named '%s' found.", name)
	}
	switch a.action {
	case "CreateApplicationVersion":
		return c.version(known, a)
	case "DeleteApplication":
		for _, e := range c.envs {
			if e.app == name {
				return no("InvalidParameterValue", "Unable to delete application %s because it has running environments", name)
			}
		}
		delete(c.apps, name)
		return raw(""), nil
	case "CreateEnvironment":
		return c.create(known, a)
	case "UpdateEnvironment":
		return c.update(known, a)
	}
	return no("InvalidAction", "the stand-in does not know %s", a.action)
}

func (c *Cloud) applications(a *asked) (any, *refusal) {
	names, _ := a.in["ApplicationNames"].([]any)
	text := ""
	for _, n := range names {
		if one := c.apps[fmt.Sprint(n)]; one != nil {
			text += "<member><ApplicationName>" + fmt.Sprint(n) + "</ApplicationName><Description>" + esc(one.description) + "</Description><Versions>"
			for _, v := range one.versions {
				text += "<member>" + v + "</member>"
			}
			text += "</Versions></member>"
		}
	}
	return raw("<Applications>" + text + "</Applications>"), nil
}

func (c *Cloud) version(known *app, a *asked) (any, *refusal) {
	label := a.text("VersionLabel")
	if slices.Contains(known.versions, label) {
		return no("InvalidParameterValue", "Application Version %s already exists.", label)
	}
	at, _ := a.in["SourceBundle"].(map[string]any)
	if _, there := c.objects[fmt.Sprint(at["S3Key"])]; !there || at["S3Bucket"] != c.Bucket {
		return no("InvalidParameterCombination", "Unable to download from S3 location (Bucket: %s  Key: %s). Reason: Not Found", at["S3Bucket"], at["S3Key"])
	}
	known.versions = append(known.versions, label)
	known.bundles[label] = fmt.Sprint(at["S3Key"])
	return raw(""), nil
}

// options are those of a call, by NAMESPACE NAME.
func options(a *asked) map[string]string {
	out := map[string]string{}
	list, _ := a.in["OptionSettings"].([]any)
	for _, one := range list {
		o, _ := one.(map[string]any)
		key := fmt.Sprint(o["Namespace"]) + " " + fmt.Sprint(o["OptionName"])
		if r, there := o["ResourceName"]; there {
			key = fmt.Sprint(r) + " " + key
		}
		out[key] = fmt.Sprint(o["Value"])
	}
	return out
}

func (c *Cloud) create(known *app, a *asked) (any, *refusal) {
	name := a.text("EnvironmentName")
	if c.envs[name] != nil {
		return no("InvalidParameterValue", "Environment %s already exists.", name)
	}
	if !slices.Contains(known.versions, a.text("VersionLabel")) {
		return no("InvalidParameterValue", "No Application Version named '%s' found.", a.text("VersionLabel"))
	}
	e := &env{name: name, app: a.text("ApplicationName"), version: a.text("VersionLabel"), description: a.text("Description"), status: "Launching", looks: c.Slow, created: c.Now(), settings: options(a)}
	c.envs[name] = e
	c.settle(e)
	if c.Launch != nil {
		c.Launch(name, c.objects[known.bundles[e.version]], c.resolved(e.settings))
	}
	return raw(""), nil
}

// resolved are options with the secrets of an environment in the place of their names.
func (c *Cloud) resolved(settings map[string]string) map[string]string {
	out := map[string]string{}
	for key, value := range settings {
		if strings.HasPrefix(key, "aws:elasticbeanstalk:application:environmentsecrets ") {
			_, name, _ := strings.Cut(value, ":parameter")
			value = c.secrets[name]
		}
		out[key] = value
	}
	return out
}

func (c *Cloud) update(known *app, a *asked) (any, *refusal) {
	e := c.envs[a.text("EnvironmentName")]
	switch {
	case e == nil:
		return no("InvalidParameterValue", "No Environment found for EnvironmentName = '%s'.", a.text("EnvironmentName"))
	case e.status != "Ready":
		return no("InvalidParameterValue", "Environment named %s is in an invalid state for this operation. Must be Ready.", e.name)
	case !slices.Contains(known.versions, a.text("VersionLabel")):
		return no("InvalidParameterValue", "No Application Version named '%s' found.", a.text("VersionLabel"))
	}
	e.status, e.looks, e.version, e.description = "Updating", c.Slow, a.text("VersionLabel"), a.text("Description")
	for key, value := range options(a) {
		e.settings[key] = value
	}
	c.settle(e)
	return raw(""), nil
}

// settle makes of an environment's options what AWS makes of them. A group that is to be as large as it was made is not touched, whatever size it has got since.
func (c *Cloud) settle(e *env) {
	n, _ := strconv.Atoi(e.settings["aws:autoscaling:asg MinSize"]) // the model has looked at it
	for len(e.machine) < n && e.size != n {
		c.machines++
		e.machine = append(e.machine, fmt.Sprintf("i-%08d", c.machines))
	}
	e.size = n
	e.machine = e.machine[:min(n, len(e.machine))]
	e.ends = time.Time{}
	for key, value := range e.settings {
		if strings.HasSuffix(key, " aws:autoscaling:scheduledaction StartTime") {
			at, err := time.Parse(time.RFC3339, value)
			if err != nil {
				c.wrong = append(c.wrong, err.Error())
			}
			e.ends = at
		}
	}
}

func (c *Cloud) terminate(a *asked) (any, *refusal) {
	e := c.envs[a.text("EnvironmentName")]
	switch {
	case e == nil:
		return no("InvalidParameterValue", "No Environment found for EnvironmentName = '%s'.", a.text("EnvironmentName"))
	case e.status != "Ready":
		return no("InvalidParameterValue", "Environment named %s is in an invalid state for this operation. Must be Ready.", e.name)
	}
	e.status, e.looks = "Terminating", c.Slow
	return raw(""), nil
}

// environments moves them on: each look is a step.
func (c *Cloud) environments(application string) (any, *refusal) {
	text := ""
	for _, e := range c.sorted() {
		if e.app != application {
			continue
		}
		if e.looks--; e.looks < 0 && e.status != "Ready" {
			c.became(e)
		}
		if c.envs[e.name] == nil {
			continue
		}
		text += fmt.Sprintf("<member><EnvironmentName>%s</EnvironmentName><ApplicationName>%s</ApplicationName><VersionLabel>%s</VersionLabel><Description>%s</Description>"+
			"<Status>%s</Status><Health>Green</Health><DateCreated>%s</DateCreated></member>", e.name, e.app, e.version, esc(e.description), e.status, e.created.UTC().Format(time.RFC3339))
	}
	return raw("<Environments>" + text + "</Environments>"), nil
}

func (c *Cloud) became(e *env) {
	switch {
	case e.status == "Terminating":
		for _, other := range c.envs {
			if strings.HasSuffix(e.name, "-controller") && strings.HasSuffix(other.name, "-workers") {
				e.said = append(e.said, "ERROR Deleting security group failed: it has a dependent object")
				e.status = "Ready"
				return
			}
		}
		delete(c.envs, e.name)
		if c.Ended != nil {
			c.Ended(e.name)
		}
	case c.Broken != "" && strings.HasSuffix(e.name, c.Broken):
		e.said = append(e.said, "ERROR Failed to launch environment.")
		e.status = "Ready"
	default:
		e.said = append(e.said, "INFO Successfully launched environment: "+e.name)
		e.status = "Ready"
	}
}

func (c *Cloud) events(a *asked) (any, *refusal) {
	text := ""
	if e := c.envs[a.text("EnvironmentName")]; e != nil {
		for i := len(e.said) - 1; i >= 0; i-- {
			severity, message, _ := strings.Cut(e.said[i], " ")
			text += "<member><EventDate>" + c.Now().UTC().Format(time.RFC3339) + "</EventDate><Severity>" + severity + "</Severity><Message>" + esc(message) + "</Message></member>"
		}
	}
	return raw("<Events>" + text + "</Events>"), nil
}
