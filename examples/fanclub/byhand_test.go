package main

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/examples/fanclub/site"
)

// handFan is a fan whose pages are written out by hand: each page, and then the iframe that somebody found in it.
type handFan struct{ Fan }

func (f *handFan) FanClub(ctx context.Context) error {
	return f.page(ctx, "/demo/fanclub", "Logged In Fan Club", "demo")
}

func (f *handFan) Events(ctx context.Context) error {
	return f.page(ctx, "/demo/events", "Logged In Event Page", "demo")
}

func (f *handFan) Store(ctx context.Context) error {
	return f.page(ctx, "/demo/store", "Logged In Store Page", "demo/store")
}

func (f *handFan) page(ctx context.Context, path, name, iframe string) error {
	if _, err := f.Get(ctx, path, stampede.Name(name)); err != nil {
		return err
	}
	return f.loadIframe(ctx, iframe)
}

func (f *handFan) loadIframe(ctx context.Context, what string) error {
	_, err := f.Get(ctx, "/demo/iframe/"+what, stampede.Name("Logged In iframe: "+what))
	return err
}

// asked is what a fan of a kind asks the site for in one visit of the three pages.
func asked(t *testing.T, users func(...stampede.Option) stampede.UserType, opts ...stampede.Option) map[string]int {
	t.Helper()
	s, err := site.New(site.Config{ServiceTime: -1})
	if err != nil {
		t.Fatal(err)
	}
	running, err := s.Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close(context.Background())
	to, err := url.Parse(running.URL())
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen[r.Method+" "+r.URL.Path]++
		mu.Unlock()
		proxy.ServeHTTP(w, r)
	}))
	defer front.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	rep, err := stampede.Run(ctx, stampede.Plan{
		Host: front.URL, Users: stampede.Level(1), Iterations: 3, Test: stampede.Test{Users: []stampede.UserType{users(opts...)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := rep.Judged.Total.Failures; n != 0 {
		t.Errorf("%d requests failed: %v", n, rep.Judged.Errors)
	}
	return seen
}

func withPages(opts ...stampede.Option) stampede.UserType {
	return stampede.Users(stampede.Spec[Fan]{OnStart: (*Fan).LogIn, Order: stampede.InOrder, Pages: opts, Tasks: []stampede.Task[Fan]{
		{Do: (*Fan).FanClub}, {Do: (*Fan).Events}, {Do: (*Fan).Store},
	}})
}

func byHand(...stampede.Option) stampede.UserType {
	return stampede.Users(stampede.Spec[handFan]{
		OnStart: func(f *handFan, ctx context.Context) error { return f.LogIn(ctx) }, Order: stampede.InOrder,
		Tasks: []stampede.Task[handFan]{{Do: (*handFan).FanClub}, {Do: (*handFan).Events}, {Do: (*handFan).Store}},
	})
}

// What the pages ask for by themselves, without style sheets and pictures, is what was written by hand; with them it is more.
func TestPagesAskForWhatWasWrittenByHand(t *testing.T) {
	hand := asked(t, byHand)
	documents := asked(t, withPages, stampede.Parts(stampede.DocumentsOnly))
	if !maps.Equal(hand, documents) {
		t.Errorf("by hand: %v\nby itself: %v", hand, documents)
	}
	all := asked(t, withPages)
	for what, n := range hand {
		if all[what] != n {
			t.Errorf("with all parts %s is asked for %d times, and by hand %d times", what, all[what], n)
		}
	}
	if len(all) <= len(hand) {
		t.Errorf("with all parts only %v", all)
	}
}
