package site

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// fast is a site that never makes a test wait.
func fast() Config { return Config{ServiceTime: -1} }

// firstFan are the credentials of the first account.
func firstFan() (email, password, userID string) {
	return "fan0001@fans.example", "harbour-gravel-2871", "u100007"
}

func postForm(s *Site, path string, form url.Values) *http.Response {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request)
	return w.Result()
}

// logInFirstFan returns the cookies of a fan who logged in.
func logInFirstFan(t testing.TB, s *Site) []*http.Cookie {
	t.Helper()
	email, password, _ := firstFan()
	cookies := postForm(s, "/login", url.Values{"email": {email}, "password": {password}}).Cookies()
	if len(cookies) != 2 {
		t.Fatalf("logging in set %d cookies, want 2", len(cookies))
	}
	return cookies
}

func TestLogIn(t *testing.T) {
	email, password, userID := firstFan()
	for _, row := range []struct {
		name   string
		form   url.Values
		status int
		answer logInAnswer
	}{
		{"right", url.Values{"email": {email}, "password": {password}}, 200, logInAnswer{Success: true, UserID: userID}},
		{"address in capitals", url.Values{"email": {" " + strings.ToUpper(email)}, "password": {password}}, 200, logInAnswer{Success: true, UserID: userID}},
		{"wrong password", url.Values{"email": {email}, "password": {"x" + password}}, 200, logInAnswer{Error: "Email or password is wrong."}},
		{"unknown fan", url.Values{"email": {"nobody@fans.example"}, "password": {password}}, 200, logInAnswer{Error: "Email or password is wrong."}},
		{"unknown fan, no password", url.Values{"email": {"nobody@fans.example"}, "password": {""}}, 200, logInAnswer{Error: "Email and password are needed."}},
		{"header line of the accounts", url.Values{"email": {"email"}, "password": {"password"}}, 200, logInAnswer{Error: "Email or password is wrong."}},
		{"too long", url.Values{"email": {strings.Repeat("a", maxForm)}, "password": {password}}, 413, logInAnswer{Error: "The form could not be read: send email and password URL-encoded."}},
	} {
		t.Run(row.name, func(t *testing.T) {
			response := postForm(newSite(t, fast()), "/login", row.form)
			var answer logInAnswer
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != row.status || answer != row.answer {
				t.Errorf("%d %+v, want %d %+v", response.StatusCode, answer, row.status, row.answer)
			}
			if got := len(response.Cookies()) > 0; got != answer.Success {
				t.Errorf("cookies set: %v, logged in: %v", got, answer.Success)
			}
			if got := response.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q, want no-store", got)
			}
		})
	}
}

func TestLogInAnswerIsWhatTestsCheck(t *testing.T) {
	email, password, userID := firstFan()
	s := newSite(t, fast())
	body, err := io.ReadAll(postForm(s, "/login", url.Values{"email": {email}, "password": {password}}).Body)
	if want := `{"success":true,"userId":"` + userID + `"}`; err != nil || string(body) != want {
		t.Errorf("right password: %s, %v; want %s", body, err, want)
	}
	body, err = io.ReadAll(postForm(s, "/login", url.Values{"email": {email}, "password": {"no"}}).Body)
	if want := `{"success":false,"error":"Email or password is wrong."}`; err != nil || string(body) != want {
		t.Errorf("wrong password: %s, %v; want %s", body, err, want)
	}
}

func TestCookies(t *testing.T) {
	email, password, userID := firstFan()
	s := newSite(t, fast())
	for remember, maxAge := range map[string]int{"": 0, "0": 0, "1": 30 * 24 * 3600, "on": 30 * 24 * 3600} {
		cookies := postForm(s, "/login", url.Values{"email": {email}, "password": {password}, "rememberMe": {remember}}).Cookies()
		if len(cookies) != 2 {
			t.Fatalf("%d cookies, want 2", len(cookies))
		}
		user, session := cookies[0], cookies[1]
		if user.Name != "userId" || user.Value != userID || user.HttpOnly {
			t.Errorf("user cookie %v, want userId=%s, readable by scripts", user, userID)
		}
		if session.Name != "session" || !session.HttpOnly {
			t.Errorf("session cookie %v, want it hidden from scripts", session)
		}
		if user.MaxAge != maxAge || session.MaxAge != maxAge {
			t.Errorf("rememberMe=%q: cookies last %d and %d s, want %d", remember, user.MaxAge, session.MaxAge, maxAge)
		}
	}
}

