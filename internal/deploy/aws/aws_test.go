package aws_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/stampede-load/stampede/internal/deploy/aws"
	"github.com/stampede-load/stampede/internal/deploy/deploytest"
)

// answers gives answers in turn, and keeps what was asked.
type answers struct {
	asked []*http.Request
	body  []string
	give  []func() (*http.Response, error)
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	var b []byte
	if r.Body != nil {
		var err error
		if b, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
	}
	a.asked, a.body = append(a.asked, r), append(a.body, string(b))
	if len(a.asked) > len(a.give) {
		return say(200, "")()
	}
	return a.give[len(a.asked)-1]()
}

func say(status int, text string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
	}
}

func client(a *answers, region string) *aws.Client {
	return &aws.Client{
		Region: region, HTTP: &http.Client{Transport: a},
		Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", SessionToken: "token"}, nil
		}),
	}
}

func TestWhereAndHowServicesAreAsked(t *testing.T) {
	for _, tt := range []struct {
		region    string
		call      aws.Call
		url, body string
		signed    string
	}{
		{"eu-central-1", aws.Call{Service: "elasticbeanstalk", Action: "DescribeApplications", In: aws.Params{"ApplicationNames": []any{"a b"}}}, "POST https://elasticbeanstalk.eu-central-1.amazonaws.com/", "Action=DescribeApplications&ApplicationNames.member.1=a+b&Version=2010-12-01", "/eu-central-1/elasticbeanstalk/"},
		{"us-east-1", aws.Call{Service: "ec2", Action: "DescribeInstances", In: aws.Params{"Filter": []any{aws.Params{"Name": "n", "Value": []any{"v"}}}}}, "POST https://ec2.us-east-1.amazonaws.com/", "Action=DescribeInstances&Filter.1.Name=n&Filter.1.Value.1=v&Version=2016-11-15", "/us-east-1/ec2/"},
		{"cn-north-1", aws.Call{Service: "ssm", Action: "GetParameters", In: aws.Params{"Names": []any{"/a"}}}, "POST https://ssm.cn-north-1.amazonaws.com.cn/", `{"Names":["/a"]}`, "/cn-north-1/ssm/"},
		{"eu-west-1", aws.Call{Service: "pricing", Action: "GetProducts"}, "POST https://api.pricing.us-east-1.amazonaws.com/", "{}", "/us-east-1/pricing/"},
		{"eu-west-1", aws.Call{Service: "s3", Action: "PutObject", In: aws.Params{"Bucket": "b", "Key": "stampede/a b.zip"}, Body: []byte("x")}, "PUT https://b.s3.eu-west-1.amazonaws.com/stampede/a%20b.zip", "x", "/eu-west-1/s3/"},
		{"eu-west-1", aws.Call{Service: "s3", Action: "ListBucket", In: aws.Params{"Bucket": "b", "Prefix": "p/", "ContinuationToken": "t="}}, "GET https://b.s3.eu-west-1.amazonaws.com/?continuation-token=t%3D&list-type=2&prefix=p%2F", "", "/eu-west-1/s3/"},
	} {
		a := &answers{}
		if err := client(a, tt.region).Do(t.Context(), tt.call, nil); err != nil {
			t.Errorf("%s: %v", &tt.call, err)
			continue
		}
		r := a.asked[0]
		if got := r.Method + " " + r.URL.String(); got != tt.url || a.body[0] != tt.body {
			t.Errorf("%s: %s %s", &tt.call, got, a.body[0])
		}
		auth := r.Header.Get("Authorization")
		if !strings.Contains(auth, tt.signed) || !strings.Contains(auth, "x-amz-security-token") || strings.Contains(auth, "secret") {
			t.Errorf("%s: signed %s", &tt.call, auth)
		}
	}
}

