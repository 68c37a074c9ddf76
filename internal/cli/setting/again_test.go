package setting

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestChange(t *testing.T) {
	var users, rate, proxy string
	var tags []string
	settings := []Setting{
		{Name: "users", Arg: "N", Group: "Load", Against: []string{"rate"}, Read: func(t string) error { users = t; return nil }},
		{Name: "rate", Arg: "RATE", Read: func(t string) error { rate = t; return nil }},
		{Name: "tag", Arg: "TAG", List: true, Read: func(t string) error { tags = append(tags, t); return nil }},
		{Name: "proxy", Arg: "URL", Mask: MaskURL, Read: func(t string) error { proxy = t; return nil }},
	}
	given, fresh := New(settings...), New(settings...)
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	given.AddFlags(flags)
	if err := flags.Parse([]string{"--users=5", "--tag=a", "--tag=b"}); err != nil {
		t.Fatal(err)
	}
	fresh.Like(given)
	for _, c := range []struct{ name, text, shown string }{{"rate", "50", "rate=50"}, {"proxy", "http://me:pw@proxy:1", "proxy=http://***@proxy:1"}} {
		if shown, err := fresh.Change(c.name, c.text); err != nil || shown != c.shown {
			t.Errorf("%s: %q, %v", c.name, shown, err)
		}
	}
	none := func(string) (string, bool) { return "", false }
	if wrong := fresh.Resolve(none, nil); len(wrong) > 0 || users != "" || rate != "50" || len(tags) != 2 || proxy == "" {
		t.Errorf("users %q, rate %q, tags %q, %v", users, rate, tags, wrong)
	}
	users, rate = "", ""
	if wrong := given.Resolve(none, nil); len(wrong) > 0 || users != "5" || rate != "" {
		t.Errorf("the first set changed: users %q, rate %q, %v", users, rate, wrong)
	}
	for _, c := range []struct {
		name string
		text []string
		want string
	}{{"usres", []string{"1"}, "did you mean users?"}, {"zzz", []string{"1"}, "there is no setting zzz"}, {"users", []string{"1", "2"}, "given 2 times"}} {
		if _, err := fresh.Change(c.name, c.text...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if fresh.Group("users") != "Load" || fresh.Group("zzz") != "" {
		t.Error("the groups are wrong")
	}
}
