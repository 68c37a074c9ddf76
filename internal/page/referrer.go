package page

import "strings"

const defaultPolicy = "strict-origin-when-cross-origin"

// policyWord is the last policy of a list that browsers know; "" when there is none.
func policyWord(list string) string {
	if list == "" {
		return "" // the usual case
	}
	found := ""
	for _, w := range splitTop(list, ',') {
		switch w = lower(trim(w)); w {
		case "no-referrer", "no-referrer-when-downgrade", "same-origin", "origin", "strict-origin", "origin-when-cross-origin",
			defaultPolicy, "unsafe-url":
			found = w
		case "never":
			found = "no-referrer"
		case "default", "origin-when-crossorigin":
			found = defaultPolicy
		case "always":
			found = "unsafe-url"
		}
	}
	return found
}

// referer is the Referer of a request from one address to another; "" for none.
func referer(from string, to *address, policy string) string {
	if from == "" {
		return ""
	}
	f := parseAddress(from)
	if !f.web() || !to.web() {
		return ""
	}
	same := f.origin == to.origin
	downgrade := f.secure && !to.secure && !trustworthy(to.origin)
	full, origin := f.url, f.origin+"/"
	if policy == "" {
		policy = defaultPolicy
	}
	if len(full) > 4096 {
		full = origin
	}
	switch policy {
	case "no-referrer":
		return ""
	case "unsafe-url":
		return full
	case "origin":
		return origin
	case "same-origin":
		if !same {
			return ""
		}
	case "strict-origin":
		if downgrade {
			return ""
		}
		return origin
	case "origin-when-cross-origin":
		if !same {
			return origin
		}
	case "no-referrer-when-downgrade":
		if downgrade {
			return ""
		}
	default:
		if downgrade {
			return ""
		}
		if !same {
			return origin
		}
	}
	return full
}

// relation is the value of Sec-Fetch-Site for a request from one origin to another; origins that are opaque are "".
func relation(from, to string) string {
	switch {
	case from == "":
		return "cross-site"
	case from == to:
		return "same-origin"
	case siteOf(from) == siteOf(to):
		return "same-site"
	}
	return "cross-site"
}

// worse is the farther of two relations.
func worse(a, b string) string {
	rank := func(s string) int { return strings.Index("none same-origin same-site cross-site", s) }
	if rank(a) > rank(b) {
		return a
	}
	return b
}
