package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/stampede-load/stampede/internal/cli/setting"
	"github.com/stampede-load/stampede/internal/testsite/peer"
)

// TestScripts runs whole command lines in this process against a little site on the loopback. Besides testscript's own commands a script
// has
//
//	NAME args...             runs a program (see programs); fails when its status is not 0, with ! when it is
//	status N                 the last program ended with N
//	answer TEXT NAME args... runs a program that is told TEXT when it asks
//	press N NAME args...     runs a program and interrupts it N times once the site has been asked for something
//	schema FILE              FILE (or stdout) is a result that fits the published schema
//	free NAME                sets the variable NAME to a loopback address where nothing listens
//	past N SLOW CHANGES...   N runs of past days in the ledger, whose times are SLOW times as long as those of others; SLOW may be 1.4
//	recent N SLOW CHANGES... the same, an hour apart in the last days; old: a year ago
//	twin SLOW                one more run of the plan of the last one in the ledger $STAMPEDE_LEDGER
//
// and $SITE, the site's URL.
func TestScripts(t *testing.T) {
	commands := map[string]func(*testscript.TestScript, bool, []string){
		"status": checkStatus,
		"schema": checkSchema,
		"free":   freeAddress,
		"answer": answer,
		"press":  press,
		"past":   past,
		"recent": recent,
		"old":    old,
		"twin":   twin,
	}
	for name := range programs() {
		commands[name] = func(ts *testscript.TestScript, neg bool, args []string) { runProgram(ts, neg, name, args, "", 0) }
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		WorkdirRoot:         t.TempDir(), // its own folder stays behind when only some scripts run
		Cmds:                commands,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			s := newSite()
			e.Defer(s.Close)
			e.Values[siteKey{}] = s
			e.Values[statusKey{}] = new(int)
			e.Setenv("SITE", s.URL)
			root, err := filepath.Abs("../..") // of this repository, for --source
			if err != nil {
				return err
			}
			e.Setenv("ROOT", root)
			e.Setenv("HOME", e.WorkDir) // where the ledger is
			return nil
		},
	})
}

// siteKey and statusKey find what belongs to one script.
type (
	siteKey   struct{}
	statusKey struct{}
)

// runProgram runs one command line with a standard input, and interrupts it so many times once the site was asked for something.
func runProgram(ts *testscript.TestScript, neg bool, name string, args []string, in string, presses int) {
	signals := make(chan os.Signal, presses)
	s := System{
		Args: append([]string{name}, args...), Environ: environ(ts), Dir: ts.MkAbs("."),
		In: strings.NewReader(in), Out: ts.Stdout(), Err: ts.Stderr(), Interrupts: signals,
	}
	ended := make(chan struct{})
	if presses > 0 {
		asked := ts.Value(siteKey{}).(*site).asked
		select {
		case <-asked: // by the program before
		default:
		}
		go func() {
			select {
			case <-asked:
			case <-ended:
			}
			for range presses {
				signals <- os.Interrupt
			}
		}()
	}
	status := Main(context.Background(), programs()[name], s)
	close(ended)
	*ts.Value(statusKey{}).(*int) = status
	if neg && status == 0 {
		ts.Fatalf("%s ended with 0", name)
	}
	if !neg && status != 0 {
		ts.Fatalf("%s ended with %d", name, status)
	}
}

// environ is the script's environment, as far as programs look at it.
func environ(ts *testscript.TestScript) []string {
	names := []string{"PATH", "HOME", "STAMPEDE_USRES", "NO_COLOR", "TERM", "EDITOR", "VISUAL", "HTTP_PROXY", "NO_PROXY"}
	(&app{Program: programs()["own"], own: ownFlags(programs()["own"])}).known().Each(func(s *setting.Setting) { names = append(names, s.Variable()) })
	var all []string
	for _, n := range names {
		if v := ts.Getenv(n); v != "" {
			all = append(all, n+"="+v)
		}
	}
	return all
}

func press(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	runProgram(ts, neg, args[1], args[2:], "", n)
}

func answer(ts *testscript.TestScript, neg bool, args []string) {
	runProgram(ts, neg, args[1], args[2:], args[0]+"\n", 0)
}

func checkStatus(ts *testscript.TestScript, _ bool, args []string) {
	if got := fmt.Sprint(*ts.Value(statusKey{}).(*int)); got != args[0] {
		ts.Fatalf("the status is %s, not %s", got, args[0])
	}
}

func checkSchema(ts *testscript.TestScript, _ bool, args []string) {
	published, err := os.ReadFile("../../docs/schema/result.schema.json")
	ts.Check(err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	ts.Check(err)
	compiler := jsonschema.NewCompiler()
	ts.Check(compiler.AddResource("result.schema.json", document))
	schema, err := compiler.Compile("result.schema.json")
	ts.Check(err)
	result, err := jsonschema.UnmarshalJSON(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
	ts.Check(schema.Validate(result))
}

func freeAddress(ts *testscript.TestScript, _ bool, args []string) {
	port, release, err := peer.Reserve(1)
	ts.Check(err)
	ts.Defer(release)
	ts.Setenv(args[0], fmt.Sprintf("127.0.0.1:%d", port))
}
