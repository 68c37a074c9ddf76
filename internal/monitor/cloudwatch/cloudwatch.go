// Package cloudwatch asks Amazon CloudWatch for metrics: GetMetricData, any metric or expression, and presets for the services that sites are made of.
package cloudwatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
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

// metric is one series that is asked for, or an expression, which may give several.
type metric struct {
	name, unit, help string
	of               string            // what it is of, where two have the same name
	id               string            // within a call; expressions name it
	stat             *types.MetricStat // or an expression
	expression       string
	limit            float64
	follows, ceiling bool
	sign             bool
	scale            float64
}

// result is a series of points that came for a metric. Only expressions give several, told apart by their labels.
type result struct {
	metric int
	label  string
}

// results are the points of one question.
type results map[result]map[time.Time]float64

type source struct {
	client  *cloudwatch.Client
	metrics []metric
	period  time.Duration
	asked   int // metrics requested, as they are billed
	names   monitor.Names
	clock   monitor.Clock
}

// Options are for tests and proxies; the zero value is what people want.
type Options struct {
	// LoadOptions are added to those of the SDK's own chain of credentials and regions.
	LoadOptions []func(*config.LoadOptions) error
}

// New reads what text asks for: a preset with the name of a thing (rds/DB-NAME, aurora/CLUSTER, elasticache/CLUSTER, alb/app/NAME/ID, ec2/asg/GROUP,
// sqs/QUEUE, elasticbeanstalk/ENVIRONMENT), or NAMESPACE/METRIC?DIMENSION=VALUE&stat=Average, several separated by commas. ?region= and &period=
// (seconds) may stand at the end; behind a # expressions, as NAME=EXPRESSION;NAME=EXPRESSION. Credentials come from the SDK's own chain only, and are looked for here, so that a run without them does not begin.
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
	points, whole, failed := results{}, true, error(nil)
	for first := 0; first < len(s.metrics); first += perCall {
		last := min(first+perCall, len(s.metrics))
		in := &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(s.clock.Theirs(from).Truncate(s.period)), EndTime: aws.Time(s.clock.Theirs(to).Truncate(s.period).Add(s.period)),
			MetricDataQueries: s.queries(first, last), ScanBy: types.ScanByTimestampAscending,
		}
		s.asked += last - first
		date, beside, err := s.pages(ctx, in, points, &whole)
		if s.clock.Saw(date) {
			return s.Range(ctx, from, to)
		}
		if err != nil {
			return nil, false, err
		}
		if failed == nil {
			failed = beside
		}
	}
	s.asked += max(0, len(points)-len(s.metrics)) // what expressions found is requested too
	return s.recorded(points), whole && time.Since(to) > lateness, failed
}

// recorded are the series, in the order in which they were asked for.
func (s *source) recorded(points results) (out []monitor.Recorded) {
	found := make([][]string, len(s.metrics))
	for r := range points {
		found[r.metric] = append(found[r.metric], r.label)
	}
	for i := range s.metrics {
		m := &s.metrics[i]
		slices.Sort(found[i])
		for _, label := range found[i] {
			name := m.name
			if len(found[i]) > 1 {
				name += "." + monitor.CleanName(label)
			}
			one := m.recorded(points[result{i, label}], &s.clock)
			one.Name = s.names.Of(m.id+"\x00"+label, name)
			out = append(out, one)
		}
		if len(found[i]) == 0 && m.stat != nil {
			out = append(out, m.recorded(nil, &s.clock))
		}
	}
	return out
}

// queries are the metrics as the service wants them; an id begins with a small letter.
func (s *source) queries(first, last int) []types.MetricDataQuery {
	var out []types.MetricDataQuery
	for _, m := range s.metrics[first:last] {
		q := types.MetricDataQuery{Id: aws.String(m.id), MetricStat: m.stat}
		if m.stat == nil {
			q.Expression, q.Period = aws.String(m.expression), aws.Int32(int32(s.period/time.Second))
		}
		out = append(out, q)
	}
	return out
}

// pages follows the pages of one call, and says what time it is there. The same id may come on several, and in any order. What is wrong with some metrics
// is told beside the others.
func (s *source) pages(ctx context.Context, in *cloudwatch.GetMetricDataInput, points results, whole *bool) (date time.Time, beside, err error) {
	pages := cloudwatch.NewGetMetricDataPaginator(s.client, in)
	partial := map[result]bool{} // whose points go on, on a later page or in a later call
	tell := func(what, code, text string) {
		if beside == nil && code != "" {
			beside = fmt.Errorf("ask CloudWatch%s: %s", what, strings.TrimSpace(code+" "+text))
		}
		*whole = *whole && code != string(types.StatusCodeInternalError) // which passes
	}
	for n := 0; pages.HasMorePages() && n < mostPages; n++ {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return date, nil, fmt.Errorf("ask CloudWatch: %w", shortened(err))
		}
		date, _ = awsmiddleware.GetServerTime(page.ResultMetadata)
		for _, r := range page.MetricDataResults {
			i := slices.IndexFunc(s.metrics, func(m metric) bool { return m.id == aws.ToString(r.Id) })
			if i < 0 {
				continue
			}
			for _, m := range r.Messages {
				tell(" for "+s.metrics[i].name, aws.ToString(m.Code), aws.ToString(m.Value))
			}
			if r.StatusCode == types.StatusCodeInternalError || r.StatusCode == types.StatusCodeForbidden {
				tell(" for "+s.metrics[i].name, string(r.StatusCode), "")
				continue
			}
			which := result{metric: i}
			if s.metrics[i].stat == nil {
				which.label = aws.ToString(r.Label)
			}
			partial[which] = r.StatusCode == types.StatusCodePartialData
			if points[which] == nil {
				points[which] = map[time.Time]float64{}
			}
			for k, at := range r.Timestamps {
				if k < len(r.Values) {
					points[which][at] = r.Values[k]
				}
			}
		}
		for _, m := range page.Messages {
			tell("", aws.ToString(m.Code), aws.ToString(m.Value))
		}
	}
	for _, more := range partial {
		*whole = *whole && !more
	}
	return date, beside, nil
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
	r := monitor.Recorded{Series: monitor.Series{Name: m.name, Unit: m.unit, Help: m.help, Limit: m.limit, Follows: m.follows, Ceiling: m.ceiling, Sign: m.sign}}
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
