package fleet

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stampede-load/stampede"
)

// joinHere makes this test's binary a worker, in a process of its own.
const joinHere = "STAMPEDE_TEST_JOIN"

func TestMain(m *testing.M) {
	if u, ok := os.LookupEnv(joinHere); ok {
		if err := joinAsProcess(u); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	if err := flag.Set("test.parallel", fmt.Sprint(2*runtime.GOMAXPROCS(0))); err != nil { // most of the time they wait
		panic(err)
	}
	os.Exit(m.Run())
}

func joinAsProcess(text string) error {
	u, err := ParseJoinURL(text)
	if err != nil {
		return err
	}
	w, err := Join(context.Background(), WorkerConfig{
		URL: u, Name: "far", Version: "1", Test: "haunted", Folder: os.TempDir(), Prepare: prepareHaunted,
		Log: func(text string) { fmt.Fprintln(os.Stderr, text) },
	})
	if err != nil {
		return err
	}
	return w.Run(context.Background())
}

// prepareHaunted makes the plan of a job.
func prepareHaunted(_ context.Context, j *Job, _ string) (stampede.Plan, func(), error) {
	p := stampede.Plan{Test: haunted()}
	err := p.Receive(j.Plan)
	return p, nil, err
}
