package gotest_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// site is a small one with sessions. It answers 403 to whatever does not bring what it gave to that session.
type site struct {
	mu       sync.Mutex
	mux      *http.ServeMux
	sessions map[string]map[string]string
	serial   int
	done     map[string]int // flows that were gone through to the end, by account
	codes    map[string]string
}

func newSite() *site {
	return &site{mux: http.NewServeMux(), sessions: map[string]map[string]string{}, done: map[string]int{}, codes: map[string]string{}}
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mux.ServeHTTP(w, r)
}

// token is one that nobody has had before.
func (s *site) token() string {
	s.serial++
	sum := sha256.Sum256([]byte(fmt.Sprint(s.serial, " of this site")))
	return base64.RawURLEncoding.EncodeToString(sum[:])[:24]
}

func (s *site) hex() string {
	s.serial++
	return fmt.Sprintf("%x", sha256.Sum256([]byte(fmt.Sprint(s.serial, " hex"))))[:10]
}

// session is the visitor's, made at the first request.
func (s *site) session(w http.ResponseWriter, r *http.Request) map[string]string {
	if c, err := r.Cookie("sid"); err == nil && s.sessions[c.Value] != nil {
		return s.sessions[c.Value]
	}
	id := s.token()
	s.sessions[id] = map[string]string{}
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/"})
	return s.sessions[id]
}

// accounts are those of every site, with their passwords.
var accounts = map[string]string{"alice@example.org": "wonder-land-1", "bob@example.org": "bobs-secret-22", "carol@example.org": "christmas-333"}

func page(w http.ResponseWriter, text string, args ...any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!doctype html><html><head><title>A site</title></head><body>\n"+text+"\n</body></html>", args...)
}

func data(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// want answers 403 unless all pairs are equal and not empty.
func want(w http.ResponseWriter, pairs ...string) bool {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == "" || pairs[i] != pairs[i+1] {
			http.Error(w, fmt.Sprintf("pair %d: %q is not %q", i/2+1, pairs[i], pairs[i+1]), http.StatusForbidden)
			return false
		}
	}
	return true
}

// logIn answers 403 unless the account is right.
func logIn(w http.ResponseWriter, user, password string) bool {
	return want(w, accounts[user], password)
}

func read(r *http.Request) map[string]any {
	b, _ := io.ReadAll(r.Body)
	var v map[string]any
	_ = json.Unmarshal(b, &v)
	return v
}

func word(v any) string { return fmt.Sprint(v) }

func wordpress() *site {
	s := newSite()
	s.mux.HandleFunc("GET /wp-login.php", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if r.FormValue("action") == "logout" {
			if want(w, me["logout"], r.FormValue("_wpnonce"), me["commented"], "yes") {
				s.done[me["user"]]++
				clear(me)
				http.Redirect(w, r, "/wp-login.php?loggedout=true", http.StatusFound)
			}
			return
		}
		page(w, `<form name="loginform" id="loginform" action="/wp-login.php" method="post"><input type="text" name="log" id="user_login" value=""><input type="password" name="pwd">
<input type="submit" name="wp-submit" value="Log In"><input type="hidden" name="redirect_to" value="http://%s/wp-admin/"><input type="hidden" name="testcookie" value="1"></form>`, r.Host)
	})
	s.mux.HandleFunc("POST /wp-login.php", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if !logIn(w, r.FormValue("log"), r.FormValue("pwd")) {
			return
		}
		me["user"], me["logout"], me["comment"] = r.FormValue("log"), s.hex(), s.hex()
		http.Redirect(w, r, r.FormValue("redirect_to"), http.StatusFound)
	})
	s.mux.HandleFunc("GET /wp-admin/", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		page(w, `<h1>Dashboard</h1><a href="/wp-login.php?action=logout&amp;_wpnonce=%s">Log Out</a>`, me["logout"])
	})
	s.mux.HandleFunc("GET /hello-world/", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		page(w, `<form action="/wp-comments-post.php" method="post" id="commentform"><textarea name="comment"></textarea><input type='hidden' name='comment_post_ID' value='1' id='comment_post_ID' />
<input type='hidden' name='comment_parent' id='comment_parent' value='0' /><input type="hidden" id="_wp_unfiltered_html_comment_disabled" name="_wp_unfiltered_html_comment" value="%s" /></form>
<a href="/wp-login.php?action=logout&amp;_wpnonce=%s">Log Out</a>`, me["comment"], me["logout"])
	})
	s.mux.HandleFunc("POST /wp-comments-post.php", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["comment"], r.FormValue("_wp_unfiltered_html_comment"), "1", r.FormValue("comment_post_ID")) && r.FormValue("comment") != "" {
			me["commented"] = "yes"
			http.Redirect(w, r, "/hello-world/#comment-"+fmt.Sprint(s.serial), http.StatusFound)
		}
	})
	return s
}

