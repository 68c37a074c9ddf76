package cloudwatch

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/stampede-load/stampede/internal/deploy/deploytest"
)

// fake answers GetMetricData as CloudWatch does, in both of its protocols: CBOR as the SDK for Go speaks it, and the older query form with XML. Each
// request is held against AWS's own model of the service where botocore, which ships it, is installed.
type fake struct {
	t     *testing.T
	model *deploytest.Model

	mu       sync.Mutex
	values   func(metric string, at time.Time) (float64, bool) // of a metric at a moment; false: no point (yet)
	perPage  int                                               // points; 0 means all
	throttle int                                               // so many answers are refused first
	expired  bool
	partial  bool                // it has more than it gives, and no further page
	off      time.Duration       // of its clock from ours
	labels   map[string][]string // of what an expression gives, by its text
	refused  string              // a metric that may not be read
	message  string              // a code that every answer has
	asked    []string            // ids of the last call, and expressions
	calls    int
	metrics  int
	wire     map[string]int // calls by protocol
}

func newFake(t *testing.T) (*fake, string) {
	f := &fake{t: t, model: loadModel(t), wire: map[string]int{}}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return f, s.URL
}

// seen is how often it was asked, by protocol, and for how many metrics.
func (f *fake) seen() (cbor, query, metrics int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.wire["cbor"], f.wire["query"], f.metrics
}

// set changes what it answers.
func (f *fake) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.off != 0 {
		w.Header().Set("Date", time.Now().Add(f.off).UTC().Format(http.TimeFormat))
	}
	body, _ := io.ReadAll(r.Body)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/cbor") {
		f.wire["cbor"]++
		f.cbor(w, r, body)
		return
	}
	f.wire["query"]++
	f.query(w, body)
}

// refusal is an error that every protocol can tell.
func (f *fake) refusal() (code string, status int) {
	switch {
	case f.expired:
		return "ExpiredToken", http.StatusForbidden
	case f.throttle > 0:
		f.throttle--
		return "Throttling", http.StatusBadRequest
	}
	return "", 0
}

func (f *fake) cbor(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Set("Content-Type", "application/cbor")
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	if code, status := f.refusal(); code != "" {
		w.WriteHeader(status)
		w.Write(cbor.Encode(cbor.Map{"__type": cbor.String("com.amazonaws#" + code), "message": cbor.String("not now")}))
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/operation/GetMetricData") || r.Header.Get("Smithy-Protocol") != "rpc-v2-cbor" {
		f.t.Errorf("CBOR to %s with protocol %q", r.URL.Path, r.Header.Get("Smithy-Protocol"))
	}
	v, err := cbor.Decode(body)
	if err != nil {
		f.t.Errorf("the body is no CBOR: %v", err)
	}
	in, _ := plain(v).(map[string]any)
	f.validate(in)
	results, token := f.answer(in)
	out := cbor.Map{"MetricDataResults": results}
	if token != "" {
		out["NextToken"] = cbor.String(token)
	}
	if f.message != "" {
		out["Messages"] = cbor.List{cbor.Map{"Code": cbor.String(f.message), "Value": cbor.String("too much was asked for")}}
	}
	w.Write(cbor.Encode(out))
}

// plain is a CBOR value as Go's JSON would have it; times are time.Time.
func plain(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		m := map[string]any{}
		for k, x := range v {
			m[k] = plain(x)
		}
		return m
	case cbor.List:
		l := make([]any, len(v))
		for i, x := range v {
			l[i] = plain(x)
		}
		return l
	case cbor.String:
		return string(v)
	case cbor.Uint:
		return float64(v)
	case cbor.Bool:
		return bool(v)
	case *cbor.Tag:
		at, _ := cbor.AsTime(v)
		return at
	}
	return nil
}

