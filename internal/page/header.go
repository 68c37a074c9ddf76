package page

import "iter"

// Header is those header fields of an answer that a page load looks at. Several of one name are joined with commas.
type Header struct {
	CacheControl, Expires, Date, Age, Pragma, ETag, LastModified, Vary, Location         string
	ContentType, ContentDisposition, ContentSecurityPolicy, FrameOptions, ReferrerPolicy string
	Refresh, ContentTypeOptions                                                          string
	Link, AllowOrigin, AllowCredentials                                                  string
}

// Set takes one field. It may be called with every field of an answer: it knows which matter.
func (h *Header) Set(name, value string) {
	p := h.field(name)
	if p == nil {
		return
	}
	if *p != "" && p != &h.Location && p != &h.ContentType && p != &h.Date && p != &h.Expires && p != &h.LastModified {
		value = *p + ", " + value
	}
	*p = value
}

// field is where a field goes; nil for one that does not matter. The length settles most.
func (h *Header) field(name string) *string {
	switch len(name) {
	case 3:
		return match(name, "age", &h.Age)
	case 4:
		switch name[0] | 0x20 {
		case 'd':
			return match(name, "date", &h.Date)
		case 'e':
			return match(name, "etag", &h.ETag)
		case 'v':
			return match(name, "vary", &h.Vary)
		case 'l':
			return match(name, "link", &h.Link)
		}
	case 6:
		return match(name, "pragma", &h.Pragma)
	case 7:
		if name[0]|0x20 == 'r' {
			return match(name, "refresh", &h.Refresh)
		}
		return match(name, "expires", &h.Expires)
	case 8:
		return match(name, "location", &h.Location)
	case 12:
		return match(name, "content-type", &h.ContentType)
	case 13:
		if name[0]|0x20 == 'c' {
			return match(name, "cache-control", &h.CacheControl)
		}
		return match(name, "last-modified", &h.LastModified)
	case 15:
		if name[0]|0x20 == 'x' {
			return match(name, "x-frame-options", &h.FrameOptions)
		}
		return match(name, "referrer-policy", &h.ReferrerPolicy)
	case 19:
		return match(name, "content-disposition", &h.ContentDisposition)
	case 22:
		return match(name, "x-content-type-options", &h.ContentTypeOptions)
	case 23:
		return match(name, "content-security-policy", &h.ContentSecurityPolicy)
	case 27:
		return match(name, "access-control-allow-origin", &h.AllowOrigin)
	case 32:
		return match(name, "access-control-allow-credentials", &h.AllowCredentials)
	}
	return nil
}

func match(name, want string, p *string) *string {
	if equalFold(name, want) {
		return p
	}
	return nil
}

// date is the Date of the answer in seconds since 1970; now when it has none.
func (h *Header) date(now int64) int64 {
	if t, ok := httpDate(h.Date); ok {
		return t
	}
	return now
}

// withModified lets a 304 without Last-Modified speak of what is kept.
func (h *Header) withModified(modified string) *Header {
	if h.LastModified != "" {
		return h
	}
	c := *h
	c.LastModified = modified
	return &c
}

// listed are the members of a list that commas separate, outside of quotes.
func listed(s string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := 0
		for i := 0; i <= len(s); i++ {
			switch {
			case i == len(s), s[i] == ',':
				if w := trim(s[start:i]); w != "" && !yield(w) {
					return
				}
				start = i + 1
			case s[i] == '"':
				i = min(skipQuoted(s, i), len(s)-1)
			}
		}
	}
}
