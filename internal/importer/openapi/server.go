package openapi

import (
	"errors"
	"net/url"
	"strings"
)

// where finds the address of the API.
func (d *document) where(from, server string) error {
	base := ""
	if d.old {
		if host := text(d.root["host"]); host != "" {
			scheme := "https"
			if list, _ := d.root["schemes"].([]any); len(list) > 0 {
				scheme = text(list[0])
			}
			base = scheme + "://" + host
		}
		base += text(d.root["basePath"])
	} else {
		base = d.serverOf(d.root)
	}
	if server != "" {
		if u, err := url.Parse(base); err == nil {
			base = strings.TrimSuffix(server, "/") + u.Path
		} else {
			base = server
		}
	}
	u, err := url.Parse(base)
	if err == nil && !u.IsAbs() && from != "" {
		if f, e := url.Parse(from); e == nil {
			u = f.ResolveReference(u)
		}
	}
	if err != nil || !u.IsAbs() || u.Host == "" {
		return errors.New("it does not say where the API is: give --host https://api.example.org")
	}
	d.server, d.fixed = strings.TrimSuffix(u.String(), "/"), server != ""
	return nil
}

// serverOf is the first server that a part of the description names, with the defaults of its variables; "" for none.
func (d *document) serverOf(o object) string {
	list, _ := o["servers"].([]any)
	if len(list) == 0 {
		return ""
	}
	s := d.object(list[0])
	base := text(s["url"])
	for name, v := range d.object(s["variables"]) {
		of := d.object(v)
		value := text(of["default"])
		if choice, _ := of["enum"].([]any); value == "" && len(choice) > 0 {
			value = text(choice[0])
		}
		base = strings.ReplaceAll(base, "{"+name+"}", value)
	}
	return base
}

// serverFor is the address of one operation, which may have a server of its own.
func (d *document) serverFor(item, op object) string {
	for _, o := range []object{op, item} {
		own := d.serverOf(o)
		u, err := url.Parse(own)
		if own == "" || err != nil {
			continue
		}
		base, err := url.Parse(d.server)
		if err != nil {
			continue
		}
		if d.fixed && u.Host != "" { // somebody said where the API is: that holds for all of it
			u.Scheme, u.Host = base.Scheme, base.Host
		}
		return strings.TrimSuffix(base.ResolveReference(u).String(), "/")
	}
	return d.server
}
