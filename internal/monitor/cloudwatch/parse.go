package cloudwatch

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/stampede-load/stampede/internal/monitor"
)

// parse reads what to ask for.
func parse(text string) ([]metric, url.Values, error) {
	settings := url.Values{}
	var metrics []metric
	text, list, _ := strings.Cut(text, "#")
	for one := range strings.SplitSeq(strings.TrimPrefix(text, "//"), ",") {
		what, query, _ := strings.Cut(strings.TrimSpace(one), "?")
		values, err := url.ParseQuery(query)
		if err != nil {
			return nil, nil, fmt.Errorf("cloudwatch: %q is not NAME=VALUE&NAME=VALUE", query)
		}
		for _, name := range []string{"region", "period"} {
			if v := values.Get(name); v != "" {
				settings.Set(name, v)
				values.Del(name)
			}
		}
		if what == "" {
			continue
		}
		of := monitor.CleanName(what[strings.LastIndexByte(what, '/')+1:])
		if len(values) > 0 {
			of = monitor.CleanName(strings.Join(slices.Sorted(func(yield func(string) bool) {
				for _, v := range values {
					if !yield(v[0]) {
						return
					}
				}
			}), "."))
		}
		found, err := wanted(what, values)
		if err != nil {
			return nil, nil, err
		}
		for i := range found {
			found[i].of = of
		}
		metrics = append(metrics, found...)
	}
	apart(metrics)
	found, err := expressions(list)
	if err != nil {
		return nil, nil, err
	}
	if metrics = append(metrics, found...); len(metrics) == 0 {
		return nil, nil, fmt.Errorf("cloudwatch: nothing is asked for; write a preset (%s) or NAMESPACE/METRIC?DIMENSION=VALUE", strings.Join(presetForms(), ", "))
	}
	if len(found) > 0 && len(metrics) > perCall {
		return nil, nil, fmt.Errorf("cloudwatch: %d metrics and expressions: with expressions %d at most, which is what one call may have", len(metrics), perCall)
	}
	named := map[string]bool{}
	for i := range metrics {
		m := &metrics[i]
		if m.id = idOf(m.name); named[m.id] {
			m.id += fmt.Sprintf("_%d", i) // the first has the name to itself
		}
		named[m.id] = true
	}
	return metrics, settings, nil
}

// apart puts what a metric is of before its name where several have that name, as those of two databases have.
func apart(metrics []metric) {
	count := map[string]int{}
	for i := range metrics {
		count[metrics[i].name]++
	}
	for i := range metrics {
		if m := &metrics[i]; count[m.name] > 1 {
			m.name = m.of + "." + m.name
		}
	}
}

// expressions reads NAME=EXPRESSION;NAME=EXPRESSION. They name metrics by what they are called here.
func expressions(list string) (out []metric, err error) {
	for text := range strings.SplitSeq(list, ";") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		name, expression, found := strings.Cut(text, "=")
		if !found || monitor.CleanName(name) != name || strings.TrimSpace(expression) == "" {
			return nil, fmt.Errorf("cloudwatch: %.60q: write NAME=EXPRESSION behind the #, such as errors=100*target_5xx/requests", text)
		}
		out = append(out, metric{name: name, help: expression, expression: strings.TrimSpace(expression)})
	}
	return out, nil
}

// idOf is a name as an id, which begins with a small letter and has letters, digits and _ only: writer.cpu is writer_cpu, 5xx is m5xx.
func idOf(name string) string {
	id := strings.Map(func(r rune) rune {
		if r == '.' || r == '-' {
			return '_'
		}
		return r
	}, name)
	switch c := id[0]; {
	case c >= 'A' && c <= 'Z':
		return strings.ToLower(id[:1]) + id[1:]
	case c < 'a' || c > 'z':
		return "m" + id
	}
	return id
}

// wanted is a preset, or one metric by its full name: AWS/RDS/CPUUtilization?DBInstanceIdentifier=db1&stat=Average.
func wanted(what string, values url.Values) ([]metric, error) {
	kind, rest, _ := strings.Cut(what, "/")
	if p, known := presets()[kind]; known {
		if rest == "" {
			return nil, fmt.Errorf("cloudwatch: write %s", p.form)
		}
		return p.metrics(rest, values)
	}
	i := strings.LastIndexByte(what, '/')
	if i <= 0 || i == len(what)-1 {
		return nil, fmt.Errorf("cloudwatch: there is no preset %q; there are %s, or write NAMESPACE/METRIC?DIMENSION=VALUE", what, strings.Join(presetForms(), ", "))
	}
	stat := values.Get("stat")
	if stat == "" {
		stat = "Average"
	}
	values.Del("stat")
	dimensions := map[string]string{}
	for name := range values {
		dimensions[name] = values.Get(name)
	}
	return []metric{one(monitor.CleanName(what[i+1:]), "", what[:i], what[i+1:], stat, dimensions)}, nil
}

// one is a metric by its parts.
func one(name, unit, namespace, metricName, stat string, dimensions map[string]string) metric {
	m := &types.Metric{Namespace: aws.String(namespace), MetricName: aws.String(metricName)}
	for _, n := range slices.Sorted(maps.Keys(dimensions)) {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(n), Value: aws.String(dimensions[n])})
	}
	return metric{name: name, unit: unit, stat: &types.MetricStat{Metric: m, Stat: aws.String(stat)}}
}
