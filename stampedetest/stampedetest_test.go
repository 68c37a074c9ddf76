package stampedetest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/stampedetest"
)

type visitor struct{ stampede.HTTPUser }

func (v *visitor) Home(ctx context.Context) error {
	_, err := v.Get(ctx, "/", stampede.Name("Home"))
	return err
}

func test() stampede.Test {
	return stampede.Test{Users: []stampede.UserType{stampede.Users(stampede.Spec[visitor]{
		Tasks: []stampede.Task[visitor]{{Do: (*visitor).Home}},
	})}}
}

func TestRunAgainstAFakeSite(t *testing.T) {
	report := stampedetest.Run(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }), test(), 20)
	stampedetest.NoFailures(t, report)
	stampedetest.AtLeast(t, report, "Home", 20)
}

// fake notes what a helper says of a run without failing the real test.
type fake struct {
	testing.TB
	said []string
}

func (f *fake) Helper()           {}
func (f *fake) Log(...any)        {}
func (f *fake) Error(args ...any) { f.said = append(f.said, fmt.Sprint(args...)) }
func (f *fake) Errorf(format string, args ...any) {
	f.said = append(f.said, fmt.Sprintf(format, args...))
}

func TestFailuresAreSaid(t *testing.T) {
	report := stampedetest.Run(t, http.NotFoundHandler(), test(), 5)
	f := &fake{TB: t}
	stampedetest.NoFailures(f, report)
	stampedetest.AtLeast(f, report, "Home", 6)
	if len(f.said) != 2 || f.said[0] != "GET Home failed 5 times: 404 Not Found" {
		t.Errorf("said %q, want the failures and the missing requests", f.said)
	}
}
