package gotest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

func oauth() *site {
	s := newSite()
	s.mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		me["state"], me["challenge"], me["csrf"] = r.FormValue("state"), r.FormValue("code_challenge"), s.token()
		page(w, `<form action="/consent" method="post"><input type=hidden name="_csrf" value="%s"><input name=email><input type=password name=password></form>`, me["csrf"])
	})
	s.mux.HandleFunc("POST /consent", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["csrf"], r.FormValue("_csrf")) && logIn(w, r.FormValue("email"), r.FormValue("password")) && me["state"] != "" {
			code := s.token()
			s.codes[code] = me["challenge"] + " " + r.FormValue("email")
			http.Redirect(w, r, "/app?code="+code+"&state="+url.QueryEscape(me["state"]), http.StatusFound)
		}
	})
	s.mux.HandleFunc("GET /app", func(w http.ResponseWriter, r *http.Request) { page(w, "<div id=root></div>") })
	s.mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		challenge, user, _ := strings.Cut(s.codes[r.FormValue("code")], " ")
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if want(w, challenge, base64.RawURLEncoding.EncodeToString(sum[:]), "the-app", r.FormValue("client_id")) {
			delete(s.codes, r.FormValue("code")) // it can be used once
			token := s.token()
			s.codes["access "+token] = user
			data(w, 200, map[string]any{"access_token": token, "token_type": "Bearer"})
		}
	})
	s.mux.HandleFunc("GET /api/me", func(w http.ResponseWriter, r *http.Request) {
		if user := s.codes["access "+bearer(r)]; user != "" {
			s.done[user]++
			data(w, 200, map[string]any{"email": user})
			return
		}
		http.Error(w, "no such token", http.StatusForbidden)
	})
	return s
}

func oauthFlow(b *browser, user, password string) {
	sum := sha256.Sum256([]byte(user))
	verifier := base64.RawURLEncoding.EncodeToString(sum[:])
	state := fmt.Sprintf("%x", sum[:8])
	sum = sha256.Sum256([]byte(verifier))
	p := b.open("/authorize?response_type=code&client_id=the-app&state=" + state + "&code_challenge=" + base64.RawURLEncoding.EncodeToString(sum[:]) + "&code_challenge_method=S256&redirect_uri=" + url.QueryEscape(b.base+"/app"))
	p = b.submit("/consent", "_csrf", p.find(`_csrf" value="([^"]+)`), "email", user, "password", password)
	u, err := url.Parse(p.url)
	if err != nil {
		b.t.Fatal(err)
	}
	p = b.script("POST", "/token", "application/x-www-form-urlencoded", form("grant_type", "authorization_code", "client_id", "the-app", "code", u.Query().Get("code"), "code_verifier", verifier))
	b.script("GET", "/api/me", "", "", "Authorization", "Bearer "+p.json("access_token"))
}

func refresh() *site {
	s := newSite()
	give := func(w http.ResponseWriter, user string) {
		access, again := "eyJhbGciOiJIUzI1NiJ9."+s.token()+".A1", s.token()
		s.codes["access "+access], s.codes["refresh "+again] = user, user
		data(w, 200, map[string]any{"data": map[string]any{"access": access}, "refresh": again})
	}
	s.mux.HandleFunc("POST /api/login", func(w http.ResponseWriter, r *http.Request) {
		v := read(r)
		if logIn(w, word(v["email"]), word(v["password"])) {
			give(w, word(v["email"]))
		}
	})
	s.mux.HandleFunc("POST /api/refresh", func(w http.ResponseWriter, r *http.Request) {
		token := "refresh " + word(read(r)["refresh"])
		user := s.codes[token]
		for k, v := range s.codes { // the old one is of no more use
			if v == user {
				delete(s.codes, k)
			}
		}
		if user != "" {
			give(w, user)
			return
		}
		http.Error(w, "no such token", http.StatusForbidden)
	})
	s.mux.HandleFunc("GET /api/items", func(w http.ResponseWriter, r *http.Request) {
		user := s.codes["access "+bearer(r)]
		if user == "" {
			http.Error(w, "no such token", http.StatusForbidden)
			return
		}
		if s.session(w, r)["seen"] = s.session(w, r)["seen"] + "x"; r.FormValue("page") == "2" {
			s.done[user]++
		}
		data(w, 200, []int{1, 2})
	})
	return s
}

