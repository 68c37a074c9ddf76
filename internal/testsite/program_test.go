package testsite

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMainStatus(t *testing.T) {
	for _, row := range []struct {
		name   string
		args   []string
		status int
		says   string
	}{
		{"help", []string{"-h"}, 0, "-freeze-for"},
		{"unknown flag", []string{"-quick"}, 2, "-quick"},
		{"argument", []string{"fast"}, 2, "no arguments are expected"},
		{"unknown mode", []string{"-mode", "quick"}, 1, `no such mode: "quick"`},
		{"bad address", []string{"-addr", "127.0.0.1:99999"}, 1, "listen on 127.0.0.1:99999"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			status := Main(t.Context(), row.args, strings.NewReader(""), &out, &errs)
			if status != row.status || !strings.Contains(errs.String(), row.says) || out.Len() > 0 {
				t.Errorf("status %d, output %q, errors %q; want %d and %q", status, out.String(), errs.String(), row.status, row.says)
			}
		})
	}
}

func TestMainServesUntilItsInputEnds(t *testing.T) {
	in, feed := io.Pipe()
	lines, out := io.Pipe()
	status := make(chan int)
	go func() { status <- Main(t.Context(), []string{"-with-stdin"}, in, out, io.Discard) }()
	line, err := bufio.NewReader(lines).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, readyLine))
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	_ = feed.Close()
	if got := <-status; got != 0 {
		t.Errorf("status %d, want 0", got)
	}
	if response, err := http.Get(url); err == nil {
		_ = response.Body.Close()
		t.Error("still serving after the end")
	}
}

func TestMainServesUntilItsContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	lines, out := io.Pipe()
	status := make(chan int)
	go func() { status <- Main(ctx, nil, strings.NewReader(""), out, io.Discard) }()
	if _, err := bufio.NewReader(lines).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	cancel()
	if got := <-status; got != 0 {
		t.Errorf("status %d, want 0", got)
	}
}

func TestFlagsGiveTheConfigBack(t *testing.T) {
	for _, config := range []Config{
		{},
		{Mode: Exp, Addr: "127.0.0.2:0", TLS: true, Body: 9, Service: time.Second, Slow: time.Minute, Share: .125, Seed: 1 << 63, FreezeAt: 1, FreezeFor: 2, Arrivals: -1},
	} {
		want, err := config.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		var got Config
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		got.define(flags)
		if err := flags.Parse(want.args()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
}

func TestChildServesAndCounts(t *testing.T) {
	insecure := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	for _, tls := range []bool{false, true} {
		child := NewChild(t, Config{Mode: FiveXX, Share: .5, TLS: tls})
		for range 2 {
			if _, err := child.Stats(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		stats, err := child.Stats(t.Context())
		if err != nil || stats.Mode != FiveXX || stats.Requests != 0 || stats.Connections != 3 {
			t.Errorf("%+v, %v; want no requests on three connections", stats, err)
		}
		for range 3 {
			if a := get(insecure, child.URL()); a.err != nil {
				t.Error(a.err)
			}
		}
		if times, err := child.Arrivals(t.Context()); err != nil || len(times) != 3 || !slices.IsSorted(times) || times[0] <= 0 {
			t.Errorf("arrivals %v, %v: want three in order", times, err)
		}
		if stats.CPU <= 0 && runtime.GOOS != "windows" {
			t.Errorf("CPU %v", stats.CPU)
		}
		if err := child.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestChildStandsStill(t *testing.T) {
	child := NewChild(t, Config{})
	if runtime.GOOS == "windows" {
		if _, err := child.Freeze(t.Context(), time.Second); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%v, want unsupported", err)
		}
		return
	}
	type frozen struct {
		length time.Duration
		err    error
	}
	done := make(chan frozen)
	began := time.Now()
	go func() {
		length, err := child.Freeze(t.Context(), 300*time.Millisecond)
		done <- frozen{length, err}
	}()
	for slowest := time.Duration(0); slowest < 100*time.Millisecond; {
		if time.Since(began) > 30*time.Second {
			t.Fatal("no request was held up")
		}
		sent := time.Now()
		response, err := http.Get(child.URL())
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		slowest = max(slowest, time.Since(sent))
	}
	if got := <-done; got.err != nil || got.length < 300*time.Millisecond {
		t.Errorf("stood still for %v, %v; want 300 ms", got.length, got.err)
	}
}

func TestChildEndsEvenWhenFrozen(t *testing.T) {
	child := NewChild(t, Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := child.Freeze(ctx, time.Hour); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	if err := stop(child.command.Process); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Fatal(err)
	}
	if err := child.Close(); err != nil {
		t.Error(err)
	}
}

func TestStartChildSaysWhatWentWrong(t *testing.T) {
	if _, err := StartChild("/no/such/program", Config{}); err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("missing program: %v", err)
	}
	if _, err := StartChild("", Config{Mode: "slow"}); err == nil || !strings.Contains(err.Error(), "no such mode") {
		t.Errorf("bad mode: %v", err)
	}
	if _, err := StartChild("", Config{Addr: "127.0.0.1:99999"}); err == nil || !strings.Contains(err.Error(), "instead of where it listens") {
		t.Errorf("child that cannot listen: %v", err)
	}
}
