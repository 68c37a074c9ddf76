package testsite

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Main runs a server as a program: it reads flags (-h lists them), prints "listening on URL" as its only line and serves until ctx ends, and
// with -with-stdin also until in ends, so that it cannot outlive whoever started it. The result is the exit status: 0, 1 for a server that
// could not start, 2 for wrong flags.
func Main(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var config Config
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(errs)
	config.define(flags)
	withStdin := flags.Bool("with-stdin", false, "stop when standard input ends")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(errs, "server: no arguments are expected after the flags: %s\n", strings.Join(flags.Args(), " "))
		return 2
	}
	server, err := Start(config)
	if err != nil {
		fmt.Fprintln(errs, "server:", err)
		return 1
	}
	if *withStdin {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		go func() {
			_, _ = io.Copy(io.Discard, in) // its end is the message
			cancel()
		}()
	}
	fmt.Fprintf(out, "%s%s\n", readyLine, server.URL())
	<-ctx.Done()
	if err := server.Close(); err != nil {
		fmt.Fprintln(errs, "server:", err)
		return 1
	}
	return 0
}

// readyLine begins the line that Main prints when it listens.
const readyLine = "listening on "

// childVariable is set in the environment of a child that is a test binary.
const childVariable = "STAMPEDE_TESTSITE_CHILD"

// ExitIfChild runs [Main] and exits if this process is a child that [StartChild] made of the test binary. A package that uses StartChild in
// that way calls it first thing in its TestMain.
func ExitIfChild() {
	if os.Getenv(childVariable) == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(Main(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
