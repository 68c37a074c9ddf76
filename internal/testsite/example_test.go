package testsite_test

import (
	"fmt"
	"log"
	"net/http"

	"github.com/stampede-load/stampede/internal/testsite"
)

// Every fourth request fails, exactly.
func Example() {
	server, err := testsite.Start(testsite.Config{Mode: testsite.FiveXX, Share: .25})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	for range 8 {
		response, err := http.Get(server.URL())
		if err != nil {
			log.Fatal(err)
		}
		_ = response.Body.Close()
		fmt.Print(response.StatusCode, " ")
	}
	fmt.Println(server.Stats().Requests)
	// Output: 200 200 200 500 200 200 200 500 8
}