// answer makes the results: newest points first or last as asked, cut into pages.
func (f *fake) answer(in map[string]any) (cbor.List, string) {
	from, _ := in["StartTime"].(time.Time)
	to, _ := in["EndTime"].(time.Time)
	skip := 0
	if token, _ := in["NextToken"].(string); token != "" {
		skip, _ = strconv.Atoi(token)
	} else {
		f.metrics += len(in["MetricDataQueries"].([]any))
	}
	var results cbor.List
	more := false
	f.asked = nil
	for _, q := range in["MetricDataQueries"].([]any) {
		q := q.(map[string]any)
		name, period := f.about(q)
		f.asked = append(f.asked, q["Id"].(string)+": "+name)
		var times, values cbor.List
		n := 0
		for at := from.Truncate(period); at.Before(to); at = at.Add(period) {
			v, has := f.values(name, at)
			if !has {
				continue
			}
			n++
			if n <= skip {
				continue
			}
			if f.perPage > 0 && len(times) >= f.perPage {
				more = true
				break
			}
			times = append(times, &cbor.Tag{ID: 1, Value: cbor.Uint(at.Unix())})
			values = append(values, cbor.Float64(v))
		}
		status := "Complete"
		if more || f.partial {
			status = "PartialData"
		}
		labels := []string{name}
		if given, is := f.labels[name]; is {
			labels = given
		}
		if f.refused != "" && strings.HasPrefix(name, f.refused) {
			status, times, values = "Forbidden", nil, nil
		}
		for _, label := range labels {
			results = append(results, cbor.Map{"Id": cbor.String(q["Id"].(string)), "Label": cbor.String(label), "Timestamps": times, "Values": values, "StatusCode": cbor.String(status)})
		}
	}
	if more {
		return results, strconv.Itoa(skip + f.perPage)
	}
	return results, ""
}

func (f *fake) about(q map[string]any) (string, time.Duration) {
	st, ok := q["MetricStat"].(map[string]any)
	if !ok {
		return q["Expression"].(string), time.Minute
	}
	m := st["Metric"].(map[string]any)
	name := m["MetricName"].(string)
	if ds, ok := m["Dimensions"].([]any); ok {
		for _, d := range ds {
			name += " " + d.(map[string]any)["Value"].(string)
		}
	}
	period, _ := st["Period"].(float64)
	return name, time.Duration(period) * time.Second
}

// query is the older protocol: a form, and XML.
func (f *fake) query(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/xml")
	form, err := url.ParseQuery(string(body))
	if err != nil {
		f.t.Error(err)
	}
	in, wrong := f.model.Form("GetMetricData", form)
	for _, one := range wrong {
		f.t.Error(one)
	}
	f.validate(in)
	results, _ := f.answer(in)
	type member struct {
		ID         string    `xml:"Id"`
		Label      string    `xml:"Label"`
		Status     string    `xml:"StatusCode"`
		Timestamps []string  `xml:"Timestamps>member"`
		Values     []float64 `xml:"Values>member"`
	}
	var out struct {
		XMLName xml.Name `xml:"http://monitoring.amazonaws.com/doc/2010-08-01/ GetMetricDataResponse"`
		Members []member `xml:"GetMetricDataResult>MetricDataResults>member"`
	}
	for _, r := range results {
		r := r.(cbor.Map)
		m := member{ID: string(r["Id"].(cbor.String)), Label: string(r["Label"].(cbor.String)), Status: "Complete"}
		for i, at := range r["Timestamps"].(cbor.List) {
			when, _ := cbor.AsTime(at)
			m.Timestamps = append(m.Timestamps, when.UTC().Format(time.RFC3339))
			m.Values = append(m.Values, float64(r["Values"].(cbor.List)[i].(cbor.Float64)))
		}
		out.Members = append(out.Members, m)
	}
	xml.NewEncoder(w).Encode(out)
}

// validate holds a request against the model: required and unknown members, enums, patterns, lengths.
func (f *fake) validate(in map[string]any) {
	if f.model == nil {
		return
	}
	for _, wrong := range f.model.Check("GetMetricData", in) {
		f.t.Error(wrong)
	}
}

// loadModel is AWS's model of the service; nil when botocore is not installed.
func loadModel(t *testing.T) *deploytest.Model {
	t.Helper()
	if !deploytest.Installed() {
		if os.Getenv("CI") == "true" {
			t.Fatal("python3-botocore is not installed; scripts/test.sh should have installed it")
		}
		t.Log("python3-botocore is not installed: requests are not held against AWS's model of the service")
		return nil
	}
	m, err := deploytest.Load("cloudwatch")
	if err != nil {
		t.Fatal(err)
	}
	return m
}
