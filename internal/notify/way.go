package notify

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// Way is how people are told. Make one with [Parse].
type Way struct {
	kind    string
	url     *url.URL // of webhook, slack, mail
	command string
	secret  string // that signs a webhook
	dir     string
	roots   *x509.CertPool // that servers of mail are known by; nil means this machine's
}

// Kinds are the ways that there are.
func Kinds() []string { return []string{"command", "webhook", "slack", "mail"} }

// Parse reads a way: KIND:ADDRESS.
//
//	command:./tell.sh --quiet                        the message as JSON on its standard input
//	webhook:https://ci.example/hook                  JSON by POST, signed when a secret is known
//	slack:https://hooks.slack.example/services/...   {"text": ...}, as Slack, Mattermost and others take it
//	mail:smtp://USER:PASSWORD@HOST:587?from=A&to=B   mail by SMTP; smtps for TLS from the start
//
// ${NAME} in it is a variable, in the place of a password as it is; KIND:@FILE is in a file. lookup gives variables; STAMPEDE_NOTIFY_SECRET is what signs webhooks. dir is where files and commands are.
func Parse(text, dir string, lookup func(string) (string, bool)) (Way, error) {
	kind, address, found := strings.Cut(strings.TrimSpace(text), ":")
	if !found || address == "" {
		return Way{}, errors.New("write KIND:ADDRESS, such as slack:https://hooks.slack.example/... or command:./tell.sh; the kinds are " + strings.Join(Kinds(), ", "))
	}
	w := Way{kind: kind, dir: dir}
	if name, file := strings.CutPrefix(address, "@"); file {
		b, err := os.ReadFile(inside(dir, name))
		if err != nil {
			return w, fmt.Errorf("%s:@%s cannot be read: %w", kind, name, errors.Unwrap(err))
		}
		address = strings.TrimSpace(string(b))
	}
	address, err := expand(address, kind != "command", lookup)
	if err != nil {
		return w, err
	}
	w.secret, _ = lookup("STAMPEDE_NOTIFY_SECRET")
	switch kind {
	case "command":
		w.command = address
		return w, nil
	case "webhook", "slack", "mail":
		if w.url, err = url.Parse(address); err != nil {
			return w, fmt.Errorf("%s: the address cannot be read: in a password write @ : / ? # %% as %%40 %%3A %%2F %%3F %%23 %%25, or give it by ${NAME}, whose value is taken as it is", kind)
		}
	default:
		return w, fmt.Errorf("%q is no way to tell people: the kinds are %s", kind, strings.Join(Kinds(), ", "))
	}
	return w, w.check()
}

func inside(dir, name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return dir + "/" + name
}

var variable = regexp.MustCompile(`\$\{([^{}]*)\}`)

// expand puts variables in the place of ${NAME}. A $ by itself is a $. In an address a variable that stands before the @ of a login is a user or a password as it is: what
// would end the login there (@ : / ? # %) is escaped.
func expand(text string, address bool, lookup func(string) (string, bool)) (string, error) {
	missing := ""
	put := func(text string, as func(string) string) string {
		return variable.ReplaceAllStringFunc(text, func(v string) string {
			name := v[len("${") : len(v)-1]
			value, there := lookup(name)
			if !there {
				missing = name
			}
			return as(value)
		})
	}
	whole := func(value string) string { return value }
	login, rest := "", text
	if from := strings.Index(text, "://"); address && from >= 0 {
		from += len("://")
		authority := text[from:]
		if end := strings.IndexAny(authority, "/?#"); end >= 0 {
			authority = authority[:end]
		}
		if at := strings.LastIndexByte(authority, '@'); at >= 0 {
			login, rest = text[:from+at], text[from+at:]
		}
	}
	escaped := func(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }
	if _, given, _ := strings.Cut(login, "://"); variable.FindString(given) == given { // user and password in one
		escaped = func(value string) string {
			user, password, both := strings.Cut(value, ":")
			if !both {
				return url.PathEscape(value)
			}
			return url.UserPassword(user, password).String()
		}
	}
	text = put(login, escaped) + put(rest, whole)
	if missing != "" {
		return "", fmt.Errorf("the environment has no %s", missing)
	}
	return text, nil
}

func (w *Way) check() error {
	web := w.url.Scheme == "https" || w.url.Scheme == "http"
	switch {
	case w.url.Host == "":
		return fmt.Errorf("%s: the address names no host", w.kind)
	case w.kind != "mail" && !web:
		return fmt.Errorf("%s: write an address that begins with https://", w.kind)
	case w.kind == "mail" && w.url.Scheme != "smtp" && w.url.Scheme != "smtps":
		return errors.New("mail: write smtp://USER:PASSWORD@HOST:587?from=A@B&to=C@D, or smtps://")
	case w.kind == "mail" && strings.Trim(w.url.Path, "/") != "": // a slash in a password ends the host there, and what follows it is a path
		return errors.New("mail: the address has a path: in a password write / as %2F, or give it by ${NAME}; from and to stand behind a ?")
	case w.kind == "mail":
		_, _, err := w.people()
		return err
	}
	return nil
}

// Name says which way it is, without its address.
func (w *Way) Name() string {
	if w.url != nil {
		return w.kind + " at " + w.url.Hostname()
	}
	return w.kind
}

// limit is how long one try may take.
const limit = 20 * time.Second

// Send tells a message, and tries again twice where that may help.
func (w *Way) Send(ctx context.Context, m *Message) error {
	var err error
	one := *m
	one.id = rand.Text()
tries:
	for try := range 3 {
		if try > 0 {
			select {
			case <-ctx.Done():
				break tries
			case <-time.After(time.Duration(try*try) * time.Second):
			}
		}
		if err = w.once(ctx, &one); err == nil || errors.Is(err, errRefused) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("tell people by %s: %w", w.Name(), err)
	}
	return nil
}

// errRefused means that trying again does not help.
var errRefused = errors.New("it was refused")

func (w *Way) once(ctx context.Context, m *Message) error {
	ctx, stop := context.WithTimeout(ctx, limit)
	defer stop()
	send := w.post
	switch w.kind {
	case "command":
		send = w.run
	case "mail":
		send = w.mail
	}
	err := send(ctx, m)
	switch {
	case err == nil || errors.Is(err, errRefused):
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("no answer within %s", limit)
	case ctx.Err() != nil:
		return errors.New("it was given up")
	}
	return err
}
