package cloudwatch

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
	"github.com/stampede-load/stampede/internal/monitor"
)

func options(url string) Options {
	return Options{LoadOptions: []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(url), config.WithRegion("us-east-1"),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "geheim", "")),
	}}
}

func historian(t *testing.T, text, url string) monitor.Historian {
	t.Helper()
	h, err := New(t.Context(), text, options(url))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// TestPresets asks for each preset, and every request must satisfy AWS's own model of the service.
func TestPresets(t *testing.T) {
	f, url := newFake(t)
	f.set(func() { f.values = func(string, time.Time) (float64, bool) { return 42, true } })
	for _, c := range []struct {
		text string
		want []string
	}{
		{"rds/shop-db", []string{"cpu", "connections", "read_latency"}},
		{"aurora/shop", []string{"writer.queries", "reader.queries", "reader.lag", "writer.cpu"}},
		{"elasticache/shop-001+shop-002", []string{"shop-001.engine_cpu", "shop-002.engine_cpu"}},
		{"elasticache/shop-001", []string{"engine_cpu", "memory"}},
		{"alb/app/shop/50dc6c495c0c9188", []string{"requests", "response_p95"}},
		{"ec2/shop-group", []string{"cpu", "cpu_highest"}},
		{"sqs/orders", []string{"visible", "oldest"}},
		{"elasticbeanstalk/shop-env", []string{"requests", "latency_p95"}},
		{"Shop/Queries?Cluster=a&stat=Sum,AWS/Lambda/Duration?FunctionName=f&stat=p99", []string{"Queries", "Duration"}},
	} {
		series, complete, err := historian(t, c.text, url).Range(t.Context(), noon, noon.Add(10*time.Minute))
		if err != nil || !complete {
			t.Fatalf("%s: complete %v, %v", c.text, complete, err)
		}
		got := map[string]int{}
		for _, s := range series {
			if _, twice := got[s.Name]; twice {
				t.Errorf("%s has %s twice", c.text, s.Name)
			}
			got[s.Name] = len(s.Times)
		}
		for _, name := range c.want {
			if got[name] != 11 {
				t.Errorf("%s: %s has %d points, want 11: %v", c.text, name, got[name], got)
			}
		}
	}
	if cbor, query, _ := f.seen(); cbor == 0 || query != 0 {
		t.Errorf("spoken: CBOR %d times, the older form %d times", cbor, query)
	}
}

// TestPagesAndRepeats merges pages by id, however they are cut, and asks again for what was throttled.
func TestPagesAndRepeats(t *testing.T) {
	f, url := newFake(t)
	f.set(func() {
		f.values = func(_ string, at time.Time) (float64, bool) { return at.Sub(noon).Minutes(), true }
	})
	f.set(func() { f.perPage, f.throttle = 3, 2 })
	h := historian(t, "rds/shop-db", url)
	series, _, err := h.Range(t.Context(), noon, noon.Add(10*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range series {
		if len(s.Times) != 11 {
			t.Fatalf("%s has %d points", s.Name, len(s.Times))
		}
		for i, at := range s.Times {
			if at.Sub(noon) != time.Duration(i)*time.Minute || s.Is[i] != float64(i) {
				t.Errorf("%s: point %d is %v at %v", s.Name, i, s.Is[i], at)
			}
		}
	}
	if _, _, metrics := f.seen(); h.Cost() != "10 CloudWatch metrics requested: $0.0001" || metrics != 10 {
		t.Errorf("cost %q, the service counted %d", h.Cost(), metrics)
	}
}

func TestLateAndExpired(t *testing.T) {
	f, url := newFake(t)
	now := time.Now()
	f.set(func() {
		f.values = func(_ string, at time.Time) (float64, bool) { return 1, now.Sub(at) > 2*time.Minute }
	})
	h := historian(t, "ec2/g", url)
	if _, complete, err := h.Range(t.Context(), now.Add(-10*time.Minute), now); err != nil || complete {
		t.Errorf("points of this minute: complete %v, %v", complete, err)
	}
	f.set(func() { f.expired = true })
	_, _, err := h.Range(t.Context(), now.Add(-10*time.Minute), now)
	if err == nil || !strings.Contains(err.Error(), "ExpiredToken") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("an expired token: %v", err)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":                "nothing is asked for",
		"rds/":            "write rds/DB-INSTANCE",
		"nothing":         "no preset",
		"elasticache/a++": "joined by +",
		"rds/x?period=0":  "write seconds",
	} {
		if _, err := New(t.Context(), text, options("http://127.0.0.1:1")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	begun := time.Now()
	_, err := New(t.Context(), "rds/x?region=eu-west-1", Options{})
	if err == nil || !strings.Contains(err.Error(), "no AWS credentials") {
		t.Errorf("without credentials: %v", err)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("it took %v to say so", took)
	}
	if _, err := New(t.Context(), "rds/x", Options{}); err == nil || !strings.Contains(err.Error(), "region") {
		t.Errorf("without a region: %v", err)
	}
}

// TestFakeSpeaksToAWS drives the fake with AWS's own client, in the older protocol: a fake that only our own reader understands proves nothing.
func TestFakeSpeaksToAWS(t *testing.T) {
	aws := deploytest.CommandLine(t)
	f, url := newFake(t)
	if f.model == nil {
		t.Skip("the older protocol is read by AWS's model")
	}
	f.set(func() {
		f.values = func(metric string, at time.Time) (float64, bool) {
			return at.Sub(noon).Minutes(), metric == "CPUUtilization db"
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, aws, "cloudwatch", "get-metric-data", "--endpoint-url", url, "--region", "us-east-1", "--output", "json",
		"--start-time", "2026-11-02T12:00:00Z", "--end-time", "2026-11-02T12:05:00Z", "--metric-data-queries",
		`[{"Id":"m0","MetricStat":{"Metric":{"Namespace":"AWS/RDS","MetricName":"CPUUtilization","Dimensions":[{"Name":"DBInstanceIdentifier","Value":"db"}]},"Period":60,"Stat":"Average"}}]`)
	c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=geheim", "AWS_EC2_METADATA_DISABLED=true")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("aws: %v", err)
	}
	var got struct {
		MetricDataResults []struct {
			ID     string `json:"Id"`
			Values []float64
		}
	}
	if err := json.Unmarshal(out, &got); err != nil || len(got.MetricDataResults) != 1 || len(got.MetricDataResults[0].Values) != 5 {
		t.Errorf("%s, %v", out, err)
	}
	if cbor, query, _ := f.seen(); cbor != 0 || query != 1 {
		t.Errorf("spoken: CBOR %d times, the older form %d times", cbor, query)
	}
}
