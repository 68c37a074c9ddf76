#!/usr/bin/env bash
# What:    Go's net/http; what becomes of a cookie's value on its way through http.Cookie: String, and Request.AddCookie.
# Version: go 1.26.8.
# Guess:   (written down after a first look, so take it for what one would expect) what RFC 6265 does not allow in a value is put in quotes or refused with an error: String of such a
#          cookie is "" and AddCookie adds nothing.
# Seen:    quotes, backslashes and semicolons are taken out of the middle of a value without an error, one log line each: {"lang":"de"}
#          goes out as {lang:de}. A name such as prefs[0], which PHP sets every day, makes String "" and nobody is told.
# Means:   a tool that lets users bring cookies out of their browser and sends them through http.Cookie asks as somebody else. Set-Cookie
#          lines and Cookie fields are to be written by hand.
set -euo pipefail
go version | grep -q 'go1\.26' || { echo "this is not Go 1.26" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/main.go" <<'GO'
package main

import (
	"fmt"
	"net/http"
)

func main() {
	for _, k := range []http.Cookie{{Name: "a", Value: `{"lang":"de"}`}, {Name: "b", Value: `x\y;z`}, {Name: "prefs[0]", Value: "1"}} {
		req, _ := http.NewRequest("GET", "http://127.0.0.1/", http.NoBody)
		req.AddCookie(&k)
		fmt.Printf("%s | %s\n", k.String(), req.Header.Get("Cookie"))
	}
}
GO
seen=$(cd "$dir" && go run main.go 2>/dev/null)
echo "$seen"
[ "$seen" = 'a={lang:de} | a={lang:de}
b=xyz | b=xyz
 | prefs[0]=1' ] || { echo "no longer so" >&2; exit 1; }
