package grpc

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/stampede-load/stampede/internal/wire"
)

// header makes the fields of a request.
func (u *unary) header(ctx context.Context, limit time.Duration, o *options) []wire.Field {
	h := append(u.room[:0],
		wire.Field{Name: "User-Agent", Value: userAgent}, wire.Field{Name: "Accept"}, wire.Field{Name: "Accept-Encoding"}, // the latter two are left out
		wire.Field{Name: "Content-Type", Value: "application/grpc"}, wire.Field{Name: "Te", Value: "trailers"},
		wire.Field{Name: "Grpc-Timeout", Value: timeoutOf(limit)})
	if o.coding != "" {
		h = append(h, wire.Field{Name: "Grpc-Encoding", Value: o.coding})
	}
	if accepted := o.accepted(); accepted != "" {
		h = append(h, wire.Field{Name: "Grpc-Accept-Encoding", Value: accepted})
	}
	for name, values := range o.metadata {
		if reserved(name) {
			continue
		}
		for _, v := range values {
			if strings.HasSuffix(name, "-bin") {
				v = base64.RawStdEncoding.EncodeToString([]byte(v))
			}
			h = append(h, wire.Field{Name: name, Value: v})
		}
	}
	return h
}

// timeoutOf is a time as grpc-timeout says it: at most eight digits, and never less than it is.
func timeoutOf(d time.Duration) string {
	const most = 1e8 - 1
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Nanosecond, "n"}, {time.Microsecond, "u"}, {time.Millisecond, "m"}, {time.Second, "S"}, {time.Minute, "M"}, {time.Hour, "H"}} {
		if n := (d-1)/unit.size + 1; n <= most {
			return strconv.FormatInt(int64(n), 10) + unit.name
		}
	}
	return strconv.Itoa(most) + "H"
}

// reserved reports whether a field is gRPC's own, which metadata cannot set.
func reserved(name string) bool {
	switch name {
	case "content-type", "user-agent", "grpc-message-type", "grpc-encoding", "grpc-message", "grpc-status", "grpc-timeout", "te":
		return true
	}
	return name == "" || name[0] == ':'
}

// plain reports whether metadata can go into the header of a request as it is. What cannot is left to grpc-go, which knows what to say of it.
func plain(md metadata.MD) bool {
	for name, values := range md {
		switch name {
		case "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length", "accept", "accept-encoding", "sec-websocket-key":
			return false // of HTTP
		}
		for i := range len(name) {
			if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' && (i > 0 || c != ':') {
				return false
			}
		}
		if name == "" {
			return false
		}
		for _, v := range values {
			for i := range len(v) {
				if c := v[i]; (c < ' ' || c > '~') && !strings.HasSuffix(name, "-bin") {
					return false
				}
			}
		}
	}
	return true
}

// fields are what gRPC must know of a header, or of what stands behind the body.
type fields struct {
	contentType string // of another protocol; "" for none
	grpc        bool   // the content type is gRPC's
	encoding    string
	status      string // "" for none
	message     string
	details     []string
	wrong       string      // a field that cannot be decoded
	md          metadata.MD // when it is asked for
}

// read reads header and trailer of the answer. An answer that has nothing else has all in its trailer.
func (u *unary) read(o *options) (head, foot fields) {
	trailed := false
	for name, value := range u.resp.Trailers {
		trailed = true
		foot.take(name, value, len(o.trailers) > 0)
	}
	if !trailed && u.resp.BodySize == 0 {
		for name, value := range u.resp.Lines {
			foot.take(name, value, len(o.trailers) > 0)
		}
		head.grpc, head.contentType = foot.grpc, foot.contentType
	} else {
		for name, value := range u.resp.Lines {
			head.take(name, value, len(o.headers) > 0)
		}
		if !trailed {
			foot.status = noTrailer
		}
	}
	for _, to := range o.headers {
		*to = head.md
	}
	for _, to := range o.trailers {
		*to = foot.md
	}
	return head, foot
}

// noTrailer stands for the status of an answer whose body was the end.
const noTrailer = "none"

