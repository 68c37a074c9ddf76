package stampede

import (
	"regexp"
	"strings"
	"testing"
)

const formPage = `<!doctype html><title>T</title><meta name="csrf-token" content="a&amp;b==">
<form id=search action="/s"><input name=q value="x"></form>
<form id="comment" action="/post"><input type=hidden name="token" value='t&quot;1'><textarea name=text>
a &lt;b</textarea><select name=kind><option>one<option value=2 selected>two</select>
<input type=radio name=r value=1><input type=radio name=r value=2 checked><input type=checkbox name=c></form>
<form action="/other"><input type=hidden name=token value=t2></form>
<a href="/out?nonce=77ab">Log out</a><script>var s = {"nonce":"n0nce"}</script>`

func answerOf(body string) *Response {
	return &Response{Status: 200, kept: body}
}

func TestFindInAnswers(t *testing.T) {
	html, data := answerOf(formPage), answerOf(`{"a":{"b.c":[{"id":12345678901234567890},null,true,{"x":"y"}]}}`)
	for _, c := range []struct {
		what  string
		find  func() (string, error)
		want  string
		wrong string
	}{
		{"hidden", func() (string, error) { return html.Form("token") }, `t"1`, ""},
		{"text", func() (string, error) { return html.Form("q") }, "x", ""},
		{"textarea", func() (string, error) { return html.Form("text") }, "a <b", ""},
		{"select", func() (string, error) { return html.Form("kind") }, "2", ""},
		{"radio", func() (string, error) { return html.Form("r") }, "2", ""},
		{"unchecked", func() (string, error) { return html.Form("c") }, "", `no field "c"`},
		{"meta", func() (string, error) { return html.Find("meta[name=csrf-token]", "content") }, "a&b==", ""},
		{"second form", func() (string, error) { return html.Find(`form[action="/other"] input[name=token]`, "value") }, "t2", ""},
		{"text of an element", func() (string, error) { return html.Find("a", "") }, "Log out", ""},
		{"no element", func() (string, error) { return html.Find("b", "") }, "", "there is no b in the answer"},
		{"no attribute", func() (string, error) { return html.Find("a", "title") }, "", `there is no a with "title"`},
		{"no selector", func() (string, error) { return html.Find("a[", "href") }, "", "cannot be read"},
		{"match", func() (string, error) { return html.Match(regexp.MustCompile(`"nonce":"([^"]+)"`)) }, "n0nce", ""},
		{"match without a group", func() (string, error) { return html.Match(regexp.MustCompile(`nonce=\w+`)) }, "nonce=77ab", ""},
		{"no match", func() (string, error) { return html.Match(regexp.MustCompile(`zzz`)) }, "", "nothing matches zzz"},
		{"path", func() (string, error) { return data.Path(`a.b\.c.0.id`) }, "12345678901234567890", ""},
		{"path to an object", func() (string, error) { return data.Path(`a.b\.c.3`) }, `{"x":"y"}`, ""},
		{"path to true", func() (string, error) { return data.Path(`a.b\.c.2`) }, "true", ""},
		{"path to null", func() (string, error) { return data.Path(`a.b\.c.1`) }, "", "is null"},
		{"path that ends", func() (string, error) { return data.Path("a.x") }, "", `no "x" below "a"`},
		{"path into nothing", func() (string, error) { return data.Path("x") }, "", `no "x" in the JSON`},
		{"path of a page", func() (string, error) { return html.Path("x") }, "", "is not JSON"},
	} {
		got, err := c.find()
		if got != c.want || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%s: %q, %v", c.what, got, err)
		}
	}
}
