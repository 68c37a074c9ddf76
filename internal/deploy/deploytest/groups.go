package deploytest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Auto Scaling: each environment has a group, asg- and its name.

func (c *Cloud) scheduled() (any, *refusal) {
	var b strings.Builder
	for _, e := range c.sorted() {
		if !e.ends.IsZero() && e.status == "Ready" {
			fmt.Fprintf(&b, "<member><AutoScalingGroupName>asg-%s</AutoScalingGroupName><StartTime>%s</StartTime><MinSize>0</MinSize><MaxSize>0</MaxSize><DesiredCapacity>0</DesiredCapacity></member>",
				e.name, e.ends.UTC().Format(time.RFC3339))
		}
	}
	return raw("<ScheduledUpdateGroupActions>" + b.String() + "</ScheduledUpdateGroupActions>"), nil
}

// groups are those of the environments that a filter names.
func (c *Cloud) groups(a *asked) (any, *refusal) {
	var b strings.Builder
	filters, _ := a.in["Filters"].([]any)
	for _, e := range c.sorted() {
		for _, f := range filters {
			one, _ := f.(map[string]any)
			values, _ := one["Values"].([]any)
			if one["Name"] == "tag:elasticbeanstalk:environment-name" && slices.Contains(values, any(e.name)) {
				fmt.Fprintf(&b, "<member><AutoScalingGroupName>asg-%[1]s</AutoScalingGroupName><MinSize>%[2]d</MinSize><MaxSize>%[2]d</MaxSize><DesiredCapacity>%[2]d</DesiredCapacity></member>", e.name, len(e.machine))
			}
		}
	}
	return raw("<AutoScalingGroups>" + b.String() + "</AutoScalingGroups>"), nil
}

// resize makes a group smaller; nobody here makes one larger.
func (c *Cloud) resize(a *asked) (any, *refusal) {
	e := c.envs[strings.TrimPrefix(a.text("AutoScalingGroupName"), "asg-")]
	if e == nil {
		return no("ValidationError", "AutoScalingGroup name not found - no such group: %s", a.text("AutoScalingGroupName"))
	}
	n, _ := a.in["DesiredCapacity"].(float64)
	if n != 0 || a.in["MaxSize"] != n || a.in["MinSize"] != n {
		return no("AccessDenied", "the role of the instances may scale to zero, and to nothing else")
	}
	e.machine = nil
	if c.Ended != nil {
		c.Ended(e.name)
	}
	return raw(""), nil
}