func wordpressFlow(b *browser, user, password string) {
	b.open("/wp-login.php")
	b.submit("/wp-login.php", "log", user, "pwd", password, "wp-submit", "Log In", "redirect_to", b.base+"/wp-admin/", "testcookie", "1")
	p := b.open("/hello-world/")
	p = b.submit("/wp-comments-post.php", "comment", "What a post!", "submit", "Post Comment", "comment_post_ID", "1", "comment_parent", "0",
		"_wp_unfiltered_html_comment", p.find(`comment" value="(\w+)"`))
	b.open("/wp-login.php?action=logout&_wpnonce=" + p.find(`_wpnonce=(\w+)`))
}

func django() *site {
	s := newSite()
	cookie := func(w http.ResponseWriter, r *http.Request) string {
		if c, err := r.Cookie("csrftoken"); err == nil {
			return c.Value
		}
		v := s.token() + s.token()
		http.SetCookie(w, &http.Cookie{Name: "csrftoken", Value: v, Path: "/"})
		return v
	}
	s.mux.HandleFunc("GET /accounts/login/", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		cookie(w, r)
		me["csrf"] = s.token()
		page(w, `<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="%s"><input name="username"><input type="password" name="password"></form>`, me["csrf"])
	})
	s.mux.HandleFunc("POST /accounts/login/", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["csrf"], r.FormValue("csrfmiddlewaretoken")) && strings.HasSuffix(r.Referer(), "/accounts/login/") && logIn(w, r.FormValue("username"), r.FormValue("password")) {
			me["user"] = r.FormValue("username")
			http.Redirect(w, r, "/accounts/profile/", http.StatusFound)
		}
	})
	s.mux.HandleFunc("GET /accounts/profile/", func(w http.ResponseWriter, r *http.Request) { page(w, "<p>Hello") })
	s.mux.HandleFunc("POST /api/like", func(w http.ResponseWriter, r *http.Request) {
		c, _ := r.Cookie("csrftoken")
		if c != nil && want(w, c.Value, r.Header.Get("X-CSRFToken")) {
			s.done[s.session(w, r)["user"]]++
			data(w, 200, map[string]any{"likes": 5})
		}
	})
	return s
}

func djangoFlow(b *browser, user, password string) {
	p := b.open("/accounts/login/")
	b.submit("/accounts/login/", "csrfmiddlewaretoken", p.find(`middlewaretoken" value="([^"]+)`), "username", user, "password", password)
	b.script("POST", "/api/like", "application/json", `{"thing": 7}`, "X-CSRFToken", b.cookie("csrftoken"))
}

