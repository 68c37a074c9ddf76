package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stampede-load/stampede/internal/mask"
)

// TestForeignFlags gives run and hit flags of other tools: each is answered with the nearest way, and none that the table speaks of is there.
func TestForeignFlags(t *testing.T) {
	a := newTestApp(t)
	a.Test = nil
	hit := a.hitCommand()
	for _, f := range foreignFlags() {
		if f.tools == "" || f.here == "" {
			t.Errorf("%+v says too little", f)
		}
		for _, flag := range strings.Fields(f.flags) {
			got := elsewhere(flag)
			if !strings.Contains(got, flag) {
				t.Errorf("%s: %q", flag, got)
			}
			if seen := mask.Text(got); seen != got { // as it is printed
				t.Errorf("%s: %q is seen as %q", flag, got, seen)
			}
		}
	}
	for _, line := range []string{
		"-c 10", "-z 5s", "-q 100", "--vus 10", "--duration 5s", "--connections 5", "-m POST", "-a me:pw", "-x proxy:1", "--disable-keepalive",
		"--latency", "--stage 1m:10", "--headless", "--http2", "--max-time 3", "-I", "-s script.lua", "-R 100", "-p body", "-D body", "--form-string a=b",
		"-w 1", "--no-tui", "--cookie-jar jar", "-o out", "--script x", "-S", "--retry 3", "-6", "--connect-to a", "--locustfile x",
	} {
		err := refusal(t, a, hit, strings.Fields(line))
		if !strings.Contains(err, " is here ") || !strings.Contains(err, strings.Fields(line)[0]) {
			t.Errorf("hit %s: %s", line, err)
		}
	}
	if err := refusal(t, a, hit, []string{"--treshold", "x"}); !strings.Contains(err, "did you mean --threshold") {
		t.Error(err)
	}
	if err := refusal(t, a, hit, []string{"-c100"}); !strings.Contains(err, "-u N") {
		t.Error(err)
	}
}

func refusal(t *testing.T, a *app, c *cobra.Command, args []string) string {
	t.Helper()
	flags := c.Flags()
	flags.ParseErrorsAllowlist = pflag.ParseErrorsAllowlist{}
	err := flags.Parse(args)
	if err == nil {
		t.Errorf("%v is a flag of its own", args)
		return ""
	}
	return a.flagError(c, err).Error()
}
