// Command first is the shortest test: copy it, change the host, run it.
package main

import (
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

func main() {
	launch.Main(stampede.Test{
		Host:  "http://127.0.0.1:8080",                           // your site
		Users: []stampede.UserType{stampede.Pages("/", "/news")}, // visitors who open these pages, one each 1 to 5 s
	})
}
