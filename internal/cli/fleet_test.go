package cli

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// TestMain makes this test's binary a worker where a script started one as a process of its own.
func TestMain(m *testing.M) {
	if _, joins := os.LookupEnv("STAMPEDE_JOIN"); joins && len(os.Args) > 1 && os.Args[1] == "worker" {
		if p, ok := programs()[filepath.Base(os.Args[0])]; ok {
			os.Exit(Main(context.Background(), p, Process()))
		}
	}
	os.Exit(m.Run())
}