// take looks at one field.
func (f *fields) take(name, value []byte, keep bool) {
	switch string(name) {
	case "content-type":
		if rest, ok := strings.CutPrefix(string(value), "application/grpc"); !ok || rest != "" && rest[0] != '+' && rest[0] != ';' {
			f.contentType = string(value)
			return
		}
		f.grpc = true
	case "grpc-encoding":
		f.encoding = string(value)
		return
	case "grpc-status":
		if f.status = "0"; string(value) != "0" {
			f.status = string(value)
		}
		return
	case "grpc-message":
		f.message = unescaped(string(value))
		return
	case "grpc-message-type", "grpc-timeout", "te":
		return
	}
	bin := len(name) > 4 && string(name[len(name)-4:]) == "-bin"
	if !bin && !keep {
		return
	}
	text := string(value)
	if bin {
		coding := base64.RawStdEncoding
		if len(text)%4 == 0 {
			coding = base64.StdEncoding
		}
		b, err := coding.DecodeString(text)
		if err != nil {
			f.wrong = fmt.Sprintf("transport: malformed %s: %v", name, err)
			return
		}
		if text = string(b); string(name) == "grpc-status-details-bin" {
			f.details = append(f.details, text)
		}
	}
	if keep {
		if f.md == nil {
			f.md = metadata.MD{}
		}
		f.md[string(name)] = append(f.md[string(name)], text)
	}
}

// unescaped undoes the percent-encoding of a message. What is none stays as it is.
func unescaped(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// failure is the status of an answer whose trailer is f, in words of grpc-go; nil for OK.
func (f *fields) failure(resp *wire.Response, head *fields) error {
	switch {
	case !head.grpc:
		return foreign(resp.Status, head.contentType)
	case head.wrong != "":
		return status.Error(codes.Internal, head.wrong)
	case f.status == noTrailer:
		return status.Error(codes.Internal, "server closed the stream without sending trailers")
	case f.wrong != "":
		return status.Error(codes.Internal, f.wrong)
	case f.status == "0":
		return nil
	case f.status == "":
		return status.Error(codes.Unknown, f.message)
	}
	code, err := strconv.ParseInt(f.status, 10, 32)
	if err != nil {
		return status.Errorf(codes.Unknown, "transport: malformed grpc-status: %v", err)
	}
	plain := status.Error(codes.Code(uint32(code)), f.message)
	if len(f.details) != 1 {
		return plain
	}
	var full spb.Status
	switch {
	case proto.Unmarshal([]byte(f.details[0]), &full) != nil:
		return plain
	case full.GetCode() != int32(code):
		return status.Errorf(codes.Internal, "grpc-status-details-bin mismatch: grpc-status=%v, grpc-message=%q, grpc-status-details-bin=%+v", code, f.message, &full)
	}
	return status.ErrorProto(&full)
}

// foreign is the failure of an answer that is not gRPC's (http-grpc-status-mapping.md of gRPC).
func foreign(httpStatus int, contentType string) error {
	code := codes.Unknown
	switch httpStatus {
	case http.StatusBadRequest:
		code = codes.Internal
	case http.StatusUnauthorized:
		code = codes.Unauthenticated
	case http.StatusForbidden:
		code = codes.PermissionDenied
	case http.StatusNotFound:
		code = codes.Unimplemented
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		code = codes.Unavailable
	}
	why := "malformed header: missing HTTP content-type"
	if contentType != "" {
		why = fmt.Sprintf("transport: received unexpected content-type %q", contentType)
	}
	return status.Errorf(code, "unexpected HTTP status code received from server: %d (%s); %s", httpStatus, http.StatusText(httpStatus), why)
}

// options are what a call is told.
type options struct {
	name       string
	checks     []func(any) error
	headers    []*metadata.MD // where to put the header's
	trailers   []*metadata.MD
	most, room int // bytes of a message that is received and sent; 0 for the default
	coding     string
	compressor encoding.Compressor // nil for none
	metadata   metadata.MD         // of the context
	library    bool                // there is something that grpc-go alone knows
}

func (o *options) receive() int {
	if o.most > 0 {
		return min(o.most, math.MaxInt32)
	}
	return receiveMost
}

func (o *options) send() int {
	if o.room > 0 {
		return o.room
	}
	return sendMost
}

// accepted are the encodings that the answer may have, of those that the test has installed.
func (o *options) accepted() string {
	const gzip = "gzip"
	has := encoding.GetCompressor(gzip) != nil
	switch {
	case o.compressor == nil || o.coding == gzip:
		if has {
			return gzip
		}
		return ""
	case has:
		return o.coding + "," + gzip
	}
	return o.coding
}
