package aws

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// protocol is how a service is asked.
type protocol int

const (
	query protocol = iota // a form, answered in XML
	ec2                   // the same with flat lists
	json1                 // JSON 1.1
	rest                  // S3
)

// service is what has to be known of one.
type service struct {
	protocol protocol
	version  string // of a query, or the prefix of a JSON target
	host     string // without region and domain; empty means its name
	region   string // the only one it has, outside China
}

var services = map[string]service{
	"elasticbeanstalk": {protocol: query, version: "2010-12-01"},
	"autoscaling":      {protocol: query, version: "2011-01-01"},
	"sts":              {protocol: query, version: "2011-06-15"},
	"ec2":              {protocol: ec2, version: "2016-11-15"},
	"ssm":              {protocol: json1, version: "AmazonSSM"},
	"servicequotas":    {protocol: json1, version: "ServiceQuotasV20190624"},
	"pricing":          {protocol: json1, version: "AWSPriceListService", host: "api.pricing", region: "us-east-1"},
	"ecs":              {protocol: json1, version: "AmazonEC2ContainerServiceV20141113"},
	"s3":               {protocol: rest},
}

// base is where a service answers.
func (s *service) base(c *Client, name string) string {
	if c.Endpoint != "" {
		return strings.TrimRight(c.Endpoint, "/")
	}
	if s.host != "" {
		name = s.host
	}
	region := s.regionOf(c.Region)
	return "https://" + name + "." + region + "." + partitionOf(region).domain
}

// regionOf is where a service answers those who are in a region.
func (s *service) regionOf(region string) string {
	switch {
	case s.region == "":
		return region
	case Partition(region) == "aws-cn":
		return "cn-northwest-1"
	}
	return s.region
}

// request is a call as it goes over the wire. A body that the call's members make becomes the call's.
func (s *service) request(ctx context.Context, c *Client, call *Call) (*smithyhttp.Request, error) {
	kind := "application/x-www-form-urlencoded; charset=utf-8"
	switch s.protocol {
	case rest:
		return s.object(ctx, c, call)
	case json1:
		var err error
		if call.Body, err = json.Marshal(call.In); err != nil {
			return nil, err
		}
		if call.In == nil {
			call.Body = []byte("{}")
		}
		kind = "application/x-amz-json-1.1"
	default:
		form := url.Values{"Action": {call.Action}, "Version": {s.version}}
		s.flatten(form, "", map[string]any(call.In))
		call.Body = []byte(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base(c, call.Service)+"/", http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", kind)
	if s.protocol == json1 {
		req.Header.Set("X-Amz-Target", s.version+"."+call.Action)
	}
	return posted(req, call.Body)
}

// flatten writes members as the keys of a form: A.member.1.B, and A.1.B of EC2.
func (s *service) flatten(form url.Values, at string, v any) {
	below := func(key string) string {
		if at == "" {
			return key
		}
		return at + "." + key
	}
	switch v := v.(type) {
	case Params:
		s.flatten(form, at, map[string]any(v))
	case map[string]any:
		for key, one := range v {
			s.flatten(form, below(key), one)
		}
	case []any:
		for i, one := range v {
			n := strconv.Itoa(i + 1)
			if s.protocol == query {
				n = "member." + n
			}
			s.flatten(form, below(n), one)
		}
	default:
		form.Set(at, fmt.Sprint(v))
	}
}

// object is a request to S3.
func (s *service) object(ctx context.Context, c *Client, call *Call) (*smithyhttp.Request, error) {
	text := func(key string) string { t, _ := call.In[key].(string); return t }
	bucket := text("Bucket")
	if bucket == "" {
		return nil, errors.New("no bucket")
	}
	base := "https://" + bucket + ".s3." + c.Region + "." + partitionOf(c.Region).domain
	if c.Endpoint != "" {
		base = strings.TrimRight(c.Endpoint, "/") + "/" + bucket
	}
	path := "/" + strings.ReplaceAll(url.PathEscape(text("Key")), "%2F", "/")
	method := map[string]string{"PutObject": http.MethodPut, "DeleteObject": http.MethodDelete, "ListBucket": http.MethodGet}[call.Action]
	if call.Action == "ListBucket" {
		q := url.Values{"list-type": {"2"}, "prefix": {text("Prefix")}}
		if token := text("ContinuationToken"); token != "" {
			q.Set("continuation-token", token)
		}
		path = "/?" + q.Encode()
	}
	if method == "" {
		return nil, fmt.Errorf("S3 is not asked to %s here", call.Action)
	}
	req, err := http.NewRequestWithContext(ctx, method, base+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return posted(req, call.Body)
}

func (s *service) read(text []byte, out any) error {
	if s.protocol == json1 {
		return json.Unmarshal(text, out)
	}
	return xml.Unmarshal(text, out)
}

// Error is what AWS refused, or that it was not reached.
type Error struct {
	Call    string
	Code    string
	Message string
	Status  int // of HTTP; zero when there was no answer

	cause error
}

const unreached = "NoAnswer"

func (e *Error) Error() string {
	if e.Code == unreached {
		return e.Call + ": AWS does not answer: " + e.Message
	}
	return fmt.Sprintf("%s: %s (%s)", e.Call, strings.TrimRight(e.Message, "."), e.Code)
}

// Unwrap is why there was no answer.
func (e *Error) Unwrap() error { return e.cause }

// Refused reports whether AWS refused with one of some codes.
func Refused(err error, codes ...string) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && slices.Contains(codes, e.Code)
}

// Transient reports whether the SDK would make a call again: AWS was not reached, had a fault of its own, or asks for patience.
func Transient(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok && retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == sdk.TrueTernary
}

// What the SDK asks of an error.

// ErrorCode implements what the SDK knows throttling by.
func (e *Error) ErrorCode() string { return e.Code }

// HTTPStatusCode implements what the SDK knows faults of a service by; zero when there was no answer.
func (e *Error) HTTPStatusCode() int { return e.Status }

// ConnectionError reports whether there was no answer.
func (e *Error) ConnectionError() bool { return e.Code == unreached }

// failure reads what AWS says of a call that it refused: JSON with __type, or XML with Code and Message somewhere in it.
func (s *service) failure(call *Call, resp *http.Response, text []byte) error {
	e := &Error{Call: call.String(), Code: resp.Status, Message: "it says nothing more", Status: resp.StatusCode}
	if s.protocol == json1 {
		var said struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
			Upper   string `json:"Message"`
		}
		if json.Unmarshal(text, &said) == nil && said.Type != "" {
			e.Code = said.Type[strings.LastIndex(said.Type, "#")+1:]
			e.Message = said.Message + said.Upper
		}
		return e
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil {
			return e
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "Code" && start.Name.Local != "Message" {
			continue
		}
		var said string
		if d.DecodeElement(&said, &start) != nil {
			return e
		}
		if start.Name.Local == "Code" {
			e.Code = said
		} else {
			e.Message = said
		}
	}
}
