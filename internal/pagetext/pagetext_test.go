package pagetext

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stampede-load/stampede/internal/mask"
)

func TestMessage(t *testing.T) {
	for _, c := range []struct{ kind, body, known, want string }{
		{
			"text/html", `<!DOCTYPE html><html><head><title>Database Error</title><style>h1{}</style></head><body id="error-page"><h1>Error establishing a database connection</h1></body>`,
			"500 Internal Server Error", "Database Error - Error establishing a database connection",
		},
		{"text/html; charset=utf-8", "<html>\n<head><title>502 Bad Gateway</title></head>\n<body><center><h1>502 Bad Gateway</h1></center>\n<hr><center>nginx/1.26.3</center></body>", "502 Bad Gateway", "nginx/1.26.3"},
		{"text/html", `<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503 Service Temporarily Unavailable</h1></body>`, "503 Service Unavailable", ""},
		{"text/html", `<title>Log In &lsaquo; Site</title><h1>Powered by WordPress</h1><div id="login_error" class="notice notice-error"><p><strong>Error:</strong> The password you entered for <strong>ann</strong> is incorrect. <a href="x">Lost your password?</a></p></div><form>`, "200 OK, expected 302", "Error: The password you entered for ann is incorrect. Lost your password?"},
		{"text/html", `<title>Shop</title><div role="alert" hidden>Never seen</div><div class="cookie-alert">We use cookies</div><div role="alert">Sold out</div>`, "409 Conflict", "Sold out"},
		{"text/html", `<title>Shop</title><ul class="errorlist"><li>Enter a valid e-mail</ul><p>Later`, "", "Enter a valid e-mail"},
		{"", "<html><body><script>var a='x'</script><p>Too   many\n\trequests &amp; more</p>", "429 Too Many Requests", "Too many requests & more"},
		{"application/json", `{"error":{"code":17,"message":"out of \u001b[31mseats"},"trace":"x"}`, "", "out of [31mseats"},
		{"application/problem+json; charset=utf-8", `{"type":"about:blank","title":"Out of credit","status":403,"detail":"Your balance is 30"}`, "", "Your balance is 30"},
		{"application/json", `{"errors":["first","second"],"ok":false}`, "", "first"},
		{"application/json", `{"success":false,"error":"wrong password"}`, "wrong password", ""},
		{"application/json", `{"status":"error","message":"cut off in the mid`, "", ""},
		{"application/json", `{"message":"whole","rest":"cut of`, "", "whole"},
		{"application/json", "\ufeff[{\"errorMessage\":\"in a list\"}]", "", "in a list"},
		{"text/plain", `{"error": "not declared"}`, "", "not declared"},
		{"application/xml", `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`, "403 Forbidden", "Access Denied"},
		{"text/xml", `<soap:Fault><faultcode>s</faultcode><faultstring>no such order</faultstring></soap:Fault>`, "", "no such order"},
		{"text/plain", "\n\n  upstream connect error\nmore\n", "", "upstream connect error"},
		{"text/plain; charset=iso-8859-1", "d\xe9sol\xe9", "", "désolé"},
		{"text/plain", "cut in a r\xc3", "", "cut in a r"},
		{"text/plain; charset='iso-8859-1'", "d\xe9sol\xe9", "", "désolé"},
		{"text/plain; charset=\"ISO-8859-1\"", "d\xe9sol\xe9 \x96 5 \x80", "", "désolé – 5 €"},
		{"text/plain; charset=iso-8859-15", "5 \xa4", "", "5 €"},
		{"text/html; charset=koi8-r", "<title>\xf0\xd2\xc9\xd7\xc5\xd4</title>", "", "Привет"},
		{"text/html", "<meta charset=windows-1251><title>\xcf\xf0\xe8\xe2\xe5\xf2</title>", "", "Привет"},
		{"application/xml", "<?xml version=\"1.0\" encoding='iso-8859-2'?><error><message>b\xb3\xb1d</message></error>", "", "błąd"},
		{"text/plain; charset=utf-16le", "g\x00r\x00\xfc\x00n\x00", "", "grün"},
		{"text/plain; charset=utf-16be", "\x00g\x00r\x00\xfc\x00n", "", "grün"},
		{"text/plain", "\xff\xfe=\xd8\x00\xden\x00o\x00n\x00", "", "😀non"},
		{"text/plain; charset=iso-8859-1", "\xef\xbb\xbfgr\xc3\xbcn", "", "grün"},
		{"text/plain; charset=shift_jis", "\x83\x47\x83\x89\x81\x5b", "", ""},
		{"text/html", "\xff\xfe<\x00b\x00>\x00H\x00i\x00<\x00/\x00b\x00>\x00", "", "Hi"},
		{"image/png", "\x89PNG\r\n", "", ""},
		{"application/octet-stream", "\x00\x01\x02", "", ""},
		{"application/javascript", "alert(1)", "", ""},
		{"text/plain", "connect to db: password=hunter2 failed, token: 'abc', key=7", "", "connect to db: password=*** failed, token: '***', key=***"},
		{"text/plain", "Authorization: Bearer abc.def was refused", "", "Authorization: *** was refused"},
		{"text/plain", "bad eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "", "bad ***"},
		{"text/plain", "id 0123456789abcdef0123456789abcdef0123456789abcdef", "", "id ***"},
		{"text/plain", "", "", ""},
	} {
		if got := Message(c.kind, []byte(c.body), c.known); got != c.want {
			t.Errorf("%s %.40q: %q, want %q", c.kind, c.body, got, c.want)
		}
	}
	if got := Message("text/plain", []byte(strings.Repeat("word ", 100)), ""); utf8.RuneCountInString(got) > longest || !strings.HasSuffix(got, "…") {
		t.Errorf("a long text: %q", got)
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("text/html", []byte("<title>a</title><div class=error>b<p>c"))
	f.Add("application/json", []byte(`{"a":[{"message":"b"}]}`))
	f.Add("text/xml", []byte(`<message>a`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		got := Message(kind, body, "500")
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > longest+len(mask.Hidden) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q", got)
		}
	})
}
