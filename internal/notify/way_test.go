package notify_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stampede-load/stampede/internal/notify"
)

// A variable in the place of a password is that password, whatever stands in it; the rest of an address is as it is written.
func TestVariables(t *testing.T) {
	for text, want := range map[string]string{
		"mail:smtp://load:${P}@mail.example:587?from=a@b.example&to=c+d@e.example": `mail.example:587 load "p@s/s:w?o#r%d +$1" a@b.example c+d@e.example`,
		"mail:smtp://${BOTH}@mail.example?from=a@b.example&to=c@e.example":         `mail.example us@er "p@s/s:w" a@b.example c@e.example`,
		"mail:smtp://${USER}:x%40y@mail.example?from=a@b.example&to=${TO}":         `mail.example us@er "x@y" a@b.example c+d@e.example`,
		"mail:${ALL}": `mail.example load "x@y" a@b.example c@d.example`,
		"mail:smtp://a$b:c$d@${HOST}:25?from=a@b.example&to=c@d.example": `mail.example:25 a$b "c$d" a@b.example c@d.example`,
	} {
		w, err := notify.Parse(text, ".", environment(map[string]string{
			"P": "p@s/s:w?o#r%d +$1", "BOTH": "us@er:p@s/s:w", "USER": "us@er", "TO": "c+d@e.example", "HOST": "mail.example",
			"ALL": "smtp://load:x%40y@mail.example?from=a@b.example&to=c@d.example",
		}))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := w.Read(); got != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"mail:smtp://load:12/34@mail.example?from=a@b.example&to=c@d.example": "write / as %2F", "mail:smtp://load:p/w@mail.example?from=a@b.example&to=c@d.example": "cannot be read: in a password write",
		"mail:smtp://load:${NONE}@mail.example?from=a@b.example&to=c@d.example": "the environment has no NONE", "slack:${NONE}": "the environment has no NONE",
	} {
		if _, err := notify.Parse(text, ".", environment(nil)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "p/w") || strings.Contains(err.Error(), "34") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParse(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hook"), []byte("https://hooks.example/T0SECRET\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := way(t, "slack:@hook", dir, nil)
	if got := w.Name(); got != "slack at hooks.example" {
		t.Errorf("it is called %s", got)
	}
	for text, want := range map[string]string{
		"":                                  "write KIND:ADDRESS",
		"slack":                             "write KIND:ADDRESS",
		"pigeon:coop":                       "no way to tell people",
		"slack:@missing":                    "cannot be read",
		"slack:${NOPE}":                     "no NOPE",
		"slack:ftp://h":                     "https://",
		"webhook:https://":                  "no host",
		"mail:smtp://h":                     "from=",
		"mail:smtp://h?from=a@b":            "to= is missing",
		"mail:smtp://h?from=a@b&to=x":       "to= holds",
		"mail:https://h?from=a@b&to=a@b":    "smtp://",
		"webhook:https://T0SECRET:x y@h:%%": "cannot be read",
	} {
		_, err := notify.Parse(text, dir, environment(nil))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "T0SECRET") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