func TestErrors(t *testing.T) {
	beanstalk := aws.Call{Service: "elasticbeanstalk", Action: "CreateApplication"}
	parameters := aws.Call{Service: "ssm", Action: "PutParameter"}
	broken := func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF }
	for what, tt := range map[string]struct {
		call  aws.Call
		give  func() (*http.Response, error)
		code  string
		tries int
	}{
		"a refusal in XML":       {beanstalk, say(400, "<ErrorResponse><Error><Code>InvalidParameterValue</Code><Message>no</Message></Error></ErrorResponse>"), "InvalidParameterValue", 1},
		"a refusal of EC2":       {aws.Call{Service: "ec2", Action: "DescribeInstances"}, say(403, "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"), "UnauthorizedOperation", 1},
		"a refusal in JSON":      {parameters, say(400, `{"__type":"com.amazonaws.ssm#ParameterAlreadyExists","message":"no"}`), "ParameterAlreadyExists", 1},
		"throttled":              {beanstalk, say(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"), "Throttling", 6},
		"a fault of the service": {parameters, say(503, "<html>"), "Service Unavailable", 6},
		"no answer":              {beanstalk, broken, "NoAnswer", 6},
	} {
		a := &answers{give: []func() (*http.Response, error){tt.give, tt.give, tt.give, tt.give, tt.give, tt.give}}
		var err error
		deploytest.Bubble(t, func(t *testing.T) { err = client(a, "us-east-1").Do(t.Context(), tt.call, nil) })
		if !aws.Refused(err, tt.code) || len(a.asked) != tt.tries {
			t.Errorf("%s: %v after %d tries", what, err, len(a.asked))
		}
		if err != nil && !strings.Contains(err.Error(), tt.call.Service+":"+tt.call.Action) {
			t.Errorf("%s: %v does not say what was tried", what, err)
		}
	}
	a := &answers{give: []func() (*http.Response, error){broken, say(200, `{"Parameters":[{"Name":"n"}]}`)}}
	var out struct{ Parameters []struct{ Name string } }
	if err := client(a, "us-east-1").Do(t.Context(), aws.Call{Service: "ssm", Action: "GetParameters"}, &out); err != nil || len(out.Parameters) != 1 || a.body[0] != a.body[1] {
		t.Errorf("after a second try: %v %+v", err, out)
	}
	if err := client(a, "us-east-1").Do(t.Context(), aws.Call{Service: "sqs", Action: "SendMessage"}, nil); err == nil {
		t.Error("a service that is not known is asked")
	}
}

func TestOpenWithoutCredentials(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
	} {
		t.Setenv(name, value)
	}
	if _, err := aws.Open(t.Context(), "us-east-1"); !errors.Is(err, aws.ErrNoCredentials) {
		t.Errorf("%v", err)
	}
	if _, err := aws.Open(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "--region") {
		t.Errorf("%v", err)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_MAX_ATTEMPTS", "9")
	t.Setenv("AWS_RETRY_MODE", "adaptive")
	if c, err := aws.Open(t.Context(), ""); err != nil || c.Region != "eu-west-1" || c.Endpoint != "http://127.0.0.1:1" || c.Tries != 9 || !c.Adaptive {
		t.Errorf("%v: %+v", err, c)
	}
}

// A clock that is wrong by an hour is corrected by what AWS's answers say, and for the calls after that too.
func TestWrongClock(t *testing.T) {
	deploytest.Bubble(t, func(t *testing.T) {
		ahead := time.Hour
		at := func(status int, text string) func() (*http.Response, error) {
			return func() (*http.Response, error) {
				resp, err := say(status, text)()
				resp.Header.Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
				return resp, err
			}
		}
		a := &answers{give: []func() (*http.Response, error){
			at(403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired</Message></Error></ErrorResponse>"), at(200, ""), at(200, ""),
		}}
		c := client(a, "us-east-1")
		for range 2 {
			if err := c.Do(t.Context(), aws.Call{Service: "sts", Action: "GetCallerIdentity"}, nil); err != nil {
				t.Fatal(err)
			}
		}
		if len(a.asked) != 3 {
			t.Fatalf("%d tries", len(a.asked))
		}
		for i, want := range []time.Duration{0, ahead, ahead} {
			signed, err := time.Parse("20060102T150405Z", a.asked[i].Header.Get("X-Amz-Date"))
			if off := time.Until(signed) - want; err != nil || off.Abs() > 2*time.Minute {
				t.Errorf("try %d is signed %s off: %v", i+1, off, err)
			}
		}
	})
}

// In real time: adaptive tries wait for a share of a call, by arithmetic whose last part of a nanosecond virtual time may never bring.
func TestThrottledAdaptively(t *testing.T) {
	t.Parallel()
	a := &answers{give: []func() (*http.Response, error){say(400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>")}}
	c := client(a, "us-east-1")
	c.Adaptive, c.Tries = true, 2
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := c.Do(ctx, aws.Call{Service: "elasticbeanstalk", Action: "DescribeApplications"}, nil); err != nil || len(a.asked) != 2 {
		t.Errorf("%v after %d tries", err, len(a.asked))
	}
}

// Each service is asked where AWS's own tools ask it, in every region that they know.
func TestEndpoints(t *testing.T) {
	text, err := os.ReadFile("/usr/lib/python3/dist-packages/botocore/data/endpoints.json")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("python3-botocore is not installed: ", err)
	}
	type defaults struct{ Hostname string }
	var known struct {
		Partitions []struct {
			Partition, DNSSuffix string
			Defaults             defaults
			Regions              map[string]any
			Services             map[string]struct {
				Defaults  defaults
				Endpoints map[string]defaults
			}
		}
	}
	if err := json.Unmarshal(text, &known); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, p := range known.Partitions {
		for region := range p.Regions {
			if got := aws.Partition(region); got != p.Partition || aws.CheckRegion(region) != nil {
				t.Errorf("%s is in %s, not in %s: %v", region, p.Partition, got, aws.CheckRegion(region))
			}
			for ours, theirs := range map[string]string{"elasticbeanstalk": "elasticbeanstalk", "ec2": "ec2", "ssm": "ssm", "ecs": "ecs", "autoscaling": "autoscaling", "servicequotas": "servicequotas", "sts": "sts"} {
				of := p.Services[theirs]
				if _, there := of.Endpoints[region]; !there {
					continue
				}
				host := of.Endpoints[region].Hostname
				for _, usual := range []string{of.Defaults.Hostname, p.Defaults.Hostname} {
					if host == "" {
						host = usual
					}
				}
				host = strings.NewReplacer("{service}", theirs, "{region}", region, "{dnsSuffix}", p.DNSSuffix).Replace(host)
				a := &answers{}
				if err := client(a, region).Do(t.Context(), aws.Call{Service: ours, Action: "Any"}, nil); err != nil {
					t.Fatal(err)
				}
				asked++
				if got := a.asked[0].URL.Host; got != host {
					t.Errorf("%s in %s is asked at %s, and is at %s", ours, region, got, host)
				}
			}
		}
	}
	if asked < 150 {
		t.Errorf("only %d endpoints are known", asked)
	}
}
