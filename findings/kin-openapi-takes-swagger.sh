#!/usr/bin/env bash
# What:    kin-openapi's openapi3.Loader with a document of Swagger 2.0.
# Version: github.com/getkin/kin-openapi v0.152.0, Go 1.26.
# Guess:   (written before it was run) an error that says that this is version 2.
# Seen:    no error: it has the paths, and no server, since "host" and "basePath" are fields that version 3 does not have. Only Validate complains, that the
#          field "openapi" is empty.
# Means:   a tool that makes a load test of an API's description and leaves Validate out, since it is too strict for real files, asks for /cart in place of
#          /shop/v1/cart and measures 404s. Look at the key "openapi" before loading.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

const swagger = `
swagger: '2.0'
info: {title: shop, version: '1'}
host: 127.0.0.1
basePath: /shop/v1
paths:
  /cart:
    get:
      responses: {'200': {description: the cart}}
`

func main() {
	loader := openapi3.NewLoader()
	d, err := loader.LoadFromData([]byte(swagger))
	if err != nil {
		fmt.Println("refused:", err)
		return
	}
	fmt.Printf("%d path, %d servers; Validate: %v\n", d.Paths.Len(), len(d.Servers), d.Validate(loader.Context))
}
GO
printf 'module finding\n\ngo 1.26\n' >go.mod
go get github.com/getkin/kin-openapi/openapi3@v0.152.0 >/dev/null 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "1 path, 0 servers; Validate: value of openapi must be a non-empty string" ] || { echo "no longer so" >&2; exit 1; }
