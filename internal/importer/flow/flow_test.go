package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stampede-load/stampede/internal/importer"
	"github.com/stampede-load/stampede/internal/importer/flow"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// made is a request so many seconds after noon.
func made(at float64, method, url string, kind importer.Kind, more ...func(*importer.Request)) *importer.Request {
	q := &importer.Request{Method: method, URL: url, Kind: kind, Start: noon.Add(time.Duration(at * float64(time.Second))), Took: 50 * time.Millisecond, Response: importer.Response{Status: 200}}
	for _, m := range more {
		m(q)
	}
	return q
}

func answers(kind, body string) func(*importer.Request) {
	return func(q *importer.Request) { q.Response.Type, q.Response.Body = kind, importer.TextOf([]byte(body)) }
}

func sends(kind, body string) func(*importer.Request) {
	return func(q *importer.Request) { q.Type, q.Body = kind, []byte(body) }
}

func with(name, value string) func(*importer.Request) {
	return func(q *importer.Request) { q.Header = append(q.Header, importer.Field{Name: name, Value: value}) }
}

func status(n int, location string) func(*importer.Request) {
	return func(q *importer.Request) {
		q.Response.Status = n
		if location != "" {
			q.Response.Header = append(q.Response.Header, importer.Field{Name: "Location", Value: location})
		}
	}
}

