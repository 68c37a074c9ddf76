package monitor

import (
	"net/url"
	"strings"
	"testing"
)

// TestFill: a password of the environment stands in a URL as URLs have it, whatever it is, and elsewhere as it is.
func TestFill(t *testing.T) {
	env := map[string]string{"USER": "monitor", "PW": "p@ss/w#r?d:%", "CODED": "p%40ss", "PLAIN": "abc$1", "HOST": "10.0.0.5:80", "PAGE": "http://h/x"}
	lookup := func(name string) (string, bool) { v, found := env[name]; return v, found }
	for _, c := range []struct {
		address string
		isURL   bool
		want    string
	}{
		{"http://${USER}:${PW}@${HOST}/status", true, "http://monitor:p%40ss%2Fw%23r%3Fd%3A%25@10.0.0.5:80/status"},
		{"redis://u:${CODED}@h", true, "redis://u:p%40ss@h"},
		{"monitor:${PW}@h:1#NAME,a", true, "monitor:p%40ss%2Fw%23r%3Fd%3A%25@h:1#NAME,a"},
		{"http://u:${PLAIN}@h/${PW}", true, "http://u:abc$1@h/p@ss/w#r?d:%"},
		{"${PAGE}", true, "http://h/x"},
		{"monitor:${PW}@h", false, "monitor:p@ss/w#r?d:%@h"},
		{"u:pa$$w@h", true, "u:pa$$w@h"},
		{"u:pa${@h", true, "u:pa${@h"},
	} {
		got, err := Fill(c.address, c.isURL, lookup)
		if err != nil || got != c.want {
			t.Errorf("%s is %s, %v; want %s", c.address, got, err, c.want)
		}
	}
	filled, _ := Fill("http://${USER}:${PW}@h/", true, lookup)
	if u, err := url.Parse(filled); err != nil || u.Host != "h" {
		t.Errorf("%v, %v", u, err)
	} else if pw, _ := u.User.Password(); pw != env["PW"] {
		t.Errorf("the password became %q", pw)
	}
	if _, err := Fill("u:${NONE}@h", true, lookup); err == nil || err.Error() != "the environment has no NONE" {
		t.Errorf("%v", err)
	}
}

// TestTorn: a password with a # or / in it makes a host of a piece of itself, which must be neither asked nor printed.
func TestTorn(t *testing.T) {
	for address, torn := range map[string]bool{
		"redis://u:a@b#c@h:1": true, "redis://u:a/b@h": true, "u:a?b@h": true, "redis://u:p@h:1/0": false, "h:1": false, "http://u:a%23b@h/x#y": false,
	} {
		if Torn(address) != torn {
			t.Errorf("%s: torn %v", address, !torn)
		}
	}
	for _, address := range []string{"http://u:ge@heim/x@h/status", "http://u:ge@heim?x@h/status", "http://u:ge/heim@h/", "http://u:ge#heim@h/"} {
		_, err := NewPage(address)
		if err == nil || strings.Contains(err.Error(), "heim") || strings.Contains(err.Error(), "ge@") {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := NewPage("http://u:p@h/x#a@b"); err != nil {
		t.Errorf("%v", err)
	}
}

// TestNames stay, and are one thing's each.
func TestNames(t *testing.T) {
	var n Names
	for range 2 {
		for _, c := range [][2]string{{"a/b", "a_b"}, {"a:b", "a_b_2"}, {"a b", "a_b_3"}, {"x", "x"}} {
			if got := n.Of(c[0], CleanName(c[0])); got != c[1] {
				t.Errorf("%s is called %s, want %s", c[0], got, c[1])
			}
		}
	}
}
