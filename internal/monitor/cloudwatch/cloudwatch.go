// Package cloudwatch asks Amazon CloudWatch for metrics: GetMetricData, any metric or expression, and presets for the services that sites are made of.
package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/stampede-load/stampede/internal/monitor"
)

// What the service allows and asks for: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
const (
	perCall       = 500              // metrics
	usualPeriod   = 60 * time.Second // the finest grain of what AWS's own services report
	lateness      = 3 * time.Minute  // after which a period is taken to be complete
	dollarsPerK   = 0.01             // for 1,000 metrics requested, us-east-1
	credentialsIn = 2 * time.Second  // how long looking for credentials may take
	longestCall   = 20 * time.Second
	mostPages     = 200 // of one call
)

// metric is one series that is asked for.
type metric struct {
	name, unit, help string
	stat             *types.MetricStat // or an expression
	expression       string
	limit            float64
	follows, ceiling bool
	scale            float64
}

type source struct {
	client  *cloudwatch.Client
	metrics []metric
	period  time.Duration
	asked   int // metrics requested, as they are billed
	clock   monitor.Clock
}

// Options are for tests and proxies; the zero value is what people want.
type Options struct {
	// LoadOptions are added to those of the SDK's own chain of credentials and regions.
	LoadOptions []func(*config.LoadOptions) error
}

// New reads what text asks for: a preset with the name of a thing (rds/DB-NAME, aurora/CLUSTER, elasticache/CLUSTER, alb/app/NAME/ID, ec2/asg/GROUP,
// sqs/QUEUE, elasticbeanstalk/ENVIRONMENT), or NAMESPACE/METRIC?DIMENSION=VALUE&stat=Average, several separated by commas. ?region= and &period=
// (seconds) may stand at the end. Credentials come from the SDK's own chain only, and are looked for here, so that a run without them does not begin.
func New(ctx context.Context, text string, o Options) (monitor.Historian, error) {
	metrics, settings, err := parse(text)
	if err != nil {
		return nil, err
	}
	load := slices.Clone(o.LoadOptions)
	if region := settings.Get("region"); region != "" {
		load = append(load, config.WithRegion(region))
	}
	looking, cancel := context.WithTimeout(ctx, credentialsIn)
	defer cancel()
	c, err := config.LoadDefaultConfig(looking, load...)
	if err != nil {
		return nil, fmt.Errorf("cloudwatch: %w", err)
	}
	if c.Region == "" {
		return nil, errors.New("cloudwatch: no region; set AWS_REGION or add ?region=us-east-1")
	}
	if _, err := c.Credentials.Retrieve(looking); err != nil {
		return nil, errors.New("cloudwatch: no AWS credentials were found in two seconds; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached")
	}
	s := &source{client: cloudwatch.NewFromConfig(c), metrics: metrics, period: usualPeriod}
	if p := settings.Get("period"); p != "" {
		if s.period, err = time.ParseDuration(p + "s"); err != nil || s.period < time.Second {
			return nil, fmt.Errorf("cloudwatch: period %q: write seconds: 1, 5, 10, 30 or a multiple of 60", p)
		}
	}
	for i := range s.metrics {
		if st := s.metrics[i].stat; st != nil {
			st.Period = aws.Int32(int32(s.period / time.Second))
		}
	}
	return s, nil
}

func (s *source) Grain() time.Duration { return s.period }
func (s *source) Close() error         { return nil }

// Cost is what the calls so far cost at the list price.
func (s *source) Cost() string {
	return fmt.Sprintf("%d CloudWatch metrics requested: $%.4f", s.asked, float64(s.asked)/1000*dollarsPerK)
}

// Estimate is what a run of a length will cost: each period asks for every metric once, and the end a few times more for late points.
func (s *source) Estimate(length time.Duration) string {
	n := len(s.metrics) * (int(length/s.period) + 6)
	return fmt.Sprintf("about %d CloudWatch metrics requested: $%.4f", n, float64(n)/1000*dollarsPerK)
}