// cookie is one that the site has set.
func (b *browser) cookie(name string) string {
	req, err := http.NewRequest("GET", b.base, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(req.URL) {
		if c.Name == name {
			return c.Value
		}
	}
	b.t.Fatalf("there is no cookie %s", name)
	return ""
}

func rails() *site {
	s := newSite()
	form := func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		me["search"], me["session"], me["meta"] = s.token()+"+/==", s.token()+"+a==", s.token()+"&b=="
		page(w, `<meta name="csrf-param" content="authenticity_token"><meta name="csrf-token" content="%s">
<form action="/search"><input type="hidden" name="authenticity_token" value="%s"></form>
<form action="/users/sign_in" method="post"><input type="hidden" name="authenticity_token" value="%s"><input name="user[email]" type=email><input name="user[password]" type="password"></form>`,
			strings.ReplaceAll(me["meta"], "&", "&amp;"), me["search"], me["session"])
	}
	s.mux.HandleFunc("GET /users/sign_in", form)
	s.mux.HandleFunc("POST /users/sign_in", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["session"], r.FormValue("authenticity_token")) && logIn(w, r.FormValue("user[email]"), r.FormValue("user[password]")) {
			me["user"] = r.FormValue("user[email]")
			http.Redirect(w, r, "/dashboard", http.StatusSeeOther)
		}
	})
	s.mux.HandleFunc("GET /dashboard", form)
	s.mux.HandleFunc("DELETE /notices/3", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if want(w, me["meta"], r.Header.Get("X-CSRF-Token")) {
			s.done[me["user"]]++
			w.WriteHeader(http.StatusNoContent)
		}
	})
	return s
}

func railsFlow(b *browser, user, password string) {
	p := b.open("/users/sign_in")
	p = b.submit("/users/sign_in", "authenticity_token", p.find(`(?s)sign_in".*?value="([^"]+)`), "user[email]", user, "user[password]", password, "user[remember_me]", "0")
	b.script("DELETE", "/notices/3", "", "", "X-CSRF-Token", strings.ReplaceAll(p.find(`csrf-token" content="([^"]+)`), "&amp;", "&"), "X-Requested-With", "XMLHttpRequest")
}

func viewstate() *site {
	s := newSite()
	show := func(w http.ResponseWriter, me map[string]string, inner string) {
		me["state"], me["valid"] = base64.StdEncoding.EncodeToString([]byte(strings.Repeat(s.token(), 40))), base64.StdEncoding.EncodeToString([]byte(s.token()+"?"))
		page(w, `<form method="post" action="./Login.aspx" id="form1"><input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="%s" /><input type="hidden" name="__VIEWSTATEGENERATOR" value="C2EE9ABB" />
<input type="hidden" name="__EVENTVALIDATION" value="%s" />%s</form>`, me["state"], me["valid"], inner)
	}
	s.mux.HandleFunc("GET /Login.aspx", func(w http.ResponseWriter, r *http.Request) {
		show(w, s.session(w, r), `<input name="ctl00$Main$Email"><input type=password name="ctl00$Main$Password">`)
	})
	s.mux.HandleFunc("POST /Login.aspx", func(w http.ResponseWriter, r *http.Request) {
		me := s.session(w, r)
		if !want(w, me["state"], r.FormValue("__VIEWSTATE"), me["valid"], r.FormValue("__EVENTVALIDATION"), "C2EE9ABB", r.FormValue("__VIEWSTATEGENERATOR")) {
			return
		}
		if me["user"] == "" {
			if logIn(w, r.FormValue("ctl00$Main$Email"), r.FormValue("ctl00$Main$Password")) {
				me["user"] = r.FormValue("ctl00$Main$Email")
				show(w, me, `<input type=submit name="ctl00$Main$Next" value="Next">`)
			}
			return
		}
		if want(w, "Next", r.FormValue("ctl00$Main$Next")) {
			s.done[me["user"]]++
			show(w, me, "done")
		}
	})
	return s
}

func viewstateFlow(b *browser, user, password string) {
	hidden := func(p answer) []string {
		return []string{"__VIEWSTATE", p.find(`id="__VIEWSTATE" value="([^"]*)`), "__VIEWSTATEGENERATOR", "C2EE9ABB", "__EVENTVALIDATION", p.find(`EVENTVALIDATION" value="([^"]*)`)}
	}
	p := b.open("/Login.aspx")
	p = b.submit("/Login.aspx", append(hidden(p), "ctl00$Main$Email", user, "ctl00$Main$Password", password)...)
	b.submit("/Login.aspx", append(hidden(p), "ctl00$Main$Next", "Next")...)
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func near(text string) bool {
	t, err := time.Parse(time.RFC3339Nano, text)
	return err == nil && time.Since(t).Abs() < 365*24*time.Hour
}
