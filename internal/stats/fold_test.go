package stats

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"/demo/fanclub", "/demo/fanclub"},
		{"two\nlines\tand\r\nmore", "two lines and  more"},
		{"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"nul \x00 del \x7f c1 \u0085", `nul \x00 del \x7f c1 \u0085`},
		{"not UTF-8 \xff\xfe", `not UTF-8 \xff\xfe`},
		{"replaced \ufffd stays", "replaced \ufffd stays"},
		{"turned \u202egnp.exe", `turned \u202egnp.exe`},
		{"isolated \u2066x\u2069", `isolated \u2066x\u2069`},
		{"line \u2028 paragraph \u2029 mark \ufeff", `line \u2028 paragraph \u2029 mark \ufeff`},
		{"שלום مرحبا 你好", "שלום مرحبا 你好"},
		{"family 👩‍👩‍👧 flag 🏴‍☠️", "family 👩‍👩‍👧 flag 🏴‍☠️"},
	} {
		if got := clean(c.in, 100); got != c.want {
			t.Errorf("clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCleanCutsVisibly(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"0123456789", 10, "0123456789"},
		{"0123456789a", 10, "0123456…"},
		{"ééééé", 10, "ééééé"},
		{"éééééé", 10, "ééé…"}, // a letter is never cut in half
		{strings.Repeat("\x00", 9), 10, `\x00…`},
		{"👩‍👩‍👧👩‍👩‍👧", 10, "👩\u200d…"},
	} {
		if got := clean(c.in, c.limit); got != c.want {
			t.Errorf("clean(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestCleanStackKeepsLines(t *testing.T) {
	if got := cleanStack("goroutine 1:\n\tmain.go:3 \x1b[0m\n"); got != "goroutine 1:\n\tmain.go:3 \\x1b[0m" {
		t.Errorf("stack = %q", got)
	}
	if got := cleanStack(strings.Repeat("frame\n", 10_000)); len(got) > maxStack || !strings.HasSuffix(got, cutMark) {
		t.Errorf("a long stack has %d bytes", len(got))
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x00\xff\u202e\n"+strings.Repeat("é", 200), uint16(64))
	f.Fuzz(func(t *testing.T, s string, n uint16) {
		limit := max(int(n), 8)
		got := clean(s, limit)
		if len(got) > limit || !utf8.ValidString(got) || !plain(got, limit) {
			t.Errorf("clean(%q, %d) = %q", s, limit, got)
		}
		if plain(s, limit) != (s == got) {
			t.Errorf("plain(%q, %d) = %t, but clean makes %q of it", s, limit, plain(s, limit), got)
		}
		if stack := cleanStack(s); len(stack) > maxStack || strings.ContainsAny(stack, "\x00\x1b\u202e") {
			t.Errorf("cleanStack(%q) = %q", s, stack)
		}
	})
}
