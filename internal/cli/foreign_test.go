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
	for _, line := range []string{
		"--tlsv1.2", "--range 0-5", "--upload-file f", "-Z", "-K f", "--next", "-:", "-O", "-N", "--path-as-is", "--dns-servers 1.1.1.1", "--aws-sigv4 x", "-y 5", "--body x",
		"--headers a:b", "--amount 5", "--pipelining 3", "--concurrent=5", "--reps=10", "--time=10S", "--print r", "--burst-delay 1s", "--logfile x", "--master", "--worker",
		"--linger", "--proxy-header a:b", "--socks5 x", "--proxy-insecure", "--parallel", "--netrc", "-g out", "-B 1.2.3.4",
	} {
		err := refusal(t, a, hit, strings.Fields(line))
		if flag, _, _ := strings.Cut(strings.Fields(line)[0], "="); !strings.Contains(err, " is here ") || !strings.Contains(err, flag) {
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

// TestSingleDash gives flags of several letters a single dash, as hey, vegeta and programs of Go have them: none is taken for a letter and its value.
func TestSingleDash(t *testing.T) {
	a := newTestApp(t)
	a.Test = nil
	root := a.root()
	for line, want := range map[string]string{
		"hit -duration=1s URL":          "-duration: ",
		"hit -disable-keepalive URL":    "--fresh request",
		"hit -keepalive=false URL":      "--fresh request",
		"hit -rate 5/1s URL":            "-rate: a flag of more than one letter has two dashes here: --rate",
		"hit -rate=5 URL":               "--rate=5",
		"hit -timeout 5s URL":           "--timeout",
		"hit -body f URL":               "--data-binary @FILE",
		"hit -targets=t URL":            "--urls FILE",
		"hit -h2 URL":                   "--http 2",
		"hit -cpus 2 URL":               "all cores",
		"hit -users=5 URL":              "--users=5",
		"hit -k -data x URL":            "--data",
		"hit -u 5 -t30s -n1000 URL":     "",
		"hit -XPOST -dname=ann URL":     "",
		"hit -d -rate URL":              "",
		"hit -d=-rate --data -rate URL": "",
		"hit -kL -H -timeout:5 URL":     "",
		"hit URL -- -rate":              "",
		"hit -Ha:b -dratemy -tt URL":    "",
		"runs list -json":               "--json",
		"nonsense -rate":                "",
		"__complete hit -rate":          "",
	} {
		err := a.singleDash(root, strings.Fields(line))
		if want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
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
