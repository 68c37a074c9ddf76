// Command stampede sends load to URLs without a test (hit), writes test projects (new), starts a site to try them on (site), builds and runs
// tests (run), and makes reports from saved results (report). Tests themselves are programs: see package launch.
package main

import (
	"context"
	"os"

	"github.com/stampede-load/stampede/internal/cli"
)

func main() { os.Exit(cli.Main(context.Background(), cli.Program{Site: demoSite()}, cli.Process())) }
