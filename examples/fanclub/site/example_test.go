package site_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"time"

	"github.com/stampede-load/stampede/examples/fanclub/site"
)

// A fan logs in to a site that can serve four requests at a time.
func Example() {
	s, err := site.New(site.Config{Workers: 4, ServiceTime: 5 * time.Millisecond, Distribution: site.Fixed})
	if err != nil {
		log.Fatal(err)
	}
	running, err := s.Start("127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer running.Close(context.Background())

	form := url.Values{"email": {"fan0001@fans.example"}, "password": {"harbour-gravel-2871"}, "rememberMe": {"1"}}
	response, err := http.PostForm(running.URL()+"/login", form)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(response.Status, string(body))
	fmt.Println(s.Stats().Served, "served")
	// Output:
	// 200 OK {"success":true,"userId":"u100007"}
	// 1 served
}
