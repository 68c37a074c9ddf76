package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
)

// Params are the members of a request, as AWS's model of the service calls them: texts, whole numbers, truth values, []any, and Params.
type Params map[string]any

// Call is one request to a service.
type Call struct {
	Service string // as IAM calls it: elasticbeanstalk, ec2, s3
	Action  string // as IAM calls it: CreateEnvironment
	In      Params
	Body    []byte // of an object of S3
}

// String is the call as policies name it.
func (c *Call) String() string { return c.Service + ":" + c.Action }

// Print says calls with their members, for people.
func Print(calls []Call) (string, error) {
	var b bytes.Buffer
	b.WriteString("# the calls that change something, in this order\n")
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	for i := range calls {
		b.WriteString(calls[i].String() + " ")
		if err := e.Encode(calls[i].In); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// Client asks services. Credentials, signatures, which failure is worth another try and when, and clocks that are wrong are the SDK's. Its methods may be called from any
// goroutine; its fields are set before.
type Client struct {
	Region      string
	Credentials sdk.CredentialsProvider
	HTTP        sdk.HTTPClient                             // nil means http.DefaultClient; a try may take a minute, and a second more for each 32 KiB of its body
	Endpoint    string                                     // in place of AWS, such as AWS_ENDPOINT_URL; empty means AWS
	Sleep       func(context.Context, time.Duration) error // of Wait and Pauses; nil means by the clock
	Tries       int                                        // at most; zero means 6
	Adaptive    bool                                       // slow down when AWS throttles, as AWS_RETRY_MODE=adaptive wants

	once  sync.Once
	tries *tries
}

// ErrNoCredentials means that AWS's own chain found none.
var ErrNoCredentials = errors.New("AWS's own chain finds no credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with aws sso login")

// Open finds region, credentials and certificates as AWS's own tools do. A region that is given wins.
func Open(ctx context.Context, region string) (*Client, error) {
	ctx, stop := context.WithTimeout(ctx, 15*time.Second)
	defer stop()
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS: read the configuration: %w", err)
	}
	c := &Client{Region: region, Credentials: cfg.Credentials, HTTP: cfg.HTTPClient, Tries: cfg.RetryMaxAttempts, Adaptive: cfg.RetryMode == sdk.RetryModeAdaptive}
	if c.Region == "" {
		c.Region = cfg.Region
	}
	if c.Region == "" {
		return nil, errors.New("no AWS region: give --region, or set AWS_REGION")
	}
	if cfg.BaseEndpoint != nil {
		c.Endpoint = *cfg.BaseEndpoint
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrNoCredentials, err)
	}
	return c, nil
}

// Do makes a call, and again when AWS asks for patience, and reads the answer into out; nil drops it. What AWS refuses is an [*Error].
func (c *Client) Do(ctx context.Context, call Call, out any) error {
	s, known := services[call.Service]
	if !known {
		return fmt.Errorf("aws: service %q is not known here", call.Service)
	}
	c.once.Do(func() { c.tries = newTries(c) })
	req, err := s.request(ctx, c, &call)
	if err != nil {
		return fmt.Errorf("%s: %w", &call, err)
	}
	text, err := c.tries.send(ctx, &s, &call, req)
	if err != nil {
		return err
	}
	if out == nil || len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	if err := s.read(text, out); err != nil {
		return fmt.Errorf("%s: the answer cannot be read: %w", &call, err)
	}
	return nil
}

// Wait sleeps.
func (c *Client) Wait(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// Pauses are those between looks: short at first, for some things are there at once, and twice as long each time, up to most.
func (c *Client) Pauses(most time.Duration) func(context.Context) error {
	next := 250 * time.Millisecond
	return func(ctx context.Context) error {
		wait := next
		next = min(2*next, most)
		return c.Wait(ctx, wait)
	}
}