// Range asks for all metrics between two moments. Points of the last minutes may be missing or change: complete says when no more will.
func (s *source) Range(ctx context.Context, from, to time.Time) ([]monitor.Recorded, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, longestCall)
	defer cancel()
	points := make([]map[time.Time]float64, len(s.metrics))
	for i := range points {
		points[i] = map[time.Time]float64{}
	}
	whole := true
	for first := 0; first < len(s.metrics); first += perCall {
		last := min(first+perCall, len(s.metrics))
		in := &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(s.clock.Theirs(from).Truncate(s.period)), EndTime: aws.Time(s.clock.Theirs(to).Truncate(s.period).Add(s.period)),
			MetricDataQueries: s.queries(first, last), ScanBy: types.ScanByTimestampAscending,
		}
		s.asked += last - first
		date, err := s.pages(ctx, in, points, &whole)
		if s.clock.Saw(date) {
			return s.Range(ctx, from, to)
		}
		if err != nil {
			return nil, false, err
		}
	}
	out := make([]monitor.Recorded, 0, len(s.metrics))
	for i, m := range s.metrics {
		out = append(out, m.recorded(points[i], &s.clock))
	}
	return out, whole && time.Since(to) > lateness, nil
}

// queries are the metrics as the service wants them; an id begins with a small letter.
func (s *source) queries(first, last int) []types.MetricDataQuery {
	var out []types.MetricDataQuery
	for i, m := range s.metrics[first:last] {
		q := types.MetricDataQuery{Id: aws.String(fmt.Sprintf("m%d", first+i)), MetricStat: m.stat}
		if m.stat == nil {
			q.Expression, q.Period = aws.String(m.expression), aws.Int32(int32(s.period/time.Second))
		}
		out = append(out, q)
	}
	return out
}

// pages follows the pages of one call, and says what time it is there. The same id may come on several, and in any order.
func (s *source) pages(ctx context.Context, in *cloudwatch.GetMetricDataInput, points []map[time.Time]float64, whole *bool) (date time.Time, err error) {
	pages := cloudwatch.NewGetMetricDataPaginator(s.client, in)
	partial := map[int]bool{} // metrics whose points go on, on a later page or in a later call
	for n := 0; pages.HasMorePages() && n < mostPages; n++ {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return date, fmt.Errorf("ask CloudWatch: %w", shortened(err))
		}
		date, _ = awsmiddleware.GetServerTime(page.ResultMetadata)
		for _, r := range page.MetricDataResults {
			var i int
			if _, err := fmt.Sscanf(aws.ToString(r.Id), "m%d", &i); err != nil || i < 0 || i >= len(points) {
				continue
			}
			if r.StatusCode == types.StatusCodeInternalError || r.StatusCode == types.StatusCodeForbidden {
				return date, fmt.Errorf("ask CloudWatch for %s: %s", s.metrics[i].name, r.StatusCode)
			}
			partial[i] = r.StatusCode == types.StatusCodePartialData
			for k, at := range r.Timestamps {
				if k < len(r.Values) {
					points[i][at] = r.Values[k]
				}
			}
		}
		for _, m := range page.Messages {
			if aws.ToString(m.Code) != "" {
				*whole = false
			}
		}
	}
	for _, more := range partial {
		*whole = *whole && !more
	}
	return date, nil
}

// shortened is an error of the SDK in one line: the deepest part says what the service said.
func shortened(err error) error {
	text := err.Error()
	if i := strings.LastIndex(text, "api error "); i >= 0 {
		return errors.New(text[i+len("api error "):])
	}
	return err
}

func (m *metric) recorded(points map[time.Time]float64, clock *monitor.Clock) monitor.Recorded {
	r := monitor.Recorded{Series: monitor.Series{Name: m.name, Unit: m.unit, Help: m.help, Limit: m.limit, Follows: m.follows, Ceiling: m.ceiling}}
	scale := m.scale
	if scale == 0 {
		scale = 1
	}
	r.Times = slices.SortedFunc(maps.Keys(points), time.Time.Compare)
	for i, at := range r.Times {
		v := points[at] * scale
		if math.IsInf(v, 0) {
			v = math.NaN()
		}
		r.Times[i], r.Is = clock.Ours(at), append(r.Is, v)
	}
	return r
}

// parse reads what to ask for.
func parse(text string) ([]metric, url.Values, error) {
	settings := url.Values{}
	var metrics []metric
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
		found, err := wanted(what, values)
		if err != nil {
			return nil, nil, err
		}
		metrics = append(metrics, found...)
	}
	if len(metrics) == 0 {
		return nil, nil, fmt.Errorf("cloudwatch: nothing is asked for; write a preset (%s) or NAMESPACE/METRIC?DIMENSION=VALUE", strings.Join(presetForms(), ", "))
	}
	return metrics, settings, nil
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
