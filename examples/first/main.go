// A first test: copy it, change the host, run it with `go run . run -H https://... -u 10 -t 30s`.
package main

import (
	"github.com/stampede-load/stampede"
	"github.com/stampede-load/stampede/launch"
)

func main() {
	launch.Main(stampede.Test{Users: []stampede.UserType{
		stampede.Pages("/", "/news"), // visitors who open these pages, one each 1 to 5 s
	}})
}