func refreshFlow(b *browser, user, password string) {
	token := func(p answer) string { return "Bearer " + p.find(`"access":"([^"]+)`) }
	p := b.script("POST", "/api/login", "application/json", `{"email":"`+user+`","password":"`+password+`","remember":true}`)
	b.script("GET", "/api/items", "", "", "Authorization", token(p))
	b.wait(5 * time.Second)
	p = b.script("POST", "/api/refresh", "application/json", `{"refresh":"`+p.json("refresh")+`"}`)
	b.script("GET", "/api/items?page=2", "", "", "Authorization", token(p))
}

func orders() *site {
	s := newSite()
	s.serial = 41
	s.mux.HandleFunc("POST /api/carts", func(w http.ResponseWriter, r *http.Request) {
		me, v := s.session(w, r), read(r)
		if logIn(w, word(v["email"]), word(v["password"])) {
			s.serial += 3
			me["user"], me["cart"] = word(v["email"]), fmt.Sprint(s.serial)
			data(w, 201, map[string]any{"cart": map[string]any{"id": s.serial, "items": []int{}}})
		}
	})
	s.mux.HandleFunc("POST /api/carts/{id}/items", func(w http.ResponseWriter, r *http.Request) {
		if me := s.session(w, r); want(w, me["cart"], r.PathValue("id"), me["cart"], word(read(r)["cart"])) {
			data(w, 200, map[string]any{"ok": true})
		}
	})
	s.mux.HandleFunc("POST /checkout", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["cart"], r.FormValue("cart")) {
			s.serial += 7
			me["order"] = fmt.Sprint(s.serial)
			http.Redirect(w, r, "/orders/"+me["order"], http.StatusSeeOther)
		}
	})
	s.mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		page(w, `<p>Thank you</p><a href="/orders/%s/receipt">Receipt</a>`, me["order"])
	})
	s.mux.HandleFunc("GET /orders/{id}/receipt", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["order"], r.PathValue("id")) {
			s.done[me["user"]]++
			page(w, "Receipt")
		}
	})
	return s
}

func ordersFlow(b *browser, user, password string) {
	p := b.script("POST", "/api/carts", "application/json", `{"email":"`+user+`","password":"`+password+`"}`)
	id := p.find(`"id":(\d+)`)
	b.script("POST", "/api/carts/"+id+"/items", "application/json", `{"cart":`+id+`,"product":17,"count":1}`)
	p = b.submit("/checkout", "cart", id, "pay", "invoice")
	b.open(p.find(`href="([^"]+)"`))
}

func nonces() *site {
	s := newSite()
	s.mux.HandleFunc("GET /shop/", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		me["nonce"] = s.hex()
		page(w, `<script>var boot = {"ajax":"\/ajax","version":"1.2","settings":{"nonce":"%s","locale":"en"}};</script><form id=f><input name=email><input type=password name=pass></form>`, me["nonce"])
	})
	s.mux.HandleFunc("POST /ajax", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if !want(w, me["nonce"], r.Header.Get("X-WP-Nonce")) {
			return
		}
		v := read(r)
		switch word(v["do"]) {
		case "login":
			if !logIn(w, word(v["email"]), word(v["password"])) {
				return
			}
			me["user"] = word(v["email"])
		case "vote":
			if !want(w, me["ticket"], word(v["ticket"])) {
				return
			}
			s.done[me["user"]]++
		}
		me["nonce"], me["ticket"] = s.hex(), s.token()
		data(w, 200, map[string]any{"ok": true, "next": map[string]any{"nonce": me["nonce"], "list": []any{1, map[string]string{"ticket": me["ticket"]}}}})
	})
	return s
}

