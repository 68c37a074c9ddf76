#!/usr/bin/env bash
# What:    net/http/cookiejar, where a site sets a cookie for its host alone and one of the same name and path for its domain, and then deletes one of them.
# Version: Go 1.26; curl 7.88 beside it.
# Guess:   (written before it was run) two cookies, both sent, and each is deleted by itself, as with browsers.
# Seen:    the second takes the place of the first, and deleting either deletes the one there is. curl keeps both and sends both, as Chromium 156 does.
# Means:   a load test on net/http logs its visitors out where browsers stay logged in (a log-out that clears the cookie of the domain while the session lies in one of the host),
#          and never sends the doubled cookies that confuse a site behind a change of domains.
set -euo pipefail
curl --version | grep -q '^curl 7\.88' || { echo "this is not curl 7.88" >&2; exit 2; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >go.mod <<'MOD'
module finding

go 1.26
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
)

var lines = map[string]string{"/host": "a=host; Path=/", "/domain": "a=domain; Path=/; Domain=shop.com", "/gone": "a=; Path=/; Max-Age=0"}

func main() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if line := lines[r.URL.Path]; line != "" {
			w.Header().Set("Set-Cookie", line)
			return
		}
		fmt.Fprintf(w, "%q ", r.Header.Get("Cookie"))
	}))
	_, port, _ := net.SplitHostPort(l.Addr().String())
	base := "http://shop.com:" + port
	jar, _ := cookiejar.New(nil)
	u, _ := url.Parse(base)
	args := []string{"-s", "--noproxy", "*", "-b", "", "--resolve", "shop.com:" + port + ":127.0.0.1"}
	fmt.Print("Go ")
	for _, path := range []string{"/host", "/domain", "/gone"} {
		jar.SetCookies(u, (&http.Response{Header: http.Header{"Set-Cookie": {lines[path]}}}).Cookies())
		fmt.Print(jar.Cookies(u), " ")
		args = append(args, base+path, base+"/")
	}
	out, err := exec.Command("curl", args...).Output()
	fmt.Printf("\ncurl %s%v\n", out, err)
}
GO
seen=$(go run .)
echo "$seen"
[ "$seen" = 'Go [a=host] [a=domain] [] 
curl "a=host" "a=domain; a=host" "a=domain" <nil>' ] || { echo "no longer so" >&2; exit 1; }
