package report

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/report/reporttest"
	"github.com/stampede-load/stampede/internal/stats"
)

// runs is every kind of report the exports must cope with.
func runs() map[string]*stampede.Report {
	return map[string]*stampede.Report{
		"sample": reporttest.Sample(), "empty": reporttest.Empty(), "one": reporttest.One(), "allfailed": reporttest.AllFailed(),
		"open": reporttest.Open(), "hostile": reporttest.Hostile(), "warmup": warmup(), "zero": {},
	}
}

// warmup is a run whose first half is not judged.
func warmup() *stampede.Report {
	r := reporttest.Make(reporttest.Options{Names: 3, Seconds: 20, Rate: 10})
	half := reporttest.Make(reporttest.Options{Names: 2, Seconds: 10, Rate: 10})
	r.Judged = half.Judged
	return r
}

func jsonOf(t *testing.T, r *stampede.Report, o JSONOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every file fits the published schema, and the schema knows every field of every file.
func TestJSONSchema(t *testing.T) {
	document, schema := schemaDocument(t), compiledSchema(t)
	for name, r := range runs() {
		t.Run(name, func(t *testing.T) {
			result, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonOf(t, r, JSONOptions{Series: true})))
			if err != nil {
				t.Fatal(err)
			}
			if r.Run.Model == "" {
				return // the zero report ran under no model; that it is written at all is enough
			}
			if err := schema.Validate(result); err != nil {
				t.Error(err)
			}
			known(t, document, document, result, "result")
		})
	}
}

