package aws

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// mostTries is how often a call is made, unless AWS_MAX_ATTEMPTS says otherwise. The SDK's own three are few for what may take half an hour.
const mostTries = 6

// tries sends requests as the SDK's own clients do: by its signer, its retryer, and its correction of a clock that is wrong.
type tries struct {
	c       *Client
	http    sdk.HTTPClient
	retryer sdk.Retryer
	signers [2]*v4.Signer // [1] is that of S3, whose paths are not escaped twice
	skew    atomic.Int64  // ns that AWS's clock is ahead
}

func newTries(c *Client) *tries {
	t := &tries{c: c, http: c.HTTP}
	if t.http == nil {
		t.http = http.DefaultClient
	}
	standard := func(o *retry.StandardOptions) {
		if o.MaxAttempts = c.Tries; o.MaxAttempts == 0 {
			o.MaxAttempts = mostTries
		}
	}
	t.retryer = retry.NewStandard(standard)
	if c.Adaptive {
		t.retryer = retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, standard) })
	}
	for i := range t.signers {
		t.signers[i] = v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = i == 1 })
	}
	return t
}

// send makes a request until it is answered, or another try would not help.
func (t *tries) send(ctx context.Context, s *service, call *Call, req *smithyhttp.Request) (text []byte, err error) {
	skew := time.Duration(t.skew.Load())
	attempts := retry.NewAttemptMiddleware(t.retryer, smithyhttp.RequestCloner, func(a *retry.Attempt) { a.ClientSkew = &t.skew })
	one := func(ctx context.Context, in middleware.FinalizeInput) (out middleware.FinalizeOutput, m middleware.Metadata, err error) {
		req, ok := in.Request.(*smithyhttp.Request)
		if !ok {
			return out, m, fmt.Errorf("%s: a request is a %T", call, in.Request)
		}
		ctx, stop := context.WithTimeout(ctx, time.Minute+time.Duration(len(call.Body)/(32<<10))*time.Second)
		defer stop()
		if err := t.sign(ctx, s, call, req, skew); err != nil {
			return out, m, err
		}
		text, m, err = t.once(ctx, s, call, req)
		if seen, known := awsmiddleware.GetAttemptSkew(m); known {
			skew = seen // of the next try
		}
		return out, m, err
	}
	_, _, err = attempts.HandleFinalize(ctx, middleware.FinalizeInput{Request: req}, middleware.FinalizeHandlerFunc(one))
	if e, ok := errors.AsType[*Error](err); ok {
		return nil, e // without the SDK's words around it
	}
	return text, err
}

// sign signs a request by the clock that AWS has.
func (t *tries) sign(ctx context.Context, s *service, call *Call, req *smithyhttp.Request, skew time.Duration) error {
	keys, err := t.c.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w (%w)", call, ErrNoCredentials, err)
	}
	sum := sha256.Sum256(call.Body)
	hash := hex.EncodeToString(sum[:])
	req.Header.Set("X-Amz-Content-Sha256", hash)
	signer := t.signers[0]
	if s.protocol == rest {
		signer = t.signers[1]
	}
	if err := signer.SignHTTP(ctx, keys, req.Request, hash, call.Service, s.regionOf(t.c.Region), time.Now().Add(skew)); err != nil {
		return fmt.Errorf("%s: sign: %w", call, err)
	}
	return nil
}

// once is one try. What its answer says of AWS's clock is in the metadata.
func (t *tries) once(ctx context.Context, s *service, call *Call, req *smithyhttp.Request) (text []byte, m middleware.Metadata, err error) {
	var resp *http.Response
	ask := func(ctx context.Context, _ middleware.DeserializeInput) (out middleware.DeserializeOutput, m middleware.Metadata, err error) {
		resp, err = t.http.Do(req.Build(ctx))
		if err != nil {
			return out, m, &Error{Call: call.String(), Code: unreached, Message: unwrapped(err).Error(), cause: err}
		}
		out.RawResponse = &smithyhttp.Response{Response: resp}
		return out, m, nil
	}
	_, m, err = awsmiddleware.RecordResponseTiming{}.HandleDeserialize(ctx, middleware.DeserializeInput{}, middleware.DeserializeHandlerFunc(ask))
	if err != nil {
		return nil, m, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	switch {
	case err != nil:
		return nil, m, &Error{Call: call.String(), Code: unreached, Message: "the answer was cut off: " + err.Error(), cause: err}
	case resp.StatusCode >= 300:
		return nil, m, s.failure(call, resp, text)
	}
	return text, m, nil
}

// posted is a request with a body that can be sent again.
func posted(req *http.Request, body []byte) (*smithyhttp.Request, error) {
	out, ok := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if !ok {
		return nil, errors.New("the SDK makes no request")
	}
	out.Request = req
	req.Body, req.ContentLength = nil, int64(len(body))
	return out.SetStream(bytes.NewReader(body))
}

func unwrapped(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}