func TestMembersOnly(t *testing.T) {
	s := newSite(t, fast())
	stranger := newSite(t, fast()) // another site's cookies are worth nothing here
	for _, path := range []string{"/demo/fanclub", "/demo/events", "/demo/store", "/demo/iframe/demo", "/demo/iframe/demo/store"} {
		for name, cookies := range map[string][]*http.Cookie{
			"logged out":     nil,
			"only userId":    {{Name: "userId", Value: "u100007"}},
			"forged":         {{Name: "session", Value: "u100007.99999999999.AAAA"}},
			"no dots":        {{Name: "session", Value: "u100007"}},
			"another site's": logInFirstFan(t, stranger),
		} {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, requestWith(path, cookies))
			if w.Code != http.StatusFound || w.Header().Get("Location") != "/login?next="+url.QueryEscape(path) {
				t.Errorf("%s %s: %d to %q, want 302 to the log-in page", path, name, w.Code, w.Header().Get("Location"))
			}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, requestWith(path, logInFirstFan(t, s)))
		if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != cachePrivate {
			t.Errorf("%s logged in: %d, Cache-Control %q; want 200, %q", path, w.Code, w.Header().Get("Cache-Control"), cachePrivate)
		}
		body := w.Body.String()
		if hasFrame := strings.Contains(body, `<iframe src="/demo/iframe/demo`); hasFrame == strings.HasPrefix(path, "/demo/iframe") {
			t.Errorf("%s: holds the iframe: %v", path, hasFrame)
		}
		if !strings.Contains(body, `href="/assets/site.css"`) || !strings.Contains(body, "<img ") {
			t.Errorf("%s has no style sheet or no picture", path)
		}
	}
}

func requestWith(path string, cookies []*http.Cookie) *http.Request {
	request := httptest.NewRequest(http.MethodGet, path, nil)
	for _, cookie := range cookies {
		request.AddCookie(cookie)
	}
	return request
}

func TestSessionExpires(t *testing.T) {
	s := newSessions()
	now := time.Unix(1_000_000, 0)
	token := s.token("u1", now.Add(time.Minute))
	if user, ok := s.user(token, now.Add(59*time.Second)); !ok || user != "u1" {
		t.Errorf("within its life: %q, %v; want u1, true", user, ok)
	}
	if _, ok := s.user(token, now.Add(time.Minute)); ok {
		t.Error("still believed at the end of its life")
	}
}

func TestLogOut(t *testing.T) {
	response := postForm(newSite(t, fast()), "/logout", nil)
	if response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/" {
		t.Errorf("%d to %q, want 303 to /", response.StatusCode, response.Header.Get("Location"))
	}
	for _, cookie := range response.Cookies() {
		if cookie.MaxAge >= 0 {
			t.Errorf("cookie %v is not taken back", cookie)
		}
	}
}

// Every link, picture, script and frame on every page must lead somewhere.
func TestNoDeadLinks(t *testing.T) {
	s := newSite(t, fast())
	server := httptest.NewServer(s)
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar, Transport: server.Client().Transport}
	email, password, _ := firstFan()
	response, err := client.PostForm(server.URL+"/login", url.Values{"email": {email}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	todo, seen := []string{"/"}, map[string]bool{"/": true}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		response, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, %v", path, response.StatusCode, err)
		}
		for _, link := range links(string(body)) {
			if !seen[link] {
				seen[link] = true
				todo = append(todo, link)
			}
		}
	}
	if len(seen) < 16 { // eight pages, eight assets
		t.Errorf("only %d addresses are linked: %v", len(seen), seen)
	}
}

// links are the local addresses in href and src attributes.
func links(body string) []string {
	var found []string
	for _, attribute := range []string{`href="`, `src="`} {
		for _, part := range strings.Split(body, attribute)[1:] {
			if link, _, ok := strings.Cut(part, `"`); ok && strings.HasPrefix(link, "/") {
				found = append(found, link)
			}
		}
	}
	return found
}

func TestUnknownAddressAndMethod(t *testing.T) {
	s := newSite(t, fast())
	if response, _ := visit(s, "/nothing/here"); response.StatusCode != http.StatusNotFound || response.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("unknown address: %d %s", response.StatusCode, response.Header.Get("Content-Type"))
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/tour", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("PUT /tour: %d, want 405", w.Code)
	}
}

func TestHealthTellsTheCounts(t *testing.T) {
	s := newSite(t, fast())
	visit(s, "/")
	visit(s, "/tour")
	response, _ := visit(s, "/healthz")
	body, err := io.ReadAll(response.Body)
	want := `{"status":"ok","requests":2,"served":2,"rejected":0,"abandoned":0,"busy":0,"queue":0,"maxQueue":0,"frozen":false}`
	if err != nil || string(body) != want {
		t.Errorf("%s, %v; want %s", body, err, want)
	}
}

func TestConfigMistakesAreToldTogether(t *testing.T) {
	_, err := New(Config{Workers: -1, ServiceTime: 2 * time.Hour, Queue: 1 << 30, Distribution: 7})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"workers is -1", "service time is 2h", "queue is 1073741824", "distribution is 7"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
}

func TestDistributionText(t *testing.T) {
	for _, d := range []Distribution{Exponential, Fixed} {
		text, err := d.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Distribution
		if err := back.UnmarshalText(text); err != nil || back != d {
			t.Errorf("%v became %s became %v, %v", d, text, back, err)
		}
	}
	var d Distribution
	if err := d.UnmarshalText([]byte("gaussian")); err == nil || !strings.Contains(err.Error(), "exponential or fixed") {
		t.Errorf("gaussian: %v, want an error that names the choices", err)
	}
	if _, err := Distribution(9).MarshalText(); err == nil || errors.Unwrap(err) != nil {
		t.Errorf("Distribution(9) was spelled out")
	}
}