func make1(t *testing.T, requests ...*importer.Request) *flow.Test {
	t.Helper()
	test, err := flow.Make([]*importer.Recording{{Name: "visit.har", Requests: requests}}, flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return test
}

// steps tells a test: "Home: PAGE /; Search: GET /s".
func steps(test *flow.Test) string {
	var all []string
	for _, s := range test.Tasks[0].Steps {
		var calls []string
		for _, c := range s.Calls {
			what := c.Method
			if c.Page {
				what = "PAGE"
			}
			if c.Landing {
				what = "LANDING"
			}
			path, _ := c.Path.Constant()
			calls = append(calls, fmt.Sprint(what, " ", path))
		}
		all = append(all, s.Method+": "+strings.Join(calls, ", "))
	}
	return strings.Join(all, "; ")
}

func TestSteps(t *testing.T) {
	const a = "https://shop.example"
	for _, c := range []struct {
		name     string
		requests []*importer.Request
		want     string
	}{
		{"pages, parts, data and a pause", []*importer.Request{
			made(0, "GET", a+"/", importer.Document), made(0.1, "GET", a+"/a.css", importer.Part), made(0.2, "GET", a+"/frame", importer.Frame), made(0.3, "GET", a+"/api/stock", importer.Data),
			made(0.4, "OPTIONS", a+"/api/stock", importer.Data, with("Access-Control-Request-Method", "PUT")), made(9, "POST", a+"/api/cart", importer.Data), made(20, "GET", a+"/orders/17", importer.Document),
		}, "Home: PAGE /, GET /api/stock; PostCart: POST /api/cart; Order: PAGE /orders/17"},
		{"redirects of pages are one request", []*importer.Request{
			made(0, "GET", a+"/old", importer.Document, status(301, "/new")), made(0.1, "GET", a+"/new", importer.Document, status(302, a+"/newer")), made(0.2, "GET", a+"/newer", importer.Document),
		}, "Old: PAGE /old"},
		{"a form that leads to a page", []*importer.Request{
			made(0, "POST", a+"/save", importer.Document, sends("application/x-www-form-urlencoded", "a=1"), status(303, "/done")), made(0.1, "GET", a+"/done", importer.Document),
		}, "Save: POST /save, LANDING /done"},
		{"nothing says what it is", []*importer.Request{
			made(0, "GET", a+"/list.php", importer.Unknown, answers("text/html", "x")), made(0.1, "GET", a+"/x.png", importer.Unknown), made(0.2, "GET", a+"/q", importer.Unknown, answers("application/json", "{}")),
		}, "List: PAGE /list.php, GET /q"},
		{"names that a visitor has already, and twice the same", []*importer.Request{
			made(0, "GET", a+"/post/", importer.Document), made(5, "GET", a+"/news/", importer.Document), made(9, "GET", a+"/news/", importer.Document), made(12, "GET", a+"/logout?x=1", importer.Document),
		}, "PostPage: PAGE /post/; News: PAGE /news/; News2: PAGE /news/; LogOut: PAGE /logout"},
		{"a picture alone is meant", []*importer.Request{made(0, "GET", a+"/x.png", importer.Part)}, "GetX: GET /x.png"},
	} {
		if got := steps(make1(t, c.requests...)); got != c.want {
			t.Errorf("%s:\n%s\nnot\n%s", c.name, got, c.want)
		}
	}
}

func TestHosts(t *testing.T) {
	test := make1(t, made(0, "GET", "https://www.shop.co.uk/", importer.Document), made(0.1, "GET", "https://api.shop.co.uk/x", importer.Data), made(0.2, "GET", "https://ads.example/x", importer.Data),
		made(0.3, "GET", "https://other.co.uk/x", importer.Data), made(1, "GET", "https://www.shop.co.uk/pay", importer.Document, status(302, "https://bank.example/")))
	if test.Site != "https://www.shop.co.uk" || !slices.Equal(test.Others, []string{"https://api.shop.co.uk"}) {
		t.Errorf("%s %v", test.Site, test.Others)
	}
	if notes := strings.Join(test.Notes, "\n"); !strings.Contains(notes, "ads.example (1), other.co.uk (1)") {
		t.Error(notes)
	}
	if pay := test.Tasks[0].Steps[1].Calls[0]; !pay.NoRedirects || !slices.Equal(pay.Expect, []int{302}) {
		t.Errorf("a redirect to somebody else's host: %+v", pay)
	}
}

// With one recording, what is a token by its name or looks is looked for, and what is none is not.
func TestOneRecording(t *testing.T) {
	const a = "https://shop.example"
	test := make1(t,
		made(0, "GET", a+"/", importer.Document, answers("text/html", `<a href="/items/17">x</a><input type=hidden name=color value=red><script>k="9f8e7d6c5b4a39281706"</script>`)),
		made(3, "POST", a+"/items/17/like", importer.Data, sends("application/json", `{"color":"red","key":"9f8e7d6c5b4a39281706","lost":"Zk3mQ8vT2xWp7LrB5yNd","n":1}`),
			with("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"), with("X-Request-Id", "3f1d9a52-6c1e-4f0b-9a57-0c6d1e2b7a44")))
	call := test.Tasks[0].Steps[1].Calls[0]
	if path, same := call.Path.Constant(); !same || path != "/items/17/like" {
		t.Errorf("the path is %v: a number that a page happens to have is not extracted", call.Path)
	}
	if len(call.Headers) != 0 {
		t.Errorf("ids of traces are sent: %v", call.Headers)
	}
	get := test.Tasks[0].Steps[0].Calls[0].Gets
	if len(get) != 1 || get[0].From.Kind != flow.FromMatch {
		t.Errorf("the key is not taken from the page: %+v", get)
	}
	if len(test.Tasks[0].Columns) != 1 || !strings.Contains(strings.Join(test.Notes, "\n"), "not found: POST /items/17/like sends lost") {
		t.Errorf("what was not found is not listed: %+v %v", test.Tasks[0].Columns, test.Notes)
	}
}

// A large recording is read in a time that does not grow with the square of its length.
func TestLargeRecording(t *testing.T) {
	var all []*importer.Request
	before := ""
	for i := range 1000 {
		token := fmt.Sprintf("t%04dk%06xq%dz", i, i*7919, i*31)
		all = append(all, made(float64(i), "POST", "https://shop.example/step", importer.Data, sends("application/x-www-form-urlencoded", "token="+before),
			answers("text/html", strings.Repeat("<p>something to read</p>", 400)+`<form><input type=hidden name=token value="`+token+`"></form>`)))
		before = token
	}
	begun := time.Now()
	test := make1(t, all...)
	gets := 0
	for _, s := range test.Tasks[0].Steps {
		for _, c := range s.Calls {
			gets += len(c.Gets)
		}
	}
	if gets != 999 {
		t.Errorf("%d values were taken from answers", gets)
	}
	t.Logf("%v for 1,000 requests", time.Since(begun))
}