func noncesFlow(b *browser, user, password string) {
	p := b.open("/shop/")
	p = b.script("POST", "/ajax", "application/json", `{"do":"login","email":"`+user+`","password":"`+password+`"}`, "X-WP-Nonce", p.find(`nonce":"([^"]+)`))
	b.wait(4 * time.Second)
	b.script("POST", "/ajax", "application/json", `{"do":"vote","ticket":"`+p.find(`ticket":"([^"]+)`)+`","choice":"red"}`, "X-WP-Nonce", p.find(`nonce":"([^"]+)`))
}

func laravel() *site {
	s := newSite()
	give := func(w http.ResponseWriter, me map[string]string) {
		me["xsrf"] = s.token() + "=="
		http.SetCookie(w, &http.Cookie{Name: "XSRF-TOKEN", Value: url.QueryEscape(me["xsrf"]), Path: "/"})
	}
	s.mux.HandleFunc("GET /login", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		give(w, me)
		me["token"] = s.token()
		page(w, `<form method=post><input type="hidden" name="_token" value="%s" autocomplete="off"><input name=email type=email><input name=password type=password></form>`, me["token"])
	})
	s.mux.HandleFunc("POST /login", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["token"], r.FormValue("_token")) && logIn(w, r.FormValue("email"), r.FormValue("password")) {
			me["user"] = r.FormValue("email")
			give(w, me)
			http.Redirect(w, r, "http://"+r.Host+"/home", http.StatusFound)
		}
	})
	s.mux.HandleFunc("GET /home", func(w http.ResponseWriter, r *http.Request) { page(w, "Home") })
	s.mux.HandleFunc("PUT /api/profile", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["xsrf"], r.Header.Get("X-XSRF-TOKEN")) {
			s.done[me["user"]]++
			data(w, 200, map[string]any{"saved": true})
		}
	})
	return s
}

func laravelFlow(b *browser, user, password string) {
	p := b.open("/login")
	b.submit("/login", "_token", p.find(`_token" value="([^"]+)`), "email", user, "password", password)
	plain, err := url.QueryUnescape(b.cookie("XSRF-TOKEN"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.script("PUT", "/api/profile", "application/json", `{"theme":"dark","tags":["a","b"],"size":1.5,"note":null}`, "X-XSRF-TOKEN", plain, "Accept", "application/json")
}

func client() *site {
	s := newSite()
	s.mux.HandleFunc("POST /api/session", func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		me := s.session(w, r)
		if logIn(w, user, password) {
			me["user"], me["key"] = user, s.token()
			w.Header().Set("X-Session-Key", me["key"])
			data(w, 200, map[string]any{"hello": user})
		}
	})
	s.mux.HandleFunc("POST /api/pay", func(w http.ResponseWriter, r *http.Request) {
		me, v := s.session(w, r), read(r)
		key := word(v["key"])
		if s.codes[key] != "" || len(key) != 36 || !near(word(v["at"])) {
			http.Error(w, "a key twice, or none", http.StatusForbidden)
			return
		}
		if want(w, me["key"], r.Header.Get("X-Session-Key"), key, r.Header.Get("Idempotency-Key")) {
			s.codes[key] = "used"
			s.done[me["user"]]++
			data(w, 200, map[string]any{"paid": true})
		}
	})
	return s
}

func clientFlow(b *browser, user, password string) {
	p := b.script("POST", "/api/session", "", "", "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	sum := sha256.Sum256([]byte(user))
	key := fmt.Sprintf("%x-%x-4%s-8%s-%x", sum[:4], sum[4:6], fmt.Sprintf("%x", sum[6:8])[1:], fmt.Sprintf("%x", sum[8:10])[1:], sum[10:16])
	b.script("POST", "/api/pay", "application/json", `{"key":"`+key+`","at":"`+b.now.Format("2006-01-02T15:04:05.000Z")+`","amount":12.50}`,
		"X-Session-Key", p.head.Get("X-Session-Key"), "Idempotency-Key", key, "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
}
