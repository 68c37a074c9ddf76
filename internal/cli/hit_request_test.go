package cli

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/internal/cli/setting"
)

// -H as curl has it.
func TestHeaders(t *testing.T) {
	for text, want := range map[string][]stampede.Header{
		"X-A: b; c":        {{Name: "X-A", Value: "b; c"}},
		"x-a:b:c":          {{Name: "x-a", Value: "b:c"}},
		"X-Empty;":         {{Name: "X-Empty", Value: ""}},
		"X-None:":          nil,
		"user-agent:":      {{Name: "user-agent", Value: ""}}, // takes stampede's own away
		"Accept-Encoding:": {{Name: "Accept-Encoding", Value: ""}},
	} {
		var r request
		if err := r.addHeader(text); err != nil || !reflect.DeepEqual(r.header, want) {
			t.Errorf("%q: %v, %v, want %v", text, r.header, err, want)
		}
	}
	for _, text := range []string{"nonsense", ": x", "a b: c", "a b;", ";", "", "A: b\r\nC: d"} {
		var r request
		if err := r.addHeader(text); err == nil {
			t.Errorf("%q is a header: %v", text, r.header)
		}
	}
}

// -d and its like as curl has them: several are joined, a file and standard input of -d lose their line ends, a text keeps them.
func TestBody(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("bulk.ndjson", []byte("{\"a\":1}\r\n{\"b\":2}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, want string }{
		{"-d a=\n1 -d @- -d ", "a=\n1&x=1&"},
		{"-d @bulk.ndjson", `{"a":1}{"b":2}`},
		{"--data-binary @bulk.ndjson", "{\"a\":1}\r\n{\"b\":2}\n"},
		{"--data-binary text", "text"},
		{"--data-raw @bulk.ndjson", "@bulk.ndjson"},
		{"--data-urlencode name=a|b&c/ü -d x=1 --data-urlencode =1=2 --data-urlencode a|b", "name=a+b%26c%2F%C3%BC&x=1&1%3D2&a+b"},
		{"--data-urlencode f@bulk.ndjson --data-urlencode @-", "f=%7B%22a%22%3A1%7D%0D%0A%7B%22b%22%3A2%7D%0A&x%3D%0D%0A1%0A"},
		{"--data-raw 1 -d 2 --data-binary 3 -d 4", "1&2&3&4"},
	} {
		a := newTestApp(t)
		a.In = strings.NewReader("x=\r\n1\n")
		for range 2 { // a series reads its command line again
			r := readRequest(t, a, c.line)
			if got := string(r.joined); got != c.want || !r.hasBody {
				t.Errorf("%s: body %q, want %q", c.line, got, c.want)
			}
		}
	}
}

// readRequest reads the flags of a request; | stands for a space within one.
func readRequest(t *testing.T, a *app, line string) *request {
	t.Helper()
	var o hitOptions
	set := setting.New(a.requestSettings(&o)...)
	flags := pflag.NewFlagSet("hit", pflag.ContinueOnError)
	set.AddFlags(flags)
	var words []string
	for _, w := range strings.Split(line, " ") {
		words = append(words, strings.ReplaceAll(w, "|", " "))
	}
	if err := flags.Parse(words); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, err := range set.Resolve(func(string) (string, bool) { return "", false }, nil) {
		t.Errorf("%s: %v", line, err)
	}
	o.request.join(set)
	return &o.request
}

func TestForms(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("a.txt", []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := readRequest(t, newTestApp(t), `-F n=v;w -F f=@a.txt;type=text/x;filename=b.txt -F g=@a.txt -F h=<a.txt -F e= -F q="x;\"y" -F j={"a":1};type=application/json `+
		`-F k=@"a.txt";filename="a;b.txt";type="text/x" -F l=<a.txt;type=text/x -F m="|`)
	if want := []string{"n", "v;w", "h", "one\n", "e", "", "q", `x;"y`, "m", `" `}; !slices.Equal(r.fields, want) {
		t.Errorf("fields %q", r.fields)
	}
	want := []stampede.File{
		{Field: "f", Name: "b.txt", ContentType: "text/x", Data: []byte("one\n")},
		{Field: "g", Name: "a.txt", ContentType: "text/plain", Data: []byte("one\n")},
		{Field: "j", ContentType: "application/json", Data: []byte(`{"a":1}`)},
		{Field: "k", Name: "a;b.txt", ContentType: "text/x", Data: []byte("one\n")},
		{Field: "l", ContentType: "text/x", Data: []byte("one\n")},
	}
	if !reflect.DeepEqual(r.files, want) {
		t.Errorf("files %+v", r.files)
	}
}

func TestCookies(t *testing.T) {
	t.Chdir(t.TempDir())
	jar := "# Netscape HTTP Cookie File\n\n#HttpOnly_.shop.example\tTRUE\t/a\tTRUE\t0\tsid\tx=1\nshop.example\tFALSE\t/\tFALSE\t0\tempty\n"
	if err := os.WriteFile("jar", []byte(jar), 0o600); err != nil {
		t.Fatal(err)
	}
	r := readRequest(t, newTestApp(t), "-b a=1;|b=\"x|y\"; -b jar")
	r.forTargets([]target{{host: "http://a.example"}, {host: "http://b.example"}, {host: "http://a.example"}})
	var got []string
	for _, c := range r.cookies {
		got = append(got, c.url+" "+c.cookie.Name+"="+c.cookie.Value+" "+c.cookie.Domain)
	}
	want := []string{
		"http://a.example/ a=1 ", "http://b.example/ a=1 ", `http://a.example/ b="x y" `, `http://b.example/ b="x y" `,
		"https://shop.example/a sid=x=1 shop.example", "http://shop.example/ empty= ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Files as browsers' extensions and Windows write them, cookies that have ended, and headers in a file.
func TestFilesOfARequest(t *testing.T) {
	t.Chdir(t.TempDir())
	jar := "\ufeff# Netscape HTTP Cookie File\r\n#HttpOnly_shop.example\tFALSE\t/\tFALSE\t4102444800\tlater\t{\"a\":1}\r\nshop.example\tFALSE\t/\tFALSE\t1000000000\told\t1\r\n"
	header := "\ufeff# of the case\nX-A: 1\r\n\nX-B: c:d\n"
	for name, text := range map[string]string{"jar": jar, "header": header, "wrong": "X-A: 1\nnonsense\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := readRequest(t, newTestApp(t), "-b jar -b __Host-x=1 -H @header -H X-C:|2")
	if len(r.cookies) != 3 || r.cookies[0].cookie.Value != `{"a":1}` || !r.cookies[1].cookie.Expires.Before(time.Now()) || r.cookies[0].cookie.Expires.Year() != 2100 || !r.cookies[2].cookie.Secure {
		t.Errorf("cookies %+v", r.cookies)
	}
	if want := []stampede.Header{{Name: "X-A", Value: "1"}, {Name: "X-B", Value: "c:d"}, {Name: "X-C", Value: "2"}}; !slices.Equal(r.header, want) {
		t.Errorf("headers %v", r.header)
	}
	if err := newTestApp(t).headers(&request{})("@wrong"); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a line that is no header: %v", err)
	}
	for url, want := range map[string]string{"http://a/x": "http://a/x?q=1", "http://a/x?": "http://a/x?q=1", "http://a/x?y": "http://a/x?y&q=1"} {
		r := request{inQuery: true, joined: []byte("q=1")}
		if got := r.withQuery(url); got != want {
			t.Errorf("%s with -G: %s, want %s", url, got, want)
		}
	}
}

func TestTargets(t *testing.T) {
	for raw, want := range map[string]string{
		"http://bücher.example":                    "http://xn--bcher-kva.example/ /",
		"HTTP://Shop.Example:8080/a%b\\c?q=a\\b#f": "http://shop.example:8080/a%b/c?q=a\\b /a%b/c",
		"http://[::1]:80?x":                        "http://[::1]/?x /",
		"http://127.1/":                            "http://127.0.0.1/ /",
		"http://app.localhost/ä":                   "http://app.localhost/ä /ä",
		"http://a:99999/":                          `port "99999" is not a number from 1 to 65535`,
		"http://::1/":                              "stands in brackets",
		"http://ann:pw@a.example/":                 "http://***@a.example/ holds a user and password",
		"http://a b/":                              "a space in it is written %20",
		"http:///x":                                "names no host",
	} {
		one, err := parseTarget(raw)
		got := one.url + " " + one.label
		if err != nil {
			got = err.Error()
		}
		if got != want && (err == nil || !strings.Contains(got, want)) {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
	targets, _ := parseTargets([]string{"http://a/s?q=1", "http://a/s?q=2", "http://a/s", "http://a/t?x", "http://a/t?x", "http://a/l?1", "http://a/l?2"})
	nameTargets(targets, 5) // the last two are of a list
	var labels []string
	for i := range targets {
		labels = append(labels, targets[i].label)
	}
	if want := []string{"/s?q=1", "/s?q=2", "/s", "/t", "/t", "/l", "/l"}; !slices.Equal(labels, want) {
		t.Errorf("%q, want %q", labels, want)
	}
	targets, _ = parseTargets([]string{"http://a.example", "http://a.example:81/x?y=1#z", "HTTP://a.example/"})
	nameTargets(targets, 3)
	if targets[0].label != "a.example/" || targets[1].label != "a.example:81/x" || targets[2].label != "a.example/" {
		t.Errorf("several hosts: %+v", targets)
	}
}

func TestListInVegetasForm(t *testing.T) {
	t.Chdir(t.TempDir())
	a := newTestApp(t)
	if err := os.WriteFile("body", []byte("b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.In = strings.NewReader("\ufeff# all\r\nhttp://a/1\n\nPOST http://a/2?q=1\nX-A: b: c\n# still\nX-D:\n@body\n\nGET  http://a/3\nDELETE http://a/4\nhttp://a/5\n")
	got, wrong := a.readList("-")
	if len(wrong) > 0 || len(got) != 5 {
		t.Fatalf("%d targets, %v", len(got), wrong)
	}
	p := got[1]
	if p.method != "POST" || p.url != "http://a/2?q=1" || string(p.body) != "b\n" || !p.hasBody || len(p.header) != 2 || p.header[0] != (stampede.Header{Name: "X-A", Value: "b: c"}) {
		t.Errorf("%+v", p)
	}
	if got[0].method != "" || got[2].method != "GET" || got[3].method != "DELETE" || got[4].url != "http://a/5" || got[4].header != nil {
		t.Errorf("%+v", got)
	}
	for text, want := range map[string]string{
		"{\"method\":\"GET\"}":   "vegeta's JSON",
		"GET http://a\nnonsense": "no header field",
		"http://a\nX: y":         "has no scheme",
		"GET http://a\n@none":    "cannot be read",
		"GET ftp://a":            "is not known",
		"# nothing":              "holds no URL",
	} {
		b := newTestApp(t)
		b.In = strings.NewReader(text)
		if _, wrong := b.readList("-"); len(wrong) == 0 || !strings.Contains(wrong[0].Error(), want) {
			t.Errorf("%q: %v, want %s", text, wrong, want)
		}
	}
}
