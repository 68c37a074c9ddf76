package console_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
)

// document is the description of the API, as far as this test reads it.
type document struct {
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	OperationID string `json:"operationId"`
	Parameters  []struct {
		Name, In string
		Schema   schema
	} `json:"parameters"`
	RequestBody *struct {
		Content map[string]struct{ Schema schema }
	} `json:"requestBody"`
	Responses map[string]json.RawMessage `json:"responses"`
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []any             `json:"enum"`
}

// What the description says can be asked for is answered, whatever is put into it: with what it promises, or with a problem. Nothing that
// is sent breaks the server or leaves it unable to answer.
func TestWhatTheDescriptionSays(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.past("")
	var doc document
	r.into(&doc, 200, "GET", "/api/openapi.json", "")
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || len(doc.Paths) < 20 {
		t.Fatalf("OpenAPI %s with %d paths", doc.OpenAPI, len(doc.Paths))
	}
	for _, path := range []string{
		"/api/v1/status", "/api/v1/test", "/api/v1/runs", "/api/v1/runs/{run}", "/api/v1/runs/{run}/stop", "/api/v1/runs/{run}/pause", "/api/v1/runs/{run}/resume",
		"/api/v1/runs/{run}/load", "/api/v1/runs/{run}/annotate", "/api/v1/runs/{run}/seconds", "/api/v1/runs/{run}/stream", "/api/v1/runs/{run}/{file}",
		"/api/v1/compare", "/api/v1/fleet", "/api/v1/fleet/{worker}/drain", "/api/v1/schedules", "/api/v1/schedules/{schedule}", "/api/v1/schedules/{schedule}/{do}", "/metrics", "/healthz",
	} {
		if doc.Paths[path] == nil {
			t.Errorf("%s is not described", path)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	asked := 0
	for path, operations := range doc.Paths {
		for method, op := range operations {
			if op.OperationID == "stream" || op.OperationID == "logout" || op.OperationID == "delete" || op.OperationID == "trend" || method == "parameters" {
				continue // a stream has no end; the trend of this ledger is broken on purpose
			}
			for range 12 {
				asked++
				r.probe(t, random, &doc, path, strings.ToUpper(method), &op)
			}
		}
	}
	if asked < 200 {
		t.Errorf("only %d requests were made", asked)
	}
	if resp, _ := r.ask("GET", "/healthz", ""); resp.StatusCode != 200 {
		t.Errorf("afterwards: %d", resp.StatusCode)
	}
}

// probe makes one request of an operation with values that may fit or not.
func (r *rig) probe(t *testing.T, random *rand.Rand, doc *document, path, method string, op *operation) {
	t.Helper()
	r.console.Forgive()
	target := strings.NewReplacer("{run}", pick(random, "last", "current", "none", "%00", "a%2fb", strings.Repeat("x", 300)), "{file}", pick(random, "report.json", "stats.csv", "report.exe")).Replace(path)
	var query []string
	for _, p := range op.Parameters {
		if p.In == "query" && random.IntN(2) == 0 {
			query = append(query, p.Name+"="+pick(random, "0", "-1", "1", "99999999999999999999", "true", "x", "%ff", "*", ""))
		}
	}
	if len(query) > 0 {
		target += "?" + strings.Join(query, "&")
	}
	body := ""
	if op.RequestBody != nil {
		for _, content := range op.RequestBody.Content {
			text, err := json.Marshal(invent(random, doc, content.Schema, 0))
			if err != nil {
				t.Fatal(err)
			}
			body = string(text)
		}
	}
	resp, text := r.ask(method, target, body)
	kind := resp.Header.Get("Content-Type")
	switch {
	case resp.StatusCode >= 500:
		t.Errorf("%s %s %s: %d %s", method, target, body, resp.StatusCode, text)
	case resp.StatusCode >= 400 && kind != "application/problem+json":
		t.Errorf("%s %s: %d as %s", method, target, resp.StatusCode, kind)
	case resp.StatusCode == http.StatusOK && kind == "application/json" && !json.Valid([]byte(text)):
		t.Errorf("%s %s: %.200s", method, target, text)
	}
}

func pick(random *rand.Rand, from ...string) string { return from[random.IntN(len(from))] }

// invent makes a value of a schema, and now and then one of something else.
func invent(random *rand.Rand, doc *document, s schema, depth int) any {
	if s.Ref != "" {
		s = doc.Components.Schemas[s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]]
	}
	odd := []any{nil, -1, 1e300, "", strings.Repeat("ä", 50), []any{}, map[string]any{"a": 1}, true}
	if random.IntN(4) == 0 || depth > 3 {
		return odd[random.IntN(len(odd))]
	}
	kind := fmt.Sprint(s.Type)
	switch {
	case len(s.Enum) > 0:
		return s.Enum[random.IntN(len(s.Enum))]
	case strings.Contains(kind, "object"):
		out := map[string]any{}
		for name, p := range s.Properties {
			if random.IntN(2) == 0 {
				out[name] = invent(random, doc, p, depth+1)
			}
		}
		if len(s.Properties) == 0 {
			out["xylophone"] = 1 // nothing is started
		}
		return out
	case strings.Contains(kind, "array"):
		var out []any
		for range random.IntN(3) {
			if s.Items != nil {
				out = append(out, invent(random, doc, *s.Items, depth+1))
			}
		}
		return out
	case strings.Contains(kind, "integer"):
		return random.IntN(100) - 10
	case strings.Contains(kind, "number"):
		return random.Float64()*100 - 10
	case strings.Contains(kind, "boolean"):
		return random.IntN(2) == 0
	default:
		return pick(random, "x", "last", "p95 < 1s", "<b>")
	}
}
