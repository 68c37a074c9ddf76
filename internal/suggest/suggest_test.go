package suggest

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	words := []string{"users", "rate", "run-time", "seed", "threshold", "p95"}
	// Who has begun a long word does not mean a short one with several other letters.
	flags := []string{"fresh", "threshold", "timeout", "time-zone", "trail"}
	for word, want := range map[string]string{"thresh": "threshold", "thres": "threshold", "fesh": "fresh", "tresh": "fresh", "trial": "trail", "time": "timeout"} {
		if got := Nearest(word, flags); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
	for word, want := range map[string]string{
		"user": "users", "usres": "users", "USERS": "users", "treshold": "threshold", "thresh": "threshold", "run": "run-time", "p59": "p95", "rat": "rate",
		"": "", "x": "", "ab": "", "connections": "", strings.Repeat("a", 1000): "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
}

// slow is the definition of the distance, without a table.
func slow(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	}
	cost := 1
	if a[0] == b[0] {
		cost = 0
	}
	d := min(slow(a[1:], b)+1, slow(a, b[1:])+1, slow(a[1:], b[1:])+cost)
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		d = min(d, slow(a[2:], b[2:])+1)
	}
	return d
}

func TestDistance(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		letters := make([]rune, r.IntN(6))
		for i := range letters {
			letters[i] = []rune("abcü")[r.IntN(4)]
		}
		return string(letters)
	}
	for range 2000 {
		a, b := word(), word()
		if got, want := Distance(a, b), slow([]rune(a), []rune(b)); got != want || Distance(b, a) != got {
			t.Fatalf("Distance(%q, %q) = %d and %d, want %d", a, b, got, Distance(b, a), want)
		}
	}
}