// schemaDocument is the published schema.
func schemaDocument(t *testing.T) map[string]any {
	t.Helper()
	published, err := os.Open("../../docs/schema/result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer published.Close()
	document, err := jsonschema.UnmarshalJSON(published)
	if err != nil {
		t.Fatal(err)
	}
	return document.(map[string]any)
}

// compiledSchema is the published schema, ready to be used.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("result.schema.json", schemaDocument(t)); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// known fails for fields that the schema does not list.
func known(t *testing.T, root, schema map[string]any, value any, path string) {
	t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		schema = root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
	}
	switch value := value.(type) {
	case map[string]any:
		properties, _ := schema["properties"].(map[string]any)
		for field, v := range value {
			sub, ok := properties[field].(map[string]any)
			if !ok {
				t.Errorf("the schema does not list %s.%s", path, field)
				continue
			}
			known(t, root, sub, v, path+"."+field)
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		for _, v := range value {
			known(t, root, items, v, path+"[]")
		}
	}
}

// The agreed fields come in the agreed order, the others after them.
func TestJSONOrder(t *testing.T) {
	text := string(jsonOf(t, reporttest.Sample(), JSONOptions{}))
	for _, names := range [][]string{
		{`"schema"`, `"run"`, `"verdict"`, `"thresholds"`, `"planned"`, `"sent"`, `"dropped"`, `"in_flight"`, `"total"`, `"requests"`, `"errors"`, `"workers"`, `"seconds"`},
		{`"run": {"id"`, `"name"`, `"started"`, `"duration_s"`, `"users"`, `"spawn_rate"`, `"host"`, `"seed"`, `"model":"closed"`, `"headline"`},
		{`"total": {"type"`, `"name"`, `"count"`, `"failures"`, `"rate"`, `"bytes"`, `"service"`, `"response"`, `"lag"`, `"first_byte"`, `"failed"`, `"timeouts"`},
		{`"service":{"count"`, `"mean"`, `"min"`, `"p50"`, `"p90"`, `"p95"`, `"p99"`, `"p99_9"`, `"max"`, `}`},
		{`"expr"`, `"passed"`, `"value"`, `"limit"`},
		{`"errors": [`, `"type"`, `"name"`, `"error"`, `"count"`, `"first_s"`, `"last_s"`, `"kind"`},
	} {
		at := 0
		for _, name := range names {
			i := strings.Index(text[at:], name)
			if i < 0 {
				t.Fatalf("%s does not follow in %v", name, names)
			}
			at += i + len(name)
		}
	}
	if !json.Valid([]byte(text)) {
		t.Error("not JSON")
	}
}

// What was read writes the same file again: nothing is lost on the way that any export shows.
func TestJSONRoundTrip(t *testing.T) {
	for name, r := range runs() {
		t.Run(name, func(t *testing.T) {
			for _, o := range []JSONOptions{{}, {Series: true}} {
				first := jsonOf(t, r, o)
				back, err := ReadJSON(bytes.NewReader(first))
				if r.Run.Model == "" && err == nil {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				second := jsonOf(t, back, o)
				first = bytes.ReplaceAll(first, []byte(`\ufffd`), []byte("\uFFFD")) // bad UTF-8 is replaced when it is written first
				if !bytes.Equal(first, second) {
					t.Fatal(difference(string(first), string(second)))
				}
				if o.Series != (back.Series != nil) {
					t.Errorf("series: asked %v, got %v", o.Series, back.Series != nil)
				}
			}
		})
	}
}

func difference(a, b string) string {
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return "differs:\n" + a[max(0, i-100):min(len(a), i+100)] + "\n----\n" + b[max(0, i-100):min(len(b), i+100)]
}

// Every export of a saved result is the one the run itself would have made.
func TestExportsOfSavedResult(t *testing.T) {
	r := reporttest.Sample()
	r.Judged.Seconds, r.Whole.Seconds = 239.987654321, 239.987654321
	back, err := ReadJSON(bytes.NewReader(jsonOf(t, r, JSONOptions{Series: true})))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exports() {
		var a, b bytes.Buffer
		if err := e.write(&a, r); err != nil {
			t.Fatal(e.name, err)
		}
		if err := e.write(&b, back); err != nil {
			t.Fatal(e.name, err)
		}
		one, other := a.String(), b.String()
		if e.name == "xlsx.txt" { // the parts of an archive come in any order
			one, other = e.text(t, a.Bytes()), e.text(t, b.Bytes())
		}
		if one != other {
			t.Errorf("%s: %s", e.name, difference(one, other))
		}
	}
}

func TestReadJSONWithoutHistogramsSaysSo(t *testing.T) {
	var fields map[string]any
	if err := json.Unmarshal(jsonOf(t, reporttest.One(), JSONOptions{}), &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "histograms")
	delete(fields, "seconds")
	thin, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadJSON(bytes.NewReader(thin))
	if err != nil {
		t.Fatal(err)
	}
	if r.Judged.Total.Count != 1 || r.Judged.Seconds != 10 || len(r.Notices) != 1 || !strings.Contains(r.Notices[0], "no histograms") {
		t.Errorf("count %d, seconds %v, notices %q", r.Judged.Total.Count, r.Judged.Seconds, r.Notices)
	}
	var b bytes.Buffer
	for _, e := range exports() {
		err := e.write(&b, r)
		if needsSeries := e.name == "hlog.txt" || e.name == "stats_history.csv"; needsSeries != (err != nil) {
			t.Errorf("%s: %v", e.name, err)
		}
	}
}

func TestReadJSONRefuses(t *testing.T) {
	good := string(jsonOf(t, reporttest.One(), JSONOptions{Series: true}))
	for _, c := range []struct{ name, file, want string }{
		{"nothing", "", "ends early"},
		{"no object", "[]", `expected "{"`},
		{"no JSON", "<html>", "invalid character"},
		{"another file", `{"a":1}`, "not a stampede result"},
		{"later schema", `{"schema":2,"run":7}`, "schema 2"},
		{"cut", good[:len(good)-5], "ends early"},
		{"cut in the middle", good[:len(good)/2], "ends early"},
		{"something after it", good + "{}", "after the end"},
		{"negative count", strings.Replace(good, `"count":1`, `"count":-1`, 1), ""},
		{"negative planned", strings.Replace(good, `"planned": 1`, `"planned": -1`, 1), "count of -1"},
		{"more failures than requests", strings.Replace(good, `"failures":0,"rate"`, `"failures":7,"rate"`, 2), "7 failures in 1"},
		{"level", strings.Replace(good, `"VALID"`, `"FINE"`, 1), "none of VALID"},
		{"a century", strings.Replace(good, `"duration_s":10`, `"duration_s":1e300`, 1), "a time of 1e+300"},
		{"twice", strings.Replace(good, `"requests": [`, `"requests": [`+row(good)+`,`, 1), "there twice"},
		{"damaged histogram", strings.Replace(good, `"name":"/","service":"`, `"name":"/","service":"////`, 1), "histograms of GET"},
		{"no list", strings.Replace(good, `"events": []`, `"events": 5`, 1), "expected a list"},
		{"series backwards", strings.Replace(good, `{"from_s":1,`, `{"from_s":0,`, 1), "comes after"},
		{"series far away", strings.Replace(good, `{"from_s":9,`, `{"from_s":9000000000,`, 1), "stretch"},
		{"series without end", strings.Replace(good, `"width_s":1,`, `"width_s":9223372036854775807,`, 1), "stretch"},
		{"bad row", strings.Replace(good, `"data":"`, `"data":"AAAA`, 1), "second 0"},
		{"long list", `{"schema":1,"events":[` + strings.Repeat("{},", maxItems+1) + `{}]}`, "more than 1048576 items"},
		{"deep", `{"schema":1,"x":` + strings.Repeat("[", 100_000), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.file == good {
				t.Fatal("the test changed nothing")
			}
			r, err := ReadJSON(strings.NewReader(c.file))
			if c.name == "negative count" { // the first is that of the total, which is added up anew
				if err != nil || r.Judged.Total.Count != 1 {
					t.Fatalf("%v", err)
				}
				return
			}
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.HasPrefix(err.Error(), "report: read JSON result: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want %q", err, c.want)
			}
		})
	}
}

// row is the first request of a file.
func row(file string) string {
	_, after, _ := strings.Cut(file, `"requests": [`)
	line, _, _ := strings.Cut(after[1:], "\n")
	return strings.TrimSuffix(line, ",")
}

// Unknown fields of a later version are passed over wherever they are.
func TestReadJSONPassesOverNewFields(t *testing.T) {
	good := string(jsonOf(t, reporttest.One(), JSONOptions{}))
	later := strings.NewReplacer(`"schema": 1,`, `"schema": 1, "new": {"deep": [1, {"x": null}]},`, `"count":1,`, `"count":1,"new":[1],`, `"id":`, `"new":1,"id":`).Replace(good)
	r, err := ReadJSON(strings.NewReader(later))
	if err != nil {
		t.Fatal(err)
	}
	if again := jsonOf(t, r, JSONOptions{}); string(again) != good {
		t.Error(difference(good, string(again)))
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, r := range []*stampede.Report{reporttest.One(), reporttest.Open()} {
		var b bytes.Buffer
		if err := WriteJSON(&b, r, JSONOptions{Series: true}); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"schema":1,"whole":{"requests":[{"type":"GET","name":"","count":1}],"seconds":1e9}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, e := range exports() { // whatever was accepted can be exported
			if e.name == "xlsx.txt" {
				continue // too slow to try a million of them
			}
			if err := e.write(&bytes.Buffer{}, r); err != nil && r.Series != nil {
				t.Errorf("%s: %v", e.name, err)
			}
		}
	})
}

func TestReadJSONSeriesKeepsStretches(t *testing.T) {
	r := reporttest.Make(reporttest.Options{Names: 2, Seconds: 5000, Rate: 10, Stretch: reporttest.RolledUp(5000)})
	back, err := ReadJSON(bytes.NewReader(jsonOf(t, r, JSONOptions{Series: true})))
	if err != nil {
		t.Fatal(err)
	}
	want, got := points(r), points(back)
	if len(want) != len(got) {
		t.Fatalf("%d stretches became %d", len(want), len(got))
	}
	for i := range want {
		if want[i].From != got[i].From || want[i].Width != got[i].Width || !want[i].Row.Response.Equal(&got[i].Row.Response) {
			t.Fatalf("stretch %d: %v became %v", i, want[i].From, got[i].From)
		}
	}
}

func points(r *stampede.Report) []stats.Point {
	var all []stats.Point
	for p := range r.Series.Total() {
		all = append(all, p)
	}
	return all
}

func TestReadJSONOfHugeNumbers(t *testing.T) {
	r := reporttest.One()
	r.Run.Seed = 1<<64 - 1
	r.Run.Duration = 290 * 365 * 24 * time.Hour
	back, err := ReadJSON(bytes.NewReader(jsonOf(t, r, JSONOptions{})))
	if err != nil {
		t.Fatal(err)
	}
	if back.Run.Seed != r.Run.Seed {
		t.Errorf("seed %d became %d", r.Run.Seed, back.Run.Seed)
	}
}
